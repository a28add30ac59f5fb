import { describe, expect, it } from 'vitest'
import { ERROR_CODES, IotmcError, upnpNumber } from '../../electron/contract/errors'
import {
  decodeAnswer,
  decodeCall,
  decodeFault,
  encodeAnswer,
  encodeCall,
  encodeFault,
  errorOf,
  faultOf,
  parseSoapAction,
} from '../../electron/upnp/soap-message'

const TYPE = 'urn:iotmc-org:service:Lifecycle:1'
const HEADER = `"${TYPE}#Identify"`
const call = (body: string, header = HEADER) => decodeCall(Buffer.from(body), header)

const envelope = (inner: string) =>
  `<?xml version="1.0"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/">\n  <!-- c -->\n` +
  `<SOAP-ENV:Header/> <SOAP-ENV:Body>\n ${inner}\n</SOAP-ENV:Body></SOAP-ENV:Envelope>`

describe('a call', () => {
  it('is written byte for byte', () => {
    expect(encodeCall({ serviceType: TYPE, action: 'Identify', args: { Seconds: '5' } })).toBe(
      '<?xml version="1.0" encoding="utf-8"?>\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" ' +
        's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>' +
        '<u:Identify xmlns:u="urn:iotmc-org:service:Lifecycle:1"><Seconds>5</Seconds></u:Identify></s:Body></s:Envelope>\n',
    )
  })

  it('comes back with every character XML can carry', () => {
    const args = { A: '<&>"\'\r\n\t ]]> é 😀', B: ' ', C: '', D: '{"a":"&amp;"}' }
    const text = encodeCall({ serviceType: TYPE, action: 'Identify', args })
    expect(call(text)).toEqual({ serviceType: TYPE, action: 'Identify', args })
  })

  it('may use any prefix, whitespace, comments and CDATA', () => {
    const read = call(
      envelope(`<x:Identify xmlns:x="${TYPE}">\n <Seconds><![CDATA[5]]></Seconds> \n</x:Identify>`),
    )
    expect(read.args).toEqual({ Seconds: '5' })
  })

  it.each([
    ['another action', `<u:Reboot xmlns:u="${TYPE}"/>`, 'INVALID_ACTION'],
    ['another service', '<u:Identify xmlns:u="urn:other"/>', 'INVALID_ACTION'],
    ['an argument twice', '<Identify><A>1</A><A>2</A></Identify>', 'INVALID_ARGS'],
    ['nested arguments', '<Identify><A><B/></A></Identify>', 'INVALID_ARGS'],
    ['an empty body', '', 'BAD_ANSWER'],
  ])('is refused with %s', (_name, inner, code) => {
    expect(() => call(envelope(inner))).toThrow(expect.objectContaining({ code }))
  })

  it('needs a SOAPACTION header', () => {
    const body = envelope('<Identify/>')
    for (const header of [undefined, '', 'Identify', '"#Identify"', `"${TYPE}#"`]) {
      expect(() => decodeCall(Buffer.from(body), header)).toThrow(
        expect.objectContaining({ code: 'INVALID_ACTION' }),
      )
    }
    expect(parseSoapAction(`${TYPE}#A`)).toEqual({ serviceType: TYPE, action: 'A' })
  })

  it('has no way to write other tags than names', () => {
    expect(() => encodeCall({ serviceType: TYPE, action: 'a b', args: {} })).toThrow()
    expect(() => encodeCall({ serviceType: TYPE, action: 'A', args: { '<x>': '' } })).toThrow()
    expect(encodeCall({ serviceType: '"><evil', action: 'A', args: {} })).not.toContain('<evil')
  })
})

describe('an answer', () => {
  it('comes back, and must be the one to the call', () => {
    const text = Buffer.from(encodeAnswer({ serviceType: TYPE, action: 'A' }, { X: '1' }))
    expect(decodeAnswer(text, 'A')).toEqual({ X: '1' })
    expect(() => decodeAnswer(text, 'B')).toThrow(expect.objectContaining({ code: 'BAD_ANSWER' }))
  })

  it.each(['<!DOCTYPE a><a/>', '<a', '', 'garbage'])('is refused when it is %j', (text) => {
    expect(() => decodeAnswer(Buffer.from(text), 'A')).toThrow(
      expect.objectContaining({ code: 'BAD_ANSWER' }),
    )
  })

  it('keeps names like __proto__ out', () => {
    expect(() =>
      decodeAnswer(Buffer.from(envelope('<AResponse><__proto__>1</__proto__></AResponse>')), 'A'),
    ).toThrow(expect.objectContaining({ code: 'BAD_ANSWER' }))
  })
})

describe('a fault', () => {
  it.each(ERROR_CODES.filter((code) => upnpNumber(code) !== 501 || code === 'ACTION_FAILED'))(
    'carries %s to the other side',
    (code) => {
      const text = encodeFault(faultOf(new IotmcError(code, { detail: 'a <detail>' })))
      expect(errorOf(decodeFault(Buffer.from(text)), 'x')).toMatchObject({
        code,
        detail: 'a <detail>',
        subject: 'x',
      })
    },
  )

  it('says no more than its name of what is about this side alone', () => {
    const fault = faultOf(new IotmcError('DATA_DAMAGED', { detail: '/home/me/records.sqlite' }))
    expect(fault).toEqual({ number: 501, description: 'ACTION_FAILED: DATA_DAMAGED' })
  })

  it('of a stranger is read by its number', () => {
    const fault = decodeFault(
      Buffer.from(
        envelope(
          '<SOAP-ENV:Fault><faultcode>SOAP-ENV:Client</faultcode><faultstring>UPnPError</faultstring><detail>' +
            '<e:UPnPError xmlns:e="urn:schemas-upnp-org:control-1-0"> <e:errorCode> 402 </e:errorCode>' +
            '<e:errorDescription>Invalid\u0007 Args</e:errorDescription></e:UPnPError></detail></SOAP-ENV:Fault>',
        ),
      ),
    )
    expect(fault.number).toBe(402)
    expect(errorOf(fault)).toMatchObject({ code: 'INVALID_ARGS' })
    expect(errorOf({ number: 899, description: '' })).toMatchObject({
      code: 'ACTION_FAILED',
      detail: 'UPnP 899',
    })
  })

  it('cannot claim a code that has another number', () => {
    expect(errorOf({ number: 402, description: 'IDENTITY_REVOKED: x' }).code).toBe('INVALID_ARGS')
    expect(errorOf({ number: 501, description: 'VAULT_LOCKED' }).code).toBe('ACTION_FAILED')
  })

  it('without a UPnP error is no fault', () => {
    for (const inner of [
      '<s:Fault/>',
      '<Fault><detail><UPnPError><errorCode>x</errorCode></UPnPError></detail></Fault>',
    ]) {
      expect(() => decodeFault(Buffer.from(envelope(inner)))).toThrow(
        expect.objectContaining({ code: 'BAD_ANSWER' }),
      )
    }
  })
})
