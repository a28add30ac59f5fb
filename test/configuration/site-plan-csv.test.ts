import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPlanCsv, writePlanCsv } from '../../electron/configuration/site-plan-csv'
import { importedPlan, scannedPlan } from '../../electron/configuration/site-plan-rules'
import type { ExpectedDevice } from '../../electron/contract/enrollment'
import { IotmcError } from '../../electron/contract/errors'
import { labelText } from '../../electron/contract/label'
import { SITE_PLAN_LIMITS } from '../../electron/contract/timings'
import { wrongLinesText } from '../../electron/contract/wrong-lines'
import { udnOf } from '../helpers/device-row'

const entries = (text: string) => readPlanCsv(text).map(({ entry }) => entry)
const refusal = (read: () => unknown): string => {
  try {
    read()
  } catch (thrown) {
    if (thrown instanceof IotmcError) return `${thrown.code} ${thrown.detail}`
  }
  return 'taken'
}

const wrongLines = (read: () => unknown) => {
  try {
    read()
  } catch (thrown) {
    if (thrown instanceof IotmcError) return thrown.lines ?? []
  }
  return []
}

const ROWS = SITE_PLAN_LIMITS.rowsMax

/** Texts that a spreadsheet has its own opinion about, among all others. */
const text = (maxLength: number) =>
  fc
    .oneof(
      fc.string({ maxLength, unit: 'grapheme' }),
      fc.string({ maxLength, unit: fc.constantFrom(...'=+-@;,\t\r\n"\' |1.~aé😀＝') }),
      fc.constantFrom('=1+1', "'=x", "''@y", '-5', '1.50', ' x ', '"', 'serial', ';', '\ufeffa'),
    )
    .map((each) => each.slice(0, maxLength))
    // Cutting may split a pair of surrogates, which no file can hold.
    .filter((each) => !/\p{Surrogate}/u.test(each))
const filled = (maxLength: number) => text(maxLength).filter((each) => each !== '')
const bare = (maxLength: number) => filled(maxLength).filter((each) => each === each.trim())
const anyPlan = fc
  .array(
    fc.record(
      {
        name: filled(63),
        group: bare(63),
        identity: fc.stringMatching(/^[0-9a-f]{64}$/),
        model: filled(63),
        place: filled(63),
        note: filled(400),
        firmware: bare(63),
        values: fc.dictionary(fc.stringMatching(/^[A-Za-z][A-Za-z0-9./-]{0,20}$/), text(80), {
          minKeys: 1,
          maxKeys: 4,
          noNullPrototype: true,
        }),
      },
      { requiredKeys: [] },
    ),
    { maxLength: 8 },
  )
  .chain((all) =>
    fc.tuple(fc.constant(all), fc.array(fc.nat(2), { minLength: all.length, maxLength: all.length })),
  )
  .map(([all, named]) =>
    all.map(
      (entry, n): ExpectedDevice => ({
        ...entry,
        ...(named[n] === 0 ? {} : { udn: udnOf(n) }),
        ...(named[n] === 1 ? {} : { serialNumber: `=EX-${n}` }),
      }),
    ),
  )

describe('the site plan as CSV', () => {
  it('gives back what was written, whatever is in it', () => {
    fc.assert(
      fc.property(anyPlan, (plan) => {
        const written = writePlanCsv(plan)
        expect(entries(written)).toEqual(plan)
        expect(writePlanCsv(entries(written))).toBe(written)
      }),
      { numRuns: 25 },
    )
  })

  it.each([',', ';'])('reads what a spreadsheet makes of it, with %s', (d) => {
    const header = ['name', 'serial', 'udn', 'identity', 'set:Pump.Mode', 'note'].join(d)
    const uuid = udnOf(7).slice(5).toUpperCase()
    const rows = [
      ['"Pump ""A"""', 'EX-1', uuid, 'AA:'.repeat(31).concat('AA'), '""', `"two\r\nlines${d}"`].join(d),
      d.repeat(5),
      ['', ' EX-2 ', '', '', 'auto', "'=1+1"].join(d),
    ]
    const found = readPlanCsv(`\ufeff${[header, ...rows].join('\r\n')}\r\n\r\n`)
    expect(found).toEqual([
      {
        line: 2,
        entry: {
          serialNumber: 'EX-1',
          udn: udnOf(7),
          name: 'Pump "A"',
          identity: 'aa'.repeat(32),
          values: { 'Pump.Mode': '' },
          note: `two\r\nlines${d}`,
        },
      },
      { line: 5, entry: { serialNumber: 'EX-2', values: { 'Pump.Mode': 'auto' }, note: '=1+1' } },
    ])
  })

  it('names every wrong line, and only those', () => {
    const lines = [
      'serial,udn,identity,name',
      'EX-1,,,fine',
      ',,,nameless',
      'EX-2,uuid:short,,',
      'EX-3,,abc,',
      `EX-4,,,${'x'.repeat(64)}`,
      'EX-5,,,one,two',
      'EX-6,,,fine',
    ]
    const told = refusal(() => readPlanCsv(lines.join('\n')))
    expect(told.match(/line \d+/g)).toEqual(['line 3', 'line 4', 'line 5', 'line 6', 'line 7'])
    expect(refusal(() => readPlanCsv(['serial', ...Array(50).fill('"",')].join('\n')))).toContain('more')
  })

  it('takes a line that names a device by its factory certificate alone, once', () => {
    const hex = 'AB:'.repeat(32).slice(0, -1)
    const [line] = readPlanCsv(`identity,name\n${hex},Pump\n`)
    expect(line?.entry).toEqual({ identity: 'ab'.repeat(32), name: 'Pump' })
    const twice = () => importedPlan([], readPlanCsv(`identity\n${hex}\n${hex}\n`), 'replace', () => true)
    expect(wrongLines(twice)).toEqual([{ line: 3, reason: 'same-device', value: '2' }])
    const entry = { identity: 'ab'.repeat(32), name: 'Pump' }
    const added = importedPlan([entry], readPlanCsv(`identity,name\n${hex},Fan\n`), 'add', () => true)
    expect(added).toEqual([{ identity: 'ab'.repeat(32), name: 'Fan' }])
    expect(readPlanCsv(writePlanCsv([entry])).map((one) => one.entry)).toEqual([entry])
  })

  it('tells each reason as a code, so that it can be said in every language', () => {
    const text = [
      'serial,udn,name',
      'EX-1,uuid:short,',
      `EX-2,,${'x'.repeat(64)}`,
      ',,nameless',
      'EX-4,,,,',
    ].join('\n')
    const lines = wrongLines(() => readPlanCsv(text))
    expect(lines).toEqual([
      { line: 2, column: 'udn', reason: 'cell-wrong' },
      { line: 3, column: 'name', reason: 'cell-too-long', value: '63' },
      { line: 4, reason: 'no-device' },
      { line: 5, reason: 'too-many-cells', value: '5' },
    ])
    expect(wrongLinesText(lines, 'de')).toContain('Zeile 3: name: mehr als 63 Zeichen')
    const many = wrongLines(() => readPlanCsv(`name\n`))
    expect(many).toEqual([{ line: 1, reason: 'no-device-column' }])
    expect(wrongLines(() => readPlanCsv(['serial,name', ...Array(30).fill(',x')].join('\n'))).at(-1)).toEqual(
      {
        reason: 'more-lines',
        value: String(30 - SITE_PLAN_LIMITS.wrongLinesTold),
      },
    )
  })

  it.each([
    ['no text', '', 'FILE_INVALID'],
    ['an unknown column', 'serial,colour\nEX-1,red', 'line 1: "colour"'],
    ['a column twice', 'serial,serial\nEX-1,EX-1', 'line 1'],
    ['devices without a name of their own', 'name\nPump', 'serial, udn or identity'],
    ['what is no parameter', 'serial,set:1x\nEX-1,2', 'line 1'],
    ['an open quote', 'serial,name\nEX-1,a\nEX-2,"open', 'line 3'],
    ['a quote in the middle', 'serial,name\nEX-1,a"b"\n', 'line 2'],
    ['too many lines', `serial\n${'EX-1\n'.repeat(ROWS + 1)}`, `more than ${ROWS}`],
    [
      'too many columns',
      `serial,${Array.from({ length: 600 }, (_, n) => `set:P${n}`).join(',')}\nEX-1`,
      'columns',
    ],
    ['too long a text', 'x'.repeat(SITE_PLAN_LIMITS.fileMaxChars + 1), 'longer'],
  ])('refuses %s', (_what, csv, why) => {
    expect(refusal(() => readPlanCsv(csv)).includes(why)).toBe(true)
  })
})

describe('an import', () => {
  const before: ExpectedDevice[] = [
    { serialNumber: 'EX-1', name: 'One' },
    { udn: udnOf(2), name: 'Two' },
  ]
  const exists = (name: string) => name === 'North'
  const take = (csv: string, mode: 'replace' | 'add') => importedPlan(before, readPlanCsv(csv), mode, exists)

  it('takes the place of the plan, or is added to it', () => {
    const csv = `serial,udn,name,group\nEX-1,${udnOf(1)},Uno,North\nEX-3,,Tre,`
    const uno = { serialNumber: 'EX-1', udn: udnOf(1), name: 'Uno', group: 'North' }
    const tre = { serialNumber: 'EX-3', name: 'Tre' }
    expect(take(csv, 'replace')).toEqual([uno, tre])
    expect(take(csv, 'add')).toEqual([uno, before[1], tre])
  })

  it('names a device once, in groups that there are', () => {
    const twice = `serial,udn\nEX-1,\nEX-9,${udnOf(4)}\nex-1,\nEX-8,${udnOf(4)}`
    expect(refusal(() => take(twice, 'replace'))).toBe(
      'FILE_INVALID line 4: it names the device of line 2; line 5: it names the device of line 3',
    )
    expect(refusal(() => take('serial,group\nEX-1,South', 'add'))).toContain('line 2: there is no group')
    expect(refusal(() => take(`serial,udn\nEX-1,${udnOf(2)}`, 'add'))).toContain('as two devices')
  })
})

describe('a scan', () => {
  const label = labelText({ udn: udnOf(5), serialNumber: 'EX-5', setupCode: 'ABCD2345' })
  const before: ExpectedDevice[] = [{ serialNumber: 'EX-1', name: 'One' }]

  it('takes labels and serial numbers, each once, and no setup code', () => {
    const text = `\ufeff${label.toUpperCase()}\r\n\r\nEX-1\nex-2\nEX-2\n${label}\n`
    const { plan, added, known } = scannedPlan(before, text, 'North', ['Ex-2'])
    expect({ added, known }).toEqual({ added: 2, known: 3 })
    expect(plan).toEqual([
      ...before,
      { serialNumber: 'EX-5', udn: udnOf(5), group: 'North' },
      { serialNumber: 'Ex-2', group: 'North' },
    ])
    expect(JSON.stringify(plan)).not.toContain('ABCD2345')
  })

  it('is no import: a label among the cells is refused, and its setup code not told', () => {
    for (const csv of [
      `serial\n${label}`,
      `serial,note\nEX-1,${label}`,
      `${label}\n${label}`,
      `serial,${label}\n`,
    ]) {
      const why = refusal(() => readPlanCsv(csv))
      expect(why).toContain('the text of a label')
      expect(why).not.toContain('ABCD2345')
    }
  })

  it('takes no bare setup code for a serial number, unless a device has it', () => {
    const why = refusal(() => scannedPlan(before, 'EX-7\nabcd2345', undefined, []))
    expect(why).toContain('line 2: it looks like the setup code')
    expect(why.toUpperCase()).not.toContain('ABCD2345')
    expect(scannedPlan(before, 'abcd2345', undefined, ['ABCD2345']).plan.at(-1)).toEqual({
      serialNumber: 'ABCD2345',
    })
  })

  it('keeps nothing of a scan with a wrong line', () => {
    const wrong = () => scannedPlan(before, 'EX-7\nhttps://192.0.2.1/\nEX 8', undefined, [])
    expect(refusal(wrong).match(/line \d/g)).toEqual(['line 2', 'line 3'])
  })
})
