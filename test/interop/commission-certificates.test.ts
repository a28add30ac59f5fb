/** Every certificate that a commissioned device and its site hold, verified by OpenSSL with its strict rules. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCertificate } from '../../electron/identity/certificate'
import { type DeviceOnStage, openssl, type Serving, Stage, tool } from './stage'

const PURPOSES = ['sslclient', 'sslserver'] as const

let stage: Stage
let device: DeviceOnStage
let controller: Serving
let idevid = ''
let ldevid = ''
let request = ''
let controllerPem = ''

const ownFile = (pattern: RegExp): string => {
  const name = readdirSync(device.folder).find((entry) => pattern.test(entry))
  if (!name) throw new Error(`no ${pattern} in ${readdirSync(device.folder).join(', ')}`)
  return join(device.folder, name)
}

/** The certificates that a server sends, leaf first. */
const sentBy = async (authority: string): Promise<string[]> => {
  const { out } = await tool('openssl', ['s_client', '-connect', authority, '-showcerts'])
  return out.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
}

const verify = async (ca: string, file: string, ...more: readonly string[]): Promise<string> => {
  const { out, err } = await tool('openssl', ['verify', '-x509_strict', '-CAfile', ca, ...more, file])
  return `${out}${err}`.replace(`${file}: `, '').trim()
}

beforeAll(async () => {
  stage = new Stage()
  device = await stage.device('PX200-00001')
  await stage.trust(stage.factoryRoot)
  await stage.commission(device.udn)
  controller = await stage.serve()
  idevid = join(device.folder, 'idevid.pem')
  ldevid = ownFile(/^ldevid-\d+\.pem$/)
  request = ownFile(/^ldevid-\d+\.csr$/)
  controllerPem = stage.path('controller.pem')
  writeFileSync(controllerPem, (await sentBy(controller.authority)).join('\n'))
})
afterAll(() => stage?.close())

describe.each(PURPOSES)('as %s', (purpose) => {
  it('the IDevID chains to the factory and to nothing else', async () => {
    expect(await verify(stage.factoryRoot, idevid, '-purpose', purpose)).toBe('OK')
    expect(await verify(stage.siteCa, idevid, '-purpose', purpose)).toContain('verification failed')
  })

  it('the LDevID chains to the site and to nothing else', async () => {
    expect(await verify(stage.siteCa, ldevid, '-purpose', purpose)).toBe('OK')
    expect(await verify(stage.factoryRoot, ldevid, '-purpose', purpose)).toContain('verification failed')
  })

  it('the controller certificate chains to the site and to nothing else', async () => {
    expect(await verify(stage.siteCa, controllerPem, '-purpose', purpose)).toBe('OK')
    expect(await verify(stage.factoryRoot, controllerPem, '-purpose', purpose)).toContain(
      'verification failed',
    )
  })
})

it('both authorities stand by themselves and may sign nothing that signs', async () => {
  for (const ca of [stage.factoryRoot, stage.siteCa]) {
    expect(await verify(ca, ca)).toBe('OK')
    const text = await openssl('x509', '-in', ca, '-noout', '-ext', 'basicConstraints,keyUsage')
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/)
    expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/)
  }
})

it('the names are those of the profile', async () => {
  const names = (file: string) => openssl('x509', '-in', file, '-noout', '-ext', 'subjectAltName')
  expect(await names(idevid)).toContain(`URI:urn:${device.udn}`)
  expect(await names(ldevid)).toContain(`URI:urn:${device.udn}`)
  expect(await names(controllerPem)).toContain(`URI:urn:${controller.udn}, URI:urn:iotmc-org:role:Admin`)
  expect(await names(ldevid)).not.toContain('role')
  for (const file of [idevid, ldevid]) {
    expect(await openssl('x509', '-in', file, '-noout', '-subject')).toContain(
      `serialNumber = ${device.serial}`,
    )
  }
  const bytes = await openssl('asn1parse', '-in', idevid)
  expect(bytes).toMatch(/X509v3 Subject Alternative Name/)
  const text = Buffer.from(readCertificate(readFileSync(idevid, 'utf8')).der).toString('latin1')
  // 1.3.6.1.5.5.7.8.4 in DER: the hardware module's name.
  expect(text).toContain(Buffer.from('06082b06010505070804', 'hex').toString('latin1'))
})

it('the IDevID never ends, the LDevID ends after 397 days', async () => {
  expect(await openssl('x509', '-in', idevid, '-noout', '-enddate')).toContain('Dec 31 23:59:59 9999 GMT')
  const ends = await openssl('x509', '-in', ldevid, '-noout', '-enddate')
  const days = (Date.parse(ends.replace('notAfter=', '')) - Date.now()) / 86_400_000
  expect(days).toBeGreaterThan(396)
  expect(days).toBeLessThanOrEqual(397)
})

it('the device in operation shows its LDevID, and its request proves its key', async () => {
  const [leaf = ''] = await sentBy(device.authority)
  expect(readCertificate(leaf).summary.fingerprint).toBe(
    readCertificate(readFileSync(ldevid, 'utf8')).summary.fingerprint,
  )
  const { err } = await tool('openssl', ['req', '-in', request, '-noout', '-verify'])
  expect(err).toMatch(/verify OK/)
  expect(await openssl('req', '-in', request, '-noout', '-pubkey')).toBe(
    await openssl('x509', '-in', ldevid, '-noout', '-pubkey'),
  )
})

it('a revocation list of the factory is one to OpenSSL too', async () => {
  const factory = await stage.factory()
  const { serialNumber } = readCertificate(readFileSync(idevid, 'utf8')).summary
  const crl = stage.path('crl.pem')
  const check = () => verify(stage.factoryRoot, idevid, '-crl_check', '-CRLfile', crl)
  writeFileSync(crl, await factory.issueCrl([], new Date()))
  expect(await check()).toBe('OK')
  writeFileSync(crl, await factory.issueCrl([{ serialNumber, atMs: Date.now() - 1000 }], new Date()))
  expect(await check()).toContain('certificate revoked')
})
