import { randomBytes } from 'node:crypto'
import * as asn1js from 'asn1js'
import fc from 'fast-check'
import { Certificate, PublicKeyInfo } from 'pkijs'
import { expect, test, vi } from 'vitest'
import { parseStrictAsn1, toArrayBuffer } from '../../electron/identity/asn1'
import {
  bits,
  contentOf,
  der,
  oid,
  sequence,
  TAG,
  time,
  unsigned,
  valuesIn,
} from '../../electron/identity/der'
import {
  caConstraints,
  keyIdentifier,
  keyUsage,
  subjectAltName,
  subjectKeyIdentifier,
} from '../../electron/identity/extensions'
import { ecdsaSha256, signCertificate, toTime } from '../../electron/identity/issue'
import { generateKeyPem, publicKeyOf } from '../../electron/identity/keys'
import { deviceSubject, simpleSubject } from '../../electron/identity/names'
import { newUdn } from './make'

vi.setConfig({ testTimeout: 60_000 })

const bytesOf = (block: { toBER(): ArrayBuffer }): Buffer => Buffer.from(block.toBER())
const bytes = (maxLength: number) =>
  fc.uint8Array({ minLength: 1, maxLength }).map((array) => Buffer.from(array))

test('lengths are written in their shortest form at every border', () => {
  for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
    const content = randomBytes(length)
    const other = new asn1js.OctetString({ valueHex: toArrayBuffer(content) })
    expect(der(TAG.octetString, content).equals(bytesOf(other))).toBe(true)
  }
})

test('numbers, bits, identifiers and sequences are written as another writer does', () => {
  const arcs = fc
    .tuple(
      fc.constantFrom('0.9', '1.3', '2.5', '2.999', '2.25'),
      fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
    )
    .map(([first, rest]) => [first, ...rest].join('.'))
  fc.assert(
    fc.property(bytes(40), arcs, (octets, dotted) => {
      const known = bytesOf(new asn1js.ObjectIdentifier({ value: dotted }))
      expect(oid(dotted).equals(known)).toBe(true)
      expect(oid(dotted).equals(known)).toBe(true)
      const bit = new asn1js.BitString({ valueHex: toArrayBuffer(octets), unusedBits: 0 })
      expect(bits(octets).equals(bytesOf(bit))).toBe(true)
      const both = new asn1js.Sequence({ value: [bit, new asn1js.ObjectIdentifier({ value: dotted })] })
      expect(sequence(bits(octets), oid(dotted)).equals(bytesOf(both))).toBe(true)
    }),
  )
  fc.assert(
    fc.property(fc.bigInt({ min: 1n << 8n, max: 1n << 159n }), (number) => {
      const hex = number.toString(16)
      const octets = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex')
      expect(unsigned(octets).equals(bytesOf(asn1js.Integer.fromBigInt(number)))).toBe(true)
    }),
  )
})

test('what was written is found again part by part; damage and rests are refused', () => {
  fc.assert(
    fc.property(fc.array(bytes(300), { maxLength: 6 }), (parts) => {
      const values = parts.map((part) => der(TAG.octetString, part))
      const whole = sequence(...values)
      expect(valuesIn(whole)).toEqual(values)
      expect(valuesIn(whole).map(contentOf)).toEqual(parts)
      expect(() => valuesIn(Buffer.concat([whole, Buffer.of(0)]))).toThrow(/damaged/)
      expect(() => valuesIn(whole.subarray(0, -1))).toThrow(/damaged/)
    }),
  )
  for (const wrong of ['', '30', '3084', '308400000001', '3081ff00', '30020405', '30020480'])
    expect(() => valuesIn(Buffer.from(wrong, 'hex'))).toThrow(/damaged/)
})

test('any bytes are either parts or damage', () => {
  fc.assert(
    fc.property(bytes(64), (data) => {
      try {
        const total = valuesIn(data).reduce((sum, { length }) => sum + length, 0)
        expect(total).toBe(contentOf(data).length)
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'CERTIFICATE_INVALID' })
      }
    }),
    { numRuns: 1000 },
  )
})

test('moments are UTCTime until 2049 and GeneralizedTime after, in whole seconds', () => {
  const border = Date.UTC(2050, 0, 1)
  expect(time(border - 1).toString('latin1')).toBe('\x17\r491231235959Z')
  expect(time(border).toString('latin1')).toBe('\x18\x0f20500101000000Z')
  expect(
    time(Date.UTC(9999, 11, 31, 23, 59, 59))
      .subarray(2)
      .toString(),
  ).toBe('99991231235959Z')
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), (ms) => {
      expect(time(ms).equals(bytesOf(toTime(ms).toSchema()))).toBe(true)
    }),
  )
})

test('a certificate is, byte for byte, what pkijs would write', async () => {
  const spki = publicKeyOf(generateKeyPem())
  const ms = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2100, 0) })
  const serial = fc.uint8Array({ minLength: 16, maxLength: 20 }).map((array) => {
    const made = Buffer.from(array)
    made[0] = ((made[0] ?? 0) & 0x3f) | 0x40
    return made
  })
  const model = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 })
  await fc.assert(
    fc.asyncProperty(
      serial,
      ms,
      ms,
      model,
      bytes(72),
      fc.boolean(),
      async (number, from, to, name, signature, hardware) => {
        const udn = newUdn()
        const body = {
          serial: number,
          issuer: simpleSubject(`CA ${name}`),
          subject: deviceSubject(name, 'SN-1'),
          publicKeySpki: spki,
          notBeforeMs: from,
          notAfterMs: to,
          extensions: [
            caConstraints(0),
            keyUsage(0x86),
            subjectKeyIdentifier(keyIdentifier(spki)),
            subjectAltName(
              [`urn:${udn}`],
              hardware ? { type: '1.3.6.1.4.1.99999.1', serial: 'SN-1' } : undefined,
            ),
          ],
        }
        const written = await signCertificate(body, { publicKeySpki: spki, sign: () => signature })
        const other = new Certificate({
          version: 2,
          serialNumber: new asn1js.Integer({ valueHex: toArrayBuffer(number) }),
          signature: ecdsaSha256(),
          signatureAlgorithm: ecdsaSha256(),
          signatureValue: new asn1js.BitString({ valueHex: toArrayBuffer(signature) }),
          issuer: body.issuer,
          subject: body.subject,
          notBefore: toTime(from),
          notAfter: toTime(to),
          subjectPublicKeyInfo: new PublicKeyInfo({ schema: parseStrictAsn1(spki, 'CERTIFICATE_INVALID') }),
          extensions: body.extensions,
        })
        expect(written.equals(bytesOf(other.toSchema(true)))).toBe(true)
      },
    ),
    { numRuns: 50 },
  )
})
