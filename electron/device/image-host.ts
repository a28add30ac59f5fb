/**
 * The image that a device runs: started by a boot step in a process of its own, watched while it runs. What its end means
 * for the banks is stored here too, so that it holds for every way an image came. A confirmed image that fails is
 * started again, later each time; the device stays reachable meanwhile.
 */
import { activeSlot, type RollbackReason, type Slot } from '../contract/banks'
import { asIotmcError, IotmcError } from '../contract/errors'
import { FIRMWARE_TIMINGS } from '../contract/timings'
import { type Clock, delay } from '../net/clock'
import type { BankStore } from './bank-store'
import type { BootLine, RunningImage } from './boot-lines'
import { OVERWRITE } from './boot-overwrite'
import { BootProcess, type BootProgram, bootBesideThis } from './boot-process'
import type { DeviceLog } from './log'

export interface ImageHostOptions {
  readonly clock: Clock
  readonly log: DeviceLog
  readonly banks: BankStore
  /** `boot.js` beside the running program unless told. */
  readonly program?: BootProgram | undefined
  /** A file of certificates that the boot step trusts beside those that the device was made with. */
  readonly anchorFile?: string | undefined
  /** The bootloader keeps one image only: what a cable has marked replaces what ran. */
  readonly overwrites?: boolean | undefined
  /** `FIRMWARE_TIMINGS` unless told. */
  readonly timings?: { readonly bootMs: number; readonly watchdogMs: number } | undefined
}

export interface ImageEvents {
  /** An image runs; the table says so already. */
  readonly running: (image: RunningImage) => void
  /** The image failed. If it was on trial, the table says already that this is over. */
  readonly fault: (reason: RollbackReason) => void
  /** A failed trial was stored: the device is to restart, this host with it. Where nobody listens, only the image does. */
  readonly reboot: () => void
}

const AGAIN_MS = { first: 500, max: 60_000 } as const
/** So often a confirmed image is tried before the device goes on without it, and tries again beside its work. */
const TRIES_BEFORE_GOING_ON = 3

export class ImageHost {
  private readonly listeners: { [E in keyof ImageEvents]: Set<ImageEvents[E]> } = {
    running: new Set(),
    fault: new Set(),
    reboot: new Set(),
  }
  private process: BootProcess | undefined
  private prepared: BootProcess | undefined
  #running: RunningImage | undefined
  private coming: Promise<RunningImage | undefined> | undefined
  private stopping = new AbortController()
  /** Failures since an image last ran for as long as the longest pause. */
  private failures = 0
  private ranSinceMs = 0
  private cancelWatch: () => void = () => undefined
  private sawLife = false

  constructor(private readonly options: ImageHostOptions) {}

  /** What runs now. */
  get running(): RunningImage | undefined {
    return this.#running
  }

  /** Returns what ends the listening. */
  on<E extends keyof ImageEvents>(event: E, listener: ImageEvents[E]): () => void {
    this.listeners[event].add(listener)
    return () => this.listeners[event].delete(listener)
  }

  /**
   * One start of what the boot step chooses; resolves when it runs. NO_STANDBY_BANK where no bank verifies,
   * ACTION_FAILED where the image ended or was silent for `bootMs`, CANCELLED by `stop`.
   */
  async start(): Promise<RunningImage> {
    if (this.#running) return this.#running
    if (this.process) throw new IotmcError('BUSY', { detail: 'an image is being started' })
    const boot = this.prepared ?? this.spawn()
    this.prepared = undefined
    this.process = boot
    boot.listen((line) => this.onLine(boot, line))
    void boot.ended.then((why) => this.onEnd(boot, why))
    return boot.running(this.options.clock, this.timings.bootMs)
  }

  /** Has the boot step work ahead, unheard, until `start` or `comeUp`. */
  prepare(): void {
    this.prepared ??= this.spawn()
  }

  private spawn(): BootProcess {
    const { banks, program = bootBesideThis(), anchorFile, overwrites } = this.options
    banks.handOver()
    const args = [...(overwrites ? [OVERWRITE] : []), banks.folder, ...(anchorFile ? [anchorFile] : [])]
    return new BootProcess(args, program)
  }

  /**
   * Starts until an image runs, and says which; a trial that fails ends in the bank before it. Undefined where no bank
   * can be started: a confirmed image is tried again by itself then. Does nothing while one runs. CANCELLED by `stop`.
   */
  comeUp(): Promise<RunningImage | undefined> {
    if (this.#running) return Promise.resolve(this.#running)
    this.coming ??= this.tryUntilUp().finally(() => {
      this.coming = undefined
    })
    return this.coming
  }

  /** Ends the image and its boot step; waits for both. Afterwards it may be started again. */
  async stop(): Promise<void> {
    this.stopping.abort()
    this.stopping = new AbortController()
    const { process, prepared } = this
    this.prepared = undefined
    this.quiet()
    await Promise.all([process?.end(), prepared?.end()])
    // What it had decided counts, heard or not.
    if (prepared) this.options.banks.taken()
    await this.coming?.catch(() => undefined)
  }

  private get timings() {
    return this.options.timings ?? FIRMWARE_TIMINGS
  }

  private async tryUntilUp(): Promise<RunningImage | undefined> {
    const { signal } = this.stopping
    const { clock, log } = this.options
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.start()
      } catch (thrown) {
        if (signal.aborted) throw new IotmcError('CANCELLED', { cause: thrown })
        const { code, detail } = asIotmcError(thrown)
        log('image-failed', { code, ...(detail ? { detail } : {}) })
        if (code === 'NO_STANDBY_BANK') {
          log('no-image')
          return undefined
        }
        // A trial is given up by the boot step, which counts its starts.
        if (this.options.banks.table.trial) continue
        if (tries >= TRIES_BEFORE_GOING_ON) {
          this.againLater()
          return undefined
        }
        await delay(clock, this.pauseMs(), signal)
      }
    }
  }

  private onLine(boot: BootProcess, line: BootLine): void {
    if (boot !== this.process) return
    const { banks, log, clock } = this.options
    switch (line.event) {
      case 'booting':
        banks.taken()
        log('booting', { slot: line.slot, version: line.version })
        if (line.rolledBack) this.tellFault(line.rolledBack)
        return
      case 'running': {
        const image = boot.image
        if (!image || this.#running) return
        if (this.onTrial(image.slot)) banks.apply({ type: 'running' })
        this.#running = image
        this.ranSinceMs = clock.now()
        this.sawLife = true
        this.watch(boot)
        log('running', { ...image })
        for (const listener of [...this.listeners.running]) listener(image)
        return
      }
      case 'alive':
        this.sawLife = true
        return
      case 'error':
        this.onFault(boot, 'error-reported', line.code)
        return
      case 'health':
        if (!line.ok) this.onFault(boot, 'health-check')
        return
      default:
    }
  }

  private onTrial(slot: Slot): boolean {
    const { table } = this.options.banks
    return table.trial !== undefined && activeSlot(table) === slot
  }

  /** Looks once in each period; a sign of life that only waits to be read counts. */
  private watch(boot: BootProcess): void {
    const { clock } = this.options
    this.cancelWatch = clock.setTimer(
      () =>
        setImmediate(() => {
          if (boot !== this.process || !this.#running) return
          if (!this.sawLife) {
            this.onFault(boot, 'watchdog')
            return
          }
          this.sawLife = false
          this.watch(boot)
        }),
      this.timings.watchdogMs,
    )
  }

  private onEnd(boot: BootProcess, why: string): void {
    if (boot !== this.process) return
    if (this.#running) {
      this.onFault(boot, 'error-reported', why)
      return
    }
    this.process = undefined
    this.options.banks.taken()
  }

  private onFault(boot: BootProcess, reason: RollbackReason, detail?: string): void {
    const image = this.#running
    // Before it runs, a failure is one of the start.
    if (!image || boot !== this.process) return
    const { banks, log, clock } = this.options
    log('image-fault', { ...image, reason, ...(detail ? { detail } : {}) })
    if (clock.now() - this.ranSinceMs > AGAIN_MS.max) this.failures = 0
    const trial = this.onTrial(image.slot)
    this.quiet()
    const ended = boot.end()
    if (trial) banks.apply({ type: 'faulted', reason })
    this.tellFault(reason)
    if (!trial) this.againLater(ended)
    else if (this.listeners.reboot.size === 0) void ended.then(() => this.comeUpLater())
    for (const listener of trial ? [...this.listeners.reboot] : []) listener()
  }

  private tellFault(reason: RollbackReason): void {
    for (const listener of [...this.listeners.fault]) listener(reason)
  }

  private againLater(ended: Promise<void> = Promise.resolve()): void {
    const { signal } = this.stopping
    ended
      .then(() => delay(this.options.clock, this.pauseMs(), signal))
      .then(
        () => this.comeUpLater(),
        () => undefined,
      )
  }

  private comeUpLater(): void {
    this.comeUp().catch((thrown: unknown) => {
      const { code } = asIotmcError(thrown)
      if (code !== 'CANCELLED') this.options.log('image-failed', { code })
    })
  }

  private pauseMs(): number {
    this.failures += 1
    return Math.min(AGAIN_MS.first * 2 ** (this.failures - 1), AGAIN_MS.max)
  }

  /** Nothing that the process says from now on counts. */
  private quiet(): void {
    this.cancelWatch()
    this.cancelWatch = () => undefined
    if (this.process) this.options.banks.taken()
    this.process = undefined
    this.#running = undefined
  }
}
