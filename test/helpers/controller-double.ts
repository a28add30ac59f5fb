/** The least controller that a device can enrol with: real TLS, real advertisements, certificates of a real authority. */

import { IotmcError } from '../../electron/contract/errors'
import { CRL_PATH, DEVICE_TYPE, type ServiceName, serviceType } from '../../electron/contract/names'
import { THROUGHPUT_PREFIX, throughputServer } from '../../electron/diagnostics/throughput'
import { Advertiser } from '../../electron/discovery/advertise'
import { encodeManagementHeader } from '../../electron/discovery/mgmt-header'
import { FIRMWARE_PREFIX, type Repository } from '../../electron/firmware/repository'
import type { Authority } from '../../electron/identity/authority'
import { checkRequest } from '../../electron/identity/request'
import { TrustStore } from '../../electron/identity/trust'
import { systemClock, systemRandom } from '../../electron/net/clock'
import { HttpsClient } from '../../electron/net/https-client'
import { parseDescription } from '../../electron/upnp/description'
import { type ActionHandler, UpnpEndpoint } from '../../electron/upnp/endpoint'
import { SoapClient } from '../../electron/upnp/soap-client'
import type { SiteClient } from './device-site'

export interface DoubleOptions {
  readonly site: Authority
  readonly identity: SiteClient
  /** PEM of the factory root that it trusts. */
  readonly factoryRoot: () => string
  readonly bootId?: number
  /** Firmware that it offers; without it, it has no FirmwareRepository:1. */
  readonly firmware?: Repository
}

/** One call that a device made, with the kind of certificate it showed. */
export interface SeenCall {
  readonly action: string
  readonly udn: string | undefined
  readonly args: Readonly<Record<string, string>>
}

export class ControllerDouble {
  status: 'Approved' | 'Pending' | 'Rejected' = 'Approved'
  group = 'Pumps'
  /** 0 = no configuration is wanted. */
  version = 0
  validityDays = 90
  accept = true
  /** The revocation list that it publishes, DER; none unless set. */
  crl: Buffer | undefined
  readonly calls: SeenCall[] = []
  private readonly issued = new Map<string, string>()
  private readonly requests = new Map<string, Readonly<Record<string, string>>>()
  private readonly listeners = new Set<() => void>()
  private readonly trust: TrustStore
  private readonly endpoint: UpnpEndpoint
  private readonly advertiser: Advertiser

  constructor(private readonly options: DoubleOptions) {
    const { site, identity, factoryRoot, firmware } = options
    const services: ServiceName[] = firmware ? ['Enrollment', 'FirmwareRepository'] : ['Enrollment']
    this.trust = new TrustStore({
      roots: () => [factoryRoot()],
      siteCa: () => site.certificatePem,
      crls: () => [],
      now: () => Date.now(),
    })
    this.endpoint = new UpnpEndpoint({
      udn: identity.udn,
      deviceType: DEVICE_TYPE.controller,
      friendlyName: 'Double',
      manufacturer: 'Test',
      model: 'Double',
      serialNumber: '1',
      configId: () => 1,
      services,
      identity,
      clientCas: [factoryRoot(), site.certificatePem],
      clientCertificate: 'required',
      judgePeer: (chainDer) => this.trust.judge(chainDer),
    })
    for (const [action, handler] of Object.entries(this.actions())) {
      this.endpoint.handle('Enrollment', action, (args, context) => {
        this.calls.push({ action, udn: context.peerUdn, args })
        for (const look of [...this.listeners]) look()
        return handler(args, context)
      })
    }
    if (firmware) this.offerFirmware(firmware)
    const throughput = throughputServer()
    this.endpoint.serve(
      THROUGHPUT_PREFIX,
      async (req, res) => void (await throughput(req, res, req.url ?? '')),
    )
    this.endpoint.serve(CRL_PATH, async (_req, res) => {
      if (this.crl) res.writeHead(200, { 'content-length': this.crl.length }).end(this.crl)
    })
    this.advertiser = new Advertiser({
      clock: systemClock,
      random: systemRandom,
      interfaces: ['lo'],
      udn: identity.udn,
      deviceType: DEVICE_TYPE.controller,
      services,
      bootId: () => options.bootId ?? 1,
      configId: () => 1,
      mgmt: () => encodeManagementHeader({ capabilities: ['enroll'] }),
      location: (address) => this.endpoint.locations(address).location,
      secureLocation: (address) => this.endpoint.locations(address).secureLocation,
    })
  }

  async start(): Promise<void> {
    await this.endpoint.start()
    await this.advertiser.start()
  }

  async stop(): Promise<void> {
    await this.advertiser.stop()
    await this.endpoint.close()
  }

  private offerFirmware(firmware: Repository): void {
    const publish = () =>
      this.endpoint.publish('FirmwareRepository', { FirmwareAvailable: firmware.availability() })
    for (const [action, handler] of Object.entries(firmware.actions))
      this.endpoint.handle('FirmwareRepository', action, handler)
    this.endpoint.serve(FIRMWARE_PREFIX, async (req, res) => {
      const served = await firmware.serveFile(req, res, (req.url ?? '').split('?')[0] ?? '')
      if (!served) res.writeHead(404, { 'content-length': 0 }).end()
    })
    firmware.onChange(publish)
    publish()
  }

  announce(): void {
    this.advertiser.announce()
  }

  /** Where events for this controller's subscriptions arrive, once it is started. */
  get notifications() {
    const { secureLocation } = this.endpoint.locations('127.0.0.1')
    return { routes: this.endpoint.routes, callbackBase: new URL(secureLocation).origin }
  }

  /** A connection as this controller that trusts its site and its factory. */
  client(): HttpsClient {
    const { identity, factoryRoot, site } = this.options
    const cas = [factoryRoot(), site.certificatePem]
    return new HttpsClient({ identity, cas, judgePeer: (peer) => this.trust.judge(peer.chainDer) })
  }

  /** Resolves with the n-th call of an action, past or to come. */
  called(action: string, n = 1): Promise<SeenCall> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.calls.filter((call) => call.action === action)[n - 1]
        if (!found) return
        this.listeners.delete(look)
        resolve(found)
      }
      this.listeners.add(look)
      look()
    })
  }

  /** Calls an action of a device as this controller, or as another client. */
  async call(
    secureLocation: string,
    service: ServiceName,
    action: string,
    args: Record<string, string> = {},
    identity: SiteClient = this.options.identity,
  ): Promise<Record<string, string>> {
    const cas = [this.options.factoryRoot(), this.options.site.certificatePem]
    const client = new HttpsClient({ identity, cas, judgePeer: (peer) => this.trust.judge(peer.chainDer) })
    try {
      const answer = await client.request({ url: secureLocation, method: 'GET' })
      const description = parseDescription(answer.body, secureLocation)
      const found = description.services.find((each) => each.serviceType === serviceType(service))
      if (!found) throw new IotmcError('INVALID_ACTION')
      const target = { serviceType: found.serviceType, controlUrl: found.controlUrl, name: service }
      return await new SoapClient({ client }).call(target, action, args)
    } finally {
      await client.close()
    }
  }

  /** Opens TLS to a device and rejects unless its certificate is genuine and names this UDN. */
  async prove(secureLocation: string, udn: string): Promise<void> {
    const { identity, factoryRoot, site } = this.options
    const client = new HttpsClient({
      identity,
      cas: [factoryRoot(), site.certificatePem],
      judgePeer: (peer) => this.trust.judge(peer.chainDer, { udn }),
    })
    try {
      await client.request({ url: secureLocation, method: 'GET' })
    } finally {
      await client.close()
    }
  }

  private async certificate(request: string, udn: string, validityDays: number): Promise<string> {
    const known = this.issued.get(request)
    if (known) return known
    const csr = await checkRequest(request, { udn })
    const serialNumber = csr.serialNumber ?? ''
    const subject = { csr, udn, serialNumber, model: 'PX-200', now: new Date() }
    const { chainPem } = await this.options.site.issueLdevid({ ...subject, validityDays })
    this.issued.set(request, chainPem)
    return chainPem
  }

  private actions(): Record<string, ActionHandler> {
    return {
      Enroll: (args, context) => {
        if (context.peerUdn !== args.DeviceUDN) throw new IotmcError('UDN_MISMATCH')
        const id = `e-${args.DeviceUDN?.slice(5, 13)}`
        this.requests.set(id, args)
        return { EnrollmentId: id, Status: this.status, RetryAfter: '1' }
      },
      GetEnrollmentResult: async (args) => {
        const request = this.requests.get(args.EnrollmentId ?? '')
        if (!request) throw new IotmcError('DEVICE_UNKNOWN')
        if (this.status === 'Pending') throw new IotmcError('PENDING')
        if (this.status === 'Rejected') throw new IotmcError('REJECTED')
        const chain = await this.certificate(
          request.CertificateRequest ?? '',
          request.DeviceUDN ?? '',
          this.validityDays,
        )
        return {
          CertificateChain: chain,
          ManagementGroup: this.group,
          ConfigurationVersion: String(this.version),
        }
      },
      ConfirmEnrollment: (args) => {
        if (!this.requests.has(args.EnrollmentId ?? '')) throw new IotmcError('DEVICE_UNKNOWN')
        if (Number(args.ConfigurationVersion) !== this.version) throw new IotmcError('PENDING')
        return { Accepted: this.accept ? '1' : '0' }
      },
      RenewCertificate: async (args, context) => ({
        CertificateChain: await this.certificate(args.CertificateRequest ?? '', context.peerUdn ?? '', 90),
      }),
    }
  }
}
