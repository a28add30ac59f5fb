/** The reference device as a whole: its state, its services, its search for a controller. */
import { isDeepStrictEqual } from 'node:util'

import { asIotmcError } from '../contract/errors'
import type { UpdateState } from '../contract/firmware'
import type { Phase } from '../contract/phases'
import type { Discovery } from '../discovery/discovery'
import { Transport } from '../discovery/transport'
import { delay } from '../net/clock'
import { ControllerAccess } from './controller-access'
import { createListener } from './controller-listener'
import { Controllers } from './controllers'
import { deviceActions } from './device-actions'
import type { DeviceOptions } from './device-options'
import { DeviceDiagnostics } from './diagnostics'
import { EnrollmentDriver, type EnrollmentTools } from './enrollment-driver'
import { faultIdentity } from './fault-identity'
import { FaultSwitch } from './fault-switch'
import { FirmwareAgent } from './firmware-agent'
import { controllerFirmware } from './firmware-repository'
import { firmwareVariables } from './firmware-service'
import { FirmwareWatch } from './firmware-watch'
import { IdentityInUse } from './identity-in-use'
import { interfacesNow, joinNetwork } from './network'
import { Presence } from './presence'
import { Renewal } from './renewal'
import { RevocationList } from './revocation-list'
import { RevocationWatch } from './revocation-watch'
import { acceptAnchor } from './site-anchor'
import { slowedTo } from './slow-source'
import { Spread } from './spread'
import { nextBootId } from './state'
import { controllerThroughput } from './test-bandwidth'
import { finishWipe, type WipeTools } from './wipe'

/** An answer gets this long to leave before the sockets close under it. */
const REBOOT_DELAY_MS = 300
const START_AGAIN_MS = 2_000
/** How a device reacts to controllers that speak up: soon, but neither all at once nor at anybody's pace. */
const WAKE = { withinMs: 300, gapMs: 2_000 } as const

/** Part of a site. */
const isMember = (phase: Phase): boolean => phase === 'operation' || phase === 'maintenance'

const USES_STANDBY: readonly UpdateState[] = ['downloading', 'verifying', 'staged', 'rebooting', 'probation']

interface Parts {
  /** Where its sockets are. */
  readonly interfaces: readonly string[]
  readonly presence: Presence
  readonly listener: Discovery
  readonly access: ControllerAccess
  readonly identity: IdentityInUse
  readonly tools: EnrollmentTools
  readonly renewal: Renewal
  readonly watch: FirmwareWatch
  readonly revocation: RevocationWatch
  driver: EnrollmentDriver | undefined
}

export class ReferenceDevice {
  private readonly faults: FaultSwitch
  private readonly controllers: Controllers
  private readonly wake: Spread
  private readonly agent: FirmwareAgent
  private readonly diagnostics: DeviceDiagnostics
  private parts: Parts | undefined
  /** Wipes of which everything here knows. */
  private wipes: number
  private changing: Promise<unknown> = Promise.resolve()
  private readonly stopping = new AbortController()

  constructor(private readonly options: DeviceOptions) {
    this.wipes = options.store.current.wipes ?? 0
    this.faults = new FaultSwitch(options.faults, options.store, options.log)
    this.controllers = new Controllers(() => options.clock.now())
    this.wake = new Spread(() => this.onHeard(), { ...options, ...WAKE })
    this.agent = this.makeAgent()
    this.diagnostics = this.makeDiagnostics()
    options.host.on('running', () => this.agent.booted())
    options.host.on('fault', () => this.agent.trialOver())
    // A device that gets its identity while it runs.
    if (options.host.running) this.agent.booted()
  }

  /** Raises BOOTID, finishes what was cut short, opens the sockets. Gives the addresses to reach it at. */
  async start(): Promise<{ location: string; secureLocation: string }> {
    const { store, keys, clock } = this.options
    const { networks = [] } = this.options
    store.update({ bootId: nextBootId(store.current.bootId), wireless: networks.length > 0 || undefined })
    finishWipe(this.wipeTools)
    await this.options.host.comeUp()
    await joinNetwork(store, { ...this.options, networks, signal: this.stopping.signal })
    const { ldevidGeneration, enrollment, renewal } = store.current
    keys.removeExcept([ldevidGeneration, enrollment?.generation, renewal?.generation])
    const { openFactory } = this.options
    const substitute = await faultIdentity(this.faults, store.folder, store.current, openFactory, clock.now())
    acceptAnchor(this.options)
    const parts = this.makeParts(new IdentityInUse(store, keys, () => clock.now(), substitute))
    this.parts = parts
    this.diagnostics.start()
    const places = await parts.presence.start()
    await parts.listener.start()
    parts.renewal.start()
    parts.watch.start()
    parts.revocation.start()
    this.agent.start()
    this.followPhase()
    // A network may have come by cable meanwhile.
    if (this.belongsElsewhere()) this.enqueue(() => this.move())
    this.options.log('up', { bootId: store.current.bootId, ...places })
    return places
  }

  /** Says goodbye and closes everything; waits for what is under way. */
  async stop(): Promise<void> {
    this.stopping.abort()
    await this.options.host.stop()
    await this.changing
    await this.close()
  }

  /** To be told after phase, trust or network were changed in the store by another way than this device's services. */
  changed(): void {
    this.onPhase()
  }

  /** Starts again, with the next BOOTID, as `Reboot` does; without `image` the image is restarted by who asks. */
  restart({ image = true }: { readonly image?: boolean } = {}): void {
    this.enqueue(() => this.reboot(image))
  }

  /** To be told after the banks were changed by cable: what was planned by network is held against them. */
  banksChanged(): void {
    this.agent.trialOver()
  }

  /** Whether an update by network writes to the standby bank, or is about to start it. */
  usesStandby(): boolean {
    const state = this.agent.status().update?.state ?? 'idle'
    return USES_STANDBY.includes(state)
  }

  private async close(): Promise<void> {
    const { parts } = this
    this.parts = undefined
    this.wake.stop()
    if (!parts) return
    await this.diagnostics.stop()
    await this.agent.stop()
    await parts.watch.stop()
    parts.access.forget()
    await parts.revocation.stop()
    await Promise.all([parts.driver?.stop(), parts.renewal.stop()])
    await parts.listener.stop()
    await parts.presence.stop()
  }

  /** Announces the next BOOTID, closes every socket and starts afresh. */
  private async reboot(image: boolean): Promise<void> {
    const { clock, store, log } = this.options
    await delay(clock, REBOOT_DELAY_MS, this.stopping.signal)
    log('reboot')
    await this.parts?.presence.announceBoot(nextBootId(store.current.bootId))
    // The sockets first: nobody is to be answered by what has said that it goes.
    await this.close()
    if (image) {
      await this.options.host.stop()
      this.options.keeper.beginBoot()
    }
    await this.startAgain()
  }

  /** Says goodbye where it is, and starts where it belongs now: on the network it was given, or on its setup network. */
  private async move(): Promise<void> {
    const { clock, log } = this.options
    await delay(clock, REBOOT_DELAY_MS, this.stopping.signal)
    if (!this.belongsElsewhere()) return
    log('network-change')
    await this.startAgain()
  }

  private belongsElsewhere(): boolean {
    const { current } = this.options.store
    if (!this.parts) return false
    return current.joining !== undefined || !isDeepStrictEqual(this.parts.interfaces, this.interfaces())
  }

  private interfaces(): readonly string[] {
    return interfacesNow(this.options.store.current, this.options)
  }

  private async startAgain(): Promise<void> {
    const { clock, log } = this.options
    for (;;) {
      await this.close()
      if (this.stopping.signal.aborted) return
      try {
        await this.start()
        return
      } catch (thrown) {
        log('start-failed', { code: asIotmcError(thrown).code })
        await delay(clock, START_AGAIN_MS, this.stopping.signal)
      }
    }
  }

  /** One change at a time; a change that fails is logged, and the device goes on. */
  private enqueue(change: () => Promise<unknown>): void {
    this.changing = this.changing.then(change).catch((thrown: unknown) => {
      if (!this.stopping.signal.aborted)
        this.options.log('change-failed', { code: asIotmcError(thrown).code })
    })
  }

  private makeParts(identity: IdentityInUse): Parts {
    const { clock, random, log, store } = this.options
    const { faults, controllers } = this
    const interfaces = this.interfaces()
    const transport = new Transport({ clock, interfaces })
    const { agent, diagnostics } = this
    const list = new RevocationList({ folder: store.folder, anchor: () => store.current.anchorPem, log })
    const revoked = () => list.serials
    const presence = new Presence({
      ...{ clock, random, log, store, faults, interfaces, transport },
      identity: () => identity.shown(),
      actions: deviceActions({
        ...this.wipeTools,
        ...{ clock, log, faults, agent, diagnostics },
        revocation: () => revocation,
        identify: (seconds) => this.identify(seconds),
        reboot: () => this.restart(),
        onPhase: () => this.onPhase(),
        onConfigured: (version) => {
          presence.publish()
          this.parts?.driver?.configured(version)
        },
      }),
      revoked,
      firmware: () => firmwareVariables(agent),
      diagnostics: () => diagnostics.variables(),
    })
    const listener = createListener({
      ...{ clock, interfaces, transport, controllers },
      onHeard: () => this.wake.poke(),
    })
    const access = new ControllerAccess({
      controllers,
      anchor: () => store.current.anchorPem,
      now: () => clock.now(),
      revoked,
      log,
    })
    const member = () => (isMember(store.current.phase) ? controllers.best() : undefined)
    const revocation = new RevocationWatch({
      ...{ clock, log, list, access },
      identity: () => identity.shown(),
      controller: member,
      onChanged: () => {
        presence.rejudge()
        access.rejudge()
        watch.rejudge()
      },
    })
    const tools = this.tools(access, listener, identity)
    const renewal = new Renewal(tools)
    const watch = new FirmwareWatch({
      clock,
      log,
      model: () => store.current.model,
      anchor: () => store.current.anchorPem,
      revoked,
      controller: member,
      identity: () => identity.shown(),
      notifications: () => presence.notifications,
    })
    return {
      ...{ interfaces, presence, listener, access, identity, tools, renewal, watch, revocation },
      driver: undefined,
    }
  }

  private makeAgent(): FirmwareAgent {
    const { clock, random, log, store, banks, firmwareTrust: trust } = this.options
    const images = controllerFirmware({
      access: () => this.parts?.access,
      identity: () => this.parts?.identity.shown(),
      hasController: () => this.controllers.best() !== undefined && store.current.anchorPem !== undefined,
    })
    const source = slowedTo(images, this.options.downloadRate, clock)
    return new FirmwareAgent({
      ...{ clock, random, log, store, banks, source, trust },
      faults: this.faults,
      reboot: () => this.restart(),
      onChanged: () => this.parts?.presence.publish(),
      onPhase: () => this.onPhase(),
    })
  }

  private makeDiagnostics(): DeviceDiagnostics {
    const identity = () => this.parts?.identity.shown()
    return new DeviceDiagnostics({
      ...this.options,
      chosenFaults: this.options.faults,
      faults: this.faults,
      interfaces: () => this.interfaces(),
      controllerHost: () => this.controllers.host(),
      throughput: controllerThroughput({ access: () => this.parts?.access, identity }),
      publish: (values) => this.parts?.presence.tell(values),
    })
  }

  private tools(access: ControllerAccess, listener: Discovery, identity: IdentityInUse): EnrollmentTools {
    const { clock, random, log, store, keys } = this.options
    return {
      clock,
      random,
      log,
      store,
      keys,
      faults: this.faults,
      access,
      factoryIdentity: () => identity.factory(),
      hasController: () => this.controllers.best() !== undefined && store.current.anchorPem !== undefined,
      seek: () => listener.search(),
      onInstalled: () => this.onPhase(),
      onEnrolled: () => this.onPhase(),
    }
  }

  private onHeard(): void {
    if (acceptAnchor(this.options)) this.parts?.presence.refresh()
    this.followPhase()
    this.parts?.driver?.heard()
    this.parts?.renewal.heard()
    this.parts?.watch.heard()
    this.parts?.revocation.heard()
  }

  private onPhase(): void {
    const { phase } = this.options.store.current
    this.options.log('phase', { phase })
    this.followPhase()
    if ((this.options.store.current.wipes ?? 0) !== this.wipes) {
      this.onWiped()
      return
    }
    this.agent.phaseChanged()
    this.parts?.watch.heard()
    this.parts?.revocation.heard()
    if (this.belongsElsewhere()) this.enqueue(() => this.move())
    else this.enqueue(async () => this.parts?.presence.refresh())
    this.parts?.renewal.heard()
  }

  /** What is still in memory goes too: as after a reset nobody is connected, subscribed or remembered. */
  private onWiped(): void {
    this.wipes = this.options.store.current.wipes ?? 0
    this.agent.forget()
    this.enqueue(async () => {
      await delay(this.options.clock, REBOOT_DELAY_MS, this.stopping.signal)
      await this.startAgain()
    })
  }

  private get wipeTools(): WipeTools {
    const { store, keys, banks, keeper } = this.options
    return { store, keys, banks, keeper, faults: this.faults }
  }

  /** The enrolment client runs in commissioning, and where a certificate has ended that could not be renewed in time. */
  private followPhase(): void {
    const { parts } = this
    if (!parts) return
    const { phase, enrollment } = this.options.store.current
    const again = isMember(phase) && (enrollment !== undefined || parts.identity.isExpired())
    const wanted = phase === 'commissioning' || again
    if (wanted && !parts.driver) {
      parts.driver = new EnrollmentDriver(parts.tools)
      parts.driver.start()
    }
    if (wanted || !parts.driver) return
    // Told at once: what it still hears must not be stored any more.
    const stopped = parts.driver.stop()
    parts.driver = undefined
    this.enqueue(() => stopped)
  }

  private identify(seconds: number): void {
    const { clock, log } = this.options
    log('identify', { seconds })
    const cancel = clock.setTimer(() => log('identify-over'), seconds * 1000)
    this.stopping.signal.addEventListener('abort', cancel, { once: true })
  }
}
