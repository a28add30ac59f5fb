/** Files of any content, and what holds for all of them: a few runs at each change, many in the deep tests. */
import fc from 'fast-check'
import { expect } from 'vitest'
import { readConfigurationFile, writeConfigurationFile } from '../../electron/configuration/file'
import type { FileDevice } from '../../electron/configuration/file-rules'
import type { ConfigurationFormat } from '../../electron/contract/configuration'

/** `uuid:…` number n. */
export const udn = (n: number): string => `uuid:00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`
/** A device as a file has it. */
export const device = (n: number, values: Record<string, string>): FileDevice => ({
  udn: udn(n),
  model: 'PX-200',
  serial: `EX-${n}`,
  values,
})
/** How a file is refused. */
export const code = { code: 'FILE_INVALID' }

/** Texts that a spreadsheet or YAML has its own opinion about, among all others. */
const anyText = fc.oneof(
  fc.string({ maxLength: 40, unit: 'grapheme' }),
  fc.string({ maxLength: 60, unit: fc.constantFrom(...'=+-@;,\t"\' #:&*!|>%{}[]\\n-1.~0eé😀＝') }),
  fc.constantFrom(
    'on',
    'no',
    'null',
    '~',
    '0777',
    '1.50',
    '-5',
    '=1+1',
    "'=x",
    '',
    ' ',
    '---',
    '<<',
    '2026-01-01',
  ),
)
const anyName = fc.oneof(
  fc.stringMatching(/^[A-Za-z][A-Za-z0-9./-]{0,63}$/),
  fc.constantFrom('constructor', 'device', 'null', 'Pump.Mode', 'toString'),
)
const anyDevice = fc.record({
  model: anyText,
  serial: anyText,
  values: fc.uniqueArray(fc.tuple(anyName, anyText), { maxLength: 12, selector: ([name]) => name }),
})
const anyFile = fc.array(anyDevice, { minLength: 1, maxLength: 6 }).map((all) =>
  all.map(
    ({ model, serial, values }, n): FileDevice => ({
      udn: udn(n),
      model,
      serial,
      values: Object.fromEntries(values),
    }),
  ),
)

/** What was written is read again as it was. */
export const givesBack = (format: ConfigurationFormat, numRuns: number): Promise<void> =>
  fc.assert(
    fc.asyncProperty(anyFile, async (devices) => {
      expect(await readConfigurationFile(format, writeConfigurationFile(format, devices))).toEqual(devices)
    }),
    { numRuns },
  )

/** Any text is read or refused, and nothing worse. */
export const staysCalm = (format: ConfigurationFormat, numRuns: number): Promise<void> => {
  const start = format === 'csv' ? 'device,model,serial,Pump.Mode\n' : `---\ndevice: ${udn(1)}\nvalues:\n`
  const text = fc.oneof(anyText, fc.string({ maxLength: 300 }))
  return fc.assert(
    fc.asyncProperty(text, fc.boolean(), async (rest, headed) => {
      const read = await readConfigurationFile(format, headed ? start + rest : rest).catch((e: unknown) => e)
      if (!Array.isArray(read)) expect(read).toMatchObject(code)
    }),
    { numRuns },
  )
}
