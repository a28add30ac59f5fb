import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Authority } from '../../electron/identity/authority'
import { readCertificate, splitPem } from '../../electron/identity/certificate'
import { readCrl } from '../../electron/identity/crl'
import { generateKeyPem, keySigner, publicKeyOf } from '../../electron/identity/keys'
import { checkRequest, createRequest } from '../../electron/identity/request'
import { Vault } from '../../electron/identity/vault'
import { makeTempDir } from '../helpers/temp-dir'
import { certify, DAY, newUdn, root } from './make'

// Key derivation, fsync and hundreds of signatures, maybe on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const NOW = new Date('2027-01-15T12:00:00.500Z')
let temp: ReturnType<typeof makeTempDir>
let vault: Vault
beforeEach(async () => {
  temp = makeTempDir()
  vault = await Vault.create(join(temp.path, 'vault'), { passphrase: 'a passphrase', scryptCost: 2 ** 14 })
})
afterEach(() => temp.remove())

const site = () =>
  Authority.create(vault, 'site-ca', { commonName: 'Plant 4 Site CA', years: 10, pathLen: 0, now: NOW })
const ordered = async (serialNumber = 'SN-0001', model = 'TH-10') => {
  const udn = newUdn()
  const csr = await checkRequest(await createRequest({ keyPem: generateKeyPem(), udn, serialNumber, model }))
  return { csr, udn, serialNumber, model, now: NOW }
}

test('an authority opens again from the vault as the same one', async () => {
  const made = await site()
  const opened = await Authority.open(vault, 'site-ca')
  expect(opened?.certificatePem).toBe(made.certificatePem)
  expect(await Authority.open(vault, 'other')).toBeUndefined()
  const issued = await opened?.issueLdevid({ ...(await ordered()), validityDays: 90 })
  const [leaf, ca] = [readCertificate(issued?.pem ?? ''), readCertificate(made.certificatePem)]
  expect(leaf.x509.verify(ca.x509.publicKey)).toBe(true)
})

test('an authority is never made over another', async () => {
  await site()
  await expect(site()).rejects.toMatchObject({ code: 'REQUEST_REFUSED' })
  const stranger = await root('Stranger')
  const material = { keyPem: stranger.keyPem, chainPem: stranger.pem }
  await expect(Authority.import(vault, 'site-ca', material)).rejects.toMatchObject({
    code: 'REQUEST_REFUSED',
  })
})

test('an LDevID says what docs/protocol.md asks for, and what is returned agrees with it', async () => {
  const authority = await site()
  const order = await ordered()
  const issued = await authority.issueLdevid({ ...order, validityDays: 397 })
  const facts = readCertificate(issued.pem)
  expect(facts).toMatchObject({
    udn: order.udn,
    deviceSerial: 'SN-0001',
    role: 'Public',
    isCa: false,
    keyUsage: 0x88,
    publicKeySha256: order.csr.publicKeySha256,
    unknownCritical: [],
  })
  expect(facts.isIdevid).toBe(false)
  expect(facts.summary).toMatchObject({
    subject: 'CN=TH-10 SN-0001, serialNumber=SN-0001',
    issuer: 'CN=Plant 4 Site CA',
    notAfter: '2028-02-16T12:00:00.000Z',
  })
  expect(issued).toMatchObject({
    serialNumber: facts.summary.serialNumber,
    notAfter: facts.summary.notAfter,
    fingerprint: facts.summary.fingerprint,
    chainPem: issued.pem,
  })
})

test('an IDevID has no expiry and the hardwareModuleName', async () => {
  const authority = await site()
  const issued = await authority.issueIdevid(await ordered())
  expect(readCertificate(issued.pem)).toMatchObject({
    isIdevid: true,
    hardwareModuleName: { type: '2.999.1', serial: 'SN-0001' },
    summary: { notAfter: '9999-12-31T23:59:59.000Z' },
  })
})

test('a controller certificate carries UDN and role, and ends with its authority at the latest', async () => {
  const authority = await site()
  const udn = newUdn()
  const publicKeySpki = publicKeyOf(generateKeyPem())
  const issued = await authority.issueController({
    publicKeySpki,
    udn,
    role: 'Admin',
    name: 'Laptop 7',
    now: NOW,
  })
  const facts = readCertificate(issued.pem)
  expect(facts).toMatchObject({ udn, role: 'Admin', signsReports: false })
  const own = { publicKeySpki, udn, role: 'Admin', name: 'Laptop 7', now: NOW, signsReports: true } as const
  const { pem } = await authority.issueController(own)
  expect(readCertificate(pem)).toMatchObject({ udn, role: 'Admin', signsReports: true })
  expect(facts.notAfterMs).toBe(readCertificate(authority.certificatePem).notAfterMs)
})

test('the request has no say in names or extensions', async () => {
  const authority = await site()
  const order = await ordered()
  const issued = await authority.issueLdevid({
    ...order,
    udn: newUdn(),
    serialNumber: 'OTHER',
    validityDays: 1,
  })
  expect(readCertificate(issued.pem)).toMatchObject({ deviceSerial: 'OTHER', role: 'Public' })
})

test('a device certificate never outlives its authority; nor is one issued outside its time', async () => {
  const authority = await site()
  const order = await ordered()
  const long = await authority.issueLdevid({ ...order, validityDays: 9999 })
  expect(long.notAfter).toBe('2037-01-15T12:00:00.000Z')
  for (const days of [-2, 3700])
    await expect(
      authority.issueLdevid({ ...order, now: new Date(NOW.getTime() + days * DAY), validityDays: 1 }),
    ).rejects.toMatchObject({ code: 'IDENTITY_EXPIRED' })
})

test('long names are cut to what X.520 allows; a serial number that does not fit is refused', async () => {
  const authority = await site()
  const serial = '9'.repeat(40)
  const issued = await authority.issueLdevid({
    ...(await ordered(serial, 'Ärger'.repeat(40))),
    validityDays: 1,
  })
  const common = /CN=(.*), serialNumber/.exec(readCertificate(issued.pem).summary.subject)?.[1] ?? ''
  expect([...common]).toHaveLength(64)
  expect(common.endsWith(` ${serial}`)).toBe(true)
  for (const bad of ['', 'x'.repeat(65), 'SN_1', 'SN\n1', 'Ä1'])
    await expect(
      (async () => authority.issueLdevid({ ...(await ordered()), serialNumber: bad, validityDays: 1 }))(),
    ).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    })
})

test('serial numbers are positive, long and different; a reserved one is used as it is', async () => {
  const authority = await site()
  const order = { ...(await ordered()), validityDays: 90 }
  const serials = await Promise.all(
    Array.from({ length: 50 }, async () => (await authority.issueLdevid(order)).serialNumber),
  )
  expect(new Set(serials).size).toBe(50)
  for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{35}$/)
  const certificateSerial = '4fe0'.padEnd(32, '1')
  const issued = await authority.issueLdevid({ ...order, certificateSerial })
  expect(issued.serialNumber).toBe(certificateSerial.toUpperCase())
  for (const bad of ['', '01', 'ff'.repeat(16), 'zz'.repeat(16), '11'.repeat(21)])
    await expect(
      (async () => authority.issueLdevid({ ...order, certificateSerial: bad }))(),
    ).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    })
})

test('an imported intermediate issues with its chain up to, but without, the root', async () => {
  const corporate = await root('Corporate root')
  const sub = await certify({
    name: 'Site CA',
    issuer: corporate,
    ca: true,
    pathLen: 0,
    notAfter: NOW.getTime() + 99 * DAY,
  })
  const authority = await Authority.import(vault, 'site-ca', {
    keyPem: sub.keyPem,
    chainPem: sub.pem + corporate.pem,
  })
  expect(authority.certificatePem).toBe(sub.pem)
  expect(splitPem(authority.chainPem)).toEqual([sub.pem, corporate.pem])
  const issued = await authority.issueLdevid({ ...(await ordered()), validityDays: 9 })
  expect(splitPem(issued.chainPem)).toEqual([issued.pem, sub.pem])
})

test('the same import again, after a first run that was cut short, is no error', async () => {
  const stranger = await root('Stranger')
  const material = { keyPem: stranger.keyPem, chainPem: stranger.pem }
  const first = await Authority.import(vault, 'site-ca', material)
  expect((await Authority.import(vault, 'site-ca', material)).certificatePem).toBe(first.certificatePem)
})

test('what can not be an authority is refused', async () => {
  const good = await root('Good')
  const leaf = await certify({ name: 'Leaf', issuer: good })
  const noSign = await certify({ name: 'No sign', issuer: good, ca: true, keyUsage: 0x02 })
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
  const wrong = [
    { keyPem: leaf.keyPem, chainPem: leaf.pem },
    { keyPem: generateKeyPem(), chainPem: good.pem },
    { keyPem: noSign.keyPem, chainPem: noSign.pem },
    { keyPem: good.keyPem, chainPem: good.pem + leaf.pem },
    { keyPem: good.keyPem, chainPem: '' },
    { keyPem: 'garbage', chainPem: good.pem },
    { keyPem: rsa, chainPem: good.pem },
  ]
  for (const material of wrong)
    await expect(Authority.import(vault, 'x', material)).rejects.toMatchObject({
      code: 'CERTIFICATE_INVALID',
    })
  expect(vault.get('authority-x')).toBeUndefined()
})

test('a key outside the vault signs through the same seam', async () => {
  const token = await root('Token CA')
  const inner = keySigner(token.keyPem)
  const asked: number[] = []
  const signer = {
    publicKeySpki: inner.publicKeySpki,
    sign: async (data: Buffer) => {
      asked.push(data.length)
      return inner.sign(data)
    },
  }
  const authority = Authority.withSigner(signer, token.pem)
  const issued = await authority.issueLdevid({ ...(await ordered()), validityDays: 9 })
  expect(readCertificate(issued.pem).x509.verify(token.facts.x509.publicKey)).toBe(true)
  expect(asked).toHaveLength(1)
  expect(() => Authority.withSigner(keySigner(generateKeyPem()), token.pem)).toThrow()
})

test('a revocation list holds each serial once, is numbered by the clock, and may be empty', async () => {
  const authority = await site()
  const ca = readCertificate(authority.certificatePem)
  const issued = await authority.issueLdevid({ ...(await ordered()), validityDays: 9 })
  const one = { serialNumber: issued.serialNumber, atMs: NOW.getTime(), reason: 4 }
  const lower = { ...one, serialNumber: issued.serialNumber.toLowerCase() }
  const list = readCrl(
    await authority.issueCrl([one, lower, { serialNumber: 'f1', atMs: NOW.getTime() }], NOW),
  )
  expect([...list.serials].sort()).toEqual([issued.serialNumber, 'F1'].sort())
  expect(list.signedBy(ca)).toBe(true)
  expect(list.signedBy((await root('Plant 4 Site CA')).facts)).toBe(false)
  expect(readCrl(await authority.issueCrl([], NOW)).serials.size).toBe(0)
})

test('a kept authority that was damaged says so and quotes nothing', async () => {
  vault.put('authority-bad', Buffer.from('{"version":1,"keyPem":"SECRET'))
  const failure = await Authority.open(vault, 'bad').catch((error: Error) => error)
  expect(failure).toMatchObject({ code: 'DATA_DAMAGED' })
  expect(JSON.stringify(failure) + String((failure as Error).cause)).not.toContain('SECRET')
})
