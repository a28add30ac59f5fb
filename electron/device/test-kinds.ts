/** The tests of the device, each bound to what it tests. */
import type { TestType } from '../contract/self-test'
import type { Clock, Random } from '../net/clock'
import type { FaultSwitch } from './fault-switch'
import { bandwidthTest, type ThroughputSource } from './test-bandwidth'
import { lookupTest } from './test-lookup'
import type { TestWork } from './test-outcome'
import { pathTest } from './test-path'
import { pingTest } from './test-ping'
import { selfTest } from './test-self'
import type { SensorReadings } from './test-sensor'

export type { ThroughputSource } from './test-bandwidth'
export type { SensorReadings } from './test-sensor'

export interface DeviceTestOptions {
  readonly clock: Clock
  readonly random: Random
  /** The state folder: the flash under test is what it lies on. */
  readonly folder: string
  readonly faults: Pick<FaultSwitch, 'has'>
  /** What the sensors say now; a health report fits. */
  readonly sensors: () => SensorReadings
  /** Host of the controller as this device reaches it; what an empty Host means. */
  readonly controllerHost: () => string | undefined
  readonly throughput: ThroughputSource
  /** Program that sends ICMP echo requests. */
  readonly ping?: string
}

/** One work per type. */
export const deviceTests = (options: DeviceTestOptions): Readonly<Record<TestType, TestWork>> => ({
  SelfTest: selfTest(options),
  Ping: pingTest(options),
  NSLookup: lookupTest(),
  Traceroute: pathTest(options),
  BandwidthTest: bandwidthTest(options),
})
