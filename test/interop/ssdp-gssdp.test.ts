/** SSDP judged by GSSDP and GUPnP: they find what we advertise, and we find what they host. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { DEVICE_TYPE } from '../../electron/contract/names'
import { Advertiser } from '../../electron/discovery/advertise'
import { Discovery } from '../../electron/discovery/discovery'
import { systemClock, systemRandom } from '../../electron/net/clock'
import { plainGet } from '../../electron/net/http-client'
import { parseDescription } from '../../electron/upnp/description'
import { requirePrivateNetwork } from '../helpers/private-network'
import { makeTempDir } from '../helpers/temp-dir'

beforeAll(requirePrivateNetwork)

const UDN = 'uuid:0b7a3e1c-1111-4222-8333-444455556666'
/** Debian's own interpreter: the bindings belong to it. */
const PYTHON = '/usr/bin/python3'
const cleanups: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Starts a program and hands over its lines; it is ended after the test at the latest. */
const program = (command: string, args: string[]) => {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  cleanups.push(() => {
    child.kill('SIGKILL')
    return exited
  })
  const seen: string[] = []
  const waiters = new Set<() => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    seen.push(line.trim())
    for (const waiter of waiters) waiter()
  })
  const until = (ready: (lines: string[]) => boolean): Promise<void> =>
    new Promise((done) => {
      const check = (): void => {
        if (!ready(seen)) return
        waiters.delete(check)
        done()
      }
      waiters.add(check)
      check()
    })
  return { child: child as ChildProcess, exited, seen, until }
}

const advertiser = (): Advertiser =>
  new Advertiser({
    clock: systemClock,
    random: systemRandom,
    interfaces: ['lo'],
    udn: UDN,
    deviceType: DEVICE_TYPE.managed,
    services: ['Lifecycle', 'Configuration'],
    bootId: () => 5,
    configId: () => 1,
    location: (address) => `http://${address.includes(':') ? `[${address}]` : address}:49152/d.xml`,
    secureLocation: (address) => `https://${address.includes(':') ? `[${address}]` : address}:49153/d.xml`,
  })

test('gssdp-discover finds every target of an advertiser by searching for all', async () => {
  const own = advertiser()
  cleanups.push(() => own.stop())
  await own.start()
  const { until, seen } = program('gssdp-discover', [
    '-i',
    'lo',
    '-t',
    'ssdp:all',
    '-n',
    '10',
    '-m',
    'available',
  ])
  const usns = [
    `${UDN}::upnp:rootdevice`,
    UDN,
    `${UDN}::${DEVICE_TYPE.managed}`,
    `${UDN}::urn:iotmc-org:service:Lifecycle:1`,
    `${UDN}::urn:iotmc-org:service:Configuration:1`,
  ]
  await until((lines) => usns.every((usn) => lines.includes(`USN:      ${usn}`)))
  expect(seen).toContain('Location: http://127.0.0.1:49152/d.xml')
})

test('gssdp-discover sees it arrive by its advertisements and leave by its byebye', async () => {
  const { until } = program('gssdp-discover', [
    '-i',
    'lo',
    '-t',
    DEVICE_TYPE.managed,
    '-n',
    '20',
    '-m',
    'all',
  ])
  const own = advertiser()
  await own.start()
  cleanups.push(() => own.stop())
  await until((lines) => lines.includes('resource available'))
  await own.stop()
  await until((lines) => lines.includes('resource unavailable'))
})

const DOCUMENT = `<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion><major>1</major><minor>1</minor></specVersion><device>
<deviceType>urn:schemas-upnp-org:device:BinaryLight:1</deviceType><friendlyName>Lamp</friendlyName>
<manufacturer>GNOME</manufacturer><modelName>Virtual Light</modelName><UDN>${UDN}</UDN></device></root>`

const finder = async (): Promise<Discovery> => {
  const discovery = new Discovery({
    clock: systemClock,
    interfaces: ['lo'],
    allowOffSubnet: false,
    mxS: 1,
    readDescription: async (url, signal) => parseDescription((await plainGet({ url, signal })).body, url),
  })
  cleanups.push(() => discovery.stop())
  await discovery.start()
  return discovery
}

const until = (discovery: Discovery, ready: () => boolean): Promise<void> =>
  new Promise((done) => {
    const check = (): void => {
      if (!ready()) return
      off()
      done()
    }
    const off = discovery.on('changed', check)
    check()
  })

const hostWith = (...headers: string[]) => {
  const folder = makeTempDir('iotmc-gupnp-')
  cleanups.push(() => folder.remove())
  mkdirSync(folder.path, { recursive: true })
  writeFileSync(join(folder.path, 'description.xml'), DOCUMENT)
  return program(PYTHON, [resolve(import.meta.dirname, 'gupnp/host.py'), 'lo', folder.path, ...headers])
}

test('a device hosted by GUPnP is listed, as not managed, with its description, and goes with its byebye', async () => {
  const host = hostWith()
  await host.until((lines) => lines.length > 0)
  const discovery = await finder()
  await until(discovery, () => discovery.get(UDN)?.description !== undefined)
  expect(discovery.get(UDN)).toMatchObject({
    deviceType: 'urn:schemas-upnp-org:device:BinaryLight:1',
    unmanagedReason: 'no-header',
    online: true,
    description: { friendlyName: 'Lamp', manufacturer: 'GNOME', modelName: 'Virtual Light' },
  })
  host.child.kill('SIGTERM')
  await until(discovery, () => discovery.get(UDN) === undefined)
})

test('the management header, put by GUPnP beside its own headers, is heard when the device arrives later', async () => {
  const discovery = await finder()
  hostWith(
    'MGMT.IOTMC-ORG',
    '1; phase=operation; caps=config; id=0123456789abcdef',
    'SECURELOCATION.UPNP.ORG',
    'https://127.0.0.1:49153/description.xml',
  )
  await until(discovery, () => discovery.get(UDN)?.claim !== undefined)
  expect(discovery.get(UDN)).toMatchObject({
    claim: { version: 1, phase: 'operation', capabilities: ['config'], identity: '0123456789abcdef' },
  })
  expect(discovery.get(UDN)?.unmanagedReason).toBeUndefined()
})
