/** The rows of the device list: discovery, records and jobs looked at together, with the records kept in memory. */
import type { DecommissionState } from '../contract/decommission-states'
import type { Device, DeviceFirmware } from '../contract/device'
import type { Enrollment } from '../contract/enrollment'
import { IotmcError } from '../contract/errors'
import type { DeviceHealth } from '../contract/health'
import { isEnded, type Job } from '../contract/job'
import { DEVICE_TYPE } from '../contract/names'
import type { Phase } from '../contract/phases'
import type { Discovery } from '../discovery/discovery'
import { conflictWith, type PlanConflict } from '../enrollment/policy'
import type { Clock } from '../net/clock'
import type { Records } from '../store/records'
import type { KnownDevice } from '../store/tables/devices'
import { deviceView, isEmpty, isOnlyDescribed, serialNumberOf } from './device-view'

export interface DeviceListOptions {
  readonly clock: Clock
  readonly records: Records
  readonly finder: Discovery
  readonly ownUdn: string
  readonly newestJob: (udn: string) => Job | undefined
  /** What the device has told of its banks in this run. */
  readonly firmware: (udn: string) => DeviceFirmware | undefined
  /** How its health stands; undefined for a device that is not of this site. */
  readonly health: (udn: string) => DeviceHealth | undefined
  /** How far its decommissioning is; undefined for a device that is here to stay, and once it has enrolled again. */
  readonly decommissioned?: (udn: string) => DecommissionState | undefined
  /** Whether it carries a label that is not its own. */
  readonly isMislabelled?: (udn: string) => boolean
  readonly changed: (udns: readonly string[]) => void
}

/** What a person says about a device; an empty text takes it away, what is not named stays. */
export interface Words {
  readonly name?: string | undefined
  readonly place?: string | undefined
  readonly note?: string | undefined
}

export class DeviceList {
  private readonly known = new Map<string, KnownDevice>()
  /** Phases that devices have reported by event, over TLS; forgotten when they leave. */
  private readonly phases = new Map<string, Phase>()
  private readonly enrollments = new Map<string, Enrollment | undefined>()
  /** Devices whose identity was refused when a person last had it checked. */
  private readonly refused = new Set<string>()

  constructor(private readonly options: DeviceListOptions) {
    for (const device of options.records.devices.list()) this.known.set(device.udn, device)
  }

  /** Every device to list: heard or on record, controllers not among them. */
  udns(): readonly string[] {
    const heard = this.options.finder.entries().map((entry) => entry.udn)
    return [...new Set([...heard, ...this.known.keys()])]
  }

  /** The row of a device; undefined when it is not to be listed (any more). */
  view(udn: string): Device | undefined {
    const heard = this.options.finder.get(udn)
    const known = this.known.get(udn)
    if (udn === this.options.ownUdn || heard?.deviceType === DEVICE_TYPE.controller) return undefined
    // A device that this site never had to do with leaves the list with its advertisement.
    if (!known && !heard?.online) return undefined
    const enrollment = this.enrollmentOf(udn)
    const job = this.options.newestJob(udn)
    const phase = heard?.online ? this.phases.get(udn) : undefined
    const firmware = this.options.firmware(udn)
    const health = this.options.health(udn)
    const decommissioned = this.options.decommissioned?.(udn)
    const serialNumber = serialNumberOf({ ...(heard ? { heard } : {}), ...(known ? { known } : {}) }) ?? ''
    const plannedName = this.options.records.expected.find({ udn, serialNumber })?.name
    const planConflict = enrollment && this.planConflict(enrollment)
    return deviceView(udn, {
      ...(phase ? { phase } : {}),
      ...(this.refused.has(udn) ? { refused: true } : {}),
      nowMs: this.options.clock.now(),
      ...(heard ? { heard } : {}),
      ...(known ? { known } : {}),
      ...(enrollment ? { enrollment } : {}),
      ...(job ? { job } : {}),
      ...(firmware ? { firmware } : {}),
      ...(health ? { health } : {}),
      ...(decommissioned ? { decommissioned } : {}),
      ...(plannedName ? { plannedName } : {}),
      ...(planConflict ? { planConflict } : {}),
      ...(this.options.isMislabelled?.(udn) ? { mislabelled: true } : {}),
    })
  }

  /** Why a device that the plan names waits for a person. */
  private planConflict(enrollment: Enrollment): PlanConflict | undefined {
    const planned =
      enrollment.state === 'pending' ? this.options.records.expected.find(enrollment) : undefined
    return planned && conflictWith(planned, enrollment)
  }

  /** Keeps what a person says about a device. Errors: DEVICE_UNKNOWN. */
  describe(udn: string, { name, place, note }: Words): void {
    if (!this.view(udn)) throw new IotmcError('DEVICE_UNKNOWN', { subject: udn })
    const said = Object.entries({ givenName: name, place, note }).flatMap(([field, text]) =>
      text === undefined ? [] : [[field, text.trim() || undefined] as const],
    )
    const before = this.known.get(udn)
    const next = this.options.records.devices.patch(udn, Object.fromEntries(said))
    // A device that this site has nothing else to do with is on record for its words alone.
    if (isEmpty(next) && (!before || isOnlyDescribed(before))) {
      this.options.records.devices.remove(udn)
      this.known.delete(udn)
    } else this.known.set(udn, next)
    this.options.changed([udn])
  }

  /** Keeps what was learned, on disk before in memory. */
  remember(udn: string, change: Partial<Omit<KnownDevice, 'udn'>>): void {
    this.known.set(udn, this.options.records.devices.patch(udn, change))
    if (change.proven) this.refused.delete(udn)
    this.options.changed([udn])
  }

  /** What a device has reported by event. */
  told(udn: string, told: { phase?: Phase; configurationVersion?: number }): void {
    const { phase, configurationVersion } = told
    if (phase) this.phases.set(udn, phase)
    else if (Object.keys(told).length === 0) this.phases.delete(udn)
    if (
      configurationVersion !== undefined &&
      this.known.get(udn)?.configurationVersion !== configurationVersion
    ) {
      this.remember(udn, { configurationVersion })
    } else this.options.changed([udn])
  }

  /** How a check of its identity has ended. */
  checked(udn: string, trusted: boolean): void {
    if (trusted) this.refused.delete(udn)
    else this.refused.add(udn)
    this.options.changed([udn])
  }

  /** After the trusted roots have changed: an earlier refusal says nothing any more. */
  forgetRefusals(): void {
    const udns = [...this.refused]
    this.refused.clear()
    this.options.changed(udns)
  }

  /** Whether this site has issued a certificate to the device. */
  isEnrolled(udn: string): boolean {
    return this.known.get(udn)?.ldevidSerial !== undefined
  }

  /** When the certificate that this site gave it ends, ISO. */
  certificateEnd(udn: string): string | undefined {
    return this.known.get(udn)?.ldevidNotAfter
  }

  /** Whether a job on it has not ended. */
  isWorkedOn(udn: string): boolean {
    const job = this.options.newestJob(udn)
    return job !== undefined && !isEnded(job.state)
  }

  /** After a row of an enrolment has changed. */
  forgetEnrollment(udn: string): void {
    this.enrollments.delete(udn)
  }

  /** What the records keep of a device. */
  record(udn: string): KnownDevice | undefined {
    return this.known.get(udn)
  }

  /** As it was last read; `forgetEnrollment` has it read anew. */
  enrollmentOf(udn: string): Enrollment | undefined {
    if (!this.enrollments.has(udn)) this.enrollments.set(udn, this.options.records.enrollments.byUdn(udn))
    return this.enrollments.get(udn)
  }
}
