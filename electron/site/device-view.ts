/** One row of the device list out of what was heard, what is on record and what is going on: a pure function. */
import type { DecommissionState } from '../contract/decommission-states'
import {
  DEVICE_WARNINGS,
  type Device,
  type DeviceFirmware,
  type DeviceState,
  type ProvenIdentity,
} from '../contract/device'
import type { Enrollment } from '../contract/enrollment'
import type { DeviceHealth } from '../contract/health'
import { isEnded, type Job } from '../contract/job'
import type { Phase } from '../contract/phases'
import { HEALTH_TIMINGS } from '../contract/timings'
import type { DiscoveredDevice } from '../discovery/registry'
import type { PlanConflict } from '../enrollment/policy'

/** What the records keep of a device. */
export interface KnownDevice {
  readonly udn: string
  readonly name?: string
  readonly model?: string
  readonly serialNumber?: string
  readonly group?: string
  readonly ldevidNotAfter?: string
  readonly configurationVersion?: number
  readonly firmwareVersion?: string
  readonly proven?: ProvenIdentity
  readonly givenName?: string
  readonly place?: string
  readonly note?: string
}

export interface DeviceFacts {
  readonly heard?: DiscoveredDevice
  /** As the device reported it over TLS; the announced phase is only a hint. */
  readonly phase?: Phase
  readonly known?: KnownDevice
  readonly enrollment?: Enrollment
  /** The newest job on the device. */
  readonly job?: Job
  readonly firmware?: DeviceFirmware
  readonly health?: DeviceHealth
  /** The last look at its identity in this run ended in a refusal. */
  readonly refused?: boolean
  /** How far its decommissioning is. */
  readonly decommissioned?: DecommissionState
  /** What the site plan calls it. */
  readonly plannedName?: string
  /** Why it waits for a person although the plan names it. */
  readonly planConflict?: PlanConflict
  /** It carries a label that is not its own. */
  readonly mislabelled?: boolean
  readonly nowMs: number
}

const EXPIRES_SOON_MS = HEALTH_TIMINGS.certificateWarnDays * 24 * 3600_000

const DISTRUST = new Set(['IDENTITY_NOT_TRUSTED', 'IDENTITY_REVOKED', 'IDENTITY_EXPIRED', 'UDN_MISMATCH'])

/** Whether a record says nothing about its device. */
export const isEmpty = ({ udn: _, ...facts }: { readonly udn: string }): boolean =>
  Object.values(facts).every((value) => value === undefined)

/** Whether a record holds a person's words and nothing that was learned from the device: anybody's device may have a name. */
export const isOnlyDescribed = (known: KnownDevice): boolean => {
  const { givenName, place, note, ...rest } = known
  return (givenName ?? place ?? note) !== undefined && isEmpty(rest)
}

const isManaged = ({ heard, known }: DeviceFacts): boolean =>
  heard?.claim !== undefined || (known !== undefined && !isOnlyDescribed(known))

/** Its certificates were revoked, and it has not said yet that it is wiped. */
const REVOKED: ReadonlySet<DecommissionState | undefined> = new Set(['revoked', 'queued'])
/** It has left, proven or not. */
const LEFT: ReadonlySet<DecommissionState | undefined> = new Set(['certified', 'closed'])

/** The state shown for a device; the first that applies, worst first. */
export const deviceState = (facts: DeviceFacts): DeviceState => {
  const { heard, known, enrollment, health, job, nowMs } = facts
  if (!isManaged(facts)) return 'not-managed'
  if (job && !isEnded(job.state)) return job.state === 'needs-you' ? 'waiting-approval' : 'working'
  if (job?.state === 'failed' && job.error) {
    if (DISTRUST.has(job.error.code)) return 'not-trusted'
    if (job.error.code === 'NOT_CONFIRMED') return 'waiting-confirm'
    return 'failed'
  }
  if (facts.refused) return 'not-trusted'
  // Of a device that is not heard nothing is known but its certificate.
  if (!heard?.online) return LEFT.has(facts.decommissioned) ? 'not-managed' : 'offline'
  if (REVOKED.has(facts.decommissioned)) return 'not-trusted'
  if (health?.level === 'bad') return 'unhealthy'
  if (health?.feed === 'quiet') return 'quiet'
  if (enrollment?.state === 'pending') return 'waiting-approval'
  const phase = facts.phase ?? heard.claim?.phase
  if (phase === 'commissioning') return enrollment?.state === 'issued' ? 'waiting-confirm' : 'new'
  if (phase === 'provisioning' || phase === 'manufacturing') return 'needs-network'
  if (health?.alarms.some((alarm) => alarm.sign !== 'certificate-expiring')) return 'attention'
  const notAfter = known?.ldevidNotAfter
  if (notAfter && Date.parse(notAfter) - nowMs < EXPIRES_SOON_MS) return 'certificate-expiring'
  return 'healthy'
}

const warningsOf = ({ heard, mislabelled, planConflict }: DeviceFacts): Device['warnings'] => [
  ...(heard?.warnings ?? []),
  ...(mislabelled ? [DEVICE_WARNINGS.mislabelled] : []),
  ...(planConflict ? [DEVICE_WARNINGS[planConflict]] : []),
]

const firstText = (...texts: readonly (string | undefined)[]): string | undefined =>
  texts.find((text) => text !== undefined && text !== '')

const runningVersion = (firmware: DeviceFirmware | undefined): string | undefined =>
  firmware?.banks?.find((bank) => bank.slot === firmware.activeBank)?.version

const healthOf = (health: DeviceHealth | undefined): Device['health'] =>
  health && { level: health.level, feed: health.feed, alarms: health.alarms.map((alarm) => alarm.sign) }

/** As TLS has proven it, as the device has told it, as it is announced. */
export const serialNumberOf = ({ heard, known }: Pick<DeviceFacts, 'heard' | 'known'>): string | undefined =>
  firstText(known?.proven?.serialNumber, known?.serialNumber, heard?.description?.serialNumber)

/** The row of one device; absent facts are left out, never invented. */
export const deviceView = (udn: string, facts: DeviceFacts): Device => {
  const { heard, known, enrollment } = facts
  const description = heard?.description
  // What the records keep of a device that has left is its history, not what it has now.
  const left = LEFT.has(facts.decommissioned)
  const optional = {
    manufacturer: description?.manufacturer,
    model: firstText(known?.model, description?.modelName),
    serialNumber: serialNumberOf(facts),
    place: known?.place,
    note: known?.note,
    decommissioned: facts.decommissioned,
    unmanagedReason: isManaged(facts) ? undefined : (heard?.unmanagedReason ?? 'no-header'),
    phase: facts.phase ?? heard?.claim?.phase,
    claimedIdentity: heard?.claim?.identity,
    group: left ? undefined : firstText(known?.group, enrollment?.group),
    configurationVersion: left ? undefined : known?.configurationVersion,
    firmwareVersion: firstText(
      runningVersion(facts.firmware),
      known?.firmwareVersion,
      enrollment?.firmwareVersion,
    ),
    firmware: facts.firmware,
    health: healthOf(facts.health),
    proven: known?.proven,
    ldevidNotAfter: left ? undefined : firstText(known?.ldevidNotAfter, enrollment?.ldevidNotAfter),
    bootId: heard?.bootId,
    configId: heard?.configId,
    expiresAtMs: heard?.expiresAtMs,
    lastErrorCode: facts.job?.state === 'failed' ? facts.job.error?.code : undefined,
  }
  const present = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined))
  return {
    udn,
    name: firstText(known?.givenName, facts.plannedName, known?.name, description?.friendlyName) ?? udn,
    managed: isManaged(facts),
    capabilities: [...(heard?.claim?.capabilities ?? [])],
    addresses: [...(heard?.addresses ?? [])],
    online: heard?.online ?? false,
    lastSeenMs: heard?.lastSeenMs ?? known?.proven?.provenAtMs ?? 0,
    state: deviceState(facts),
    warnings: warningsOf(facts),
    ...present,
  }
}
