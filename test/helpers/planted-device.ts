/** A real device process with a whole site on it: network, LDevID, configuration, log, staged image; and what must vanish. */
import { randomBytes, X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Authority } from '../../electron/identity/authority'
import { derBlocks } from '../../electron/identity/pem'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { ControllerDouble } from './controller-double'
import { type DeviceProcess, startDevice } from './device-process'
import { makeAuthority, makeClient, makeFolder, type SiteClient } from './device-site'
import { OfferedFirmware } from './offered-firmware'

/** A marker that chance doesn't make. */
const mark = (word: string): string => `${word}-${randomBytes(6).toString('hex')}`
/** Of the private number in PKCS #8 (P-256). */
const scalarOf = (der: Buffer): Buffer => der.subarray(36, 60)
/** Of the signature, which no other certificate has. */
const signatureOf = (pem: string): Buffer => new X509Certificate(pem).raw.subarray(-24)

export const derOfCrl = (pem: string): Buffer => derBlocks(pem, 'X509 CRL')[0] ?? Buffer.alloc(0)

export interface Secret {
  readonly name: string
  readonly bytes: Buffer
}

export class PlantedSite {
  private constructor(
    readonly site: Authority,
    readonly admin: SiteClient,
    readonly factory: string,
    readonly controller: ControllerDouble,
    private readonly firmware: OfferedFirmware,
    private readonly maker: Authority,
  ) {}

  /** A site whose controller is up. */
  static async make(): Promise<PlantedSite> {
    const site = await makeAuthority('Site')
    const admin = await makeClient(site, 'Admin')
    const factory = join(makeFolder('factory'), 'factory')
    const maker = await openPracticeFactory(factory)
    const firmware = new OfferedFirmware()
    const controller = new ControllerDouble({
      site,
      identity: admin,
      factoryRoot: () => readFileSync(join(factory, 'root.pem'), 'utf8'),
      firmware: firmware.repository,
    })
    await controller.start()
    return new PlantedSite(site, admin, factory, controller, firmware, maker)
  }

  /** Starts a device on a folder; anew it waits for a network. */
  start(state: string, ...extra: string[]): Promise<DeviceProcess> {
    const given = ['--state', state, '--interface', 'lo', '--factory', this.factory]
    return startDevice([...given, '--anchor', join(state, 'none'), '--phase', 'provisioning', ...extra])
  }

  /** Calls an action, `Service.Action`, where the device says that it is now. */
  async call(device: DeviceProcess, action: string, args: Record<string, string> = {}, as = this.admin) {
    const { secureLocation } = await device.ready
    const last = device.logs.findLast((line) => line.event === 'up')
    const place = typeof last?.secureLocation === 'string' ? last.secureLocation : secureLocation
    const [service = '', name = ''] = action.split('.')
    return this.controller.call(place, service as 'Lifecycle', name, args, as)
  }

  /** Publishes a list that revokes these serial numbers. */
  async publish(number: number, serials: readonly string[]): Promise<void> {
    const revoked = serials.map((serialNumber) => ({ serialNumber, atMs: Date.now() }))
    this.controller.crl = derOfCrl(await this.site.issueCrl(revoked, new Date(), number))
  }

  /** Brings a blank device into operation, and fills it with what a site leaves on one. */
  async plant(device: DeviceProcess, state: string): Promise<readonly Secret[]> {
    const { setupCode } = await device.ready
    const [credential, value, notes] = [mark('credential'), mark('value'), mark('notes')]
    await this.call(device, 'Lifecycle.ProvisionNetwork', {
      SetupCode: setupCode,
      Ssid: 'plant',
      Credential: credential,
      SiteTrustAnchor: this.site.certificatePem,
    })
    await device.log((line) => line.event === 'phase' && line.phase === 'operation')
    const group = mark('group')
    await this.call(device, 'Lifecycle.AssignGroup', { ManagementGroup: group })
    const Values = JSON.stringify({ 'Device.Location': value })
    await this.call(device, 'Configuration.SetValues', { ConfigurationVersion: '1', Values })
    const version = `1.5.0-${randomBytes(6).toString('hex')}`
    await this.firmware.offer(this.maker, { version, behaviour: 'healthy', padBytes: 300_000 }, { notes })
    const order = { Version: version, StartTime: '', ActivationTime: 'hold' }
    await this.call(device, 'Firmware.ScheduleFirmwareUpdate', order)
    await device.log((line) => line.event === 'update' && line.state === 'staged')
    const pem = (shape: RegExp): string =>
      readFileSync(join(state, readdirSync(state).find((name) => shape.test(name)) ?? ''), 'utf8')
    const [key = Buffer.alloc(0)] = derBlocks(pem(/^ldevid-\d+\.key$/), 'PRIVATE KEY')
    const chain = pem(/^ldevid-\d+\.pem$/)
    const text = (name: string, from: string): Secret => ({ name, bytes: Buffer.from(from) })
    return [
      text('credential', credential),
      text('value', value),
      text('group', group),
      text('notes', notes),
      text('image', version),
      // The log names who ordered it about.
      text('log', this.admin.udn.slice(5)),
      { name: 'key', bytes: scalarOf(key) },
      { name: 'certificate', bytes: signatureOf(chain) },
      { name: 'anchor', bytes: signatureOf(this.site.certificatePem) },
    ]
  }
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

/** Base64 of bytes wherever they begin in what is encoded, without the digits that their neighbours share. */
const inBase64 = (bytes: Buffer): string[] =>
  [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    return text.replace(/=+$/, '').slice(Math.ceil((before * 8) / 6), -2)
  })

/** Which secrets stand in which files of a folder: as bytes, hex, base64 or in the body of a PEM block. */
export const secretsIn = (folder: string, secrets: readonly Secret[]): string[] =>
  filesIn(folder).flatMap((path) => {
    const content = readFileSync(path)
    const text = content.toString('latin1').replace(/\s|\\n/g, '')
    const low = text.toLowerCase()
    return secrets
      .filter(
        ({ bytes }) =>
          content.includes(bytes) ||
          low.includes(bytes.toString('hex')) ||
          inBase64(bytes).some((form) => text.includes(form)),
      )
      .map(({ name }) => `${name} in ${path.slice(folder.length + 1)}`)
  })
