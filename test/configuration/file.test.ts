import { describe, expect, it } from 'vitest'
import { readConfigurationFile, writeConfigurationFile } from '../../electron/configuration/file'
import type { FileDevice } from '../../electron/configuration/file-rules'
import { guardFormula, unguardFormula } from '../../electron/configuration/formula'
import { CONFIGURATION_FORMATS } from '../../electron/contract/configuration'
import { code, device, givesBack, staysCalm, udn } from './any-file'

describe.each(CONFIGURATION_FORMATS)('a file of the form %s', (format) => {
  it('gives back what was written', () => givesBack(format, 10))

  it('is read from any text without more than FILE_INVALID', () => staysCalm(format, 30))

  it('is refused when it is too long, empty or names a device twice', async () => {
    await expect(readConfigurationFile(format, 'x'.repeat(4_000_001))).rejects.toMatchObject(code)
    await expect(readConfigurationFile(format, '')).rejects.toMatchObject(code)
    const twice = writeConfigurationFile(format, [device(1, {}), device(1, { 'Pump.Mode': 'x' })])
    await expect(readConfigurationFile(format, twice)).rejects.toMatchObject(code)
  })
})

const csv = (...lines: string[]): Promise<readonly FileDevice[]> =>
  readConfigurationFile('csv', lines.join('\r\n'))

describe('CSV', () => {
  it('is what a spreadsheet shows as a table', () => {
    const text = writeConfigurationFile('csv', [
      device(1, { 'Pump.Mode': 'constant-flow', 'Device.Location': '' }),
      device(2, { 'Gate.SlowZone': '0.4' }),
    ])
    expect(text.split('\r\n')).toEqual([
      'device,model,serial,Pump.Mode,Device.Location,Gate.SlowZone',
      `${udn(1)},PX-200,EX-1,constant-flow,"",`,
      `${udn(2)},PX-200,EX-2,,,0.4`,
      '',
    ])
  })

  it('leaves a value alone where the cell is empty', async () => {
    const [read] = await csv('device,model,serial,A,B', `${udn(1)},,,,""`)
    expect(read?.values).toEqual({ B: '' })
  })

  it('is read with semicolons and a byte order mark, as a German spreadsheet writes it', async () => {
    const [read] = await csv('\ufeffdevice;model;serial;A', `${udn(1)};PX-200;EX-1;1,5`)
    expect(read).toEqual({ udn: udn(1), model: 'PX-200', serial: 'EX-1', values: { A: '1,5' } })
  })

  it.each([
    ['other first columns', ['udn,model,serial', udn(1)]],
    ['a column twice', ['device,model,serial,A,A', `${udn(1)},,,1,2`]],
    ['a bad name of a parameter', ['device,model,serial,=cmd', `${udn(1)},,,1`]],
    ['a bad device', ['device,model,serial,A', 'uuid:nobody,,,1']],
    ['a row that is too long', ['device,model,serial,A', `${udn(1)},,,1,2`]],
    ['a row that is too short', ['device,model,serial,A', `${udn(1)},,`]],
    ['a quote that is not closed', ['device,model,serial,A', `${udn(1)},,,"1`]],
    ['a value that is too long', ['device,model,serial,A', `${udn(1)},,,${'x'.repeat(1025)}`]],
    ['too many columns', [`device,model,serial,${Array.from({ length: 501 }, (_, n) => `A${n}`).join(',')}`]],
  ])('is refused with %s', async (_what, lines) => {
    await expect(csv(...lines)).rejects.toMatchObject(code)
  })

  it('names the line of what is wrong', async () => {
    await expect(csv('device,model,serial,A', `${udn(1)},,,1`, 'no,,,1')).rejects.toMatchObject({
      detail: 'line 3: "no" is no UDN',
    })
  })

  it.each(['=1+1', '+SUM(A1)', '@x', '-cmd|x', '\t=1', '\r=1', "'=1", 'x;=cmd', 'x","=cmd', '＝1'])(
    'does not let a spreadsheet run %j',
    (text) => {
      const cell = guardFormula(text)
      expect(cell).not.toMatch(/(^|[;,\t\r\n"])[=+@＝]/)
      expect(cell).not.toMatch(/^[=+\-@\t\r]/)
      expect(unguardFormula(cell)).toBe(text)
    },
  )

  it('leaves negative numbers what they are', () => {
    expect(guardFormula('-5.25')).toBe('-5.25')
  })
})

const yaml = (text: string): Promise<readonly FileDevice[]> => readConfigurationFile('yaml', text)
const head = `device: ${udn(1)}\nmodel: PX-200\nserial: EX-1\n`

describe('YAML', () => {
  it('is what a person would write, and every value is text', async () => {
    const [read] = await yaml(
      `# our pumps\n${head}values:\n  A: on\n  B: 0777\n  C: 1.50\n  D: ''\n  E: null\n`,
    )
    expect(read?.values).toEqual({ A: 'on', B: '0777', C: '1.50', D: '', E: 'null' })
  })

  it('may have as many empty lines as one likes', async () => {
    const blank = '\n'.repeat(5_000)
    const [read, ...more] = await yaml(
      `${blank}# note\n   ${blank}${head}values:\n  A: x\n---${blank}# end${blank}`,
    )
    expect(read?.values).toEqual({ A: 'x' })
    expect(more).toEqual([])
  })

  it.each([
    ['an alias', `${head}values:\n  A: &a x\n  B: *a\n`],
    ['an anchor', `${head}values: &a\n  A: x\n`],
    ['an anchor on a key', `${head}values:\n  &a A: x\n`],
    ['a billion laughs', `a: &a [x,x]\nb: &b [*a,*a]\n${head}`],
    ['a merge', `${head}values:\n  <<: {A: x}\n`],
    ['a tag', `${head}values:\n  A: !!binary aGk=\n`],
    ['a tag of its own', `${head}values:\n  A: !<tag:example.org,2026:x> y\n`],
    ['a directive', `%TAG ! tag:example.org,2026:\n---\n${head}`],
    ['a key twice', `${head}values:\n  A: x\n  A: y\n`],
    ['a field twice', `${head}model: y\n`],
    ['a list for a value', `${head}values:\n  A: [x]\n`],
    ['a map for a value', `${head}values:\n  A: {b: x}\n`],
    ['a value that is missing', `${head}values:\n  A:\n`],
    ['an unknown field', `${head}extra: x\n`],
    ['a prototype', `${head}__proto__:\n  A: x\n`],
    ['a bad name of a parameter', `${head}values:\n  __proto__: x\n`],
    ['a list', '- device\n'],
    ['a text', 'device\n'],
    ['a broken line', `${head}values:\n A: x\n  B: y\n`],
    ['deep lists', `${head}values: ${'['.repeat(2_000)}\n`],
    ['deep blocks', `${head}values: \n  ${'- '.repeat(2_000)}x\n`],
    ['deep keys', `${head}values: \n  ${'? '.repeat(2_000)}x\n`],
    ['a document that is too long', `${head}values:\n  A: x\n${'#'.repeat(300_000)}\n`],
    ['a device without a name', 'model: PX-200\nvalues:\n  A: x\n'],
  ])('is refused with %s', async (_what, text) => {
    await expect(yaml(text)).rejects.toMatchObject(code)
  })
})
