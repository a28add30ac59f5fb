/** Pure facts about one device that several screens need: its label, its tone, what may be done with it. */
import type { Device, DeviceState } from '../../electron/contract/device'

export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'neutral'

/** Each state has a tone and a sign, never a colour alone. */
export const STATE_TONE: Readonly<Record<DeviceState, Tone>> = {
  failed: 'bad',
  'not-trusted': 'bad',
  unhealthy: 'bad',
  quiet: 'warn',
  attention: 'warn',
  offline: 'neutral',
  'waiting-approval': 'info',
  'waiting-confirm': 'warn',
  'certificate-expiring': 'warn',
  'needs-network': 'neutral',
  new: 'info',
  working: 'info',
  healthy: 'ok',
  'not-managed': 'neutral',
}

const ATTENTION: ReadonlySet<DeviceState> = new Set([
  'failed',
  'not-trusted',
  'unhealthy',
  'quiet',
  'waiting-confirm',
  'attention',
  'certificate-expiring',
])

/** Whether a person should look at the device soon. */
export const needsAttention = (device: Device): boolean => ATTENTION.has(device.state)

/** Last eight digits of a UDN, for what has no better name; serial numbers and ports are names themselves. */
export const shortUdn = (udn: string): string => (udn.startsWith('uuid:') ? udn.slice(-8) : udn)

/** What people call the device: its name, else its serial number, else the end of its UDN. */
export const labelOf = (device: Device | undefined, udn = device?.udn ?? ''): string =>
  device?.name || device?.serialNumber || shortUdn(udn)

/** Label with the serial number where the label is not it already: "Pump room 1 · PX200-01180". */
export const longLabel = (device: Device | undefined, udn: string): string => {
  const label = labelOf(device, udn)
  return device?.serialNumber && device.serialNumber !== label ? `${label} · ${device.serialNumber}` : label
}

/** An advertisement comes to every address of a device within this time. */
const TOGETHER_MS = 10_000

/**
 * The address that was heard last: a device that changed its network keeps the old one for a while. Of those heard
 * together an IPv4 one, which people can read and type.
 */
export const newestAddress = (device: Device): Device['addresses'][number] | undefined => {
  const newestMs = Math.max(...device.addresses.map((one) => one.lastSeenMs))
  const together = device.addresses.filter((one) => newestMs - one.lastSeenMs < TOGETHER_MS)
  const [best] = together.toSorted(
    (a, b) =>
      Number(a.address.includes(':')) - Number(b.address.includes(':')) || b.lastSeenMs - a.lastSeenMs,
  )
  return best
}

export type CommissionBlock =
  | 'not-managed'
  | 'already-enrolled'
  | 'needs-network'
  | 'cannot-enroll'
  | 'wrong-phase'

/** Why a device cannot be commissioned now, or undefined when it can. */
export const commissionBlock = (device: Device): CommissionBlock | undefined => {
  if (!device.managed) return 'not-managed'
  switch (device.phase) {
    case 'operation':
    case 'maintenance':
      return 'already-enrolled'
    case 'manufacturing':
    case 'provisioning':
      return 'needs-network'
    case 'decommissioning':
      return 'wrong-phase'
    default:
      return device.capabilities.includes('enroll') ? undefined : 'cannot-enroll'
  }
}

export type BlinkBlock = 'not-managed' | 'offline' | 'not-enrolled'

/** Why a device cannot blink now. Blinking needs the site's role, which a device knows once it has the site's anchor. */
export const blinkBlock = (device: Device): BlinkBlock | undefined => {
  if (!device.managed) return 'not-managed'
  if (!device.online) return 'offline'
  return device.phase === 'manufacturing' || device.phase === 'provisioning' ? 'not-enrolled' : undefined
}

export type UpdateBlock = 'not-managed' | 'not-enrolled'

/** Why a device cannot take part in a rollout at all; the rest is judged against the bundle. One that is offline is held. */
export const updateBlock = (device: Device): UpdateBlock | undefined => {
  if (!device.managed) return 'not-managed'
  return device.phase === 'operation' || device.phase === 'maintenance' ? undefined : 'not-enrolled'
}
