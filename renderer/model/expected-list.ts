/** Reads a pasted or loaded list of expected devices: CSV with comma, semicolon or tab, with or without a header line. */
import type { ExpectedDevice } from '../../electron/contract/enrollment'

export interface ExpectedProblem {
  /** Line number from 1. */
  readonly line: number
  readonly text: string
  readonly problem: 'empty-row' | 'bad-udn' | 'too-long' | 'twice'
}

export interface ExpectedReading {
  readonly devices: readonly ExpectedDevice[]
  readonly problems: readonly ExpectedProblem[]
}

type Field = 'serialNumber' | 'udn' | 'name' | 'group'

const HEADERS: Readonly<Record<string, Field>> = {
  serial: 'serialNumber',
  serialnumber: 'serialNumber',
  seriennummer: 'serialNumber',
  udn: 'udn',
  uuid: 'udn',
  name: 'name',
  group: 'group',
  gruppe: 'group',
}

/** As in the contract's expectedDeviceSchema, which the main process applies again. */
const TEXT_MAX = 63

const UDN = /^(?:urn:)?(?:uuid:)?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i

/** What names a device on the list. */
export const keyOf = (device: ExpectedDevice): string => device.udn ?? device.serialNumber ?? ''

/** Splits one line; double quotes protect separators and are doubled inside. */
export const splitLine = (line: string, separator: string): readonly string[] => {
  const cells: string[] = []
  let cell = ''
  let quoted = false
  for (let i = 0; i < line.length; i += 1) {
    const char = line[i]
    if (quoted) {
      if (char !== '"') cell += char
      else if (line[i + 1] === '"') {
        cell += '"'
        i += 1
      } else quoted = false
    } else if (char === '"' && cell.trim() === '') {
      cell = ''
      quoted = true
    } else if (char === separator) {
      cells.push(cell.trim())
      cell = ''
    } else cell += char
  }
  return [...cells, cell.trim()]
}

const headerOf = (cells: readonly string[]): readonly (Field | undefined)[] | undefined => {
  const fields = cells.map((cell) => HEADERS[cell.toLowerCase().replace(/[^a-z]/g, '')])
  return fields.includes('serialNumber') || fields.includes('udn') ? fields : undefined
}

const rowOf = (cells: readonly string[], fields: readonly (Field | undefined)[] | undefined) => {
  const row: Partial<Record<Field, string>> = {}
  if (fields) {
    fields.forEach((field, index) => {
      if (field && cells[index]) row[field] = cells[index]
    })
    return row
  }
  // Without a header: serial number or UDN first, then name, then group.
  const [id, name, group] = cells
  if (id) row[UDN.test(id) ? 'udn' : 'serialNumber'] = id
  if (name) row.name = name
  if (group) row.group = group
  return row
}

/** One row as a device, or what is wrong with it. */
const checkRow = (
  row: Partial<Record<Field, string>>,
  seen: ReadonlySet<string>,
): ExpectedDevice | ExpectedProblem['problem'] => {
  if (!row.serialNumber && !row.udn) return 'empty-row'
  const uuid = row.udn === undefined ? undefined : UDN.exec(row.udn)?.[1]
  if (row.udn && !uuid) return 'bad-udn'
  const device = uuid ? { ...row, udn: `uuid:${uuid.toLowerCase()}` } : row
  if (seen.has(keyOf(device))) return 'twice'
  return [row.serialNumber, row.name, row.group].some((cell) => (cell ?? '').length > TEXT_MAX)
    ? 'too-long'
    : device
}

const SEPARATORS = ['\t', ';', ','] as const

/** The separator that the first line with one has most often. */
const separatorOf = (lines: readonly string[]): string => {
  const line = lines.find((one) => SEPARATORS.some((separator) => one.includes(separator))) ?? ''
  const counts = SEPARATORS.map((separator) => line.split(separator).length)
  return SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ','
}

/** Every line becomes a device or a problem with its line number; nothing is dropped in silence. */
export const readExpected = (text: string): ExpectedReading => {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)
  const separator = separatorOf(lines)
  const filled = lines
    .map((line, index) => ({ line: index + 1, text: line.trim(), cells: splitLine(line, separator) }))
    .filter((one) => one.text !== '')
  const fields = filled[0] && headerOf(filled[0].cells)
  const devices: ExpectedDevice[] = []
  const problems: ExpectedProblem[] = []
  const seen = new Set<string>()
  for (const one of fields ? filled.slice(1) : filled) {
    const device = checkRow(rowOf(one.cells, fields), seen)
    if (typeof device === 'string') {
      problems.push({ line: one.line, text: one.text.slice(0, 80), problem: device })
    } else {
      seen.add(keyOf(device))
      devices.push(device)
    }
  }
  return { devices, problems }
}

const quote = (cell: string): string => (/[",;\t\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

/** The list as CSV that `readExpected` reads back. */
export const writeExpected = (devices: readonly ExpectedDevice[]): string =>
  [
    'serial,udn,name,group',
    ...devices.map((device) =>
      [device.serialNumber, device.udn, device.name, device.group].map((cell) => quote(cell ?? '')).join(','),
    ),
  ].join('\n')
