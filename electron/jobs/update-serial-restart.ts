/** The restart that tries a marked image: ordered once, then waited for, wherever the port goes meanwhile. */

import { IotmcError } from '../contract/errors'
import { jobNote } from '../contract/job-notes'
import { delay } from '../net/clock'
import { osCommands } from '../serial/os-group'
import type { StepContext } from './step'
import { ask } from './update-serial-ask'
import type { SerialRun, Standing } from './update-serial-run'
import { SERIAL_RESTART } from './update-serial-tools'

/** What a device looks like that restarts: boards with their own USB take their port away. */
const AWAY: ReadonlySet<string> = new Set([
  'SERIAL_UNPLUGGED',
  'SERIAL_PORT_MISSING',
  'SERIAL_SILENT',
  'NOT_SMP',
  'TIMED_OUT',
])

/**
 * Restarts the device if the image is still waiting for that, and resolves when it has been decided whether it runs. A
 * second restart would end the trial, so none is ordered without having seen that the first did not happen.
 * Errors: TIMED_OUT when the device does not restart, SERIAL_UNPLUGGED or SERIAL_SILENT when it does not come back.
 */
export const restart = async (run: SerialRun, ctx: StepContext): Promise<void> => {
  const { withinMs, askEveryMs, orderAgainMs } = SERIAL_RESTART
  const { clock } = run.tools
  const before = await run.standing(ctx)
  if (before.active && isDecided(before)) return ctx.note(jobNote('it-has-restarted'))
  let isMarked = before.ours?.pending ?? false
  const untilMs = clock.now() + withinMs
  let orderedMs = Number.NEGATIVE_INFINITY
  for (;;) {
    if (isMarked && clock.now() - orderedMs >= orderAgainMs) {
      orderedMs = clock.now()
      await order(run, ctx)
    }
    await delay(clock, askEveryMs, ctx.signal)
    const standing = await lookAgain(run, ctx, clock.now() >= untilMs)
    isMarked = standing?.ours?.pending ?? false
    if (standing?.active && isDecided(standing)) return
    if (clock.now() < untilMs) continue
    const detail = standing?.active ? 'it does not restart' : 'no image runs'
    throw new IotmcError('TIMED_OUT', { subject: run.path, detail })
  }
}

/** Marked and not yet started: everything else came out, one way or the other. */
const isDecided = ({ ours, runs }: Standing): boolean => runs || !ours?.pending

/** Sent once: sent again, it might reach a device that is on its trial by then. An answer may be lost with the port. */
const order = async (run: SerialRun, ctx: StepContext): Promise<void> => {
  try {
    await ask(await run.asking(ctx), osCommands.reset, {}, { retries: 0 })
  } catch (thrown) {
    if (!isAway(thrown) || ctx.signal.aborted) throw thrown
  }
  await run.hangUp()
}

const lookAgain = async (
  run: SerialRun,
  ctx: StepContext,
  isLast: boolean,
): Promise<Standing | undefined> => {
  try {
    return await run.standing(ctx)
  } catch (thrown) {
    await run.hangUp()
    if (!isAway(thrown) || isLast || ctx.signal.aborted) throw thrown
    return undefined
  }
}

const isAway = (thrown: unknown): boolean => thrown instanceof IotmcError && AWAY.has(thrown.code)
