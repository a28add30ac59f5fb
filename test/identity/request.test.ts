import { generateKeyPairSync } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { generateKeyPem, publicKeyOf } from '../../electron/identity/keys'
import { sha256Hex } from '../../electron/identity/pem'
import { checkRequest, createRequest } from '../../electron/identity/request'
import { newUdn } from './make'

// Key derivation, fsync and hundreds of signatures, maybe on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const udn = newUdn()
const keyPem = generateKeyPem()
const request = () => createRequest({ keyPem, udn, serialNumber: 'SN-1', model: 'TH-10' })
const derOf = (pem: string): Buffer => Buffer.from(pem.replace(/-----.*?-----/g, ''), 'base64')

test('a request is checked in each form that it may travel in', async () => {
  const pem = await request()
  const der = derOf(pem)
  for (const form of [pem, der, Buffer.from(pem), der.toString('base64'), `\r\n ${der.toString('base64')} `])
    expect(await checkRequest(form, { udn, serialNumber: 'SN-1' })).toEqual({
      der,
      udn,
      serialNumber: 'SN-1',
      publicKeySpki: publicKeyOf(keyPem),
      publicKeySha256: sha256Hex(publicKeyOf(keyPem)),
    })
})

test('another UDN is UDN_MISMATCH, another serial number REQUEST_INVALID', async () => {
  const pem = await request()
  await expect(checkRequest(pem, { udn: newUdn() })).rejects.toMatchObject({ code: 'UDN_MISMATCH' })
  await expect(checkRequest(pem, { serialNumber: 'SN-2' })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
})

test('no flip of one bit passes the proof of possession', async () => {
  const der = derOf(await request())
  for (let i = 0; i < der.length; i++) {
    const flipped = Buffer.from(der)
    flipped[i] = (flipped[i] ?? 0) ^ (1 << (i % 8))
    await expect(checkRequest(flipped, { udn, serialNumber: 'SN-1' }), `octet ${i}`).rejects.toMatchObject({
      code: expect.stringMatching(/REQUEST_INVALID|UDN_MISMATCH/),
    })
  }
})

test.each([
  ['P-384', { namedCurve: 'secp384r1' }],
  ['secp521r1', { namedCurve: 'secp521r1' }],
])('a key on %s is refused', async (_, curve) => {
  const other = generateKeyPairSync('ec', curve)
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
  const made = createRequest({ keyPem: other, udn, serialNumber: 'SN-1', model: 'TH-10' }).then((pem) =>
    checkRequest(pem),
  )
  await expect(made).rejects.toMatchObject({ code: expect.stringMatching(/_INVALID$/) })
})

test('garbage, several requests and bytes after the end are refused', async () => {
  const pem = await request()
  const der = derOf(pem)
  const bad = [
    '',
    'not base64!',
    'AAAA',
    pem + pem,
    Buffer.alloc(0),
    Buffer.concat([der, Buffer.of(0)]),
    der.subarray(0, 90),
    'A'.repeat(20_000),
  ]
  for (const form of bad) await expect(checkRequest(form)).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
})

test('a UDN that is none and a serial number that does not fit are not asked for', async () => {
  await expect(
    createRequest({ keyPem, udn: 'uuid:x', serialNumber: 'SN-1', model: 'M' }),
  ).rejects.toMatchObject({ code: 'VALUE_INVALID' })
  await expect(createRequest({ keyPem, udn, serialNumber: 'SN_1', model: 'M' })).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
  })
})
