/** The site plan against what is on the network. Pure. */
import type { Device } from '../../electron/contract/device'
import type { ExpectedDevice } from '../../electron/contract/enrollment'
import { keyOf } from './expected-list'

export type ExpectedStatus = 'found' | 'heard' | 'notYet'

const ENROLLED: ReadonlySet<string> = new Set(['operation', 'maintenance'])

/** For each expected device: enrolled, heard, or not yet. In the order given. */
export const expectedStatus = (
  expected: readonly ExpectedDevice[],
  devices: readonly Device[],
): readonly ExpectedStatus[] => {
  const byUdn = new Map(devices.map((device) => [device.udn, device]))
  const bySerial = new Map(
    devices.flatMap((device) => (device.serialNumber ? [[device.serialNumber, device] as const] : [])),
  )
  return expected.map((one) => {
    const device =
      (one.udn && byUdn.get(one.udn)) || (one.serialNumber && bySerial.get(one.serialNumber)) || undefined
    if (!device) return 'notYet'
    return device.phase && ENROLLED.has(device.phase) ? 'found' : 'heard'
  })
}

/** The list with `added`; a device that is on it already takes the new name and group. */
export const mergeExpected = (
  expected: readonly ExpectedDevice[],
  added: readonly ExpectedDevice[],
): readonly ExpectedDevice[] => [
  ...new Map([...expected, ...added].map((device) => [keyOf(device), device])).values(),
]
