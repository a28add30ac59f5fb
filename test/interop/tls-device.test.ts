/** Whom a device in operation lets in, judged from outside by OpenSSL's client. */
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, standing, TLS_VERSIONS, type TlsVersion } from './https-get'
import { makeOpensslFactory } from './openssl-factory'
import {
  type CertificateFiles,
  clientCertificate,
  type DeviceOnStage,
  deviceCertificate,
  Stage,
} from './stage'

let stage: Stage
let device: DeviceOnStage
let admin: CertificateFiles
let expired: CertificateFiles
let foreign: CertificateFiles
let twin: CertificateFiles

const keep = (name: string, { keyPem, pem }: { keyPem: string; pem: string }): CertificateFiles => {
  const files = { key: stage.path(`${name}.key`), cert: stage.path(`${name}.pem`) }
  writeFileSync(files.key, keyPem)
  writeFileSync(files.cert, pem)
  return files
}

const asked = async (version: TlsVersion, client?: CertificateFiles): Promise<string> =>
  standing(await ask({ authority: device.authority, version, client, serverCa: stage.siteCa }))

beforeAll(async () => {
  stage = new Stage()
  device = await stage.device('PX200-00001')
  await stage.trust(stage.factoryRoot)
  await stage.commission(device.udn)
  const site = await stage.siteAuthority()
  admin = keep('admin', await clientCertificate(site, `uuid:${randomUUID()}`, 'Admin'))
  const longAgo = { validityDays: 1 / 48, now: new Date(Date.now() - 3600_000) }
  const subject = { udn: `uuid:${randomUUID()}`, serialNumber: 'OLD' }
  expired = keep('expired', await deviceCertificate(site, subject, longAgo))
  const facts = { udn: `uuid:${randomUUID()}`, serial: 'X-1', model: 'PX-200' }
  foreign = await (await makeOpensslFactory(stage.path('foreign'), 'Some site')).identity(facts)
  twin = await (await makeOpensslFactory(stage.path('twin'), 'Site Site CA')).identity(facts)
})
afterAll(() => stage?.close())

describe.each(TLS_VERSIONS)('a device in operation over %s', (version) => {
  it('shows a certificate of the site and lets in a client of the site', async () => {
    expect(await asked(version, admin)).toBe('in')
  })

  it('is itself refused by a client that trusts the factory alone', async () => {
    const { authority } = device
    const answer = await ask({ authority, version, client: admin, serverCa: stage.factoryRoot })
    expect(answer.out).toBe('')
    expect(answer.err).toContain('certificate verify failed')
  })

  it('refuses a client without a certificate', async () => {
    expect(await asked(version)).toBe('refused')
  })

  it('refuses a certificate of another site', async () => {
    expect(await asked(version, foreign)).toBe('refused')
  })

  it('refuses a site of the same name with another key', async () => {
    expect(await asked(version, twin)).toBe('refused')
  })

  it('refuses a certificate whose time is over', async () => {
    expect(await asked(version, expired)).toBe('refused')
  })

  it('refuses its own factory certificate in the hands of a client', async () => {
    const idevid = { key: `${device.folder}/idevid.key`, cert: `${device.folder}/idevid.pem` }
    expect(await asked(version, idevid)).toBe('refused')
  })
})
