/** Whether devices carry their own labels: what a scanner read beside what is known, kept until the right one is read. */
import type { Device } from '../contract/device'
import type { ExpectedDevice } from '../contract/enrollment'
import { IotmcError } from '../contract/errors'
import { looksLikeSetupCode, readLabelText } from '../contract/label'
import type { LabelFinding } from '../contract/site-plan'
import type { Clock } from '../net/clock'
import type { Records } from '../store/records'
import type { FoundLabel, LabelFindingTable } from '../store/tables/label-findings'

type Labelled = Pick<Device, 'udn' | 'name' | 'serialNumber'>

export interface LabelDeskOptions {
  readonly clock: Clock
  readonly table: LabelFindingTable
  readonly expected: Pick<Records['expected'], 'list'>
  /** The row of a device. */
  readonly device: (udn: string) => Labelled | undefined
  readonly devices: () => readonly Labelled[]
  /** Devices whose finding is another one now. */
  readonly changed: (udns: readonly string[]) => void
  readonly audit: (action: string, subject: string, detail?: string) => void
}

type Label = FoundLabel['label']
/** Whose label it is; a planned device may have no UDN yet. */
type Owner = Partial<Pick<Labelled, 'udn'>> & Pick<Labelled, 'name'>

const udnOf = (owner: Owner | undefined): { readonly udn?: string } => (owner?.udn ? { udn: owner.udn } : {})

const SERIAL_NUMBER = /^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$/
const DETAIL: Record<LabelFinding['state'], string> = {
  matches: 'its own label',
  swapped: 'swapped with',
  other: 'the label of',
  foreign: 'an unknown label',
}

/** What a label says that is no secret: the setup code goes no further than here. */
const readLabel = (text: string): Label | undefined => {
  const facts = readLabelText(text)
  if (facts) return { udn: facts.udn, serialNumber: facts.serialNumber }
  const serialNumber = text.trim()
  return SERIAL_NUMBER.test(serialNumber) ? { serialNumber } : undefined
}

/** A scanner may type capital letters for small ones. */
const same = (a: string | undefined, b: string): boolean => a?.toUpperCase() === b.toUpperCase()

/** A device that has told no serial number is known by its UDN alone. */
const isLabelOf = (label: Label, device: Labelled): boolean =>
  label.udn === undefined
    ? same(device.serialNumber, label.serialNumber)
    : label.udn === device.udn && (!device.serialNumber || same(device.serialNumber, label.serialNumber))

const isPlannedWith = (label: Label, entry: ExpectedDevice): boolean => {
  const byUdn = entry.udn !== undefined && label.udn !== undefined
  const bySerial = entry.serialNumber !== undefined
  return (
    (byUdn || bySerial) &&
    (!byUdn || entry.udn === label.udn) &&
    (!bySerial || same(entry.serialNumber, label.serialNumber))
  )
}

export class LabelDesk {
  private readonly found: Map<string, FoundLabel>

  constructor(private readonly options: LabelDeskOptions) {
    this.found = new Map(options.table.list().map((entry) => [entry.udn, entry]))
  }

  /**
   * What the label on the device says about it; a wrong one is kept until the right one is scanned. A label is a
   * device's QR code or its bare serial number. Errors: DEVICE_UNKNOWN, LABEL_UNREADABLE.
   */
  scan(udn: string, text: string): LabelFinding {
    const device = this.options.device(udn)
    if (!device) throw new IotmcError('DEVICE_UNKNOWN', { subject: udn })
    const label = readLabel(text)
    if (!label) throw new IotmcError('LABEL_UNREADABLE', { subject: udn })
    const owner = this.ownerOf(label, device, this.options.devices)
    // A setup code is a secret: what may be one is not kept, nor told, as the serial number of nobody.
    if (!owner && looksLikeSetupCode(text)) throw new IotmcError('LABEL_UNREADABLE', { subject: udn })
    const before = this.partners(udn)
    const entry: FoundLabel = { udn, atMs: this.options.clock.now(), label: { ...label, ...udnOf(owner) } }
    if (owner?.udn === udn) {
      this.options.table.remove(udn)
      this.found.delete(udn)
    } else {
      this.options.table.put(entry)
      this.found.set(udn, entry)
    }
    const finding = this.judge(entry, device)
    this.options.changed([...new Set([udn, ...before, ...this.partners(udn)])])
    this.options.audit(
      'label-scanned',
      udn,
      [DETAIL[finding.state], finding.labelUdn].filter(Boolean).join(' '),
    )
    return finding
  }

  /** What is wrong now, newest first. */
  findings(): LabelFinding[] {
    const all = this.allDevices()
    return [...this.found.values()]
      .map((entry) => this.judge(entry, this.options.device(entry.udn), all))
      .sort((a, b) => b.atMs - a.atMs || (a.udn < b.udn ? -1 : 1))
  }

  /** What is wrong with the label on this device. */
  of(udn: string): LabelFinding | undefined {
    const entry = this.found.get(udn)
    return entry && this.judge(entry)
  }

  /** Whether a label that is not its own was found on this device. */
  isWrong(udn: string): boolean {
    return this.found.has(udn)
  }

  private judge(
    { udn, atMs, label }: FoundLabel,
    known = this.options.device(udn),
    all = this.allDevices(),
  ): LabelFinding {
    const device: Labelled = known ?? { udn, name: udn }
    const owner = this.ownerOf(label, device, all)
    return {
      atMs,
      udn,
      name: device.name,
      ...(device.serialNumber ? { serialNumber: device.serialNumber } : {}),
      ...(label.udn ? { labelUdn: label.udn } : {}),
      labelSerialNumber: label.serialNumber,
      ...(owner?.udn ? { labelUdn: owner.udn } : {}),
      ...(owner ? { labelName: owner.name } : {}),
      state: this.stateOf(device, owner),
    }
  }

  private stateOf(device: Labelled, owner: Owner | undefined): LabelFinding['state'] {
    if (!owner) return 'foreign'
    if (owner.udn === device.udn) return 'matches'
    const theirs = owner.udn === undefined ? undefined : this.found.get(owner.udn)
    return theirs && isLabelOf(theirs.label, device) ? 'swapped' : 'other'
  }

  /** This device, another of this site, or an entry of the site plan whose device has not been heard yet. */
  private ownerOf(label: Label, self: Labelled, all: () => readonly Labelled[]): Owner | undefined {
    if (isLabelOf(label, self)) return self
    const { device, expected } = this.options
    const named = label.udn === undefined ? undefined : device(label.udn)
    if (named) return isLabelOf(label, named) ? named : undefined
    const heard = label.udn === undefined ? all().find((each) => isLabelOf(label, each)) : undefined
    if (heard) return heard
    const planned = expected.list().find((entry) => isPlannedWith(label, entry))
    const udn = planned?.udn ?? label.udn
    return planned && { ...(udn ? { udn } : {}), name: planned.name ?? label.serialNumber }
  }

  /** The rows of all devices, made once and only where somebody asks: there are thousands. */
  private allDevices(): () => readonly Labelled[] {
    let rows: readonly Labelled[] | undefined
    return () => {
      rows ??= this.options.devices()
      return rows
    }
  }

  /** Devices whose finding may hang on this one's: they carry its label, or it carries theirs. */
  private partners(udn: string): string[] {
    const device = this.options.device(udn)
    const theirs = this.found.get(udn)
    return [...this.found.values()]
      .filter(({ udn: other, label }) => {
        if (other === udn) return false
        const row = this.options.device(other)
        return (device && isLabelOf(label, device)) || (row && theirs && isLabelOf(theirs.label, row))
      })
      .map((entry) => entry.udn)
  }
}
