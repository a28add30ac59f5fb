/** A commissioned device called by curl with hand-written SOAP, by clients of each role. */
import { randomUUID } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CurlAnswer, curl } from './soap-by-curl'
import {
  type CertificateFiles,
  clientCertificate,
  type DeviceOnStage,
  deviceCertificate,
  Stage,
  tool,
} from './stage'

let stage: Stage
let device: DeviceOnStage
let server = ''
const clients = new Map<string, CertificateFiles>()

const keep = (name: string, { keyPem, pem }: { keyPem: string; pem: string }): void => {
  const files = { key: stage.path(`${name}.key`), cert: stage.path(`${name}.pem`) }
  writeFileSync(files.key, keyPem)
  writeFileSync(files.cert, pem)
  clients.set(name, files)
}

const call = (
  role: 'Admin' | 'Basic' | 'none' | 'stranger',
  name: `${string}.${string}`,
  args: Readonly<Record<string, string>> = {},
): Promise<CurlAnswer> => {
  const [service = '', action = ''] = name.split('.')
  const url = new URL(`/control/${service}`, device.secureLocation).href
  return curl({ url, service, action, args, client: clients.get(role), server })
}

const faultOf = (answer: CurlAnswer): string => `${answer.status} ${answer.field('errorCode')}`

beforeAll(async () => {
  stage = new Stage()
  device = await stage.device('PX200-00001')
  await stage.trust(stage.factoryRoot)
  await stage.commission(device.udn)
  server = join(
    device.folder,
    readdirSync(device.folder).find((name) => /^ldevid-\d+\.pem$/.test(name)) ?? '',
  )
  const site = await stage.siteAuthority()
  for (const role of ['Admin', 'Basic'] as const)
    keep(role, await clientCertificate(site, `uuid:${randomUUID()}`, role))
  const subject = { udn: `uuid:${randomUUID()}`, serialNumber: 'NO-ROLE' }
  keep('none', await deviceCertificate(site, subject, { validityDays: 1, now: new Date() }))
})
afterAll(() => stage?.close())

describe('a site client with the role Admin', () => {
  it('reads where the device stands', async () => {
    const answer = await call('Admin', 'Lifecycle.GetLifecycleState')
    expect(answer).toMatchObject({ code: 0, status: 200 })
    expect(answer.field('LifecycleState')).toBe('operation')
    expect(answer.field('DeviceUDN')).toBe(device.udn)
    expect(answer.field('SerialNumber')).toBe(device.serial)
    expect(answer.field('ManagementGroup')).toBe('North')
  })

  it('sets values, which are read back, and is told what is wrong with others', async () => {
    const set = (values: object) =>
      call('Admin', 'Configuration.SetValues', { ConfigurationVersion: '7', Values: JSON.stringify(values) })
    const done = await set({ 'Device.Location': 'Pit <3> & north' })
    expect(done.status).toBe(200)
    expect(done.field('ConfigurationVersion')).toBe('7')
    const read = await call('Admin', 'Configuration.GetValues', { Names: '["Device.Location"]' })
    expect(read.field('ConfigurationVersion')).toBe('7')
    expect(JSON.parse(read.field('Values') ?? '')).toEqual({ 'Device.Location': 'Pit <3> & north' })
    const unknown = await set({ 'Device.Colour': 'red' })
    expect(faultOf(unknown)).toBe('500 730')
    expect(unknown.field('errorDescription')).toContain('Device.Colour')
    expect(faultOf(await set({ 'Hardware.BoardRevision': 'D' }))).toBe('500 731')
    expect(faultOf(await set({ 'Pump.MinSpeed': '1' }))).toBe('500 600')
  })

  it('gets the numbers of the UPnP architecture for calls that are wrong', async () => {
    expect(faultOf(await call('Admin', 'Lifecycle.Dance'))).toBe('500 401')
    expect(faultOf(await call('Admin', 'Lifecycle.Identify'))).toBe('500 402')
    expect(faultOf(await call('Admin', 'Lifecycle.Identify', { Seconds: '301' }))).toBe('500 601')
    expect(faultOf(await call('Admin', 'Lifecycle.ProvisionNetwork', provisioning))).toBe('500 710')
  })
})

const provisioning = {
  SetupCode: 'ABCDEFGH',
  Ssid: '',
  Credential: '',
  SiteTrustAnchor: '-----BEGIN CERTIFICATE-----',
}

describe('a site client without a role', () => {
  it('reads what is public', async () => {
    const answer = await call('none', 'Lifecycle.GetLifecycleState')
    expect(answer.status).toBe(200)
    expect(answer.field('LifecycleState')).toBe('operation')
  })

  it.each([
    'Lifecycle.Identify',
    'Lifecycle.Reboot',
    'Lifecycle.Decommission',
    'Configuration.SetValues',
    'Configuration.Rollback',
  ])('may not call %s', async (action) => {
    // Without arguments: the role is asked for before anything else is looked at.
    expect(faultOf(await call('none', action as `${string}.${string}`))).toBe('500 606')
  })

  it('may not read the configuration either', async () => {
    expect(faultOf(await call('none', 'Configuration.GetValues', { Names: '[]' }))).toBe('500 606')
  })
})

describe('a site client with the role Basic', () => {
  it('reads the configuration and may not change it', async () => {
    expect((await call('Basic', 'Configuration.GetValues', { Names: '[]' })).status).toBe(200)
    const change = { ConfigurationVersion: '9', Values: '{}' }
    expect(faultOf(await call('Basic', 'Configuration.SetValues', change))).toBe('500 606')
  })
})

it('a client without a certificate gets no answer at all', async () => {
  const answer = await call('stranger', 'Lifecycle.GetLifecycleState')
  expect(answer.status).toBe(0)
  // Handshake refused (35), or connection reset after it (56).
  expect([35, 56]).toContain(answer.code)
})

it('there is no control over plain HTTP', async () => {
  const url = new URL('/control/Lifecycle', device.location).href
  const { out } = await tool('curl', [
    '--silent',
    '--noproxy',
    '*',
    '--data',
    'x',
    '--output',
    '/dev/null',
    '--write-out',
    '%{http_code}',
    url,
  ])
  expect(['404', '405']).toContain(out)
})

it('a subscription with a bad callback is refused with 412, one with SID and NT with 400', async () => {
  const url = new URL('/event/Lifecycle', device.secureLocation).href
  const client = clients.get('Admin')
  if (!client) throw new Error('no client')
  const subscribe = async (...headers: readonly string[]): Promise<string> => {
    const { out } = await tool('curl', [
      ...[
        '--silent',
        '--noproxy',
        '*',
        '--insecure',
        '--cert',
        client.cert,
        '--key',
        client.key,
        '--request',
        'SUBSCRIBE',
      ],
      ...headers.flatMap((header) => ['--header', header]),
      ...['--output', '/dev/null', '--write-out', '%{http_code}', url],
    ])
    return out
  }
  expect(await subscribe('NT: upnp:event', 'CALLBACK: <http://127.0.0.1:9/plain>')).toBe('412')
  expect(await subscribe('NT: upnp:event', 'CALLBACK: <https://192.0.2.1:9/elsewhere>')).toBe('412')
  expect(await subscribe('NT: upnp:event')).toBe('412')
  expect(await subscribe('SID: uuid:unknown')).toBe('412')
  expect(await subscribe('SID: uuid:unknown', 'NT: upnp:event')).toBe('400')
  expect(await subscribe('NT: upnp:event', 'CALLBACK: <https://127.0.0.1:9/fine>')).toBe('200')
})
