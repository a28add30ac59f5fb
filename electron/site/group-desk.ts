/** Groups of an open site, and what they want of a device. */
import { type Effective, effectiveValues } from '../configuration/effective'
import { checkPlace, checkRemoval } from '../configuration/groups'
import type { Group, Values } from '../contract/configuration'
import type { Device } from '../contract/device'
import type { EnrollmentPolicy } from '../contract/enrollment'
import { IotmcError } from '../contract/errors'
import { isEnded, type Job } from '../contract/job'
import type { Records } from '../store/records'

type Wanting = Pick<Device, 'udn' | 'group' | 'serialNumber'>

/** What is wanted of a device; `group` is absent where it has none, or one that is not on record. */
export interface Wanted extends Effective {
  readonly group?: string
}

/** The values of the groups of a device, and above them its own of the site plan. */
export const wantedOf = (records: Pick<Records, 'groups' | 'expected'>, device: Wanting): Wanted => {
  const chain = device.group === undefined ? [] : records.groups.chain(device.group)
  const planned = records.expected.find({ udn: device.udn, serialNumber: device.serialNumber ?? '' })
  const group = chain.at(-1)?.name
  return { ...effectiveValues(chain, planned?.values), ...(group === undefined ? {} : { group }) }
}

/** What a new member of a group gets: its values under the version of the group. Undefined where there is no such group. */
export const enrolledWith = (
  records: Pick<Records, 'groups' | 'expected'>,
  name: string,
  device: Omit<Wanting, 'group'>,
): Group | undefined => {
  const group = records.groups.get(name)
  return group && { ...group, values: wantedOf(records, { ...device, group: name }).values }
}

export interface GroupDeskOptions {
  readonly records: Pick<Records, 'groups' | 'expected' | 'enrollments' | 'transaction'>
  readonly policy: () => EnrollmentPolicy
  readonly jobs: () => readonly Job[]
  /** The row of a device. */
  readonly device: (udn: string) => Wanting | undefined
  readonly audit: (action: string, subject: string, detail?: string) => void
}

/** As it travels to devices: up to 63 characters, none of them a control character, no space at its ends. */
const NAME = /^(?! )[^\p{Cc}]{1,63}(?<! )$/u

export class GroupDesk {
  constructor(private readonly options: GroupDeskOptions) {}

  /** By name. */
  list(): Group[] {
    return this.options.records.groups.list()
  }

  /** Makes a group or changes it; without `parent` it lies in none. Errors: GROUP_INVALID. */
  save({ name, values, parent }: Pick<Group, 'name' | 'values' | 'parent'>): Group[] {
    const { records, audit } = this.options
    if (!NAME.test(name)) throw new IotmcError('GROUP_INVALID', { subject: name, detail: 'the name' })
    const version = records.transaction(() => {
      checkPlace(records.groups.list(), { name, ...(parent ? { parent } : {}) })
      return records.groups.save(name, values, parent).version
    })
    audit('group-saved', name, `version ${version}${parent ? `, in ${parent}` : ''}`)
    return this.list()
  }

  /** Takes away a group that is empty and that nothing names. Errors: GROUP_UNKNOWN, GROUP_INVALID. */
  remove(name: string): Group[] {
    const { records, audit } = this.options
    records.transaction(() => {
      checkRemoval(records.groups.list(), name)
      const detail = this.namedBy(name)
      if (detail) throw new IotmcError('GROUP_INVALID', { subject: name, detail })
      records.groups.remove(name)
    })
    audit('group-removed', name)
    return this.list()
  }

  /** What is wanted of a device, or would be of one in `group` with `own` values. Errors: DEVICE_UNKNOWN, GROUP_UNKNOWN. */
  effective(of: string | { readonly group: string; readonly own?: Values }): Effective {
    const { records, device } = this.options
    if (typeof of === 'string') {
      const row = device(of)
      if (!row) throw new IotmcError('DEVICE_UNKNOWN', { subject: of })
      const { values, origins } = wantedOf(records, row)
      return { values, origins }
    }
    const chain = records.groups.chain(of.group)
    if (chain.length === 0) throw new IotmcError('GROUP_UNKNOWN', { subject: of.group })
    return effectiveValues(chain, of.own)
  }

  /** Who would send a device into a group that is gone. */
  private namedBy(name: string): string | undefined {
    const { records, policy, jobs } = this.options
    const { defaultGroup, rules } = policy()
    if (defaultGroup === name) return 'it is the group of the policy'
    if (rules.some((rule) => rule.group === name)) return 'a rule of the policy names it'
    if (records.expected.list().some((entry) => entry.group === name)) return 'the site plan names it'
    const enrolling = records.enrollments
      .list()
      .some((row) => row.group === name && (row.state === 'approved' || row.state === 'issued'))
    const asked = jobs().some((job) => !isEnded(job.state) && job.params.group === name)
    return enrolling || asked ? 'a device is on its way into it' : undefined
  }
}
