/** What GSSDP and a bare multicast listener see of our controller and of our device. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { certificateDer, claimId } from '../../electron/identity/pem'
import { type DeviceOnStage, openssl, type Serving, Stage, tool } from './stage'

let stage: Stage
let device: DeviceOnStage
let controller: Serving

const CONTROLLER_TARGETS = [
  '',
  '::upnp:rootdevice',
  '::urn:iotmc-org:device:ManagementController:1',
  '::urn:iotmc-org:service:Enrollment:1',
  '::urn:iotmc-org:service:FirmwareRepository:1',
]
const DEVICE_TARGETS = [
  '',
  '::upnp:rootdevice',
  '::urn:iotmc-org:device:ManagedDevice:1',
  '::urn:iotmc-org:service:Access:1',
  '::urn:iotmc-org:service:Configuration:1',
  '::urn:iotmc-org:service:Diagnostics:1',
  '::urn:iotmc-org:service:Firmware:1',
  '::urn:iotmc-org:service:Lifecycle:1',
]

beforeAll(async () => {
  stage = new Stage()
  device = await stage.device('PX200-00001')
  controller = await stage.serve()
})
afterAll(() => stage?.close())

interface Resource {
  readonly usn: string
  readonly location: string
}

const gssdpDiscover = async (...args: readonly string[]): Promise<Resource[]> => {
  const { out } = await tool('gssdp-discover', ['--interface', 'lo', '--timeout', '3', ...args])
  return [...out.matchAll(/USN:\s+(\S+)\s+Location:\s+(\S+)/g)].map(([, usn = '', location = '']) => ({
    usn,
    location,
  }))
}

it('gssdp-discover lists both with every one of their targets, and where they are', async () => {
  const seen = await gssdpDiscover()
  const of = (udn: string) =>
    [...new Set(seen.filter(({ usn }) => usn.startsWith(udn)).map(({ usn }) => usn))].sort()
  expect(of(controller.udn)).toEqual(CONTROLLER_TARGETS.map((target) => controller.udn + target).sort())
  expect(of(device.udn)).toEqual(DEVICE_TARGETS.map((target) => device.udn + target).sort())
  const port = (url: string) => new URL(url).port
  for (const { usn, location } of seen) {
    expect(port(location)).toBe(port(usn.startsWith(device.udn) ? device.location : controller.location))
  }
})

it('gssdp-discover that asks for one device type gets that one alone', async () => {
  const seen = await gssdpDiscover('--target', 'urn:iotmc-org:device:ManagedDevice:1')
  expect(new Set(seen.map(({ usn }) => usn))).toEqual(
    new Set([`${device.udn}::urn:iotmc-org:device:ManagedDevice:1`]),
  )
})

const socketsOnPort1900 = (): number => readFileSync('/proc/self/net/udp', 'utf8').split(':076C ').length - 1

/** The SSDP group as socat hears it, message by message; no code of ours but the splitting at blank lines. */
class Ear {
  private text = ''
  private readonly before = socketsOnPort1900()
  private readonly child: ChildProcess
  private wake = (): void => undefined

  constructor() {
    const address = 'UDP4-RECV:1900,ip-add-membership=239.255.255.250:lo,reuseaddr'
    this.child = spawn('socat', ['-u', address, '-'], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.child.stdout?.on('data', (chunk) => {
      this.text += String(chunk)
      this.wake()
    })
  }

  /** The header lines, as sent, of the first message that fits. */
  async message(fits: (lines: readonly string[]) => boolean): Promise<readonly string[]> {
    for (;;) {
      const messages = this.text.split('\r\n\r\n').slice(0, -1)
      const found = messages.map((message) => message.split('\r\n')).find(fits)
      if (found) return found
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
  }

  /** Resolves when one more socket has port 1900: what is sent from then on is heard. */
  async listening(): Promise<void> {
    while (socketsOnPort1900() <= this.before) await new Promise(setImmediate)
  }

  close(): void {
    this.child.kill('SIGKILL')
  }
}

it('every header of the profile is on the wire, as a bare listener reads it', async () => {
  const ear = new Ear()
  try {
    await ear.listening()
    // A device that starts announces itself; this one starts when the ear is open.
    const late = await stage.device('PX200-00002')
    const alive = (target: string) => (lines: readonly string[]) =>
      lines.includes('NTS: ssdp:alive') && lines.includes(`USN: ${late.udn}::${target}`)
    const lines = await ear.message(alive('urn:iotmc-org:device:ManagedDevice:1'))
    const id = claimId(certificateDer(readFileSync(join(late.folder, 'idevid.pem'), 'utf8')))
    expect(lines[0]).toBe('NOTIFY * HTTP/1.1')
    expect(lines).toEqual(
      expect.arrayContaining([
        'HOST: 239.255.255.250:1900',
        'CACHE-CONTROL: max-age=1800',
        `LOCATION: ${late.location}`,
        `SECURELOCATION.UPNP.ORG: ${late.secureLocation}`,
        'BOOTID.UPNP.ORG: 1',
        'CONFIGID.UPNP.ORG: 1',
        `MGMT.IOTMC-ORG: 1; phase=commissioning; caps=enroll,config,ota,diag,wipe; id=${id}`,
      ]),
    )
    // The hint names the certificate that TLS will show.
    const fingerprint = await openssl(
      'x509',
      '-in',
      join(late.folder, 'idevid.pem'),
      '-noout',
      '-fingerprint',
      '-sha256',
    )
    expect(fingerprint.replace(/:/g, '').toLowerCase()).toContain(id)

    await stage.end(late.program)
    const goodbye = await ear.message(
      (all) => all.includes('NTS: ssdp:byebye') && all.includes(`USN: ${late.udn}`),
    )
    expect(goodbye).toContain('BOOTID.UPNP.ORG: 1')
  } finally {
    ear.close()
  }
})

it('the controller says that it takes enrolments', async () => {
  const ear = new Ear()
  try {
    await ear.listening()
    await stage.end(controller.program)
    controller = await stage.serve()
    const lines = await ear.message(
      (all) =>
        all.includes('NTS: ssdp:alive') &&
        all.includes(`USN: ${controller.udn}::urn:iotmc-org:device:ManagementController:1`) &&
        all.includes('BOOTID.UPNP.ORG: 2'),
    )
    const header = lines.find((line) => line.startsWith('MGMT.IOTMC-ORG: '))
    expect(header).toMatch(/^MGMT\.IOTMC-ORG: 1; caps=enroll,ota; id=[0-9a-f]{16}$/)
    expect(lines).toContain(`SECURELOCATION.UPNP.ORG: ${controller.secureLocation}`)
  } finally {
    ear.close()
  }
})
