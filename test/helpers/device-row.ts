import type { Device } from '../../electron/contract/device'

/** `uuid:…` number n. */
export const udnOf = (n: number): string => `uuid:00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`

/** A plausible row of the device list. */
export const deviceRow = (n: number, over: Partial<Device> = {}): Device => ({
  udn: udnOf(n),
  name: `Device ${n}`,
  managed: true,
  capabilities: ['enroll', 'config'],
  addresses: [],
  online: true,
  lastSeenMs: 0,
  state: 'new',
  warnings: [],
  ...over,
})
