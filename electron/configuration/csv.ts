/**
 * CSV: `device,model,serial`, then one column for each parameter of any of the devices. An empty cell leaves the value
 * alone, a quoted empty one (`""`) is the empty text.
 */
import { CsvError, parse } from 'csv-parse'
import { stringify } from 'csv-stringify/sync'
import { IotmcError } from '../contract/errors'
import { CONFIGURE_LIMITS } from '../contract/timings'
import { type FileDevice, FileRules, invalid, shown } from './file-rules'
import { guardFormula, unguardFormula } from './formula'

const FIXED = ['device', 'model', 'serial'] as const
const CHUNK = 16 * 1024

/** The text of the file, with CRLF as RFC 4180 has it. */
export const writeCsv = (devices: readonly FileDevice[]): string => {
  const names = [...new Set(devices.flatMap((device) => Object.keys(device.values)))]
  const rows = devices.map(({ udn, model, serial, values }) => [
    udn,
    guardFormula(model),
    guardFormula(serial),
    ...names.map((name) => (Object.hasOwn(values, name) ? guardFormula(values[name] ?? '') : null)),
  ])
  return stringify([[...FIXED, ...names], ...rows], {
    record_delimiter: 'windows',
    cast: { string: (value) => (value === '' ? { value, quoted_empty: true } : value) },
  })
}

/** A cell, or undefined where it is empty and not quoted. */
type Cell = string | undefined

/** Errors: FILE_INVALID with the line. */
export const readCsv = async (text: string): Promise<readonly FileDevice[]> => {
  const rules = new FileRules()
  let header: readonly string[] | undefined
  try {
    for await (const record of records(text)) {
      const { cells, line } = record
      if (!header) {
        header = readHeader(cells, rules)
        continue
      }
      readRow(cells, header, `line ${line}`, rules)
    }
  } catch (thrown) {
    if (thrown instanceof CsvError) throw invalid(`line ${thrown.lines ?? '?'}`, thrown.code, thrown)
    throw thrown
  }
  return rules.devices
}

interface CsvRecord {
  readonly cells: readonly Cell[]
  readonly line: number
}

async function* records(text: string): AsyncGenerator<CsvRecord> {
  const firstLine = text.slice(0, 4096).split('\n', 1)[0] ?? ''
  const parser = parse({
    bom: true,
    // A spreadsheet set to German writes semicolons.
    delimiter: firstLine.startsWith('device;') || firstLine.startsWith('\ufeffdevice;') ? ';' : ',',
    info: true,
    max_record_size: (CONFIGURE_LIMITS.parametersMax + FIXED.length) * 1100,
    skip_empty_lines: true,
    cast: (cell, context) => (cell === '' && !context.quoting ? undefined : cell),
  })
  const feed = async (): Promise<void> => {
    for (let at = 0; at < text.length; at += CHUNK) {
      if (parser.destroyed) return
      parser.write(text.slice(at, at + CHUNK))
      await new Promise((resolve) => setImmediate(resolve))
    }
    parser.end()
  }
  const fed = feed().catch((thrown: unknown) => void parser.destroy(asError(thrown)))
  for await (const { record, info } of parser) yield { cells: record, line: info.lines }
  await fed
}

const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new IotmcError('FILE_INVALID', { cause: thrown })

const readHeader = (cells: readonly Cell[], rules: FileRules): readonly string[] => {
  const names = cells.map((cell) => (cell ?? '').trim())
  if (FIXED.some((name, index) => names[index] !== name))
    throw invalid('line 1', `the first columns are ${FIXED.join(', ')}`)
  const parameters = names.slice(FIXED.length)
  if (parameters.length > CONFIGURE_LIMITS.parametersMax) throw invalid('line 1', 'too many columns')
  for (const name of parameters) rules.name('line 1', name)
  const twice = parameters.find((name, index) => parameters.indexOf(name) !== index)
  if (twice !== undefined) throw invalid('line 1', `the column ${shown(twice)} stands there twice`)
  return parameters
}

const readRow = (cells: readonly Cell[], names: readonly string[], where: string, rules: FileRules): void => {
  const [udn = '', model = '', serial = '', ...values] = cells
  const given = names.flatMap((name, index): [string, string][] => {
    const value = values[index]
    return value === undefined ? [] : [[name, unguardFormula(value)]]
  })
  rules.add(where, { udn: udn.trim(), model: unguardFormula(model), serial: unguardFormula(serial) }, given)
}
