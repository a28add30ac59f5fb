/** Whom the controller lets in, judged from outside by OpenSSL's client. */
import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCertificate } from '../../electron/identity/certificate'
import { ask, standing, TLS_VERSIONS, type TlsVersion } from './https-get'
import { makeOpensslFactory } from './openssl-factory'
import { type CertificateFiles, type DeviceOnStage, deviceCertificate, type Serving, Stage } from './stage'

let stage: Stage
let good: DeviceOnStage
let bad: DeviceOnStage
let controller: Serving
let foreign: CertificateFiles
let twin: CertificateFiles
let expired: CertificateFiles

const identityOf = (device: DeviceOnStage): CertificateFiles => ({
  key: `${device.folder}/idevid.key`,
  cert: `${device.folder}/idevid.pem`,
})

const asked = async (version: TlsVersion, client?: CertificateFiles): Promise<string> =>
  standing(await ask({ authority: controller.authority, version, client, serverCa: stage.siteCa }))

beforeAll(async () => {
  stage = new Stage()
  good = await stage.device('PX200-GOOD')
  bad = await stage.device('PX200-BAD')
  await stage.trust(stage.factoryRoot)
  const device = { udn: good.udn, serial: good.serial, model: 'PX-200' }
  foreign = await (await makeOpensslFactory(stage.path('foreign'), 'Some factory')).identity(device)
  twin = await (await makeOpensslFactory(stage.path('twin'), 'IoTMC practice factory')).identity(device)
  const subject = { udn: `uuid:${randomUUID()}`, serialNumber: 'PX200-OLD' }
  const longAgo = { validityDays: 1 / 24, now: new Date(Date.now() - 12 * 3600_000) }
  const old = await deviceCertificate(await stage.factory(), subject, longAgo)
  expired = { key: stage.path('old.key'), cert: stage.path('old.pem') }
  writeFileSync(expired.key, old.keyPem)
  writeFileSync(expired.cert, old.pem)
  controller = await stage.serve()
})
afterAll(() => stage?.close())

describe.each(TLS_VERSIONS)('the controller over %s', (version) => {
  it('lets in a device of a trusted factory', async () => {
    expect(await asked(version, identityOf(good))).toBe('in')
    expect(await asked(version, identityOf(bad))).toBe('in')
  })

  it('refuses a client without a certificate', async () => {
    expect(await asked(version)).toBe('refused')
  })

  it('refuses a certificate of a factory that nobody trusts', async () => {
    expect(await asked(version, foreign)).toBe('refused')
  })

  it('refuses a factory of the same name with another key', async () => {
    expect(await asked(version, twin)).toBe('refused')
  })

  it('refuses a certificate whose time is over', async () => {
    expect(await asked(version, expired)).toBe('refused')
  })
})

it('speaks nothing older than TLS 1.2', async () => {
  const old = await ask({
    authority: controller.authority,
    version: '-tls1_1' as TlsVersion,
    client: identityOf(good),
  })
  expect(standing(old)).toBe('refused')
  expect(old.err).toMatch(/protocol version|no protocols available/)
})

it('refuses a device from the moment its factory has revoked it, and no other one', async () => {
  await stage.end(controller.program)
  const { serialNumber } = readCertificate(readFileSync(identityOf(bad).cert, 'utf8')).summary
  const factory = await stage.factory()
  writeFileSync(
    stage.path('crl.pem'),
    await factory.issueCrl([{ serialNumber, atMs: Date.now() - 1000 }], new Date()),
  )
  await stage.trust(stage.path('crl.pem'))
  controller = await stage.serve()
  for (const version of TLS_VERSIONS) {
    expect(await asked(version, identityOf(bad)), version).toBe('refused')
    expect(await asked(version, identityOf(good)), version).toBe('in')
  }
})
