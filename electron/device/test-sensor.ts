/** The sensor test: several readings, which have to be plausible and must not be all the same. */
import type { Clock, Random } from '../net/clock'
import { delay } from '../net/clock'
import { judged, measure, type TestOutcome, unmeasured } from './test-outcome'

/** What sensors say; a health report has these members among others. */
export interface SensorReadings {
  readonly temperatureC?: number | undefined
  readonly supplyV?: number | undefined
}

export interface SensorOptions {
  readonly clock: Clock
  readonly random: Random
  readonly sensors: () => SensorReadings
  /** The converter of the temperature gives one value for ever. */
  readonly stuck: boolean
}

const READINGS = 16
const EVERY_MS = 50

/** Inside the ends of the scale: a sensor that is cut off or shorted gives one of them. `step` is the last bit. */
const CHANNELS = [
  { name: 'temperature', of: 'temperatureC', unit: '°C', low: -39.5, high: 125, step: 0.06 },
  { name: 'supply', of: 'supplyV', unit: 'V', low: 4.5, high: 36, step: 0.005 },
] as const

/** Errors: CANCELLED. */
export const testSensors = async (signal: AbortSignal, options: SensorOptions): Promise<TestOutcome> => {
  const { clock, random, sensors, stuck } = options
  const readings = CHANNELS.map((): number[] => [])
  for (let i = 0; i < READINGS; i++) {
    const now = sensors()
    for (const [at, { of, step, name }] of CHANNELS.entries()) {
      const value = now[of]
      if (value === undefined) continue
      // The values of this device are played and rounded; a converter that works is never quiet in its last bits.
      const noise = stuck && name === 'temperature' ? 0 : (Math.floor(random.fraction() * 5) - 2) * step
      readings[at]?.push(value + noise)
    }
    await delay(clock, EVERY_MS, signal)
  }
  const looked = CHANNELS.flatMap(({ name, unit, low, high, step }, at) => {
    const values = readings[at] ?? []
    if (values.length === 0) return []
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const spread = Math.max(...values) - Math.min(...values)
    return [
      measure(`sensor.${name}`, mean, unit, { low, high }),
      measure(`sensor.${name}Spread`, spread, unit, { low: step / 2 }),
    ]
  })
  if (looked.length === 0) return unmeasured('not-supported', 'no sensors')
  const stands = looked.some(({ name, ok }) => !ok && name.endsWith('Spread'))
  return judged(looked, stands ? 'sensor-stuck' : 'sensor-range')
}
