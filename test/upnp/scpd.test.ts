import { describe, expect, it } from 'vitest'
import { ROLES, SERVICE_NAMES } from '../../electron/contract/names'
import { checkArguments, parseScpd } from '../../electron/upnp/scpd'
import { loadScpd, readScpdFile } from '../../electron/upnp/scpd-files'

const NULL = '\0'

const scpdOf = (dataType: string, extra = '') =>
  parseScpd(
    Buffer.from(
      '<scpd xmlns="urn:schemas-upnp-org:service-1-0"><actionList><action><name>A</name><argumentList>' +
        '<argument><name>I</name><direction>in</direction><relatedStateVariable>V</relatedStateVariable></argument>' +
        '<argument><name>O</name><direction>out</direction><relatedStateVariable>V</relatedStateVariable></argument>' +
        `</argumentList></action></actionList><serviceStateTable><stateVariable sendEvents="no"><name>V</name>` +
        `<dataType>${dataType}</dataType>${extra}</stateVariable></serviceStateTable></scpd>`,
    ),
  )

const input = (type: string, value: string, extra = '') =>
  checkArguments(scpdOf(type, extra), 'A', 'in', { I: value }).I
const output = (type: string, value: string) => checkArguments(scpdOf(type), 'A', 'out', { O: value }).O

describe('our own service descriptions', () => {
  it.each(SERVICE_NAMES)('%s is read without a repair, and every action names its role', (name) => {
    const scpd = loadScpd(name)
    expect(scpd.repairs).toEqual([])
    expect(scpd.actions.size).toBeGreaterThan(0)
    const text = readScpdFile(name).toString()
    expect(
      text.match(/<action>\s*<name>\w+<\/name>\s*<iotmc:role>(Public|Basic|Admin)<\/iotmc:role>/g),
    ).toHaveLength(scpd.actions.size)
    for (const action of scpd.actions.values()) expect(ROLES).toContain(action.role)
    for (const variable of scpd.variables.values()) {
      const isArgument = variable.name.startsWith('A_ARG_TYPE_')
      expect(variable.evented).toBe(!isArgument)
    }
  })

  it('has the documented arguments of the enrolment', () => {
    const enroll = loadScpd('Enrollment').actions.get('Enroll')
    expect(enroll?.in.map((argument) => argument.name)).toEqual([
      'DeviceUDN',
      'Model',
      'HardwareRevision',
      'FirmwareVersion',
      'CertificateRequest',
    ])
    expect(enroll?.out.map((argument) => argument.name)).toEqual(['EnrollmentId', 'Status', 'RetryAfter'])
  })
})

describe('reading tolerantly', () => {
  it.each(['', '  \r\n', NULL])('takes an empty document as a service without actions', (text) => {
    expect(parseScpd(Buffer.from(text))).toMatchObject({ repairs: ['empty service description'] })
  })

  it('takes an argument without a state variable as a string and lists that', () => {
    const scpd = parseScpd(
      Buffer.from(
        '<scpd><actionList><action><name>A</name><argumentList><argument><name>I</name><direction> In </direction>' +
          '</argument></argumentList></action><action/></actionList></scpd>',
      ),
    )
    expect(scpd.actions.get('A')?.in[0]?.variable.dataType).toBe('string')
    expect(scpd.repairs).toEqual([
      'A.I has no state variable, taken as string',
      'action without a usable name left out',
    ])
  })

  it('gives an action without a role to Admin', () => {
    expect(scpdOf('string').actions.get('A')?.role).toBe('Admin')
  })

  it('refuses what is no service description', () => {
    expect(() => parseScpd(Buffer.from('<root/>'))).toThrow(expect.objectContaining({ code: 'BAD_ANSWER' }))
    expect(() => parseScpd(Buffer.from('<!DOCTYPE scpd><scpd/>'))).toThrow(
      expect.objectContaining({ detail: 'dtd' }),
    )
  })
})

describe('arguments', () => {
  it('refuses an unknown action, a missing and an additional argument', () => {
    const scpd = scpdOf('string')
    const code = (run: () => unknown) => {
      try {
        run()
      } catch (thrown) {
        return (thrown as { code: string }).code
      }
      return 'none'
    }
    expect(code(() => checkArguments(scpd, 'B', 'in', {}))).toBe('INVALID_ACTION')
    expect(code(() => checkArguments(scpd, 'A', 'in', {}))).toBe('INVALID_ARGS')
    expect(code(() => checkArguments(scpd, 'A', 'in', { I: '', X: '' }))).toBe('INVALID_ARGS')
    expect(code(() => checkArguments(scpd, 'A', 'in', Object.create({ I: 'inherited' })))).toBe(
      'INVALID_ARGS',
    )
    expect(checkArguments(scpd, 'A', 'out', { O: 'x', X: 'extra' })).toEqual({ O: 'x' })
  })

  it.each([
    ['ui1', ' 255 ', '255'],
    ['ui2', '+1', '1'],
    ['ui4', '4294967295', '4294967295'],
    ['i4', '-2147483648', '-2147483648'],
    ['boolean', 'true', '1'],
    ['boolean', 'No', '0'],
    ['r8', '-1.5e3', '-1.5e3'],
    ['uuid', '12345678-1234-1234-1234-1234567890ab', '12345678-1234-1234-1234-1234567890ab'],
    ['bin.base64', 'aGk=\n', 'aGk='],
    ['bin.hex', 'aF00', 'aF00'],
    ['dateTime', '2026-01-02T03:04:05', '2026-01-02T03:04:05'],
    ['dateTime.tz', '2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
    ['string', ' kept ', ' kept '],
    ['vendor-type', 'kept', 'kept'],
  ])('takes %s %j', (type, value, canonical) => {
    expect(input(type, value)).toBe(canonical)
  })

  it.each([
    ['ui1', '256', 'VALUE_OUT_OF_RANGE'],
    ['ui4', '-1', 'VALUE_OUT_OF_RANGE'],
    ['ui4', '1.5', 'VALUE_INVALID'],
    ['ui4', '', 'VALUE_INVALID'],
    ['ui4', '0x10', 'VALUE_INVALID'],
    ['ui4', '9'.repeat(30), 'VALUE_INVALID'],
    ['i4', '2147483648', 'VALUE_OUT_OF_RANGE'],
    ['boolean', '2', 'VALUE_INVALID'],
    ['r4', 'NaN', 'VALUE_INVALID'],
    ['uuid', 'x', 'VALUE_INVALID'],
    ['bin.base64', '!', 'VALUE_INVALID'],
    ['bin.hex', 'abc', 'VALUE_INVALID'],
    ['dateTime', 'yesterday', 'VALUE_INVALID'],
  ])('refuses %s %j with %s', (type, value, code) => {
    expect(() => input(type, value)).toThrow(expect.objectContaining({ code }))
  })

  it('knows ranges, lengths and allowed values', () => {
    const range = '<allowedValueRange><minimum>1</minimum><maximum>300</maximum></allowedValueRange>'
    expect(input('ui2', '300', range)).toBe('300')
    expect(() => input('ui2', '301', range)).toThrow(expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE' }))
    expect(() => input('ui2', '0', range)).toThrow(expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE' }))
    expect(() => input('string', 'abcd', '<maxLength>3</maxLength>')).toThrow(
      expect.objectContaining({ code: 'STRING_TOO_LONG' }),
    )
    const list = '<allowedValueList><allowedValue>a</allowedValue></allowedValueList>'
    expect(input('string', 'a', list)).toBe('a')
    expect(() => input('string', 'A', list)).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }))
  })

  it('reads an overflown unsigned number of a peer, but takes none', () => {
    expect(output('ui4', '-1')).toBe('4294967295')
    expect(() => input('ui4', '-1')).toThrow()
  })

  it('never quotes a value in an error', () => {
    expect(() => input('ui4', 'hunter2')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    )
  })
})
