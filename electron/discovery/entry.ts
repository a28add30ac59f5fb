/** One row of the registry, and the snapshot of it that others see. Pure. */
import type { DeviceDescription } from '../contract/description'
import type { DeviceAddress, ManagementClaim } from '../contract/device'
import type { Refusal } from '../contract/discovery'
import type { BootState } from './boot-state'
import { parseManagementHeader } from './mgmt-header'

type UnmanagedReason = 'no-header' | 'other-version' | 'bad-header' | 'no-secure-location'

/** One device as heard. A snapshot: it never changes; ask again after a `changed`. */
export interface DiscoveredDevice {
  readonly udn: string
  readonly deviceType?: string | undefined
  /** Set only where the header is readable; a hint until TLS proves it. */
  readonly claim?: ManagementClaim | undefined
  /** Set on each device that cannot be managed. */
  readonly unmanagedReason?: UnmanagedReason | undefined
  readonly description?: DeviceDescription | undefined
  /** Of an offline device: where it was last. */
  readonly addresses: readonly DeviceAddress[]
  readonly bootId?: number | undefined
  readonly nextBootId?: number | undefined
  readonly configId?: number | undefined
  readonly online: boolean
  readonly lastSeenMs: number
  readonly expiresAtMs: number
  /** Keys of text for people: repairs of its packets, oddities of its LOCATION and description. */
  readonly warnings: readonly string[]
  /** Why its description could not be had. */
  readonly refusedReason?: Refusal | undefined
  /** Raised at each reboot heard: subscriptions made before are void. */
  readonly reboots: number
}

/** A row; only the registry changes it. */
export interface Entry {
  readonly udn: string
  boot: BootState
  listed: boolean
  deviceType: string | undefined
  mgmtRaw: string | undefined
  claim: ManagementClaim | undefined
  headerReason: UnmanagedReason | undefined
  description: DeviceDescription | undefined
  refusedReason: Refusal | undefined
  warnings: Set<string>
  reboots: number
  shownSeenMs: number
  snapshot: DiscoveredDevice | undefined
}

const WARNINGS_MAX = 12

export const newEntry = (udn: string, boot: BootState): Entry => ({
  udn,
  boot,
  listed: false,
  deviceType: undefined,
  mgmtRaw: undefined,
  claim: undefined,
  headerReason: 'no-header',
  description: undefined,
  refusedReason: undefined,
  warnings: new Set(),
  reboots: 0,
  shownSeenMs: 0,
  snapshot: undefined,
})

/** Adds a warning, once, up to a bound. */
export const warn = (entry: Entry, text: string): void => {
  if (entry.warnings.size < WARNINGS_MAX) entry.warnings.add(text)
}

/** Takes the management header over; true if it says something new. */
export const learnClaim = (entry: Entry, raw: string | undefined): boolean => {
  if (raw === entry.mgmtRaw) return false
  entry.mgmtRaw = raw
  const read = raw === undefined ? undefined : parseManagementHeader(raw)
  entry.claim = read?.ok ? read.claim : undefined
  entry.headerReason = read === undefined ? 'no-header' : read.ok ? undefined : read.reason
  return true
}

/** What others see of a row; made once until the row changes. */
export const snapshot = (entry: Entry): DiscoveredDevice => {
  if (entry.snapshot !== undefined) return entry.snapshot
  const { boot } = entry
  const secure = boot.addresses.some((address) => address.secureLocation !== undefined)
  const made: DiscoveredDevice = {
    udn: entry.udn,
    deviceType: entry.deviceType,
    claim: entry.claim,
    unmanagedReason: entry.headerReason ?? (secure ? undefined : 'no-secure-location'),
    description: entry.description,
    addresses: boot.addresses.map(({ address, interfaceName, location, secureLocation, lastSeenMs }) => ({
      address,
      interfaceName,
      location,
      ...(secureLocation === undefined ? {} : { secureLocation }),
      lastSeenMs,
    })),
    bootId: boot.bootId,
    nextBootId: boot.nextBootId,
    configId: boot.configId,
    online: boot.online,
    lastSeenMs: boot.lastSeenMs,
    expiresAtMs: boot.expiresAtMs,
    warnings: [...entry.warnings],
    refusedReason: entry.refusedReason,
    reboots: entry.reboots,
  }
  entry.snapshot = made
  return made
}

/** What cannot be managed is of no interest once it has left; it is only remembered for its late packets. */
export const isShown = (entry: Entry): boolean =>
  entry.listed && (entry.boot.online || entry.claim !== undefined)

/** Whether two rows were announced with the same description. */
export const sharesLocation = (a: Entry, b: Entry): boolean =>
  a.boot.addresses.some((one) => b.boot.addresses.some((other) => one.location === other.location))
