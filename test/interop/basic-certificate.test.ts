/**
 * Roles as a foreign client meets them: curl with certificates issued by `access issue`, against a real device. What is
 * tried is read out of the device's own service descriptions, so that an action that is added is tried too.
 */
import { randomUUID } from 'node:crypto'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CurlAnswer, curl } from './soap-by-curl'
import { type CertificateFiles, type DeviceOnStage, deviceCertificate, openssl, Stage, tool } from './stage'

interface Action {
  readonly service: string
  readonly name: string
  readonly role: string
}

let stage: Stage
let device: DeviceOnStage
let server = ''
const issued: Record<string, unknown>[] = []
const clients = new Map<string, CertificateFiles>()
const actions: Action[] = []

const fetched = async (url: string): Promise<string> => {
  const { code, out } = await tool('curl', ['--silent', '--noproxy', '*', '--fail', url])
  expect(code, url).toBe(0)
  return out
}

/** Every action of every service that the device announces, read without a parser of ours. */
const readActions = async (): Promise<void> => {
  const description = await fetched(device.location)
  for (const [, part = ''] of description.matchAll(/<service>([\s\S]*?)<\/service>/g)) {
    const service = /serviceId:(\w+)</.exec(part)?.[1] ?? ''
    const path = /<SCPDURL>([^<]*)</.exec(part)?.[1] ?? ''
    const scpd = await fetched(new URL(path, device.location).href)
    for (const [, action = ''] of scpd.matchAll(/<action>([\s\S]*?)<\/action>/g)) {
      const name = /<name>(\w+)</.exec(action)?.[1] ?? ''
      const role = /<iotmc:role[^>]*>(\w+)</.exec(action)?.[1] ?? 'Admin'
      actions.push({ service, name, role })
    }
  }
}

const call = (
  who: 'Admin' | 'Basic' | 'none',
  { service, name }: Pick<Action, 'service' | 'name'>,
  args: Readonly<Record<string, string>> = {},
): Promise<CurlAnswer> => {
  const url = new URL(`/control/${service}`, device.secureLocation).href
  return curl({ url, service, action: name, args, client: clients.get(who), server })
}
/** "500 606" for a fault, "200" for an answer. */
const outcome = (answer: CurlAnswer): string =>
  answer.status === 200 ? '200' : `${answer.status} ${answer.field('errorCode')}`
const needing = (role: string): Action[] => actions.filter((one) => one.role === role)
const titled = (list: readonly (readonly [Action, string])[]): string[] =>
  list.map(([{ service, name }, result]) => `${service}.${name} ${result}`)

beforeAll(async () => {
  stage = new Stage()
  device = await stage.device('PX200-00001')
  await stage.trust(stage.factoryRoot)
  await stage.commission(device.udn)
  server = join(
    device.folder,
    readdirSync(device.folder).find((name) => /^ldevid-\d+\.pem$/.test(name)) ?? '',
  )
  for (const role of ['Admin', 'Basic'] as const) {
    const out = stage.path('issued', role)
    issued.push(
      ...(await stage.cli(
        'access',
        'issue',
        '--role',
        role,
        '--name',
        `Other ${role}`,
        '--days',
        '30',
        '--out',
        out,
      )),
    )
    clients.set(role, { key: join(out, 'key.pem'), cert: join(out, 'chain.pem') })
  }
  const subject = { udn: `uuid:${randomUUID()}`, serialNumber: 'NO-ROLE' }
  const { keyPem, pem } = await deviceCertificate(await stage.siteAuthority(), subject, {
    validityDays: 1,
    now: new Date(),
  })
  const files = { key: stage.path('none.key'), cert: stage.path('none.pem') }
  writeFileSync(files.key, keyPem)
  writeFileSync(files.cert, pem)
  clients.set('none', files)
  await readActions()
})
afterAll(() => stage?.close())

describe('a certificate of `access issue`', () => {
  it.each(['Admin', 'Basic'] as const)('of the role %s is one that OpenSSL accepts', async (role) => {
    const files = clients.get(role)
    if (!files) throw new Error('not issued')
    const ends = await openssl('verify', '-purpose', 'sslclient', '-CAfile', stage.siteCa, files.cert)
    expect(ends).toContain('OK')
    const text = await openssl('x509', '-in', files.cert, '-noout', '-text')
    expect(text).toContain(`URI:urn:iotmc-org:role:${role}`)
    expect(text).toContain(`CN = Other ${role}`)
    expect(statSync(files.key).mode & 0o777).toBe(0o600)
    const row = issued.find((one) => one.role === role)
    const serial = await openssl('x509', '-in', files.cert, '-noout', '-serial')
    expect(serial.trim().toLowerCase()).toBe(`serial=${String(row?.serialNumber).toLowerCase()}`)
    expect(JSON.stringify(row)).not.toContain('PRIVATE')
  })

  it('is in the audit, which is whole', async () => {
    const lines = await stage.cli('audit', 'list')
    const about = lines.filter(({ action }) => action === 'client-certificate-issued')
    expect(about.map(({ detail }) => String(detail).split(',')[0])).toEqual(['Admin', 'Basic'])
    expect(await stage.cli('audit', 'verify')).toMatchObject([{ ok: true }])
  })
})

describe('a foreign client', () => {
  it('finds services and roles to try', () => {
    const services = [...new Set(actions.map(({ service }) => service))].sort()
    expect(services).toEqual(['Access', 'Configuration', 'Diagnostics', 'Firmware', 'Lifecycle'])
    for (const role of ['Public', 'Basic', 'Admin']) expect(needing(role).length, role).toBeGreaterThan(1)
    expect(actions.filter(({ role }) => !['Public', 'Basic', 'Admin'].includes(role))).toEqual([])
  })

  it('of the role Basic is refused every action that is an Admin’s', async () => {
    const results: [Action, string][] = []
    for (const action of needing('Admin')) results.push([action, outcome(await call('Basic', action))])
    expect(titled(results)).toEqual(needing('Admin').map(({ service, name }) => `${service}.${name} 500 606`))
  })

  it('of the role Basic is let in to every other action: what it may be told then is about arguments', async () => {
    const results: [Action, string][] = []
    for (const action of [...needing('Basic'), ...needing('Public')])
      results.push([action, outcome(await call('Basic', action))])
    // 501: a device that was never wiped has no proof of it.
    const told = ['200', '500 402', '500 710', '500 501']
    const refused = results.filter(([, result]) => !told.includes(result))
    expect(titled(refused)).toEqual([])
    expect(results.filter(([, result]) => result === '200').length).toBeGreaterThan(2)
  })

  it('without a role is refused everything but what is public', async () => {
    const closed = [...needing('Basic'), ...needing('Admin')]
    const results: [Action, string][] = []
    for (const action of closed) results.push([action, outcome(await call('none', action))])
    expect(titled(results)).toEqual(closed.map(({ service, name }) => `${service}.${name} 500 606`))
    for (const action of needing('Public'))
      expect(outcome(await call('none', action)), action.name).not.toBe('500 606')
  })

  it.each([
    ['none', 'Public'],
    ['Basic', 'Public Basic'],
    ['Admin', 'Public Basic Admin'],
  ] as const)('of the role %s is told so: %s', async (who, roles) => {
    const answer = await call(who, { service: 'Access', name: 'GetAssignedRoles' })
    expect(answer.field('RoleList')).toBe(roles)
  })

  it('is told of each action who may, and it is so', async () => {
    for (const { service, name, role } of actions) {
      const answer = await call(
        'none',
        { service: 'Access', name: 'GetRolesForAction' },
        { ServiceId: `urn:iotmc-org:serviceId:${service}`, ActionName: name },
      )
      const expected = { Public: 'Public Basic Admin', Basic: 'Basic Admin', Admin: 'Admin' }[role]
      expect(answer.field('RoleList'), `${service}.${name}`).toBe(expected)
    }
  })

  it('of the role Basic has changed nothing by trying', async () => {
    const answer = await call('Admin', { service: 'Lifecycle', name: 'GetLifecycleState' })
    expect(answer.field('LifecycleState')).toBe('operation')
    expect(answer.field('ManagementGroup')).toBe('North')
  })
})
