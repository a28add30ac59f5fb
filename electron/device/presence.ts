/** How a device is seen: its sockets, its certificate, its advertisements. */

import type { NetworkInterface } from '../contract/discovery'
import { IotmcError } from '../contract/errors'
import { DEVICE_TYPE, type ServiceName } from '../contract/names'
import { isActionAllowed } from '../contract/phases'
import { Advertiser } from '../discovery/advertise'
import { encodeManagementHeader } from '../discovery/mgmt-header'
import type { Transport } from '../discovery/transport'
import { claimId, readCertificate, splitPem } from '../identity/certificate'
import type { Clock, Random } from '../net/clock'
import type { HttpsServer } from '../net/https-server'
import { chooseInterfaces, listInterfaces, zoneOf } from '../net/interfaces'
import type { TlsIdentity } from '../net/tls'
import { UpnpEndpoint } from '../upnp/endpoint'
import type { NotifyRoutes } from '../upnp/notify-routes'
import { type ActionTable, bentActions } from './action-table'
import type { DiagnosticsVariables } from './diagnostics'
import type { FaultSwitch } from './fault-switch'
import type { FirmwareVariables } from './firmware-service'
import { onPort, startGarbageServer } from './garbage-server'
import type { DeviceLog } from './log'
import { judgeCaller, type Revoked } from './site-anchor'
import { nextBootId } from './state'
import type { StateFile } from './state-file'

/** No CONFIGID ever: the description of a device is fixed while it lives. */
const CONFIG_ID = 1
/** What a device lists. */
export const SERVICES: readonly ServiceName[] = [
  'Lifecycle',
  'Configuration',
  'Firmware',
  'Diagnostics',
  'Access',
]
/** A port on which nothing listens, for the fault `stale-location`. */
const DEAD_PORT = 9

export interface PresenceOptions {
  readonly clock: Clock
  readonly random: Random
  readonly log: DeviceLog
  readonly store: StateFile
  readonly faults: FaultSwitch
  readonly interfaces: readonly string[]
  /** Sockets shared with the search for controllers. */
  readonly transport: Transport
  /** The identity to show now. */
  readonly identity: () => TlsIdentity
  readonly actions: ActionTable
  /** What the site has revoked. */
  readonly revoked: Revoked
  /** The evented variables of Firmware:1 as they are now. */
  readonly firmware: () => FirmwareVariables
  /** Those of Diagnostics:1. */
  readonly diagnostics: () => DiagnosticsVariables
}

/** Every address that an interface is advertised on, as a socket is bound to it. */
const addressesOf = (iface: NetworkInterface): readonly string[] => [
  ...iface.addresses4.map(({ address }) => address),
  ...iface.addresses6LinkLocal.map((address) => `${address}%${zoneOf(iface)}`),
]

export class Presence {
  private readonly endpoint: UpnpEndpoint
  private readonly advertiser: Advertiser
  private claimed: { readonly chainPem: string; readonly id: string } | undefined
  private garbage: HttpsServer | undefined
  private shown: ({ phase: string; version: number } & FirmwareVariables) | undefined

  constructor(private readonly options: PresenceOptions) {
    this.endpoint = this.makeEndpoint()
    for (const { service, action, handler } of bentActions(options.actions, options.faults, options.clock)) {
      this.endpoint.handle(service, action, handler)
    }
    this.advertiser = this.makeAdvertiser()
  }

  /** Opens the sockets and speaks up. Gives the addresses under which the device is reached on its first interface. */
  async start(): Promise<{ location: string; secureLocation: string }> {
    await this.endpoint.start()
    this.publish()
    this.tell(this.options.diagnostics())
    if (this.options.faults.has('garbage-soap')) await this.startGarbage()
    if (!this.options.faults.has('never-advertise')) await this.advertiser.start()
    return this.places(this.firstAddress())
  }

  /** After a change of phase, identity or trust: new connections see it, subscribers and listeners are told. */
  refresh(): void {
    this.endpoint.updateTls({ identity: this.options.identity(), ...this.trust() })
    this.publish()
    if (!this.options.faults.has('never-advertise')) this.advertiser.announce()
  }

  /** What the site has revoked has changed: whoever is refused now loses connections and subscriptions at once. */
  rejudge(): void {
    this.endpoint.rejudge()
  }

  /** Tells subscribers what has changed since they were last told. */
  publish(): void {
    const { phase, configuration } = this.options.store.current
    const { version } = configuration
    if (this.shown?.phase !== phase) this.endpoint.publish('Lifecycle', { LifecycleState: phase })
    if (this.shown?.version !== version) {
      this.endpoint.publish('Configuration', { CurrentConfigurationVersion: String(version) })
    }
    const firmware = this.options.firmware()
    if (this.shown?.UpdateState !== firmware.UpdateState || this.shown.ActiveBank !== firmware.ActiveBank)
      this.endpoint.publish('Firmware', { ...firmware })
    this.shown = { phase, version, ...firmware }
  }

  /** Tells subscribers of Diagnostics:1 what has changed. */
  tell(values: DiagnosticsVariables): void {
    this.endpoint.publish('Diagnostics', values)
  }

  /** Where notifications for this device's own subscriptions arrive, and the address that they are sent to. */
  get notifications(): { routes: NotifyRoutes; callbackBase: string } {
    const { secureLocation } = this.endpoint.locations(this.firstAddress())
    return { routes: this.endpoint.routes, callbackBase: new URL(secureLocation).origin }
  }

  /** Announces that the next start will carry this BOOTID (UDA 2.0 §1.2.4). */
  async announceBoot(bootId: number): Promise<void> {
    if (!this.options.faults.has('never-advertise')) await this.advertiser.update(bootId)
  }

  /** Says goodbye, then closes every socket. */
  async stop(): Promise<void> {
    await this.advertiser.stop()
    await this.garbage?.close()
    await this.endpoint.close()
  }

  /** Where the device says that it is, seen from one of its addresses. */
  private places(address: string): { location: string; secureLocation: string } {
    const { location, secureLocation } = this.endpoint.locations(address)
    const port = this.garbage?.port
    return { location, secureLocation: port ? onPort(secureLocation, port) : secureLocation }
  }

  private async startGarbage(): Promise<void> {
    const host = this.firstAddress()
    const { location } = this.endpoint.locations(host)
    const { clientCas } = this.trust()
    this.garbage = await startGarbageServer({ host, identity: this.options.identity(), clientCas, location })
  }

  /** Read once for each certificate: it is asked for with each message. */
  private claim(): string {
    const { chainPem } = this.options.identity()
    if (this.claimed?.chainPem !== chainPem) {
      this.claimed = { chainPem, id: claimId(readCertificate(splitPem(chainPem)[0] ?? '').der) }
    }
    return this.claimed.id
  }

  private trust() {
    const { anchorPem } = this.options.store.current
    const clientCertificate = anchorPem ? ('required' as const) : ('optional' as const)
    return { clientCas: anchorPem ? [anchorPem] : [], clientCertificate }
  }

  private firstAddress(): string {
    const [first] = chooseInterfaces(listInterfaces(), this.options.interfaces)
    const [address4] = first?.addresses4 ?? []
    if (address4) return address4.address
    const [address6] = first?.addresses6LinkLocal ?? []
    return first && address6 ? `${address6}%${zoneOf(first)}` : '127.0.0.1'
  }

  private makeEndpoint(): UpnpEndpoint {
    const { store, faults, clock, log, interfaces, identity, revoked } = this.options
    const { udn, name, model, hardwareRevision, serialNumber } = store.current
    const chosen = chooseInterfaces(listInterfaces(), interfaces)
    const onlyLoopback = chosen.length > 0 && chosen.every((each) => each.loopback)
    return new UpnpEndpoint({
      udn,
      deviceType: DEVICE_TYPE.managed,
      friendlyName: name,
      manufacturer: 'IoTMC reference device',
      model,
      modelNumber: hardwareRevision,
      serialNumber,
      configId: () => CONFIG_ID,
      services: [...SERVICES],
      identity: identity(),
      ...this.trust(),
      judgePeer: (chainDer) => {
        if (faults.has('refuse-tls'))
          return { ok: false, code: 'IDENTITY_NOT_TRUSTED', detail: 'fault refuse-tls' }
        return judgeCaller(store.current.anchorPem, chainDer, () => clock.now(), revoked)
      },
      // On loopback alone nobody else may connect; what is advertised there has to answer all the same.
      ...(onlyLoopback ? { hosts: chosen.flatMap(addressesOf) } : {}),
      actionGuard: (service, action) => {
        const { phase } = store.current
        if (!isActionAllowed(phase, `${service}.${action}`))
          throw new IotmcError('WRONG_PHASE', { detail: phase })
      },
      loseEvents: () => faults.has('lose-events'),
      log,
    })
  }

  private makeAdvertiser(): Advertiser {
    const { store, faults, clock, random, interfaces, transport } = this.options
    const place = (url: string) => (faults.has('stale-location') ? onPort(url, DEAD_PORT) : url)
    return new Advertiser({
      clock,
      random,
      interfaces,
      transport,
      udn: store.current.udn,
      deviceType: DEVICE_TYPE.managed,
      services: [...SERVICES],
      bootId: () => store.current.bootId,
      raiseBootId: () => {
        store.update({ bootId: nextBootId(store.current.bootId) })
        return store.current.bootId
      },
      configId: () => CONFIG_ID,
      mgmt: () =>
        encodeManagementHeader({
          phase: store.current.phase,
          capabilities: ['enroll', 'config', 'ota', 'diag', 'wipe'],
          identity: this.claim(),
        }),
      location: (address) => place(this.places(address).location),
      secureLocation: (address) => place(this.places(address).secureLocation),
    })
  }
}
