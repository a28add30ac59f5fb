/** A device that is nothing but OpenSSL and curl enrols: factory, identity, request and SOAP are not ours. */
import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeOpensslFactory } from './openssl-factory'
import { type CurlAnswer, curl } from './soap-by-curl'
import { type CertificateFiles, openssl, type Serving, Stage, tool } from './stage'

const SERIAL = 'MX-4711'
const MODEL = 'MX-1'
const udn = `uuid:${randomUUID()}`

let stage: Stage
let controller: Serving
let idevid: CertificateFiles
let ldevid: CertificateFiles
let controllerPem = ''

const call = (
  action: string,
  args: Readonly<Record<string, string>>,
  client = idevid,
): Promise<CurlAnswer> => {
  const url = new URL('/control/Enrollment', controller.secureLocation).href
  return curl({ url, service: 'Enrollment', action, args, client, server: controllerPem })
}

const requestOf = async (key: string, subject: string, uri: string): Promise<string> => {
  await openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', key)
  const addition = `subjectAltName=URI:urn:${uri}`
  await openssl(
    'req',
    '-new',
    '-key',
    key,
    '-subj',
    subject,
    '-addext',
    addition,
    '-outform',
    'DER',
    '-out',
    `${key}.csr`,
  )
  return (await openssl('base64', '-A', '-in', `${key}.csr`)).trim()
}

const subject = `/CN=${MODEL} ${SERIAL}/serialNumber=${SERIAL}`
const enroll = (request: string, as = udn): Promise<CurlAnswer> =>
  call('Enroll', {
    DeviceUDN: as,
    Model: MODEL,
    HardwareRevision: 'A',
    FirmwareVersion: '0.9',
    CertificateRequest: request,
  })

beforeAll(async () => {
  stage = new Stage()
  const factory = await makeOpensslFactory(stage.path('their-factory'), 'Their factory')
  idevid = await factory.identity({ udn, serial: SERIAL, model: MODEL })
  mkdirSync(stage.path('site'), { recursive: true })
  const policy = {
    mode: 'zero-touch',
    defaultGroup: 'Default',
    rules: [{ model: 'MX-*', serial: 'MX-4*', group: '' }],
  }
  // The terminal has no command for the policy; this is the file that window and terminal share.
  writeFileSync(stage.path('site', 'settings.json'), JSON.stringify({ policy }))
  await stage.trust(factory.root)
  controller = await stage.serve()
  controllerPem = stage.path('controller.pem')
  const { out } = await tool('openssl', ['s_client', '-connect', controller.authority, '-showcerts'])
  writeFileSync(
    controllerPem,
    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(out)?.[0] ?? '',
  )
})
afterAll(() => stage?.close())

it('a request in another name, or for another device, is refused', async () => {
  const other = `uuid:${randomUUID()}`
  const named = await requestOf(stage.path('other-name.key'), subject, other)
  expect((await enroll(named)).field('errorCode')).toBe('703')
  const numbered = await requestOf(stage.path('other-serial.key'), `/CN=${MODEL}/serialNumber=MX-9`, udn)
  expect((await enroll(numbered)).field('errorCode')).toBe('703')
  expect((await enroll(named, other)).field('errorDescription')).toContain('UDN_MISMATCH')
})

it('an honest request is approved by rule, certified once, and confirmed', async () => {
  const key = stage.path('ldevid.key')
  const request = await requestOf(key, subject, udn)
  const first = await enroll(request)
  expect([first.status, first.field('Status'), first.field('RetryAfter')]).toEqual([200, 'Approved', '0'])
  const id = first.field('EnrollmentId') ?? ''
  expect((await enroll(request)).field('EnrollmentId')).toBe(id)

  const result = await call('GetEnrollmentResult', { EnrollmentId: id })
  expect(result.field('ManagementGroup')).toBe('Default')
  const chain = result.field('CertificateChain') ?? ''
  expect((await call('GetEnrollmentResult', { EnrollmentId: id })).field('CertificateChain')).toBe(chain)
  ldevid = { key, cert: stage.path('ldevid.pem') }
  writeFileSync(ldevid.cert, chain)
  expect(await openssl('verify', '-x509_strict', '-CAfile', stage.siteCa, ldevid.cert)).toContain(': OK')
  const keyOf = await openssl('x509', '-in', ldevid.cert, '-noout', '-pubkey')
  expect(keyOf).toBe(await openssl('pkey', '-in', key, '-pubout'))

  const version = result.field('ConfigurationVersion') ?? ''
  const confirm = (number: string) =>
    call('ConfirmEnrollment', { EnrollmentId: id, ConfigurationVersion: number }, ldevid)
  expect((await confirm(String(Number(version) + 1))).field('errorCode')).toBe('705')
  expect((await confirm(version)).field('Accepted')).toBe('1')
  expect((await confirm(version)).field('Accepted')).toBe('1')
})

it('what was certified renews with another key, and an IDevID does not', async () => {
  const request = await requestOf(stage.path('renewed.key'), subject, udn)
  expect((await call('RenewCertificate', { CertificateRequest: request })).field('errorCode')).toBe('703')
  const renewed = await call('RenewCertificate', { CertificateRequest: request }, ldevid)
  writeFileSync(stage.path('renewed.pem'), renewed.field('CertificateChain') ?? '')
  expect(
    await openssl('verify', '-x509_strict', '-CAfile', stage.siteCa, stage.path('renewed.pem')),
  ).toContain(': OK')
})
