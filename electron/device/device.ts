/** The reference device as a whole: its state, its services, its search for a controller. */
import { delay, type Clock, type Random } from '../net/clock'
import { asIotmcError } from '../contract/errors'
import type { Discovery } from '../discovery/discovery'
import { Transport } from '../discovery/transport'
import type { Authority } from '../identity/authority'
import type { TlsIdentity } from '../net/tls'
import { configurationActions } from './configuration-service'
import { ControllerAccess } from './controller-access'
import { createListener } from './controller-listener'
import { Controllers } from './controllers'
import { EnrollmentDriver, type EnrollmentTools } from './enrollment-driver'
import { faultIdentity } from './fault-identity'
import { FaultSwitch } from './fault-switch'
import type { FaultName } from './faults'
import type { KeyFiles } from './key-files'
import { lifecycleActions, wipe } from './lifecycle-service'
import type { DeviceLog } from './log'
import { Presence } from './presence'
import { Renewal } from './renewal'
import { readAnchorFile } from './site-anchor'
import { nextBootId } from './state'
import type { StateFile } from './state-file'

export interface DeviceOptions {
  readonly clock: Clock
  readonly random: Random
  readonly log: DeviceLog
  readonly store: StateFile
  readonly keys: KeyFiles
  readonly interfaces: readonly string[]
  readonly faults: readonly FaultName[]
  /** Where a site leaves its authority's certificate; looked at until there is one. */
  readonly anchorFile: string | undefined
  readonly openFactory: () => Promise<Authority>
}

/** An answer gets this long to leave before the sockets close under it. */
const REBOOT_DELAY_MS = 300

interface Parts {
  readonly presence: Presence
  readonly listener: Discovery
  readonly access: ControllerAccess
  readonly renewal: Renewal
  driver: EnrollmentDriver | undefined
}

export class ReferenceDevice {
  private readonly faults: FaultSwitch
  private readonly controllers: Controllers
  private substitute: TlsIdentity | undefined
  private parts: Parts | undefined
  private changing: Promise<unknown> = Promise.resolve()
  private readonly stopping = new AbortController()

  constructor(private readonly options: DeviceOptions) {
    this.faults = new FaultSwitch(options.faults, options.store, options.log)
    this.controllers = new Controllers(() => options.clock.now())
  }

  /** Raises BOOTID, finishes a wipe that was cut short, opens the sockets. Gives the addresses to reach it at. */
  async start(): Promise<{ location: string; secureLocation: string }> {
    const { store, keys, clock } = this.options
    store.update({ bootId: nextBootId(store.current.bootId) })
    if (store.current.phase === 'decommissioning') wipe(store, keys)
    const { ldevidGeneration, enrollment, renewal } = store.current
    keys.removeExcept([ldevidGeneration, enrollment?.generation, renewal?.generation])
    this.substitute = await faultIdentity(
      this.faults,
      store.folder,
      store.current,
      this.options.openFactory,
      clock.now(),
    )
    this.lookForAnchor()
    const parts = this.makeParts()
    this.parts = parts
    const places = await parts.presence.start()
    await parts.listener.start()
    parts.renewal.start()
    this.followPhase()
    return places
  }

  /** Says goodbye and closes everything; waits for what is under way. */
  async stop(): Promise<void> {
    this.stopping.abort()
    await this.changing
    await this.close()
  }

  private async close(): Promise<void> {
    const { parts } = this
    this.parts = undefined
    if (!parts) return
    parts.access.forget()
    await Promise.all([parts.driver?.stop(), parts.renewal.stop()])
    await parts.listener.stop()
    await parts.presence.stop()
  }

  /** Announces the next BOOTID, closes every socket and starts afresh. */
  private async reboot(): Promise<void> {
    const { clock, store, log } = this.options
    await delay(clock, REBOOT_DELAY_MS, this.stopping.signal)
    log('reboot')
    await this.parts?.presence.announceBoot(nextBootId(store.current.bootId))
    await this.close()
    if (!this.stopping.signal.aborted) await this.start()
  }

  /** One change at a time; a change that fails is logged, and the device goes on. */
  private enqueue(change: () => Promise<unknown>): void {
    this.changing = this.changing.then(change).catch((thrown: unknown) => {
      if (!this.stopping.signal.aborted) this.options.log('change-failed', { code: asIotmcError(thrown).code })
    })
  }

  private identity(): TlsIdentity {
    const { store, keys } = this.options
    const { ldevidGeneration } = store.current
    if (this.substitute) return this.substitute
    return ldevidGeneration === undefined ? keys.idevid() : keys.ldevid(ldevidGeneration)
  }

  private makeParts(): Parts {
    const { clock, random, log, store, keys, interfaces } = this.options
    const { faults, controllers } = this
    const onPhase = () => this.onPhase()
    const transport = new Transport({ clock, interfaces })
    const presence = new Presence({
      clock,
      random,
      log,
      store,
      faults,
      interfaces,
      transport,
      identity: () => this.identity(),
      actions: {
        Lifecycle: lifecycleActions({
          clock,
          log,
          store,
          keys,
          identify: (seconds) => this.identify(seconds),
          reboot: () => this.enqueue(() => this.reboot()),
          onPhase,
        }),
        Configuration: configurationActions({
          store,
          faults,
          onConfigured: (version) => {
            log('configured', { version })
            presence.publish()
            this.parts?.driver?.configured(version)
          },
        }),
      },
    })
    const listener = createListener({ clock, interfaces, transport, controllers, onHeard: () => this.onHeard() })
    const access = new ControllerAccess({
      controllers,
      anchor: () => store.current.anchorPem,
      now: () => clock.now(),
      log,
    })
    return { presence, listener, access, renewal: new Renewal(this.tools(access, listener)), driver: undefined }
  }

  private tools(access: ControllerAccess, listener: Discovery): EnrollmentTools {
    const { clock, random, log, store, keys } = this.options
    return {
      clock,
      random,
      log,
      store,
      keys,
      faults: this.faults,
      access,
      factoryIdentity: () => this.substitute ?? keys.idevid(),
      hasController: () => this.controllers.best() !== undefined && store.current.anchorPem !== undefined,
      seek: () => listener.search(),
      onInstalled: () => this.onPhase(),
      onEnrolled: () => this.onPhase(),
    }
  }

  private onHeard(): void {
    if (this.lookForAnchor()) this.parts?.presence.refresh()
    this.parts?.driver?.heard()
    this.parts?.renewal.heard()
  }

  private onPhase(): void {
    const { phase } = this.options.store.current
    this.options.log('phase', { phase })
    this.followPhase()
    this.enqueue(async () => this.parts?.presence.refresh())
    this.parts?.renewal.heard()
  }

  /** The enrolment client runs in commissioning and nowhere else. */
  private followPhase(): void {
    const { parts } = this
    if (!parts) return
    const wanted = this.options.store.current.phase === 'commissioning'
    if (wanted && !parts.driver) {
      parts.driver = new EnrollmentDriver(this.tools(parts.access, parts.listener))
      parts.driver.start()
    }
    if (wanted || !parts.driver) return
    const { driver } = parts
    parts.driver = undefined
    this.enqueue(() => driver.stop())
  }

  /** True when an anchor was found that was not there before. Once accepted it stays until the device is wiped. */
  private lookForAnchor(): boolean {
    const { store, anchorFile, clock, log } = this.options
    const { phase, anchorPem } = store.current
    if (phase !== 'commissioning' || anchorPem || !anchorFile) return false
    try {
      const found = readAnchorFile(anchorFile, clock.now())
      if (!found) return false
      store.update({ anchorPem: found })
      log('anchor-accepted')
      return true
    } catch (thrown) {
      const error = asIotmcError(thrown)
      log('anchor-refused', { code: error.code, ...(error.detail ? { detail: error.detail } : {}) })
      return false
    }
  }

  private identify(seconds: number): void {
    const { clock, log } = this.options
    log('identify', { seconds })
    const cancel = clock.setTimer(() => log('identify-over'), seconds * 1000)
    this.stopping.signal.addEventListener('abort', cancel, { once: true })
  }
}
