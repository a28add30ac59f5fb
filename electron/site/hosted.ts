/** The controller as a UPnP device: ManagementController:1 over mutual TLS, advertised with capability `enroll`, and `ota` where it offers firmware. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { CRL_PATH, DEVICE_TYPE } from '../contract/names'
import { THROUGHPUT_PREFIX, throughputServer } from '../diagnostics/throughput'
import { Advertiser } from '../discovery/advertise'
import { encodeManagementHeader } from '../discovery/mgmt-header'
import type { Transport } from '../discovery/transport'
import { enrollmentActions } from '../enrollment/actions'
import type { EnrollmentService } from '../enrollment/service'
import { FIRMWARE_PREFIX } from '../firmware/repository'
import { certificateDer, claimId } from '../identity/pem'
import type { TrustStore } from '../identity/trust'
import { type Clock, systemRandom } from '../net/clock'
import type { TlsIdentity } from '../net/tls'
import {
  type ActionHandler,
  type Confinement,
  type FileHandler,
  pathOf,
  UpnpEndpoint,
} from '../upnp/endpoint'
import type { NotifyRoutes } from '../upnp/notify-routes'

/** What FirmwareRepository:1 is answered with; `Repository` fits it. */
export interface HostedRepository {
  readonly actions: Readonly<Record<string, ActionHandler>>
  /** Value of FirmwareAvailable. */
  availability(): string
  onChange(listener: () => void): () => void
  /** False for a path that is not one of its files. */
  serveFile(req: IncomingMessage, res: ServerResponse, path: string): Promise<boolean>
}

export interface HostedOptions {
  readonly clock: Clock
  readonly transport: Transport
  readonly udn: string
  readonly bootId: number
  readonly siteName: string
  readonly identity: TlsIdentity
  readonly cas: readonly string[]
  readonly trust: TrustStore
  readonly enrollment: EnrollmentService
  /** Without it no firmware is offered and the capability `ota` is not advertised. */
  readonly repository?: HostedRepository
  /** DER of the revocation list as it is published now. */
  readonly revocationList?: () => Buffer
}

export interface Hosted {
  /** Where events of our own subscriptions arrive. */
  readonly routes: NotifyRoutes
  /** `https://address:port` for a device that reaches us at `address`. */
  callbackBase(address: string): string
  announce(): void
  /** After the trust store has changed. */
  setCas(cas: readonly string[]): void
  /** After somebody has lost the site's trust, or is not welcome any more: ends what is open to them, at once. */
  rejudge(): void
  stop(): Promise<void>
}

const CONFIG_ID = 1

/** Puts the repository behind its service; returns the way to end its events. */
const hostRepository = (endpoint: UpnpEndpoint, repository: HostedRepository): (() => void) => {
  for (const [action, handler] of Object.entries(repository.actions)) {
    endpoint.handle('FirmwareRepository', action, handler)
  }
  endpoint.serve(FIRMWARE_PREFIX, async (req, res) => {
    // What it leaves unanswered the endpoint answers with 404.
    await repository.serveFile(req, res, pathOf(req))
  })
  const publish = (): void =>
    endpoint.publish('FirmwareRepository', { FirmwareAvailable: repository.availability() })
  publish()
  return repository.onChange(publish)
}

/** The list whole, as a revocation list travels over HTTP (RFC 5280 §4.2.1.13, RFC 2585 §4.2). */
const serveList =
  (list: () => Buffer): FileHandler =>
  async (req, res) => {
    // A path that only begins like it is left to the endpoint, which answers 404.
    if (pathOf(req) !== CRL_PATH) return
    const der = list()
    res.writeHead(200, {
      'content-type': 'application/pkix-crl',
      'content-length': der.length,
      'cache-control': 'no-cache',
    })
    res.end(req.method === 'HEAD' ? undefined : der)
  }

/** A factory identity proves what a device is, not that it is welcome: one that is not may ask to be let in, and no more. */
const confined = (
  trust: TrustStore,
  enrollment: Pick<EnrollmentService, 'notWelcome'>,
  chainDer: readonly Buffer[],
): Confinement | undefined => {
  const verdict = trust.judge(chainDer)
  if (!verdict.ok || verdict.kind !== 'IDevID') return undefined
  const code = enrollment.notWelcome(verdict.udn ?? '', verdict.chain.at(-1)?.fingerprint ?? '')
  return code && { to: 'Enrollment', code }
}

/** Starts serving and advertising. Errors: NETWORK_UNAVAILABLE when no port can be opened. */
export const startHosted = async (options: HostedOptions): Promise<Hosted> => {
  const { clock, udn, trust, enrollment } = options
  const endpoint = new UpnpEndpoint({
    udn,
    deviceType: DEVICE_TYPE.controller,
    friendlyName: `IoTMC Technician ${options.siteName}`.slice(0, 63),
    manufacturer: 'IoTMC Technician',
    model: 'IoTMC Technician',
    serialNumber: udn.slice(5, 13),
    configId: () => CONFIG_ID,
    services: ['Enrollment', 'FirmwareRepository'],
    identity: options.identity,
    clientCas: options.cas,
    clientCertificate: 'required',
    judgePeer: (chainDer) => trust.judge(chainDer),
    confined: (chainDer) => confined(trust, enrollment, chainDer),
  })
  for (const [action, handler] of Object.entries(enrollmentActions(enrollment))) {
    endpoint.handle('Enrollment', action, handler)
  }
  const throughput = throughputServer()
  endpoint.serve(THROUGHPUT_PREFIX, async (req, res) => void (await throughput(req, res, pathOf(req))))
  const { repository, revocationList } = options
  if (revocationList) endpoint.serve(CRL_PATH, serveList(revocationList))
  const endRepository = repository ? hostRepository(endpoint, repository) : () => undefined
  await endpoint.start()
  const advertiser = new Advertiser({
    clock,
    random: systemRandom,
    interfaces: [],
    transport: options.transport,
    udn,
    deviceType: DEVICE_TYPE.controller,
    services: ['Enrollment', 'FirmwareRepository'],
    bootId: () => options.bootId,
    configId: () => CONFIG_ID,
    mgmt: () =>
      encodeManagementHeader({
        capabilities: repository ? ['enroll', 'ota'] : ['enroll'],
        identity: claimId(certificateDer(options.identity.chainPem)),
      }),
    location: (address) => endpoint.locations(address).location,
    secureLocation: (address) => endpoint.locations(address).secureLocation,
  })
  await advertiser.start()
  return {
    routes: endpoint.routes,
    callbackBase: (address) => new URL(endpoint.locations(address).secureLocation).origin,
    announce: () => advertiser.announce(),
    setCas: (cas) => endpoint.updateTls({ clientCas: cas }),
    rejudge: () => endpoint.rejudge(),
    stop: async () => {
      endRepository()
      await advertiser.stop()
      await endpoint.close()
    },
  }
}
