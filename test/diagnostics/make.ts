/** Records as devices write them, made up by number, so that any of them can be made again. */
import type { LogRecord } from '../../electron/contract/device-log'

export const EPOCH_MS = Date.UTC(2026, 0, 1)
export const LOG_ID = '0123456789abcdef'

const COMPONENTS = ['sensor', 'network', 'firmware', 'storage', 'configuration', 'clock'] as const
const PHRASES = [
  'Reading of channel 3 is outside of its range',
  'Link is up at 100 Mbit/s',
  'Image checked, hash as announced',
  'Scratch file written and read back',
  'Parameter changed by a controller',
  'Clock set from the network',
] as const

/** A small generator of its own, so that a seed repeats a run (mulberry32). */
export const seeded = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Record `sequence` of device `device`; every 50,000th of all says "brown-out". */
export const recordOf = (sequence: number, device = 0, more: Partial<LogRecord> = {}): LogRecord => {
  const n = sequence * 31 + device * 7
  const which = n % COMPONENTS.length
  const component = COMPONENTS[which] ?? 'sensor'
  const rare = (sequence + device * 977) % 50_000 === 0 ? ', after a brown-out' : ''
  return {
    boot: 1 + Math.floor(sequence / 5_000),
    sequence,
    time: new Date(EPOCH_MS + sequence * 1_000 + device).toISOString(),
    clockSynchronised: n % 11 !== 0,
    severity: [6, 6, 6, 6, 5, 5, 4, 7, 7, 3][n % 10] ?? 6,
    component,
    code: `${component}.${['range', 'state', 'change'][n % 3]}`,
    message: `${PHRASES[which]}, pass ${n % 99_991}${rare}`,
    data: { value: String((n * 17) % 1000), unit: ['°C', 'V', 'dBm'][n % 3] ?? '' },
    ...more,
  }
}

/** Records `from` to `to`, both included. */
export const recordsOf = (from: number, to: number, device = 0): LogRecord[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => recordOf(from + i, device))
