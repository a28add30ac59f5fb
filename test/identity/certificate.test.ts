import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { claimId, readCertificate, splitPem } from '../../electron/identity/certificate'
import { limitName, uriToUdn } from '../../electron/identity/names'
import { normalSerial } from '../../electron/identity/serial-number'
import { certify, newUdn, root } from './make'

test('a chain in PEM is split in order, with text and Windows line ends around it', async () => {
  const [a, b] = [await root('A'), await root('B')]
  const noisy = `subject=CN=A\r\n${a.pem.replaceAll('\n', '\r\n')}some text\n${b.pem}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n`
  expect(splitPem(noisy)).toEqual([a.pem, b.pem])
  expect(splitPem('')).toEqual([])
  expect(readCertificate(Buffer.from(noisy)).summary.subject).toBe('CN=A')
})

test('the claim id is the start of SHA-256 of the certificate', async () => {
  const { der } = await root('A')
  expect(claimId(der)).toBe(createHash('sha256').update(der).digest('hex').slice(0, 16))
})

test('a certificate that is none, or not alone, is CERTIFICATE_INVALID', async () => {
  const { der, pem } = await root('A')
  const bad = ['', 'text', pem.slice(0, 300), Buffer.alloc(0), Buffer.concat([der, der]), der.subarray(1)]
  for (const one of bad)
    expect(() => readCertificate(one)).toThrow(expect.objectContaining({ code: 'CERTIFICATE_INVALID' }))
})

test('names for people hide control characters', async () => {
  const one = await certify({ name: 'Evil\u001b[2J\nname', uris: [`urn:${newUdn()}`] })
  expect(one.facts.summary.subject).toBe('CN=Evil [2J name')
  expect([...limitName('😀'.repeat(99))]).toHaveLength(64)
})

test.each([
  ['urn:uuid:12345678-1234-1234-1234-1234567890AB', 'uuid:12345678-1234-1234-1234-1234567890ab'],
  ['URN:UUID:12345678-1234-1234-1234-1234567890ab', 'uuid:12345678-1234-1234-1234-1234567890ab'],
  ['uuid:12345678-1234-1234-1234-1234567890ab', undefined],
  ['urn:uuid:12345678', undefined],
  ['urn:uuid:12345678-1234-1234-1234-1234567890ab/x', undefined],
])('the SAN URI %s names %s', (uri, udn) => expect(uriToUdn(uri)).toBe(udn))

test.each([
  ['0a', '0A'],
  ['00:0a:ff', '0AFF'],
  ['a', '0A'],
  ['00', '00'],
])('the serial number %s is written %s', (hex, normal) => expect(normalSerial(hex)).toBe(normal))
