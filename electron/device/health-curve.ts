/** Plausible measurements of a device that has no sensors: the same seed and time always give the same value. Pure. */
import { createHash } from 'node:crypto'

/** What is played, and how a fault bends it. */
export interface Played {
  readonly temperatureC: number
  readonly supplyV: number
  readonly signalDbm: number
}

export interface CurveFaults {
  readonly overheat: boolean
  readonly lowSupply: boolean
  readonly sensorStuck: boolean
}

/** A number in [-1, 1) from a seed, a channel and a step. */
const dice = (seed: string, channel: string, step: number): number =>
  createHash('sha256').update(`${seed}/${channel}/${step}`).digest().readUInt32BE(0) / 2 ** 31 - 1

/** Smooth noise in [-1, 1] that turns about once in `periodMs`. */
const wave = (seed: string, channel: string, atMs: number, periodMs: number): number => {
  const step = Math.floor(atMs / periodMs)
  const share = atMs / periodMs - step
  const smooth = share * share * (3 - 2 * share)
  const [before, after] = [dice(seed, channel, step), dice(seed, channel, step + 1)]
  return before + (after - before) * smooth
}

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** What a broken sensor says: the lower end of its scale, for ever. */
const STUCK_C = -40
const OVERHEAT = { perS: 2, topC: 96 } as const
const LOW_SUPPLY = { perS: 0.2, bottomV: 9.3 } as const

const round = (value: number, digits: number): number => Number(value.toFixed(digits))

/** °C: warms up from the start, follows the day, and is never quite still. */
const temperature = (seed: string, atMs: number, uptimeS: number): number => {
  const own = 38 + 5 * dice(seed, 'level', 0)
  const cold = 9 * Math.exp(-uptimeS / 240)
  const day = 2.5 * Math.sin((2 * Math.PI * ((atMs % DAY_MS) - 9 * 60 * MINUTE_MS)) / DAY_MS)
  return (
    own - cold + day + 1.2 * wave(seed, 'load', atMs, 4 * MINUTE_MS) + 0.2 * wave(seed, 'noise', atMs, 2_000)
  )
}

/** Values at a time, one decimal of temperature, two of supply. */
export const playedValues = (
  seed: string,
  atMs: number,
  uptimeS: number,
  faults: CurveFaults = { overheat: false, lowSupply: false, sensorStuck: false },
): Played => {
  const warm = temperature(seed, atMs, uptimeS)
  const hot = Math.min(warm + OVERHEAT.perS * uptimeS, OVERHEAT.topC + 0.5 * wave(seed, 'noise', atMs, 2_000))
  const supply =
    12.05 +
    0.12 * dice(seed, 'supply-level', 0) +
    0.06 * wave(seed, 'mains', atMs, 7 * MINUTE_MS) +
    0.02 * wave(seed, 'ripple', atMs, 1_500)
  const low = Math.max(supply - LOW_SUPPLY.perS * uptimeS, LOW_SUPPLY.bottomV + (supply - 12))
  const signal =
    -57 +
    6 * dice(seed, 'place', 0) +
    3 * wave(seed, 'people', atMs, 3 * MINUTE_MS) +
    1.5 * wave(seed, 'fading', atMs, 5_000)
  return {
    temperatureC: faults.sensorStuck ? STUCK_C : round(faults.overheat ? hot : warm, 1),
    supplyV: round(faults.lowSupply ? low : supply, 2),
    signalDbm: Math.round(signal),
  }
}
