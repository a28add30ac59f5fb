/** GUPnP on the other side: as a device that our terminal lists, and as a control point that reads our device. */
import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SERVICE_NAMES } from '../../electron/contract/names'
import { Stage, tool } from './stage'

/** The system's own, for which GUPnP's bindings are installed. */
const PYTHON = '/usr/bin/python3'
const GUPNP = join(import.meta.dirname, 'gupnp')
const SCPD = join(import.meta.dirname, '..', '..', 'resources', 'scpd')
const UDN = 'uuid:11111111-2222-4333-8444-555555555555'
const MANAGED = 'urn:iotmc-org:device:ManagedDevice:1'

let stage: Stage
let ends: (() => Promise<unknown>)[] = []

beforeEach(() => {
  stage = new Stage()
})
afterEach(async () => {
  await Promise.all(ends.map((end) => end()))
  ends = []
  await stage.close()
})

const service = (name: string): string => `
      <service>
        <serviceType>urn:iotmc-org:service:${name}:1</serviceType>
        <serviceId>urn:iotmc-org:serviceId:${name}</serviceId>
        <SCPDURL>/${name}.xml</SCPDURL>
        <controlURL>/control/${name}</controlURL>
        <eventSubURL>/event/${name}</eventSubURL>
      </service>`

const description = (type: string, services: readonly string[]): string => `<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0">
  <specVersion><major>1</major><minor>1</minor></specVersion>
  <device>
    <deviceType>${type}</deviceType>
    <friendlyName>Foreign pump</friendlyName>
    <manufacturer>Somebody else</manufacturer>
    <modelName>FP-1</modelName>
    <serialNumber>FP1-7</serialNumber>
    <UDN>${UDN}</UDN>
    <serviceList>${services.map(service).join('')}
    </serviceList>
  </device>
</root>
`

interface Hosted {
  /** Resolves when somebody has fetched the description. */
  readonly described: Promise<void>
  /** Says byebye. */
  end(): Promise<unknown>
}

/** A device that GUPnP hosts with our service descriptions. */
const host = async (type: string, headers: readonly string[]): Promise<Hosted> => {
  const folder = stage.path('www')
  mkdirSync(folder, { recursive: true })
  for (const name of SERVICE_NAMES) copyFileSync(join(SCPD, `${name}.xml`), join(folder, `${name}.xml`))
  writeFileSync(join(folder, 'description.xml'), description(type, ['Lifecycle', 'Configuration']))
  const child = spawn(PYTHON, [join(GUPNP, 'host.py'), 'lo', folder, ...headers], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += String(chunk)
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const lines = createInterface({ input: child.stdout })
  const line = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      lines.on('line', (said) => said.includes(text) && resolve())
      void ended.then(() => reject(new Error(`no ${text}: ${errors}`)))
    })
  const described = line(`${UDN.slice(5)}.xml`)
  described.catch(() => undefined)
  const end = (): Promise<unknown> => {
    child.kill('SIGTERM')
    return ended
  }
  ends.push(end)
  await line('"ready"')
  return { described, end }
}

const discover = async (): Promise<Record<string, unknown> | undefined> => {
  const rows = await stage.cli('discover', '--interface', 'lo', '--seconds', '3')
  return rows.find((row) => row.udn === UDN)
}

describe('a device hosted by GUPnP', () => {
  const header = ['MGMT.IOTMC-ORG', '1; phase=commissioning; caps=enroll,config']
  const place = ['SECURELOCATION.UPNP.ORG', 'https://127.0.0.1:9/description.xml']

  it('is listed as managed with what its header and its description say', async () => {
    await host(MANAGED, [...header, ...place])
    expect(await discover()).toMatchObject({
      managed: true,
      name: 'Foreign pump',
      model: 'FP-1',
      phase: 'commissioning',
      capabilities: ['enroll', 'config'],
      addresses: ['127.0.0.1'],
      secureLocation: 'https://127.0.0.1:9/description.xml',
    })
  })

  it('is listed as not managed without the header', async () => {
    await host('urn:schemas-upnp-org:device:Basic:1', [])
    expect(await discover()).toMatchObject({
      managed: false,
      name: 'Foreign pump',
      model: 'FP-1',
      reason: 'no-header',
    })
  })

  it('is not listed any more when it has said byebye during the search', async () => {
    const hosted = await host(MANAGED, [...header, ...place])
    const row = discover()
    await hosted.described
    await hosted.end()
    expect(await row).toBeUndefined()
  })
})

interface ServiceSeen {
  readonly type: string
  readonly id: string
  readonly actions: Readonly<
    Record<string, { readonly in?: readonly string[][]; readonly out?: readonly string[][] }>
  >
  readonly evented: readonly string[]
}

/** Actions and arguments of a service description, by patterns rather than by our own parser. */
const actionsIn = (name: string): ServiceSeen['actions'] => {
  const xml = readFileSync(join(SCPD, `${name}.xml`), 'utf8')
  const actions: Record<string, { in?: string[][]; out?: string[][] }> = {}
  for (const [, body = ''] of xml.matchAll(/<action>([\s\S]*?)<\/action>/g)) {
    const action: { in?: string[][]; out?: string[][] } = {}
    const argument =
      /<argument>\s*<name>(\w+)<\/name>\s*<direction>(in|out)<\/direction>\s*<relatedStateVariable>(\w+)</g
    for (const [, argumentName = '', way, variable = ''] of body.matchAll(argument)) {
      const key = way === 'in' ? 'in' : 'out'
      action[key] = [...(action[key] ?? []), [argumentName, variable]]
    }
    actions[/<name>(\w+)</.exec(body)?.[1] ?? ''] = action
  }
  return actions
}

describe('our device', () => {
  it('is read whole by a GUPnP control point', async () => {
    const device = await stage.device('PX200-00001', '--name', 'Pump room 1')
    const { code, out, err } = await tool(PYTHON, [join(GUPNP, 'read.py'), 'lo', MANAGED, device.udn])
    expect(code, err).toBe(0)
    const seen = JSON.parse(out) as Record<string, unknown> & { services: ServiceSeen[] }
    expect(seen).toMatchObject({
      udn: device.udn,
      deviceType: MANAGED,
      friendlyName: 'Pump room 1',
      modelName: 'PX-200',
      serialNumber: 'PX200-00001',
      location: device.location,
    })
    const services = new Map(seen.services.map((entry) => [entry.type, entry]))
    expect([...services.keys()].sort()).toEqual([
      'urn:iotmc-org:service:Access:1',
      'urn:iotmc-org:service:Configuration:1',
      'urn:iotmc-org:service:Diagnostics:1',
      'urn:iotmc-org:service:Firmware:1',
      'urn:iotmc-org:service:Lifecycle:1',
    ])
    for (const [name, evented] of [
      ['Access', []],
      ['Configuration', ['CurrentConfigurationVersion']],
      ['Diagnostics', ['ActiveTestIDs', 'Health', 'LogSequence']],
      ['Firmware', ['ActiveBank', 'UpdateState']],
      ['Lifecycle', ['LifecycleState']],
    ] as const) {
      const found = services.get(`urn:iotmc-org:service:${name}:1`)
      expect(found?.id).toBe(`urn:iotmc-org:serviceId:${name}`)
      expect(found?.actions).toEqual(actionsIn(name))
      expect(found?.evented).toEqual(evented)
    }
  })

  it('is read the same way by a GUPnP control point when it is a controller', async () => {
    const controller = await stage.serve()
    const target = 'urn:iotmc-org:device:ManagementController:1'
    const { code, out, err } = await tool(PYTHON, [join(GUPNP, 'read.py'), 'lo', target, controller.udn])
    expect(code, err).toBe(0)
    const { services } = JSON.parse(out) as { services: ServiceSeen[] }
    const seen = Object.fromEntries(services.map((entry) => [entry.type, entry.actions]))
    expect(seen).toEqual({
      'urn:iotmc-org:service:Enrollment:1': actionsIn('Enrollment'),
      'urn:iotmc-org:service:FirmwareRepository:1': actionsIn('FirmwareRepository'),
    })
  })
})
