/** The serial side of a device: it holds the port open, serves commands there, and comes back when it was unplugged. */
import { asIotmcError } from '../contract/errors'
import { SMP_LIMITS } from '../contract/smp'
import { type Clock, delay, type Random } from '../net/clock'
import type { ByteLink, openLink } from '../serial/link'
import { SmpServer } from '../serial/smp-server'
import type { BankStore } from './bank-store'
import type { Board } from './board'
import type { BootloaderMode } from './bootloader-info'
import type { SerialPlace } from './cable-arguments'
import { CableFaults } from './cable-faults'
import { type CableTable, cableTable } from './cable-handlers'
import { Chatter } from './chatter'
import { FaultSwitch } from './fault-switch'
import type { FaultName, FaultPlaces } from './faults'
import { FaultyLink } from './faulty-link'
import type { DeviceLog } from './log'
import type { LogKeeper } from './log-keeper'

/** The smallest that this profile allows, so that chains and images always come in parts. */
const BUFFERS = { bufferBytes: SMP_LIMITS.iotmcBufferMinBytes, bufferCount: 4 } as const
const OPEN_AGAIN_MS = 200
const BOOT_MS = 300
const UNPLUGGED_MS = 1_000
/** An answer gets this long to leave before the reset that it answers. */
const RESET_DELAY_MS = 300

export interface SerialSideOptions {
  readonly clock: Clock
  readonly random: Random
  readonly log: DeviceLog
  readonly board: Board
  readonly place: SerialPlace
  readonly openLink: typeof openLink
  readonly faults: readonly FaultName[]
  readonly places: FaultPlaces
  /** How long the secure element takes for a key. */
  readonly keygenMs: number
  /** Told once the identity is locked in. */
  readonly onLocked: () => void
  /** Told after a stored change of phase, trust or network. */
  readonly onPhase: () => void
  /** Told when a reset was ordered. Nothing is answered until what it gives has settled: the image that answers has to run. */
  readonly onReset: () => Promise<unknown>
  readonly banks: BankStore
  /** Keeps the log that a wipe takes with it. */
  readonly keeper?: LogKeeper
  readonly bootloaderMode?: BootloaderMode
  /** Whether an update by network writes to the standby bank, or is about to start it. */
  readonly bankTaken?: () => boolean
  /** Told after a cable has marked, confirmed or erased an image. */
  readonly onBanks?: () => void
  /** Whether the image of the active bank runs; it always does unless told. */
  readonly imageRuns?: () => boolean
}

/** Why serving came to its end. */
type Ending = 'gone' | 'reboot' | 'unplug'

export class SerialSide {
  private readonly stopping = new AbortController()
  private readonly faults: FaultSwitch
  private readonly cableFaults: CableFaults
  private readonly table: CableTable
  private running: Promise<void> = Promise.resolve()
  private end: (why: Ending) => void = () => undefined
  private starting: Promise<unknown> = Promise.resolve()

  constructor(private readonly options: SerialSideOptions) {
    const { clock, board, log, places } = options
    const { signal } = this.stopping
    this.faults = new FaultSwitch(options.faults, board, log)
    this.cableFaults = new CableFaults({
      clock,
      faults: this.faults,
      places,
      signal,
      end: (why) => this.end(why),
    })
    this.table = cableTable({
      ...options,
      faults: this.faults,
      cableFaults: this.cableFaults,
      buffers: BUFFERS,
      bootloaderMode: options.bootloaderMode ?? 'swap',
      bankTaken: options.bankTaken ?? (() => false),
      imageRuns: options.imageRuns ?? (() => true),
      onBanks: options.onBanks ?? (() => undefined),
      signal,
      reset: () => this.resetSoon(),
    })
  }

  /** Resolves after the first try to open the port, whatever came of it; further tries go on in the background. */
  start(): Promise<void> {
    return new Promise((tried) => {
      this.running = this.run(tried)
        .catch((thrown: unknown) => {
          if (!this.stopping.signal.aborted)
            this.options.log('serial-failed', { code: asIotmcError(thrown).code })
        })
        .finally(tried)
    })
  }

  /** Closes the port; waits for the command that is being carried out. */
  async stop(): Promise<void> {
    this.stopping.abort()
    this.end('gone')
    await this.running
  }

  /** Falls silent until `started` has settled: nobody answers while nothing runs. */
  restart(started: Promise<unknown>): void {
    // How it comes out is its owner's to know.
    this.starting = Promise.allSettled([this.starting, started])
    this.end('reboot')
  }

  private resetSoon(): void {
    const { clock, onReset } = this.options
    const cancel = clock.setTimer(() => {
      this.restart(onReset())
    }, RESET_DELAY_MS)
    this.stopping.signal.addEventListener('abort', cancel, { once: true })
  }

  private async run(tried: () => void): Promise<void> {
    const { clock, log } = this.options
    const { signal } = this.stopping
    for (;;) {
      const link = await this.open(tried)
      log('serial-open', { path: link.path })
      const ending = await this.hold(link, tried)
      await link.close()
      log('serial-closed', { path: link.path })
      await delay(clock, ending === 'unplug' ? UNPLUGGED_MS : OPEN_AGAIN_MS, signal)
    }
  }

  private async open(tried: () => void): Promise<ByteLink> {
    const { clock, log, place } = this.options
    const { path, baudRate } = place
    const { signal } = this.stopping
    for (let said = false; ; said = true) {
      try {
        return await this.options.openLink(path, { ...(baudRate ? { baudRate } : {}), signal })
      } catch (thrown) {
        if (signal.aborted) throw thrown
        if (!said) log('serial-missing', { path, code: asIotmcError(thrown).code })
        tried()
        await delay(clock, OPEN_AGAIN_MS, signal)
      }
    }
  }

  /** Serves a link through any number of boots, until it is gone or unplugged. */
  private async hold(link: ByteLink, tried: () => void): Promise<Ending> {
    const { clock, log } = this.options
    const { signal } = this.stopping
    const gone = link.gone.then(() => 'gone' as const)
    for (;;) {
      const ended = new Promise<Ending>((end) => {
        this.end = end
      })
      const ending = await this.serve(link, Promise.race([gone, ended]), tried)
      if (ending !== 'reboot' || signal.aborted) return ending
      log('serial-reboot')
      const booted = delay(clock, BOOT_MS, signal)
        .then(() => this.started())
        .catch(() => undefined)
      if ((await Promise.race([gone, booted])) === 'gone' || signal.aborted) return 'gone'
    }
  }

  /** Resolves when what was told to start has; at once on `stop`. */
  private async started(): Promise<void> {
    const { signal } = this.stopping
    const stopped = new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    for (let before: unknown; before !== this.starting; ) {
      before = this.starting
      await Promise.race([this.starting, stopped])
    }
  }

  private async serve(link: ByteLink, ended: Promise<Ending>, tried: () => void): Promise<Ending> {
    const { clock, place } = this.options
    if (this.stopping.signal.aborted) return 'gone'
    const chatter = this.chatter(link)
    const faulty = new FaultyLink(link, {
      nextDamage: () => this.cableFaults.nextDamage(),
      noise: () => chatter.noise(),
    })
    const { framing } = place
    const server = new SmpServer({ link: faulty, framing, ...BUFFERS, handlers: this.table, clock })
    if (!this.faults.has('not-smp')) await server.start()
    chatter.start()
    tried()
    const ending = await ended
    faulty.mute()
    chatter.stop()
    await server.stop()
    return ending
  }

  private chatter(link: ByteLink): Chatter {
    const noisy = this.faults.has('garbage')
    const speaks = noisy || this.faults.has('not-smp')
    return new Chatter(link, speaks ? { ...this.options, noisy } : undefined)
  }
}
