import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readExpected, splitLine, writeExpected } from '../../../renderer/model/expected-list'
import { expectedStatus, mergeExpected } from '../../../renderer/model/expected-status'
import { devices, udn } from '../harness/sample'

describe('the expected list', () => {
  it('is read with a header line, in any order of columns, in German too', () =>
    expect(readExpected('Name;Gruppe;Seriennummer\nPump 1;Roof;PX-1')).toEqual({
      devices: [{ serialNumber: 'PX-1', name: 'Pump 1', group: 'Roof' }],
      problems: [],
    }))

  it('is read without a header: serial number or UDN, name, group', () =>
    expect(readExpected(`PX-1, Pump 1, Roof\r\nURN:UUID:${udn(3).slice(5).toUpperCase()}`).devices).toEqual([
      { serialNumber: 'PX-1', name: 'Pump 1', group: 'Roof' },
      { udn: udn(3) },
    ]))

  it('names every line that it cannot use', () =>
    expect(
      readExpected(`serial\tudn\tname\nA1\n\n\t\tnobody\nA1\t\tagain\n\tuuid:xyz\t\nA2\t\t${'x'.repeat(64)}`)
        .problems,
    ).toEqual([
      { line: 4, text: 'nobody', problem: 'empty-row' },
      { line: 5, text: 'A1\t\tagain', problem: 'twice' },
      { line: 6, text: 'uuid:xyz', problem: 'bad-udn' },
      { line: 7, text: `A2\t\t${'x'.repeat(64)}`, problem: 'too-long' },
    ]))

  it('reads a spreadsheet file that starts with a byte order mark', () =>
    expect(readExpected('\ufeffserial,name\nA1,B').devices).toEqual([{ serialNumber: 'A1', name: 'B' }]))

  it('lets quotes protect separators and quotes', () =>
    expect(splitLine('"a;b";"say ""hi""";c', ';')).toEqual(['a;b', 'say "hi"', 'c']))

  it('reads back what it writes', () => {
    const text = fc
      .string({ minLength: 1, maxLength: 20 })
      .map((one) => one.replace(/[\r\n\t]/g, ' ').trim())
      .filter((one) => one !== '')
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({ serialNumber: text, name: text }), {
          selector: (one) => one.serialNumber,
          minLength: 1,
        }),
        (list) => {
          expect(readExpected(writeExpected(list))).toEqual({ devices: list, problems: [] })
        },
      ),
    )
  })

  it('is compared with what is on the network', () => {
    const rows = devices()
    expect(
      expectedStatus([{ serialNumber: 'PX200-01081' }, { udn: udn(5) }, { serialNumber: 'nowhere' }], rows),
    ).toEqual(['found', 'heard', 'notYet'])
  })

  it('takes the newer name for a device that is on it already', () =>
    expect(
      mergeExpected(
        [{ serialNumber: 'A', name: 'old' }, { serialNumber: 'B' }],
        [{ serialNumber: 'A', name: 'new' }],
      ),
    ).toEqual([{ serialNumber: 'A', name: 'new' }, { serialNumber: 'B' }]))
})
