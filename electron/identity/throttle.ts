import { readFileSync, rmSync } from 'node:fs'
import { z } from 'zod'
import { IotmcError } from '../contract/errors'
import { writeFileDurably } from './atomic-file'

const FREE_TRIES = 3
const FIRST_DELAY_MS = 2_000
const DELAY_MAX_MS = 15 * 60_000

const stateSchema = z.object({ failures: z.number().int().min(0), lastMs: z.number() })
type State = z.infer<typeof stateSchema>

/** How long after the given number of failures the next try has to wait: nothing twice, then 2 s, doubling to 15 min. */
export const delayAfter = (failures: number): number =>
  failures < FREE_TRIES
    ? 0
    : Math.min(DELAY_MAX_MS, FIRST_DELAY_MS * 2 ** Math.min(failures - FREE_TRIES, 20))

/** Throws LOCKED_OUT while the delay of the last failures runs. A clock set back never lengthens it. */
export const checkThrottle = (path: string, nowMs: number): void => {
  const { failures, lastMs } = readState(path, nowMs)
  const delayMs = delayAfter(failures)
  const waitMs = Math.min(lastMs + delayMs - nowMs, delayMs)
  if (waitMs > 0) throw new IotmcError('LOCKED_OUT', { detail: `try again in ${Math.ceil(waitMs / 1000)} s` })
}

export const noteFailure = (path: string, nowMs: number): void => {
  const { failures } = readState(path, nowMs)
  writeFileDurably(path, JSON.stringify({ failures: failures + 1, lastMs: nowMs }))
}

export const clearFailures = (path: string): void => rmSync(path, { force: true })

const readState = (path: string, nowMs: number): State => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return { failures: 0, lastMs: 0 }
  }
  try {
    return stateSchema.parse(JSON.parse(text))
  } catch {
    // A damaged counter counts as several failures, so that damaging it gains nothing.
    return { failures: FREE_TRIES, lastMs: nowMs }
  }
}
