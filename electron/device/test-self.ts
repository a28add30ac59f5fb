/** `SelfTest`: the parts of the device itself, one of them or all. */
import type { SelfTestComponent } from '../contract/self-test'
import type { Clock, Random } from '../net/clock'
import type { FaultSwitch } from './fault-switch'
import { testFlash } from './test-flash'
import { testMemory } from './test-memory'
import type { TestOutcome, TestWork } from './test-outcome'
import { type SensorReadings, testSensors } from './test-sensor'

export interface SelfTestOptions {
  readonly clock: Clock
  readonly random: Random
  readonly folder: string
  readonly faults: Pick<FaultSwitch, 'has'>
  readonly sensors: () => SensorReadings
}

type Part = Exclude<SelfTestComponent, 'All'>

const isPart = (name: string | undefined): name is Part =>
  name === 'Memory' || name === 'Flash' || name === 'Sensor'

/** Worst first. */
const WORST: readonly TestOutcome['status'][] = ['failed', 'error', 'ok']

/** Several outcomes as one: the status and the reason of the worst, the measures of all. */
export const together = (outcomes: readonly TestOutcome[]): TestOutcome => {
  const worst = [...outcomes].sort((a, b) => WORST.indexOf(a.status) - WORST.indexOf(b.status))[0]
  const { status = 'ok', reason, detail } = worst ?? {}
  return {
    status,
    ...(reason ? { reason } : {}),
    ...(detail ? { detail } : {}),
    measures: outcomes.flatMap((outcome) => outcome.measures),
  }
}

/** Without a part that the device has not: that is no failure of all of it. */
const had = (outcome: TestOutcome): boolean => outcome.reason !== 'not-supported'

export const selfTest = (options: SelfTestOptions): TestWork => {
  const { folder, faults } = options
  const parts: Readonly<Record<Part, (signal: AbortSignal) => Promise<TestOutcome>>> = {
    Memory: (signal) => testMemory(signal),
    Flash: (signal) => testFlash(signal, { folder, worn: faults.has('flash-worn') }),
    Sensor: (signal) => testSensors(signal, { ...options, stuck: faults.has('sensor-stuck') }),
  }
  return async ({ Component: component }, signal) => {
    if (isPart(component)) return parts[component](signal)
    const outcomes: TestOutcome[] = []
    for (const part of Object.values(parts)) outcomes.push(await part(signal))
    return together(outcomes.filter(had))
  }
}
