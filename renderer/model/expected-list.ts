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

/** Every line becomes a device or a problem with its line number; nothing is dropped in silence. */
export const readExpected = (text: string): ExpectedReading => {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)
  const separator = ['\t', ';', ','].find((one) => lines.some((line) => line.includes(one))) ?? ','
  const devices: ExpectedDevice[] = []
  const problems: ExpectedProblem[] = []
  const seen = new Set<string>()
  let fields: readonly (Field | undefined)[] | undefined
  let started = false
  lines.forEach((line, index) => {
    if (line.trim() === '') return
    const cells = splitLine(line, separator)
    const first = !started
    started = true
    if (first) {
      fields = headerOf(cells)
      if (fields) return
    }
    const problem = (kind: ExpectedProblem['problem']) =>
      problems.push({ line: index + 1, text: line.trim().slice(0, 80), problem: kind })
    const row = rowOf(cells, fields)
    if (!row.serialNumber && !row.udn) return problem('empty-row')
    if (row.udn) {
      const uuid = UDN.exec(row.udn)?.[1]
      if (!uuid) return problem('bad-udn')
      row.udn = `uuid:${uuid.toLowerCase()}`
    }
    const key = row.udn ?? row.serialNumber ?? ''
    if (seen.has(key)) return problem('twice')
    if ([row.serialNumber, row.name, row.group].some((cell) => (cell ?? '').length > TEXT_MAX)) return problem('too-long')
    seen.add(key)
    devices.push(row)
  })
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
