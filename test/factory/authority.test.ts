import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import {
  createRoot,
  installStation,
  openStationAuthority,
  pendingStation,
  requestStation,
  rootOf,
  signStation,
} from '../../electron/factory/authority'
import { Authority } from '../../electron/identity/authority'
import { readCertificate, splitPem } from '../../electron/identity/certificate'
import { generateKeyPem } from '../../electron/identity/keys'
import { quotaOf } from '../../electron/identity/quota'
import { checkAuthorityRequest, checkRequest, createRequest } from '../../electron/identity/request'
import { TrustStore } from '../../electron/identity/trust'
import { Vault } from '../../electron/identity/vault'
import { makeTempDir } from '../helpers/temp-dir'
import { certify, DAY, newUdn, root } from '../identity/make'
import { COST, makeStation, NOW } from './ledger-make'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const now = new Date(NOW)
/** A root that was made once: sealing its key takes long, and each test gets a copy of it. */
let kept: ReturnType<typeof makeTempDir>
beforeAll(async () => {
  kept = makeTempDir()
  await createRoot(join(kept.path, 'root'), {
    commonName: 'Maker Root',
    passphrase: 'root',
    now,
    scryptCost: COST,
  })
})
afterAll(() => kept.remove())

let temp: ReturnType<typeof makeTempDir>
let dir: string
let vault: Vault
beforeEach(async () => {
  temp = makeTempDir()
  dir = join(temp.path, 'root')
  vault = await Vault.create(join(temp.path, 'vault'), { passphrase: 'station', scryptCost: COST })
})
afterEach(() => temp.remove())

const makeRoot = (): void => cpSync(join(kept.path, 'root'), dir, { recursive: true })
const sign = async (o: { quota?: number; days?: number; passphrase?: string; requestPem?: string } = {}) =>
  signStation(dir, {
    requestPem: o.requestPem ?? (await requestStation(vault, { commonName: 'Line 1' })),
    passphrase: o.passphrase ?? 'root',
    days: o.days ?? 90,
    now,
    ...(o.quota === undefined ? {} : { quota: o.quota }),
  })
const order = async (serialNumber = 'SN-1') => {
  const udn = newUdn()
  const csr = await checkRequest(
    await createRequest({ keyPem: generateKeyPem(), udn, serialNumber, model: 'PX-200' }),
  )
  return { csr, udn, serialNumber, model: 'PX-200', now }
}

test('a root is made once, is known without its passphrase, and its key is sealed', async () => {
  expect(rootOf(dir)).toBeUndefined()
  const create = (passphrase: string) =>
    createRoot(dir, { commonName: 'Maker Root', passphrase, now, scryptCost: COST })
  const made = await create('root')
  expect(made).toEqual(rootOf(dir))
  expect(made.commonName).toBe('Maker Root')
  const facts = readCertificate(made.pem)
  expect(facts).toMatchObject({ isCa: true, pathLen: 1 })
  expect(new Date(facts.notAfterMs).getUTCFullYear()).toBe(2057)
  await expect(create('another')).rejects.toMatchObject({ code: 'REQUEST_REFUSED' })
  expect(rootOf(dir)).toEqual(made)
  for (const file of readdirSync(dir))
    expect(readFileSync(join(dir, file), 'latin1')).not.toContain('PRIVATE KEY')
  expect(readdirSync(temp.path).sort()).toEqual(['root', 'vault'])
})

test('a wrong passphrase signs nothing, and after a few tries it has to wait', async () => {
  makeRoot()
  for (let i = 0; i < 3; i++)
    await expect(sign({ passphrase: 'wrong' })).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' })
  await expect(sign()).rejects.toMatchObject({ code: 'LOCKED_OUT' })
  // What is no request costs no try and tells nothing of the passphrase.
  await expect(sign({ requestPem: 'nonsense' })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  rmSync(dir, { recursive: true })
  await expect(sign()).rejects.toMatchObject({ code: 'SETUP_NEEDED' })
})

test('the station asks, the root answers with its limits, the station issues below it', async () => {
  makeRoot()
  expect(await openStationAuthority(vault)).toBeUndefined()
  const requestPem = await requestStation(vault, { commonName: 'Line 1' })
  expect(checkAuthorityRequest(requestPem).commonName).toBe('Line 1')
  expect(await requestStation(vault, { commonName: 'Line 1' })).toBe(requestPem)
  expect(pendingStation(vault)).toBe(requestPem)
  const answer = await sign({ quota: 500, days: 90 })
  expect(answer.subject).toBe('Line 1')
  const installed = await installStation(vault, answer.chainPem, { now })
  expect(installed).toMatchObject({
    commonName: 'Line 1',
    rootName: 'Maker Root',
    quota: 500,
    fingerprint: answer.fingerprint,
  })
  expect(installed.rootFingerprint).toBe(rootOf(dir)?.fingerprint)
  expect(installed.rootPem).toBe(rootOf(dir)?.pem)
  expect(installed.notAfterMs).toBe(NOW + 90 * DAY)
  expect(pendingStation(vault)).toBeUndefined()
  const opened = await openStationAuthority(vault)
  expect({ ...opened, authority: 0, signer: 0 }).toEqual({ ...installed, authority: 0, signer: 0 })
  const station = readCertificate(installed.authority.certificatePem)
  expect(station).toMatchObject({ isCa: true, pathLen: 0, keyUsage: 0x86, unknownCritical: [] })
  expect(quotaOf(station.der)).toBe(500)
})

test('an IDevID from the station has the names of its device, no end, and a chain without the root', async () => {
  const station = await makeStation(temp.path)
  const wanted = await order('SN-77')
  const issued = await station.authority.issueIdevid({ ...wanted, hardwareType: '1.3.6.1.4.1.99999.7' })
  const [leaf, above, ...more] = splitPem(issued.chainPem).map(readCertificate)
  expect(more).toEqual([])
  expect(above?.summary.fingerprint).toBe(station.fingerprint)
  expect(leaf).toMatchObject({
    udn: wanted.udn,
    deviceSerial: 'SN-77',
    isIdevid: true,
    hardwareModuleName: { type: '1.3.6.1.4.1.99999.7', serial: 'SN-77' },
  })
  expect(new Date(leaf?.notAfterMs ?? 0).toISOString()).toBe('9999-12-31T23:59:59.000Z')
  const trust = new TrustStore({
    roots: () => [station.rootPem],
    siteCa: () => undefined,
    crls: () => [],
    now: () => NOW,
  })
  const chain = [leaf, above].flatMap((one) => (one ? [one.der] : []))
  expect(trust.judge(chain, { udn: wanted.udn })).toMatchObject({
    ok: true,
    kind: 'IDevID',
    deviceSerial: 'SN-77',
  })
  expect(trust.judge(chain.slice(0, 1))).toMatchObject({ ok: false })
})

test('a station can make no authority below itself', async () => {
  const station = await makeStation(temp.path)
  const csr = checkAuthorityRequest(await requestStation(vault, { commonName: 'Line 9' }))
  await expect(station.authority.issueAuthority({ csr, days: 1, now })).rejects.toMatchObject({
    code: 'REQUEST_REFUSED',
  })
})

test('the same request may be answered again, for more time or another quota', async () => {
  makeRoot()
  const requestPem = await requestStation(vault, { commonName: 'Line 1' })
  const first = await sign({ requestPem, quota: 5 })
  const second = await sign({ requestPem, days: 200 })
  expect(second.fingerprint).not.toBe(first.fingerprint)
  await installStation(vault, first.chainPem, { now })
  const again = await installStation(vault, second.chainPem, { now })
  expect(again.quota).toBeUndefined()
  expect(again.notAfterMs).toBe(NOW + 200 * DAY)
  expect((await openStationAuthority(vault))?.fingerprint).toBe(second.fingerprint)
})

test('an authority in use stays in use until the answer to the next request is installed', async () => {
  makeRoot()
  const first = await installStation(vault, (await sign()).chainPem, { now })
  const next = await requestStation(vault, { commonName: 'Line 1' })
  expect((await openStationAuthority(vault))?.fingerprint).toBe(first.fingerprint)
  // The old answer, installed once more, does not lose the request.
  await installStation(vault, `${first.authority.chainPem}`, { now })
  expect(pendingStation(vault)).toBe(next)
  const second = await installStation(vault, (await sign({ requestPem: next })).chainPem, { now })
  expect(second.signer.publicKeySpki.equals(first.signer.publicKeySpki)).toBe(false)
  expect(pendingStation(vault)).toBeUndefined()
})

test('a request under another name keeps its key while it waits', async () => {
  const first = checkAuthorityRequest(await requestStation(vault, { commonName: 'Line 1' }))
  const second = checkAuthorityRequest(await requestStation(vault, { commonName: 'Line 2' }))
  expect(second.commonName).toBe('Line 2')
  expect(second.publicKeySpki.equals(first.publicKeySpki)).toBe(true)
})

test('the station never outlives its root', async () => {
  await createRoot(dir, { commonName: 'Short', passphrase: 'root', years: 1, now, scryptCost: COST })
  const { chainPem } = await sign({ days: 9000 })
  const installed = await installStation(vault, chainPem, { now })
  expect(new Date(installed.notAfterMs).getUTCFullYear()).toBe(2028)
})

test.each([-1, 0, 1.5, 2 ** 31, Number.NaN])('%s is no quota', async (quota) => {
  makeRoot()
  await expect(sign({ quota })).rejects.toMatchObject({ code: 'VALUE_INVALID' })
})

test.each([0, -1, Number.NaN])('%s days are no time', async (days) => {
  makeRoot()
  await expect(sign({ days })).rejects.toMatchObject({ code: 'VALUE_INVALID' })
})

test('an answer that is out of its time is refused, and says whose time is over', async () => {
  makeRoot()
  const { chainPem } = await sign({ days: 1 })
  for (const days of [2, -2, 365 * 40])
    await expect(installStation(vault, chainPem, { now: new Date(NOW + days * DAY) })).rejects.toMatchObject({
      code: 'AUTHORITY_EXPIRED',
    })
  expect(await openStationAuthority(vault)).toBeUndefined()
  await installStation(vault, chainPem, { now })
  // Once installed it is shown, in time or not.
  expect((await openStationAuthority(vault))?.notAfterMs).toBe(NOW + DAY)
})

test('what does not end at its root is not trusted', async () => {
  makeRoot()
  const [station = '', own = ''] = splitPem((await sign()).chainPem)
  const stranger = await root('Maker Root')
  for (const chain of [station, station + stranger.pem, station + own + stranger.pem, station + station])
    await expect(installStation(vault, chain, { now })).rejects.toMatchObject({ code: 'AUTHORITY_UNTRUSTED' })
  const flipped = Buffer.from(readCertificate(station).der)
  flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
  const bent = `-----BEGIN CERTIFICATE-----\n${flipped.toString('base64')}\n-----END CERTIFICATE-----\n`
  await expect(installStation(vault, bent + own, { now })).rejects.toMatchObject({
    code: 'AUTHORITY_UNTRUSTED',
  })
})

test('what is no answer to this station is refused', async () => {
  makeRoot()
  const { publicKeySpki } = checkAuthorityRequest(await requestStation(vault, { commonName: 'Line 1' }))
  const maker = await root('Other Maker', { notBefore: NOW - DAY, pathLen: 1 })
  const make = (more: object) =>
    certify({
      name: 'Line 1',
      issuer: maker,
      publicKeySpki,
      notBefore: NOW - DAY,
      notAfter: NOW + DAY,
      ca: true,
      pathLen: 0,
      keyUsage: 0x86,
      ...more,
    })
  const wrong: Record<string, object> = {
    'another key': { publicKeySpki: undefined },
    'no CA': { ca: false, pathLen: undefined },
    'no path length': { pathLen: undefined },
    'path length 1': { pathLen: 1 },
    'may not sign statements': { keyUsage: 0x06 },
    'may not sign certificates': { keyUsage: 0x80 },
  }
  for (const [why, more] of Object.entries(wrong)) {
    const { pem } = await make(more)
    await expect(installStation(vault, pem + maker.pem, { now }), why).rejects.toMatchObject({
      code: 'CERTIFICATE_INVALID',
    })
  }
  await expect(installStation(vault, '', { now })).rejects.toMatchObject({ code: 'CERTIFICATE_INVALID' })
  // As it should be, from a root made elsewhere.
  const { pem } = await make({})
  expect((await installStation(vault, pem + maker.pem, { now })).rootName).toBe('Other Maker')
})

test('a root that allows no authority below it, or a chain through another authority, is judged by path length', async () => {
  const { publicKeySpki } = checkAuthorityRequest(await requestStation(vault, { commonName: 'Line 1' }))
  const station = (issuer: Awaited<ReturnType<typeof root>>) =>
    certify({ name: 'Line 1', issuer, publicKeySpki, ca: true, pathLen: 0, keyUsage: 0x86 })
  const narrow = await root('Narrow', { pathLen: 0 })
  await expect(
    installStation(vault, (await station(narrow)).pem + narrow.pem, { now }),
  ).rejects.toMatchObject({ code: 'AUTHORITY_UNTRUSTED' })
  for (const [pathLen, code] of [
    [1, 'AUTHORITY_UNTRUSTED'],
    [2, undefined],
  ] as const) {
    const maker = await root('Maker', { pathLen })
    const plant = await certify({ name: 'Plant', issuer: maker, ca: true, pathLen: 1 })
    const chain = (await station(plant)).pem + plant.pem + maker.pem
    if (code) await expect(installStation(vault, chain, { now })).rejects.toMatchObject({ code })
    else {
      const { authority } = await installStation(vault, chain, { now })
      expect(splitPem((await authority.issueIdevid(await order())).chainPem)).toHaveLength(3)
    }
  }
})

test('the key of a station never leaves the vault', async () => {
  makeRoot()
  await installStation(vault, (await sign()).chainPem, { now })
  const folder = join(temp.path, 'vault')
  expect(existsSync(join(folder, 'station-authority.sealed'))).toBe(true)
  for (const file of readdirSync(folder))
    expect(readFileSync(join(folder, file), 'latin1')).not.toContain('PRIVATE KEY')
  vault.put('station-authority', Buffer.from('{"keyPem":"SECRET'))
  const failure = await openStationAuthority(vault).catch((error: Error) => error)
  expect(failure).toMatchObject({ code: 'DATA_DAMAGED' })
  expect(JSON.stringify(failure) + String((failure as Error).cause)).not.toContain('SECRET')
})

test('a key in a token issues through the same seam', async () => {
  const station = await makeStation(temp.path)
  const { publicKeySpki } = station.signer
  const asked: Buffer[] = []
  const token = {
    publicKeySpki,
    sign: async (data: Buffer) => {
      asked.push(data)
      return station.signer.sign(data)
    },
  }
  const authority = Authority.withSigner(token, station.authority.chainPem)
  const issued = await authority.issueIdevid(await order())
  expect(
    readCertificate(issued.pem).x509.verify(readCertificate(station.authority.certificatePem).x509.publicKey),
  ).toBe(true)
  expect(asked).toHaveLength(1)
})
