/** How entries come into a site plan: each device once, and a file is taken whole or not at all. Pure rules. */
import type { ExpectedDevice } from '../contract/enrollment'
import { IotmcError } from '../contract/errors'
import { looksLikeSetupCode, readLabelText } from '../contract/label'
import { SITE_PLAN_LIMITS } from '../contract/timings'
import { type WrongLine, type WrongReason, wrongLinesText } from '../contract/wrong-lines'
import { shown } from './file-rules'

/** An entry and the line on which it stands. */
export interface PlanLine {
  readonly line: number
  readonly entry: ExpectedDevice
}

/** Gathers what is wrong, line by line. */
export class WrongLines {
  private readonly lines: (WrongLine & { readonly line: number })[] = []

  add(line: number, reason: WrongReason, about: Pick<WrongLine, 'column' | 'value'> = {}): void {
    this.lines.push({ line, reason, ...about })
  }

  /** Errors: FILE_INVALID that names the lines, when there is one. */
  check(): void {
    if (this.lines.length === 0) return
    const told: WrongLine[] = [...this.lines]
      .sort((a, b) => a.line - b.line)
      .slice(0, SITE_PLAN_LIMITS.wrongLinesTold)
    const more = this.lines.length - told.length
    if (more > 0) told.push({ reason: 'more-lines', value: String(more) })
    throw wrongFile(told)
  }
}

/** FILE_INVALID with what is wrong. */
export const wrongFile = (lines: readonly WrongLine[]): IotmcError =>
  new IotmcError('FILE_INVALID', { detail: wrongLinesText(lines, 'en'), lines })

/** Where the plan has a device, by what names it. */
class Places {
  private readonly byUdn = new Map<string, number>()
  private readonly bySerial = new Map<string, number>()
  private readonly byIdentity = new Map<string, number>()

  /** Places of entries that name the same device, by UDN first. */
  find({ udn, serialNumber, identity }: ExpectedDevice): readonly number[] {
    const found = [
      udn === undefined ? undefined : this.byUdn.get(udn),
      serialNumber === undefined ? undefined : this.bySerial.get(serialNumber.toUpperCase()),
      identity === undefined ? undefined : this.byIdentity.get(identity),
    ]
    return [...new Set(found.filter((place) => place !== undefined))]
  }

  put({ udn, serialNumber, identity }: ExpectedDevice, place: number): void {
    if (udn !== undefined) this.byUdn.set(udn, place)
    if (serialNumber !== undefined) this.bySerial.set(serialNumber.toUpperCase(), place)
    if (identity !== undefined) this.byIdentity.set(identity, place)
  }
}

const checkOnce = (lines: readonly PlanLine[], wrong: WrongLines): void => {
  const places = new Places()
  for (const { line, entry } of lines) {
    const [first] = places.find(entry)
    if (first === undefined) places.put(entry, line)
    else wrong.add(line, 'same-device', { value: String(first) })
  }
}

/**
 * The plan after an import. `replace`: the file is the plan; `add`: an entry takes the place of the one that names the
 * same device, others follow at the end. `groupExists` keeps out what could never be applied. Errors: FILE_INVALID.
 */
export const importedPlan = (
  before: readonly ExpectedDevice[],
  lines: readonly PlanLine[],
  mode: 'replace' | 'add',
  groupExists: (name: string) => boolean,
): ExpectedDevice[] => {
  const wrong = new WrongLines()
  checkOnce(lines, wrong)
  // A group that thousands of lines name is looked up once.
  const groups = new Map<string, boolean>()
  for (const { line, entry } of lines) {
    const { group } = entry
    if (group === undefined) continue
    if (!groups.has(group)) groups.set(group, groupExists(group))
    if (!groups.get(group)) wrong.add(line, 'no-group', { value: shown(group) })
  }
  wrong.check()
  if (mode === 'replace') return lines.map(({ entry }) => entry)
  const plan = [...before]
  const places = new Places()
  for (const [place, entry] of before.entries()) places.put(entry, place)
  for (const { line, entry } of lines) {
    const [place, other] = places.find(entry)
    if (other !== undefined) wrong.add(line, 'two-devices')
    else if (place === undefined) places.put(entry, plan.push(entry) - 1)
    else plan[place] = entry
  }
  wrong.check()
  return checkedSize(plan)
}

const checkedSize = (plan: ExpectedDevice[]): ExpectedDevice[] => {
  if (plan.length <= SITE_PLAN_LIMITS.rowsMax) return plan
  throw wrongFile([{ reason: 'too-many-devices', value: String(SITE_PLAN_LIMITS.rowsMax) }])
}

const SERIAL_NUMBER = /^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$/

/** What a scanned line names; the setup code of a label is a secret and goes no further than here. */
const scanned = (text: string): ExpectedDevice | undefined => {
  const label = readLabelText(text)
  if (label) return { serialNumber: label.serialNumber, udn: label.udn }
  return SERIAL_NUMBER.test(text) ? { serialNumber: text } : undefined
}

/**
 * The plan with what a scanner typed, a line each; what is planned already, or scanned twice, is left alone. A scanner may
 * type capital letters for small ones: `known` gives the serial numbers of devices as they write them. Errors: FILE_INVALID.
 */
export const scannedPlan = (
  before: readonly ExpectedDevice[],
  text: string,
  group: string | undefined,
  knownSerials: Iterable<string>,
): { plan: ExpectedDevice[]; added: number; known: number } => {
  const wrong = new WrongLines()
  const plan = [...before]
  const places = new Places()
  const spelling = new Map([...knownSerials].map((serial) => [serial.toUpperCase(), serial]))
  for (const [place, entry] of before.entries()) places.put(entry, place)
  let known = 0
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const line = raw.trim()
    if (line === '') continue
    const entry = scanned(line)
    if (!entry) wrong.add(index + 1, 'not-a-label')
    else if (places.find(entry).length > 0) known += 1
    else if (looksLikeSetupCode(line) && !spelling.has(line.toUpperCase())) wrong.add(index + 1, 'setup-code')
    else {
      const serialNumber = spelling.get(entry.serialNumber?.toUpperCase() ?? '') ?? entry.serialNumber
      const planned = { ...entry, ...(serialNumber ? { serialNumber } : {}), ...(group ? { group } : {}) }
      places.put(planned, plan.push(planned) - 1)
    }
  }
  wrong.check()
  return { plan: checkedSize(plan), added: plan.length - before.length, known }
}
