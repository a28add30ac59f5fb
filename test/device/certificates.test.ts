import { randomUUID } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { asIotmcError, type IotmcError } from '../../electron/contract/errors'
import { checkIssued, lifeOf, requestForWire } from '../../electron/device/issued-certificate'
import { KeyFiles } from '../../electron/device/key-files'
import { isRenewalDue } from '../../electron/device/renewal'
import { judgeCaller, readAnchorFile } from '../../electron/device/site-anchor'
import type { Authority } from '../../electron/identity/authority'
import { readCertificate, splitPem } from '../../electron/identity/certificate'
import { checkRequest } from '../../electron/identity/request'
import { makeAuthority, makeClient, makeFolder } from '../helpers/device-site'

const udn = `uuid:${randomUUID()}`
const subject = { udn, serialNumber: 'PX-200-7', model: 'PX-200' }
const keys = new KeyFiles(makeFolder('keys'))
const now = () => Date.now()
let site: Authority
let other: Authority

beforeAll(async () => {
  site = await makeAuthority('Site')
  other = await makeAuthority('Other site')
  await keys.makeRequest(1, subject)
  await keys.makeRequest(2, subject)
})

const issue = async (
  authority: Authority,
  change: { udn?: string; validityDays?: number; now?: Date } = {},
) => {
  const csr = await checkRequest(requestForWire(keys.request(1)))
  return (await authority.issueLdevid({ csr, ...subject, validityDays: 90, now: new Date(), ...change }))
    .chainPem
}

const problem = (run: () => unknown): IotmcError | undefined => {
  try {
    run()
    return undefined
  } catch (thrown) {
    return asIotmcError(thrown)
  }
}

const check = (chainPem: string, generation = 1) =>
  checkIssued(chainPem, { udn, keyPem: keys.keyOf(generation), anchorPem: site.certificatePem, now })

describe('a new LDevID', () => {
  it('is taken when the site issued it for this device and its key', async () => {
    const chain = await issue(site)
    expect(splitPem(check(chain))).toHaveLength(splitPem(chain).length)
    keys.saveLdevid(1, check(chain))
    expect(keys.ldevid(1).keyPem).toBe(keys.keyOf(1))
  })

  it.each<[string, () => Promise<string>, string]>([
    ['of another site', () => issue(other), 'IDENTITY_NOT_TRUSTED'],
    ['for another device', () => issue(site, { udn: `uuid:${randomUUID()}` }), 'UDN_MISMATCH'],
    [
      'whose time is over',
      () => issue(site, { now: new Date(Date.now() - 3600_000), validityDays: 1e-3 }),
      'EXPIRED',
    ],
    ['that is none', async () => 'hello', '0 certificates'],
    ['that is unreadable', async () => (await issue(site)).replace(/MII./, 'AAAA'), 'unreadable'],
    ['that is a whole bundle', async () => (await issue(site)).repeat(7), 'certificates'],
  ])('%s is refused', async (_, make, detail) => {
    const chain = await make()
    const error = problem(() => check(chain))
    expect(error?.code).toBe('CERTIFICATE_INVALID')
    expect(error?.detail).toContain(detail)
  })

  it('for another key is refused', async () => {
    const chain = await issue(site)
    expect(problem(() => check(chain, 2))?.detail).toBe('issued for another key')
  })

  it('is renewed in the last third of its life', async () => {
    const life = lifeOf(await issue(site))
    const dayMs = 24 * 3600_000
    expect(isRenewalDue(life, Date.now() + 50 * dayMs)).toBe(false)
    expect(isRenewalDue(life, Date.now() + 61 * dayMs)).toBe(true)
    expect(isRenewalDue(life, Date.now() + 500 * dayMs)).toBe(true)
  })
})

describe('callers', () => {
  it('are Public while there is no site, and what their certificate says afterwards', async () => {
    const der = (chainPem: string) => splitPem(chainPem).map((pem) => readCertificate(pem).der)
    const admin = await makeClient(site, 'Admin')
    const stranger = await makeClient(other, 'Admin')
    expect(judgeCaller(undefined, der(stranger.chainPem), now)).toEqual({ ok: true, role: 'Public' })
    expect(judgeCaller(site.certificatePem, der(admin.chainPem), now)).toMatchObject({
      role: 'Admin',
      udn: admin.udn,
    })
    expect(
      judgeCaller(site.certificatePem, der((await makeClient(site, 'Basic')).chainPem), now),
    ).toMatchObject({
      role: 'Basic',
    })
    expect(judgeCaller(site.certificatePem, der(await issue(site)), now)).toMatchObject({
      role: 'Public',
      udn,
    })
    expect(judgeCaller(site.certificatePem, der(stranger.chainPem), now)).toMatchObject({
      ok: false,
      code: 'IDENTITY_NOT_TRUSTED',
    })
  })
})

describe('files', () => {
  it('of old generations are removed, others stay', async () => {
    const folder = makeFolder('generations')
    const files = new KeyFiles(folder)
    await files.makeRequest(1, subject)
    await files.makeRequest(12, subject)
    writeFileSync(join(folder, 'idevid.pem'), '')
    files.removeExcept([12, undefined])
    expect(readdirSync(folder).sort()).toEqual(['idevid.pem', 'ldevid-12.csr', 'ldevid-12.key'])
  })

  it('that are missing or no PEM are damage, not defects', () => {
    const folder = makeFolder('damaged')
    writeFileSync(join(folder, 'idevid.key'), 'x')
    expect(problem(() => new KeyFiles(folder).idevid())?.code).toBe('DATA_DAMAGED')
    expect(problem(() => new KeyFiles(folder).ldevid(1))?.code).toBe('DATA_DAMAGED')
  })

  it('with an anchor are waited for while missing or still empty', () => {
    const path = join(makeFolder('anchor'), 'site-ca.pem')
    expect(readAnchorFile(path, Date.now())).toBeUndefined()
    writeFileSync(path, '')
    expect(readAnchorFile(path, Date.now())).toBeUndefined()
    writeFileSync(path, site.certificatePem)
    expect(readAnchorFile(path, Date.now())).toContain('BEGIN CERTIFICATE')
    writeFileSync(path, 'x')
    expect(problem(() => readAnchorFile(path, Date.now()))?.code).toBe('CERTIFICATE_INVALID')
  })
})
