/**
 * Devices that are commissioned, all in one process and in memory only: each with a real endpoint (mutual TLS, SOAP), real
 * keys, requests and certificates, and the reference device's own rules of configuration. What they leave out: writing to
 * disk, and waiting before they ask again; each asks for its certificate once it was looked at. Goes on until it is killed.
 * Those that report health do so once a line on standard input says how often: reports a second of each.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { valuesSchema } from '../../../electron/contract/configuration'
import { DEVICE_TYPE, serviceType } from '../../../electron/contract/names'
import { parametersOf } from '../../../electron/device/models'
import {
  applyChange,
  factoryConfiguration,
  type StoredConfiguration,
} from '../../../electron/device/parameters'
import { readCertificate, splitPem } from '../../../electron/identity/certificate'
import { generateKeyPem } from '../../../electron/identity/keys'
import { derBlocks } from '../../../electron/identity/pem'
import { createRequest } from '../../../electron/identity/request'
import { type Clock, systemClock } from '../../../electron/net/clock'
import { HttpsClient } from '../../../electron/net/https-client'
import type { TlsIdentity } from '../../../electron/net/tls'
import { UpnpEndpoint } from '../../../electron/upnp/endpoint'
import { SoapClient } from '../../../electron/upnp/soap-client'

interface Input {
  readonly url: string
  readonly anchorPem: string
  /** They have the Diagnostics service too. */
  readonly health?: boolean
  readonly identities: readonly {
    udn: string
    serialNumber: string
    model: 'PX-200'
    keyPem: string
    chainPem: string
  }[]
}

const input = JSON.parse(readFileSync(process.env.IOTMC_BENCH_INPUT ?? '', 'utf8')) as Input
const CAPS = input.health ? 'enroll,config,diag' : 'enroll,config'
const ENROLLMENT = {
  serviceType: serviceType('Enrollment'),
  controlUrl: new URL('/control/Enrollment', input.url).href,
  name: 'Enrollment' as const,
}
const AGAIN_MS = 100

/** Moderation is for devices in the field: here each report counts as late enough to leave. */
let virtualMs = Date.now()
const hurried: Clock = {
  now: () => {
    virtualMs += 10_000
    return virtualMs
  },
  setTimer: (callback, ms) => systemClock.setTimer(callback, ms),
}

/** The moment of its making, in s with fractions, travels as the uptime. */
const healthReport = (): string => {
  const nowMs = performance.timeOrigin + performance.now()
  return JSON.stringify({
    time: new Date(nowMs).toISOString(),
    clockSynchronised: true,
    boot: 1,
    uptimeS: nowMs / 1000,
    intervalS: 60,
    temperatureC: 41 + Math.sin(nowMs / 5000),
    supplyV: 12.04,
    memoryFreeBytes: 123_456,
    memoryTotalBytes: 262_144,
    link: { name: 'eth0', up: true, speedMbps: 100, errors: 0 },
    counts: { critical: 0, error: 0, warning: 3 },
  })
}
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

const asking = async <T>(identity: TlsIdentity, use: (soap: SoapClient) => Promise<T>): Promise<T> => {
  const client = new HttpsClient({ identity, cas: [input.anchorPem], judgePeer: () => ({ ok: true }) })
  try {
    return await use(new SoapClient({ client }))
  } finally {
    await client.close()
  }
}

class Device {
  private phase = 'commissioning'
  private group = ''
  private ldevid: TlsIdentity | undefined
  private configuration: StoredConfiguration
  private begun = false
  private configured: () => void = () => undefined
  private readonly endpoint: UpnpEndpoint
  ports = { httpPort: 0, httpsPort: 0 }

  constructor(readonly factory: Input['identities'][number]) {
    const { udn, model, serialNumber, keyPem, chainPem } = factory
    this.configuration = factoryConfiguration(parametersOf(model))
    this.endpoint = new UpnpEndpoint({
      ...{ udn, model, serialNumber, identity: { keyPem, chainPem } },
      deviceType: DEVICE_TYPE.managed,
      friendlyName: serialNumber,
      manufacturer: 'Bench',
      configId: () => 1,
      services: ['Lifecycle', 'Configuration', ...(input.health ? (['Diagnostics'] as const) : [])],
      clock: hurried,
      clientCas: [input.anchorPem],
      clientCertificate: 'optional',
      hosts: ['127.0.0.1'],
      judgePeer: () => ({ ok: true, role: 'Admin' }),
    })
    this.endpoint.handle('Lifecycle', 'GetLifecycleState', () => this.state())
    if (input.health) {
      this.endpoint.handle('Diagnostics', 'GetHealth', () => ({ Health: healthReport() }))
      this.report()
    }
    this.endpoint.handle('Configuration', 'GetSupportedParameters', () => ({
      Parameters: JSON.stringify(parametersOf(model)),
    }))
    this.endpoint.handle('Configuration', 'GetValues', () => ({
      ConfigurationVersion: String(this.configuration.version),
      Values: JSON.stringify(this.configuration.values),
    }))
    this.endpoint.handle('Configuration', 'SetValues', (args) => {
      const change = valuesSchema.parse(JSON.parse(args.Values ?? ''))
      const version = Number(args.ConfigurationVersion)
      this.configuration = applyChange(parametersOf(model), this.configuration, version, change)
      this.configured()
      return { ConfigurationVersion: String(this.configuration.version), Errors: '[]' }
    })
  }

  async start(): Promise<void> {
    this.ports = await this.endpoint.start()
  }

  private state(): Record<string, string> {
    if (!this.begun) {
      this.begun = true
      this.enroll().catch((thrown: unknown) => console.error(this.factory.udn, thrown))
    }
    const leaf = splitPem(this.ldevid?.chainPem ?? '')[0]
    return {
      DeviceUDN: this.factory.udn,
      LifecycleState: this.phase,
      Model: this.factory.model,
      SerialNumber: this.factory.serialNumber,
      FirmwareVersion: '1.0.0',
      HardwareRevision: 'C2',
      ConfigurationVersion: String(this.configuration.version),
      LdevidSerial: leaf ? readCertificate(leaf).summary.serialNumber : '',
      ManagementGroup: this.group,
    }
  }

  private async enroll(): Promise<void> {
    const { udn, serialNumber, model, keyPem, chainPem } = this.factory
    const ownKeyPem = generateKeyPem()
    const pem = await createRequest({ keyPem: ownKeyPem, udn, serialNumber, model })
    const CertificateRequest = derBlocks(pem, 'CERTIFICATE REQUEST')[0]?.toString('base64') ?? ''
    const about = { DeviceUDN: udn, Model: model, HardwareRevision: 'C2', FirmwareVersion: '1.0.0' }
    const { EnrollmentId, result } = await asking({ keyPem, chainPem }, async (soap) => {
      let answer = await soap.call(ENROLLMENT, 'Enroll', { ...about, CertificateRequest })
      while (answer.Status === 'Pending') {
        await pause(AGAIN_MS)
        answer = await soap.call(ENROLLMENT, 'Enroll', { ...about, CertificateRequest })
      }
      const { EnrollmentId = '' } = answer
      return { EnrollmentId, result: await soap.call(ENROLLMENT, 'GetEnrollmentResult', { EnrollmentId }) }
    })
    const ldevid = { keyPem: ownKeyPem, chainPem: result.CertificateChain ?? '' }
    this.ldevid = ldevid
    this.group = result.ManagementGroup ?? ''
    this.endpoint.updateTls({ identity: ldevid })
    const wanted = Number(result.ConfigurationVersion)
    if (this.configuration.version !== wanted)
      await new Promise<void>((done) => {
        this.configured = () => {
          if (this.configuration.version === wanted) done()
        }
      })
    const ConfigurationVersion = String(this.configuration.version)
    const confirmed = await asking(ldevid, (soap) =>
      soap.call(ENROLLMENT, 'ConfirmEnrollment', { EnrollmentId, ConfigurationVersion }),
    )
    if (confirmed.Accepted !== '1') throw new Error('not confirmed')
    this.phase = 'operation'
  }

  /** Tells all subscribers how it is. */
  report(): void {
    this.endpoint.publish('Diagnostics', { Health: healthReport() })
  }

  advertisement(): Buffer {
    const { udn } = this.factory
    const { httpPort, httpsPort } = this.ports
    return Buffer.from(
      [
        'NOTIFY * HTTP/1.1',
        'HOST: 239.255.255.250:1900',
        'CACHE-CONTROL: max-age=1800',
        `LOCATION: http://127.0.0.1:${httpPort}/description.xml`,
        `SECURELOCATION.UPNP.ORG: https://127.0.0.1:${httpsPort}/description.xml`,
        `NT: ${DEVICE_TYPE.managed}`,
        'NTS: ssdp:alive',
        'SERVER: Linux/6 UPnP/2.0 Bench/1',
        `USN: ${udn}::${DEVICE_TYPE.managed}`,
        'BOOTID.UPNP.ORG: 1',
        'CONFIGID.UPNP.ORG: 1',
        `MGMT.IOTMC-ORG: 1; phase=${this.phase}; caps=${CAPS}; id=0123456789abcdef`,
        '',
        '',
      ].join('\r\n'),
    )
  }
}

const BURST = 50
const socket = createSocket('udp4')
socket.bind(0, '127.0.0.1')
await once(socket, 'listening')
socket.setMulticastInterface('127.0.0.1')
socket.setMulticastLoopback(true)
const devices = input.identities.map((identity) => new Device(identity))
for (const device of devices) await device.start()
let reporting: NodeJS.Timeout[] = []
createInterface({ input: process.stdin }).on('line', (line) => {
  for (const timer of reporting) clearTimeout(timer)
  const everyMs = 1000 / Number(line)
  reporting = devices.map((device, n) => {
    const go = (): void => {
      device.report()
      reporting[n] = setTimeout(go, everyMs)
    }
    return setTimeout(go, (n / devices.length) * everyMs)
  })
})
for (;;) {
  for (const [n, device] of devices.entries()) {
    socket.send(device.advertisement(), 1900, '239.255.255.250')
    if (n % BURST === 0) await pause(10)
  }
  // What was dropped on the way is said again, as devices do.
  await pause(20_000)
}
