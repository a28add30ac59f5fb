/** The first words on a port: which framing and which version of the protocol get an answer. */
import { IotmcError } from '../contract/errors'
import { type Clock, delay } from '../net/clock'
import type { Patience, Reply } from './exchanges'
import type { SmpVersion } from './smp-message'
import type { Framing } from './smp-wire'

export interface Attempt {
  readonly framing: Framing
  readonly version: SmpVersion
}

/** Version 2 twice, so that one lost packet does not make a device look old. */
const VERSIONS: readonly SmpVersion[] = [2, 2, 1]

/** What is tried, in this order. */
export const attemptsFor = (framing: Framing | 'auto'): readonly Attempt[] => {
  const of = (one: Framing): Attempt[] => VERSIONS.map((version) => ({ framing: one, version }))
  return framing === 'auto' ? [...of('console'), ...of('raw').slice(1)] : of(framing)
}

export interface ProbeTools {
  readonly clock: Clock
  readonly attempts: readonly Attempt[]
  readonly tryMs: number
  readonly signal: AbortSignal | undefined
  readonly ask: (attempt: Attempt, patience: Patience) => Promise<Reply>
}

/**
 * The first answer to any of the attempts: a slow device may answer an early one late. Undefined when none is answered.
 * Errors: CANCELLED, SERIAL_UNPLUGGED.
 */
export const probe = async ({
  clock,
  attempts,
  tryMs,
  signal,
  ask,
}: ProbeTools): Promise<Reply | undefined> => {
  const over = new AbortController()
  const all = AbortSignal.any([over.signal, ...(signal ? [signal] : [])])
  const answers: Promise<Reply | undefined>[] = []
  try {
    for (const [index, attempt] of attempts.entries()) {
      const timeoutMs = tryMs * (attempts.length - index)
      answers.push(ask(attempt, { timeoutMs, retries: 0, signal: all }).catch(noAnswer))
      const next = delay(clock, tryMs, all).then(() => undefined)
      const reply = await Promise.race([...answers.map(never), next])
      if (reply) return reply
    }
    return undefined
  } finally {
    over.abort()
    await Promise.allSettled(answers)
  }
}

/** An unanswered or unreadable attempt is one that failed; all else ends the probing. */
const noAnswer = (thrown: unknown): undefined => {
  if (thrown instanceof IotmcError && (thrown.code === 'TIMED_OUT' || thrown.code === 'BAD_ANSWER'))
    return undefined
  throw thrown
}

/** Keeps a failed attempt from winning the race. */
const never = (answer: Promise<Reply | undefined>): Promise<Reply | undefined> =>
  answer.then((reply) => reply ?? new Promise<undefined>(() => {}))
