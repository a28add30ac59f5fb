/** How every device of the site is: takes reports in, judges them, keeps them, and tells what changed. */
import type {
  DeviceHealth,
  HealthReport,
  MetricValues,
  SeriesAnswer,
  SeriesRequest,
  Threshold,
} from '../contract/health'
import { IPC_LIMITS } from '../contract/timings'
import { nextAlarms, rejudge } from '../diagnostics/thresholds'
import type { Clock } from '../net/clock'
import {
  type GapReason,
  gapBefore,
  type Hearing,
  healthView,
  type Kept,
  newKept,
  quietAfterMs,
} from './health-kept'
import { type Arrival, hasRestarted, isKnown, metricsOf } from './health-report'
import { startTicking } from './health-tick'

/** Where samples and gaps go; HealthStore fits it. */
export interface HealthKeeper {
  record(udn: string, atMs: number, values: MetricValues): void
  gap(udn: string, fromMs: number, toMs: number, reason: GapReason): void
  series(request: SeriesRequest, signal?: AbortSignal): Promise<SeriesAnswer>
  /** When the newest sample of a device was taken, in an earlier run too. */
  lastAtMs?(udn: string): number | undefined
}

export interface HealthDeskOptions {
  readonly clock: Clock
  readonly store: HealthKeeper
  readonly thresholds: readonly Threshold[]
  /** The devices of this site, heard or not. */
  readonly udns: () => Iterable<string>
  readonly isOurs: (udn: string) => boolean
  /** When a device's certificate ends, ISO. */
  readonly certificateEnd: (udn: string) => string | undefined
  /** Whether a job is at work on the device: a restart under it says nothing. */
  readonly isWorkedOn?: (udn: string) => boolean
}

const TICK_MS = 1_000
const CERTIFICATES_EVERY_MS = 60_000
/** For so long after sleep nobody counts as quiet: the network has to come up, subscriptions have to be made anew. */
const WOKE_GRACE_MS = 20_000
/** For so long a restart is worth attention. */
const RESTART_SHOWN_MS = 10 * 60_000

export class HealthDesk {
  private readonly kept = new Map<string, Kept>()
  private readonly dirty = new Set<string>()
  /** Feed, level and alarms as last told, so that a row of the list is touched only when it looks different. */
  private readonly standings = new Map<string, string>()
  private readonly changeListeners = new Set<(changed: readonly DeviceHealth[]) => void>()
  private readonly standingListeners = new Set<(udns: readonly string[]) => void>()
  private readonly quietListeners = new Set<(udn: string) => void>()
  private readonly endTicks: () => void
  private cancelFlush: (() => void) | undefined
  private closed = false
  private certificatesMs = 0
  /** No device becomes quiet before, and no sign ends. */
  private soonestMs = 0
  private thresholds: readonly Threshold[]

  constructor(private readonly options: HealthDeskOptions) {
    this.thresholds = options.thresholds
    this.endTicks = startTicking({
      clock: options.clock,
      everyMs: TICK_MS,
      onTick: (nowMs) => this.tick(nowMs),
      onWake: (fromMs, toMs) => this.woke(fromMs, toMs),
    })
  }

  /** Every device of the site. */
  open(): DeviceHealth[] {
    return [...this.options.udns()].map((udn) => this.view(udn))
  }

  /** undefined for a device that is not of this site. */
  of(udn: string): DeviceHealth | undefined {
    return this.options.isOurs(udn) ? this.view(udn) : undefined
  }

  /** Errors: those of HealthStore.series. */
  series(request: SeriesRequest, signal?: AbortSignal): Promise<SeriesAnswer> {
    return this.options.store.series(request, signal)
  }

  /** Takes a report in; one that is known already is not counted again. True if it was new. */
  report(udn: string, report: HealthReport, arrival: Arrival): boolean {
    if (this.closed) return false
    const kept = this.keptOf(udn)
    if (isKnown(kept.last, report, arrival)) return false
    const atMs = this.options.clock.now()
    const gap = gapBefore(kept, report, atMs)
    if (gap) this.options.store.gap(udn, kept.lastAtMs ?? atMs, atMs, gap)
    if (kept.last && hasRestarted(kept.last, report) && !this.options.isWorkedOn?.(udn))
      kept.restartedMs = atMs
    const values = metricsOf(report, atMs, arrival)
    kept.alarms = nextAlarms(kept.alarms, values, this.thresholds, atMs)
    // A value that this report could not tell (the skew, in a first event) is still the last one known.
    kept.values = { ...kept.values, ...values }
    kept.last = report
    kept.lastAtMs = atMs
    kept.heardMs = Math.max(atMs, kept.heardMs)
    kept.quietMs = undefined
    kept.broken = undefined
    kept.lost = false
    this.soonestMs = Math.min(this.soonestMs, changesAtMs(kept))
    this.options.store.record(udn, atMs, values)
    this.touch(udn)
    return true
  }

  /** By which way reports of a device should come from now on. */
  hears(udn: string, hearing: Hearing): void {
    if (this.closed) return
    const kept = this.keptOf(udn)
    const before = kept.hearing
    if (JSON.stringify(before) === JSON.stringify(hearing)) return
    const nowMs = this.options.clock.now()
    kept.hearing = hearing
    if (hearing.via === 'none') {
      kept.quietMs = undefined
      kept.broken ??= 'offline'
    } else if (before.via === 'none') kept.heardMs = Math.max(kept.heardMs, nowMs)
    this.soonestMs = 0
    kept.blockedMs = hearing.via === 'polled' && hearing.blocked ? (kept.blockedMs ?? nowMs) : undefined
    this.touch(udn)
  }

  /** An event of the device was lost on its way. */
  missed(udn: string): void {
    this.keptOf(udn).lost = true
  }

  /** Judges every device by other limits, at once. */
  setThresholds(thresholds: readonly Threshold[]): void {
    this.thresholds = thresholds
    const nowMs = this.options.clock.now()
    for (const [udn, kept] of this.kept) {
      kept.alarms = rejudge(kept.alarms, kept.values, thresholds, nowMs)
      this.touch(udn)
    }
  }

  /** Devices whose health changed, at most ten times a second. */
  onChange(listener: (changed: readonly DeviceHealth[]) => void): () => void {
    this.changeListeners.add(listener)
    return () => this.changeListeners.delete(listener)
  }

  /** Devices whose feed, level or alarms changed, at once: their row in the list looks different. */
  onStanding(listener: (udns: readonly string[]) => void): () => void {
    this.standingListeners.add(listener)
    return () => this.standingListeners.delete(listener)
  }

  /** A device has become quiet: worth finding out whether its events still get through. */
  onQuiet(listener: (udn: string) => void): () => void {
    this.quietListeners.add(listener)
    return () => this.quietListeners.delete(listener)
  }

  /** Nothing is taken in or told any more. */
  close(): void {
    this.closed = true
    this.endTicks()
    this.cancelFlush?.()
    this.cancelFlush = undefined
    this.dirty.clear()
  }

  private keptOf(udn: string): Kept {
    const known = this.kept.get(udn)
    if (known) return known
    const { clock, store } = this.options
    const made = newKept(clock.now(), store.lastAtMs?.(udn))
    this.kept.set(udn, made)
    return made
  }

  private view(udn: string): DeviceHealth {
    const { clock, certificateEnd } = this.options
    return healthView(udn, this.kept.get(udn), certificateEnd(udn), clock.now())
  }

  private tick(nowMs: number): void {
    if (nowMs >= this.soonestMs) this.lookForSilence(nowMs)
    if (Math.abs(nowMs - this.certificatesMs) < CERTIFICATES_EVERY_MS) return
    this.certificatesMs = nowMs
    for (const udn of this.options.udns()) this.review(udn)
  }

  private lookForSilence(nowMs: number): void {
    this.soonestMs = Number.POSITIVE_INFINITY
    for (const [udn, kept] of this.kept) {
      if (kept.hearing.via === 'none') continue
      if (kept.restartedMs !== undefined && nowMs - kept.restartedMs > RESTART_SHOWN_MS) {
        kept.restartedMs = undefined
        this.touch(udn)
      }
      if (kept.quietMs === undefined && nowMs - kept.heardMs > quietAfterMs(kept)) {
        kept.quietMs = kept.lastAtMs ?? kept.heardMs
        this.touch(udn)
        for (const listener of [...this.quietListeners]) listener(udn)
      }
      this.soonestMs = Math.min(this.soonestMs, changesAtMs(kept))
    }
  }

  private woke(fromMs: number, toMs: number): void {
    this.soonestMs = 0
    for (const kept of this.kept.values()) {
      kept.heardMs = toMs + WOKE_GRACE_MS
      // One that was off before the laptop slept was off.
      if (toMs > fromMs && kept.hearing.via !== 'none') kept.broken ??= 'asleep'
    }
  }

  /** Something of the device's health is new. */
  private touch(udn: string): void {
    this.dirty.add(udn)
    this.review(udn)
    this.cancelFlush ??= this.options.clock.setTimer(() => this.flush(), IPC_LIMITS.deltaIntervalMs)
  }

  /** Tells when the device stands otherwise than before. */
  private review(udn: string): void {
    if (!this.standingChanged(udn)) return
    this.dirty.add(udn)
    this.cancelFlush ??= this.options.clock.setTimer(() => this.flush(), IPC_LIMITS.deltaIntervalMs)
    for (const listener of [...this.standingListeners]) listener([udn])
  }

  private standingChanged(udn: string): boolean {
    const { feed, level, alarms } = this.view(udn)
    const standing = `${feed} ${level} ${alarms.map((alarm) => `${alarm.sign}:${alarm.level}`).join(' ')}`
    if (this.standings.get(udn) === standing) return false
    this.standings.set(udn, standing)
    return true
  }

  private flush(): void {
    this.cancelFlush = undefined
    const changed = [...this.dirty].map((udn) => this.view(udn))
    this.dirty.clear()
    if (changed.length > 0) for (const listener of [...this.changeListeners]) listener(changed)
  }
}

/** When the passing of time alone changes how a device stands. */
const changesAtMs = (kept: Kept): number =>
  Math.min(
    kept.quietMs === undefined ? kept.heardMs + quietAfterMs(kept) : Number.POSITIVE_INFINITY,
    kept.restartedMs === undefined ? Number.POSITIVE_INFINITY : kept.restartedMs + RESTART_SHOWN_MS,
  )
