/** Commands to a small device: what it has its hands full for is asked again, what it does not know is no failure. */
import { SMP_RC } from '../contract/smp'
import { type Clock, delay } from '../net/clock'
import type { Command } from '../serial/command'
import { type RequestOptions, refusalOf, type SmpSession } from '../serial/smp-session'

const FOR_A_MOMENT: readonly number[] = [SMP_RC.noMemory, SMP_RC.busy]
const PATIENCE = { pauseMs: 300, tries: 5 } as const
/** Refusals that mean "I do not have this command". */
const MISSING: readonly number[] = [SMP_RC.notSupported, SMP_RC.noEntry, SMP_RC.invalid, SMP_RC.unknown]

/** A session, and whose time passes while it is waited for. */
export interface Asking {
  readonly session: SmpSession
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Does something that a busy device may refuse, again and again for some 1.5 s. Errors: those of `work`. */
export const patiently = async <T>({ clock, signal }: Asking, work: () => Promise<T>): Promise<T> => {
  for (let left = PATIENCE.tries - 1; ; left -= 1) {
    try {
      return await work()
    } catch (thrown) {
      const refusal = refusalOf(thrown)
      const passes = refusal?.group === undefined && FOR_A_MOMENT.includes(refusal?.rc ?? SMP_RC.ok)
      if (!passes || left <= 0) throw thrown
      await delay(clock, PATIENCE.pauseMs, signal)
    }
  }
}

/** The answer. Errors: those of the session. */
export const ask = <Q, A>(
  asking: Asking,
  command: Command<Q, A>,
  request: Q,
  options: Omit<RequestOptions, 'signal'> = {},
): Promise<A> =>
  patiently(asking, () => asking.session.request(command, request, { ...options, signal: asking.signal }))

/** The answer, or undefined from a device that does not know the command. Errors: those of the session. */
export const askIfKnown = async <Q, A>(
  asking: Asking,
  command: Command<Q, A>,
  request: Q,
): Promise<A | undefined> => {
  try {
    return await ask(asking, command, request)
  } catch (thrown) {
    const refusal = refusalOf(thrown)
    if (refusal && (refusal.group !== undefined || MISSING.includes(refusal.rc))) return undefined
    throw thrown
  }
}
