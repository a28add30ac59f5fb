/** The site plan: taken from a file or a scanner, given back as a file, and held beside what there is. */
import { type Effective, laidOver } from '../configuration/effective'
import type { Looked } from '../configuration/plan'
import {
  type ComparedRow,
  comparePlan,
  comparisonOf,
  ownValuesNow,
  type PlanDevice,
} from '../configuration/site-plan-compare'
import { readPlanCsv, writePlanCsv } from '../configuration/site-plan-csv'
import { matchPlan } from '../configuration/site-plan-match'
import { importedPlan, scannedPlan } from '../configuration/site-plan-rules'
import type { Values } from '../contract/configuration'
import type { Device } from '../contract/device'
import type { ExpectedDevice } from '../contract/enrollment'
import { IotmcError } from '../contract/errors'
import type { SiteComparison } from '../contract/site-plan'
import { CONFIGURE_LIMITS, HTTP_LIMITS } from '../contract/timings'
import { inLanes } from '../jobs/lanes-of-work'
import type { Clock } from '../net/clock'
import type { ExpectedTable } from '../store/tables/expected'
import { type DeviceRecords, entryOf, planDevice } from './plan-desk-devices'

export interface PlanDeskOptions {
  readonly clock: Clock
  /** `Records.expected`. */
  readonly table: ExpectedTable
  readonly devices: () => readonly Device[]
  /** The row of a device. */
  readonly device: (udn: string) => Device | undefined
  readonly records: DeviceRecords
  readonly groupExists: (name: string) => boolean
  /** What the plan and the groups want of a device in `group`. */
  readonly effective: (group: string | undefined, own: ExpectedDevice['values']) => Effective
  /** Asks a device for its configuration. Errors: those of the link, BAD_ANSWER. */
  readonly look: (udn: string, signal: AbortSignal) => Promise<Looked>
  readonly isOlder: (version: string, running: string) => boolean
  /** The plan has changed: who waits to be let in is judged anew. */
  readonly changed: () => void
  readonly audit: (action: string, subject: string, detail?: string) => void
}

/** What there is beside the plan, at one moment. */
export interface SiteLook {
  readonly rows: readonly ComparedRow[]
  readonly looked: (udn: string) => Looked | undefined
}

export class PlanDesk {
  private readonly closing = new AbortController()
  /** What devices ran of the values that are planned for them alone, when they were last asked. */
  private readonly ran = new Map<string, Record<string, string>>()

  /** What devices answered last, and when. */
  private readonly answers = new Map<string, { readonly looked: Looked; readonly atMs: number }>()

  constructor(private readonly options: PlanDeskOptions) {}

  /** Errors: FILE_INVALID with every wrong line; then nothing is kept. */
  importText(text: string, mode: 'replace' | 'add'): ExpectedDevice[] {
    const { table, groupExists } = this.options
    const plan = importedPlan(table.list(), readPlanCsv(text), mode, groupExists)
    this.keep(plan, 'plan-imported', mode)
    return table.list()
  }

  /** Lines of a scanner: labels or serial numbers. Errors: FILE_INVALID with every wrong line, GROUP_UNKNOWN. */
  scan(text: string, group?: string): { plan: ExpectedDevice[]; added: number; known: number } {
    const { table, groupExists, devices } = this.options
    if (group && !groupExists(group)) throw new IotmcError('GROUP_UNKNOWN', { subject: group })
    const serials = devices().flatMap(({ serialNumber }) => serialNumber ?? [])
    const scanned = scannedPlan(table.list(), text, group, serials)
    if (scanned.added > 0) this.keep(scanned.plan, 'plan-scanned', `${scanned.added} added`)
    return { ...scanned, plan: table.list() }
  }

  /** As CSV: the plan, or the members of the site as a plan; the latter's own values as they were last asked for. */
  exportText(from: 'plan' | 'site'): string {
    const { table } = this.options
    if (from === 'plan') return writePlanCsv(table.list())
    const members = this.devices().filter(({ enrolled }) => enrolled)
    return writePlanCsv(members.map((device) => entryOf(device, this.ran.get(device.udn) ?? {})))
  }

  /** From what is known: no device is asked. What they run is as old as `askedAtMs` says. */
  async compare(): Promise<SiteComparison> {
    const { table, isOlder, clock } = this.options
    let askedAtMs: number | undefined
    const looked = (udn: string) => {
      const answer = this.answers.get(udn)
      if (answer) askedAtMs = Math.min(askedAtMs ?? answer.atMs, answer.atMs)
      return answer?.looked
    }
    const plan = table.list()
    const rows = comparePlan({ plan, devices: this.devices(), wanted: this.wishes(), looked, isOlder })
    this.keepRan(rows, looked)
    return comparisonOf(rows, clock.now(), askedAtMs)
  }

  /** Likewise after asking, as `look`. */
  async compareAsking(): Promise<SiteComparison> {
    const askedAtMs = this.options.clock.now()
    const { rows } = await this.look()
    return comparisonOf(rows, this.options.clock.now(), askedAtMs)
  }

  /** What a device has just answered. */
  learned(udn: string, looked: Looked): void {
    this.answers.set(udn, { looked, atMs: this.options.clock.now() })
  }

  /** As `compare`, but asks who is online what it runs, where something is wanted of it. */
  async look(): Promise<SiteLook> {
    const { table, isOlder } = this.options
    const plan = table.list()
    const devices = this.devices()
    const wanted = this.wishes()
    const asked = matchPlan(plan, devices).flatMap((match, index) => {
      const entry = plan[index]
      if (match.kind !== 'device' || !entry || !match.device.enrolled) return []
      return Object.keys(wanted(entry, match.device).values).length > 0 ? [match.device] : []
    })
    const answers = await this.ask(asked)
    const looked = (udn: string) => answers.get(udn)
    // Groups may have changed while the devices were asked.
    const rows = comparePlan({ plan, devices, wanted: this.wishes(), looked, isOlder })
    this.keepRan(rows, looked)
    return { rows, looked }
  }

  /** What is wanted of an entry's device: the values of its planned group (else of the one it is in), then its own. */
  wantedOf(entry: ExpectedDevice, device?: Pick<PlanDevice, 'group'>): Effective {
    return this.options.effective(entry.group ?? device?.group, entry.values)
  }

  /** `wantedOf` for thousands of entries at one moment: each group is read once. */
  wishes(): (entry: ExpectedDevice, device?: Pick<PlanDevice, 'group'>) => Effective {
    const { effective } = this.options
    const ofGroups = new Map<string | undefined, Effective>()
    return ({ group: planned, values }, device) => {
      const group = planned ?? device?.group
      const known = ofGroups.get(group) ?? effective(group, undefined)
      ofGroups.set(group, known)
      return values ? laidOver(known, effective(undefined, values)) : known
    }
  }

  /** Configurations of those that are online and answer. */
  async ask(devices: readonly PlanDevice[]): Promise<ReadonlyMap<string, Looked>> {
    const answers = new Map<string, Looked>()
    const online = devices.filter((device) => device.online)
    await inLanes(online, CONFIGURE_LIMITS.lanes, async ({ udn }) => {
      const deadline = AbortSignal.any([
        this.closing.signal,
        AbortSignal.timeout(HTTP_LIMITS.requestTimeoutMs),
      ])
      // Who does not answer is compared by what is on record.
      const looked = await this.options.look(udn, deadline).catch(() => undefined)
      if (looked) {
        answers.set(udn, looked)
        this.learned(udn, looked)
      } else this.answers.delete(udn)
    })
    this.closing.signal.throwIfAborted()
    return answers
  }

  /** The managed devices that were heard or are on record, without those that are leaving or have left. */
  devices(): PlanDevice[] {
    const { devices, records } = this.options
    return devices()
      .filter(isOfPlan)
      .map((device) => planDevice(device, records))
  }

  /** One of `devices`. */
  device(udn: string): PlanDevice | undefined {
    const { device, records } = this.options
    const row = device(udn)
    return row && isOfPlan(row) ? planDevice(row, records) : undefined
  }

  /** Values that the plan has for each of these devices alone. */
  ownValues(devices: readonly PlanDevice[]): ReadonlyMap<string, Values> {
    const { table } = this.options
    return new Map(
      devices.flatMap(({ udn, serialNumber = '' }): [string, Values][] => {
        const values = table.find({ udn, serialNumber })?.values
        return values ? [[udn, values]] : []
      }),
    )
  }

  /** Whether the plan still has this entry as it is. */
  has(entry: ExpectedDevice): boolean {
    const { serialNumber = '', udn = '', identity } = entry
    const found = this.options.table.find({ udn, serialNumber, identity })
    return found !== undefined && canonical(found) === canonical(entry)
  }

  /** SHA-256 of the factory certificate with which a device enrolled. */
  identityOf(udn: string): string | undefined {
    return this.options.records.enrollment(udn)?.identityFingerprint
  }

  hardwareOf(udn: string): string | undefined {
    return this.options.records.enrollment(udn)?.hardwareRevision || undefined
  }

  close(): void {
    this.closing.abort(new IotmcError('INTERRUPTED'))
  }

  private keepRan(rows: readonly ComparedRow[], looked: (udn: string) => Looked | undefined): void {
    this.ran.clear()
    for (const { entry, device } of rows) {
      const ran = ownValuesNow(entry?.values, device && looked(device.udn))
      if (device && Object.keys(ran).length > 0) this.ran.set(device.udn, { ...ran })
    }
  }

  private keep(plan: readonly ExpectedDevice[], action: string, detail: string): void {
    const { table, changed, audit } = this.options
    table.replace(plan)
    audit(action, `${plan.length} devices`, detail)
    changed()
  }
}

const isOfPlan = ({ managed, decommissioned }: Device): boolean => managed && !decommissioned

/** The same text for entries that say the same. */
const canonical = ({ values, ...facts }: ExpectedDevice): string => {
  const sorted = (record: object) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([sorted(facts), sorted(values ?? {})])
}
