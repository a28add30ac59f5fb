/** A controller with all its services on a socket, and everything that revocation reaches on its side. */
import { randomBytes, randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FirmwareBundle } from '../../electron/contract/firmware'
import { Transport } from '../../electron/discovery/transport'
import { EnrollmentService } from '../../electron/enrollment/service'
import { Repository } from '../../electron/firmware/repository'
import type { Authority } from '../../electron/identity/authority'
import { readCertificate } from '../../electron/identity/certificate'
import { generateKeyPem, publicKeyOf } from '../../electron/identity/keys'
import { derBlocks, sha256Hex } from '../../electron/identity/pem'
import { checkRequest, createRequest } from '../../electron/identity/request'
import { TrustStore } from '../../electron/identity/trust'
import { DeviceLink, type Sighting } from '../../electron/jobs/device-link'
import { systemClock } from '../../electron/net/clock'
import type { TlsIdentity } from '../../electron/net/tls'
import { issueClient } from '../../electron/site/client-certificates'
import { enrollmentStore } from '../../electron/site/enrollment-store'
import { type Hosted, startHosted } from '../../electron/site/hosted'
import { RevocationDesk } from '../../electron/site/revocation-desk'
import { Records } from '../../electron/store/records'
import { makeAuthority, makeFolder } from './device-site'

/** Somebody with a certificate of the site. */
export interface Member extends TlsIdentity {
  readonly udn: string
  readonly serialNumber: string
  readonly chainDer: readonly Buffer[]
}

export interface EnrolledDevice extends Member {
  readonly enrollmentId: string
  readonly idevid: Member
}

const MODEL = 'PX-200'

const member = (udn: string, keyPem: string, chainPem: string): Member => ({
  udn,
  keyPem,
  chainPem,
  serialNumber: readCertificate(chainPem).summary.serialNumber,
  chainDer: derBlocks(chainPem, 'CERTIFICATE'),
})

/** A bundle of nothing but bytes: what is in it is of no matter here. */
const fakeBundle = (folder: string, imageBytes: number) => {
  const image = randomBytes(imageBytes)
  const files = {
    manifest: join(folder, 'manifest.json'),
    signature: join(folder, 'manifest.p7s'),
    image: join(folder, 'image'),
  }
  writeFileSync(files.manifest, '{}')
  writeFileSync(files.signature, 'signature')
  writeFileSync(files.image, image)
  const id = sha256Hex(Buffer.from('{}'))
  const bundle: FirmwareBundle = {
    id,
    manifest: {
      format: 1,
      vendor: 'Example maker',
      model: MODEL,
      hardwareRevisions: ['C2'],
      version: '2.0.0',
      securityVersion: 1,
      releaseDate: '2026-01-01T00:00:00Z',
      image: { file: 'image.mjs', format: 'raw', size: image.length, sha256: sha256Hex(image) },
      probationHours: 24,
      notes: '',
    },
    signer: { subject: 'Example maker', fingerprint: '', notAfter: '' },
    bytes: image.length,
    addedAtMs: 0,
  }
  return { id, bundle, files }
}

/** What discovery would know of the devices, by UDN. */
export type Sightings = Map<string, Sighting>

export class RevokingSite {
  readonly sightings: Sightings = new Map()
  /** Called for Access.RefreshRevocationList of a device. */
  refresh: (udn: string) => Promise<number> = () => Promise.resolve(0)
  readonly audited: string[] = []
  /** Devices that leave, or have left, and are not taken in. */
  readonly left = new Set<string>()
  /** Devices that a person has let in. */
  readonly approved = new Set<string>()

  private constructor(
    readonly authority: Authority,
    readonly factory: Authority,
    readonly records: Records,
    readonly controller: Member,
  ) {}

  declare desk: RevocationDesk
  declare trust: TrustStore
  declare link: DeviceLink
  declare enrollment: EnrollmentService
  declare repository: Repository
  declare hosted: Hosted
  /** Path of a firmware image that is offered. */
  declare imagePath: string

  static async open(imageBytes = 1000): Promise<RevokingSite> {
    const [authority, factory] = [await makeAuthority('Site'), await makeAuthority('Factory')]
    const keyPem = generateKeyPem()
    const udn = `uuid:${randomUUID()}`
    const own = { publicKeySpki: publicKeyOf(keyPem), udn, role: 'Admin', name: 'Controller' } as const
    const { chainPem } = await authority.issueController({ ...own, now: new Date() })
    const controller = member(udn, keyPem, chainPem)
    const site = new RevokingSite(authority, factory, Records.open(':memory:'), controller)
    await site.start(imageBytes)
    return site
  }

  private async start(imageBytes: number): Promise<void> {
    const { authority, factory, records, controller } = this
    const clock = systemClock
    const now = () => clock.now()
    this.desk = await RevocationDesk.open({
      clock,
      records,
      authority,
      ownChainPem: () => controller.chainPem,
      nameOf: (udn) => records.devices.get(udn)?.name,
      online: (udn) => this.sightings.get(udn)?.online ?? false,
      refresh: (udn) => this.refresh(udn),
      trustChanged: () => {
        this.hosted?.rejudge()
        this.link?.rejudge()
      },
      enrollmentEnded: (udn) => this.audited.push(`ended ${udn}`),
      audit: (action, subject) => this.audited.push(`${action} ${subject}`),
    })
    this.trust = new TrustStore({
      roots: () => [factory.certificatePem],
      siteCa: () => authority.certificatePem,
      crls: () => [],
      revoked: () => this.desk.serials(),
      blocked: () => this.desk.blocked(),
      now,
    })
    this.link = new DeviceLink({
      clock,
      trust: this.trust,
      identity: () => controller,
      cas: () => [factory.certificatePem, authority.certificatePem],
      sighting: (udn) => this.sightings.get(udn),
    })
    this.enrollment = new EnrollmentService({
      trust: this.trust,
      store: enrollmentStore(records, authority, now),
      now,
      policy: () => ({
        mode: 'zero-touch',
        defaultGroup: 'Default',
        rules: [{ model: '*', serial: '*', group: 'Default' }],
      }),
      expected: () => [],
      verdict: (udn) => (this.approved.has(udn) ? { approved: true, group: 'Default' } : undefined),
      refuses: (udn) => (this.left.has(udn) ? 'DECOMMISSIONED' : undefined),
      groupVersion: () => 1,
      audit: () => undefined,
    })
    const { id, bundle, files } = fakeBundle(makeFolder('firmware'), imageBytes)
    this.imagePath = `/firmware/${id}/image`
    this.repository = new Repository({ library: { get: () => bundle, files: () => files } })
    this.repository.offer(id)
    this.hosted = await startHosted({
      clock,
      transport: new Transport({ clock, interfaces: ['lo'] }),
      udn: controller.udn,
      bootId: 1,
      siteName: 'Site',
      identity: controller,
      cas: [factory.certificatePem, authority.certificatePem],
      trust: this.trust,
      enrollment: this.enrollment,
      repository: this.repository,
      revocationList: () => this.desk.der(),
    })
  }

  get port(): number {
    return Number(new URL(this.hosted.callbackBase('127.0.0.1')).port)
  }

  /** A technician's program with a role of its own. */
  async client(role: 'Admin' | 'Basic'): Promise<Member> {
    const issued = await issueClient(
      {
        authority: this.authority,
        certificates: this.records.certificates,
        clock: systemClock,
        audit: () => undefined,
      },
      { role, name: `${role} program`, days: 30 },
    )
    return member(issued.udn, issued.keyPem, issued.chainPem)
  }

  /** A device that has enrolled here. */
  async device(serialNumber: string): Promise<EnrolledDevice> {
    const udn = `uuid:${randomUUID()}`
    const about = { udn, serialNumber, model: MODEL }
    const factoryKey = generateKeyPem()
    const csr = await checkRequest(await createRequest({ ...about, keyPem: factoryKey }), about)
    const { chainPem } = await this.factory.issueIdevid({ ...about, csr, now: new Date() })
    const idevid = member(udn, factoryKey, chainPem)
    const keyPem = generateKeyPem()
    const { enrollmentId } = await this.enrollment.enroll(
      {
        udn,
        model: MODEL,
        hardwareRevision: 'C2',
        firmwareVersion: '1.0.0',
        certificateRequest: await requestOf(about, keyPem),
      },
      idevid,
    )
    const answer = await this.enrollment.result(enrollmentId, idevid)
    this.enrollment.confirm(enrollmentId, answer.configurationVersion, idevid)
    return { ...member(udn, keyPem, answer.chainPem), enrollmentId, idevid }
  }

  async close(): Promise<void> {
    this.link.close()
    await this.desk.close()
    await this.hosted.stop()
    this.records.close()
  }
}

/** A request as it stands in an argument: base64 of its DER. */
export const requestOf = async (
  about: { readonly udn: string; readonly serialNumber: string; readonly model: string },
  keyPem: string,
): Promise<string> => {
  const [der] = derBlocks(await createRequest({ ...about, keyPem }), 'CERTIFICATE REQUEST')
  return der?.toString('base64') ?? ''
}
