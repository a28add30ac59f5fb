/** What a device writes into its log about its own health: once when a value leaves its range, and again only after it was back. */
import type { HealthReport } from '../contract/health'
import type { DeviceLog } from './log'

interface Bound {
  readonly event: string
  readonly sensor: string
  readonly unit: string
  readonly value: (report: HealthReport) => number | undefined
  /** Whether a value is out of range, seen from inside and from outside: hysteresis keeps the log short. */
  readonly leaves: (value: number) => boolean
  readonly returns: (value: number) => boolean
}

const freeShare = ({ memoryFreeBytes, memoryTotalBytes }: HealthReport): number | undefined =>
  memoryFreeBytes === undefined || memoryTotalBytes === undefined
    ? undefined
    : Math.round((1000 * memoryFreeBytes) / memoryTotalBytes) / 10

const temperature = {
  sensor: 'temperature',
  unit: '°C',
  value: ({ temperatureC }: HealthReport) => temperatureC,
}

const BOUNDS: readonly Bound[] = [
  {
    ...temperature,
    event: 'sensor-range',
    leaves: (t) => t < -25 || t > 120,
    returns: (t) => t > -20 && t < 115,
  },
  { ...temperature, event: 'temperature-high', leaves: (t) => t > 85 && t <= 120, returns: (t) => t < 80 },
  {
    event: 'supply-low',
    sensor: 'supply',
    unit: 'V',
    value: ({ supplyV }) => supplyV,
    leaves: (v) => v < 10.8,
    returns: (v) => v > 11.2,
  },
  {
    event: 'memory-low',
    sensor: 'memory',
    unit: '%',
    value: freeShare,
    leaves: (share) => share < 5,
    returns: (share) => share > 8,
  },
]

export class HealthNotes {
  private readonly out = new Set<string>()

  constructor(private readonly log: DeviceLog) {}

  /** To be shown every report. */
  look(report: HealthReport): void {
    for (const { event, sensor, unit, value, leaves, returns } of BOUNDS) {
      const now = value(report)
      if (now === undefined) continue
      if (this.out.has(event) && returns(now)) this.out.delete(event)
      else if (!this.out.has(event) && leaves(now)) {
        this.out.add(event)
        this.log(event, { sensor, value: `${now} ${unit}` })
      }
    }
  }
}
