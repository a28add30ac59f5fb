/** GUPnP at the other end of events: it hears our device's health, and we hear what it publishes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { healthReportSchema } from '../../electron/contract/health'
import { serviceType } from '../../electron/contract/names'
import { TrustStore } from '../../electron/identity/trust'
import { systemClock } from '../../electron/net/clock'
import { HttpsClient } from '../../electron/net/https-client'
import { UpnpEndpoint } from '../../electron/upnp/endpoint'
import { Subscription, type SubscriptionState } from '../../electron/upnp/gena-client'
import { GenaBridge } from './gena-bridge'
import { type CertificateFiles, clientCertificate, Stage } from './stage'

const PYTHON = '/usr/bin/python3'
const GUPNP = join(import.meta.dirname, 'gupnp')
const SCPD = join(import.meta.dirname, '..', '..', 'resources', 'scpd')
const MANAGED = 'urn:iotmc-org:device:ManagedDevice:1'
const DIAGNOSTICS = serviceType('Diagnostics')
const FOREIGN = 'uuid:11111111-2222-4333-8444-555555555555'
const OURS = 'uuid:11111111-2222-4333-8444-666666666666'

let stage: Stage
let ends: (() => unknown)[] = []

beforeEach(() => {
  stage = new Stage()
})
afterEach(async () => {
  for (const end of ends.reverse()) await end()
  ends = []
  await stage.close()
})

type Line = Readonly<Record<string, unknown>>

/** A Python program that writes JSON lines; `wait` gives the first that fits, also one that came before. */
const python = (script: string, ...args: readonly string[]) => {
  const child: ChildProcess = spawn(PYTHON, [join(GUPNP, script), ...args], { stdio: 'pipe' })
  const lines: Line[] = []
  const waiting = new Set<() => void>()
  let errors = ''
  child.stderr?.on('data', (chunk) => {
    errors += String(chunk)
  })
  const wake = (): void => {
    for (const look of waiting) look()
  }
  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', (text) => {
      lines.push(JSON.parse(text) as Line)
      wake()
    })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  void ended.then(wake)
  ends.push(() => {
    child.kill('SIGTERM')
    return ended
  })
  const wait = (fits: (line: Line) => boolean): Promise<Line> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.find(fits)
        if (!found && child.exitCode === null) return
        waiting.delete(look)
        if (found) resolve(found)
        else reject(new Error(`${script} ended: ${errors}`))
      }
      waiting.add(look)
      look()
    })
  return { lines, wait, tell: (text: string) => child.stdin?.write(`${text}\n`), ended }
}

/** A certificate of the site with a role, as files. */
const certificate = async (
  udn: string,
  role: 'Admin' | 'Basic',
): Promise<CertificateFiles & { keyPem: string; pem: string }> => {
  const made = await clientCertificate(await stage.siteAuthority(), udn, role)
  const files = {
    key: stage.path(`${role}-${udn.slice(-4)}.key`),
    cert: stage.path(`${role}-${udn.slice(-4)}.pem`),
  }
  writeFileSync(files.key, made.keyPem)
  writeFileSync(files.cert, made.pem)
  return { ...files, ...made }
}

const description = `<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0">
  <specVersion><major>1</major><minor>1</minor></specVersion>
  <device>
    <deviceType>${MANAGED}</deviceType>
    <friendlyName>Foreign pump</friendlyName>
    <manufacturer>Somebody else</manufacturer>
    <modelName>FP-1</modelName>
    <UDN>${FOREIGN}</UDN>
    <serviceList>
      <service>
        <serviceType>${DIAGNOSTICS}</serviceType>
        <serviceId>urn:iotmc-org:serviceId:Diagnostics</serviceId>
        <SCPDURL>/Diagnostics.xml</SCPDURL>
        <controlURL>/control</controlURL>
        <eventSubURL>/event</eventSubURL>
      </service>
    </serviceList>
  </device>
</root>
`

it('our subscription hears every event of a GUPnP publisher, in order and once', async () => {
  await stage.cli('trust', 'list', '--interface', 'lo')
  const folder = stage.path('www')
  mkdirSync(folder, { recursive: true })
  copyFileSync(join(SCPD, 'Diagnostics.xml'), join(folder, 'Diagnostics.xml'))
  writeFileSync(join(folder, 'description.xml'), description)
  const publisher = python('publish.py', 'lo', folder, DIAGNOSTICS, 'Health')
  const { port } = await publisher.wait((line) => line.event === 'ready')

  const theirs = await certificate(FOREIGN, 'Basic')
  const ours = await certificate(OURS, 'Admin')
  const bridge = await GenaBridge.open(theirs, stage.siteCa)
  bridge.secureGoesTo = `http://127.0.0.1:${String(port)}`
  ends.push(() => bridge.close())
  const siteCa = (await stage.siteAuthority()).certificatePem
  const trust = new TrustStore({
    roots: () => [],
    siteCa: () => siteCa,
    crls: () => [],
    now: () => Date.now(),
  })
  const identity = { keyPem: ours.keyPem, chainPem: ours.pem }
  const judgePeer = (chainDer: readonly Buffer[]) => trust.judge(chainDer)
  const endpoint = new UpnpEndpoint({
    udn: OURS,
    deviceType: 'urn:iotmc-org:device:ManagementController:1',
    friendlyName: 'Test',
    manufacturer: 'Test',
    model: 'Test',
    serialNumber: '1',
    configId: () => 1,
    services: [],
    identity,
    clientCas: [siteCa],
    clientCertificate: 'required',
    judgePeer,
    hosts: ['127.0.0.1'],
  })
  const { httpsPort } = await endpoint.start()
  ends.push(() => endpoint.close())
  const client = new HttpsClient({ identity, cas: [siteCa], judgePeer: (peer) => trust.judge(peer.chainDer) })
  ends.push(() => client.close())
  const heard: string[] = []
  const states: SubscriptionState['name'][] = []
  let gaps = 0
  let allHeard: () => void = () => undefined
  const all = new Promise<void>((resolve) => {
    allHeard = resolve
  })
  const subscription = new Subscription({
    clock: systemClock,
    client,
    eventSubUrl: `${bridge.secureOrigin}/event`,
    routes: endpoint.routes,
    callbackBase: `https://127.0.0.1:${httpsPort}`,
    peerUdn: FOREIGN,
    onEvent: ({ Health }) => {
      if (Health) heard.push(Health)
      if (heard.length === 20) allHeard()
    },
    onState: ({ name }) => states.push(name),
    onGap: () => gaps++,
  })
  await subscription.start()
  const told = Array.from({ length: 20 }, (_, n) => JSON.stringify({ n, text: `<&> "ü" ${n}` }))
  for (const text of told) publisher.tell(text)
  await all
  expect(heard).toEqual(told)
  expect(gaps).toBe(0)
  await subscription.close()
  expect(states).toEqual(['subscribing', 'active', 'closed'])
})

it('a GUPnP subscriber with a Basic certificate hears our device’s health, and unsubscribes', async () => {
  const device = await stage.device('PX200-00001', '--health-interval', '1')
  await stage.trust(stage.factoryRoot)
  const serving = await stage.serve()
  await stage.end(serving.program)
  await stage.commission(device.udn)
  // From here on only the front is announced: GUPnP knows no TLS of its own.
  await stage.end(device.program)
  const hidden = ['--health-interval', '1', '--fault', 'never-advertise']
  const again = await stage.device('PX200-00001', ...hidden)
  const reader = await certificate(OURS, 'Basic')
  const bridge = await GenaBridge.open(reader, stage.siteCa)
  bridge.plainGoesTo = new URL(again.secureLocation).origin
  ends.push(() => bridge.close())
  const announcer = python('announce.py', 'lo', MANAGED, device.udn, `${bridge.plainOrigin}/description.xml`)
  await announcer.wait((line) => line.event === 'ready')
  const subscriber = python(
    'subscribe.py',
    ...['lo', MANAGED, device.udn, DIAGNOSTICS, 'Health', 'LogSequence'],
  )
  const isHealth = (line: Line): boolean => line.variable === 'Health'
  await subscriber.wait((line) => isHealth(line) && subscriber.lines.filter(isHealth).length >= 3)
  const reports = subscriber.lines
    .filter(isHealth)
    .map((line) => healthReportSchema.parse(JSON.parse(String(line.value))))
  expect(reports.map(({ uptimeS }) => uptimeS)).toEqual(
    [...reports.map(({ uptimeS }) => uptimeS)].sort((a, b) => a - b),
  )
  expect(subscriber.lines.some((line) => line.variable === 'LogSequence')).toBe(true)
  const keys = bridge.notified.map(({ headers }) => Number(headers.seq))
  expect(keys).toEqual(keys.map((_, index) => index))
})
