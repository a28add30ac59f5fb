/**
 * Fetches descriptions: so many at once, one per host, cached for each CONFIGID. A LOCATION that is dead costs a
 * few tries in a slow lane and is then left alone until the device says something new.
 */
import type { DeviceDescription } from '../contract/description'
import type { Refusal } from '../contract/discovery'
import { asIotmcError, IotmcError } from '../contract/errors'
import { DISCOVERY_LIMITS } from '../contract/timings'
import type { Clock } from '../net/clock'

export interface DescriptionSource {
  readonly location: string
  readonly interfaceName: string
}

/** Reads and parses one description. Throws IotmcError. Link-local IPv6 URLs come with their zone. */
export type ReadDescription = (url: string, signal: AbortSignal) => Promise<DeviceDescription>

export type DescriptionResult =
  | { readonly ok: true; readonly description: DeviceDescription }
  | {
      readonly ok: false
      readonly reason: Refusal
      readonly detail: string
      readonly source: DescriptionSource
    }

interface Job {
  readonly udn: string
  readonly key: string
  sources: readonly DescriptionSource[]
  attempts: number
}

interface Host {
  readonly name: string
  busy: boolean
  readonly fresh: Job[]
  readonly slow: Job[]
}

/** Workers that may be busy with what failed before; the others stay free for new devices. */
const SLOW_WORKERS = 4
const RETRY_BASE_MS = 2_000
/** A search by a person tries again what failed longer ago than this. */
const RETRY_FAILED_MS = 20_000
/** An authority that failed so recently gets its further jobs into the slow lane. */
const SUSPECT_MS = 15_000

/** What `plainGet` puts first into the detail of a BAD_ANSWER, where it is a refusal of its own. */
const NAMED: readonly Refusal[] = ['too-large', 'redirect-other-host']

/** How a thrown error reads in the list of refused devices. */
export const refusalOf = (error: unknown): { reason: Refusal; detail: string } => {
  const { code, detail = code } = asIotmcError(error, 'DEVICE_UNREACHABLE')
  if (code !== 'BAD_ANSWER') return { reason: 'fetch-failed', detail }
  return { reason: NAMED.find((name) => detail.startsWith(name)) ?? 'not-xml', detail }
}

const partsOf = (location: string): { host: string; authority: string } => {
  try {
    const url = new URL(location.replace(/%[^\]]*\]/, ']'))
    return { host: url.hostname, authority: url.host }
  } catch {
    return { host: location, authority: location }
  }
}

export interface DescriptionQueueOptions {
  readonly clock: Clock
  readonly read: ReadDescription
  readonly onResult: (udn: string, result: DescriptionResult) => void
}

export class DescriptionQueue {
  private readonly jobs = new Map<string, Job>()
  private readonly hosts = new Map<string, Host>()
  private readonly ready: { fresh: Host[]; slow: Host[] } = { fresh: [], slow: [] }
  private readonly cache = new Map<string, DeviceDescription>()
  /** What was given up: UDN → key and when. */
  private readonly failed = new Map<string, { key: string; atMs: number }>()
  private readonly suspects = new Map<string, number>()
  private readonly timers = new Set<() => void>()
  private readonly stop = new AbortController()
  private active = 0
  private slowActive = 0

  constructor(private readonly options: DescriptionQueueOptions) {}

  /** Fetches in progress. */
  get running(): number {
    return this.active
  }

  /**
   * Asks for the description of a device. `key` changes when a new one is needed (CONFIGID, else BOOTID and
   * LOCATION); asking again with the same key costs nothing.
   */
  want(udn: string, key: string, sources: readonly DescriptionSource[]): void {
    const first = sources[0]
    if (first === undefined || this.stop.signal.aborted) return
    for (const source of sources) {
      const description = this.cached(udn, key, source)
      if (description === undefined) continue
      this.jobs.delete(udn)
      this.options.onResult(udn, { ok: true, description })
      return
    }
    const job = this.jobs.get(udn)
    if (job?.key === key) {
      job.sources = sources
      return
    }
    if (this.failed.get(udn)?.key === `${key}|${first.location}`) return
    const made: Job = { udn, key, sources, attempts: 0 }
    this.jobs.set(udn, made)
    this.enqueue(made)
  }

  /** Drops what waits for a device that has left. */
  forget(udn: string): void {
    this.jobs.delete(udn)
    this.failed.delete(udn)
  }

  /** Lets what failed some time ago be asked for again; returns those UDNs. */
  retryFailed(): string[] {
    const nowMs = this.options.clock.now()
    const udns = [...this.failed].filter(([, { atMs }]) => nowMs - atMs > RETRY_FAILED_MS).map(([udn]) => udn)
    for (const udn of udns) this.failed.delete(udn)
    return udns
  }

  close(): void {
    this.stop.abort()
    for (const cancel of this.timers) cancel()
    this.timers.clear()
    this.jobs.clear()
  }

  private sourceOf(job: Job): DescriptionSource {
    return job.sources[job.attempts % job.sources.length] as DescriptionSource
  }

  private enqueue(job: Job): void {
    const { host: name, authority } = partsOf(this.sourceOf(job).location)
    const host = this.hosts.get(name) ?? { name, busy: false, fresh: [], slow: [] }
    this.hosts.set(name, host)
    const suspect = this.options.clock.now() - (this.suspects.get(authority) ?? 0) < SUSPECT_MS
    const lane = job.attempts > 0 || suspect ? 'slow' : 'fresh'
    host[lane].push(job)
    if (!host.busy && host[lane].length === 1) this.ready[lane].push(host)
    this.pump()
  }

  private pump(): void {
    while (this.active < DISCOVERY_LIMITS.descriptionConcurrency && !this.stop.signal.aborted) {
      const next = this.take('fresh') ?? (this.slowActive < SLOW_WORKERS ? this.take('slow') : undefined)
      if (next === undefined) return
      void this.run(next.host, next.job, next.lane)
    }
  }

  private take(lane: 'fresh' | 'slow'): { host: Host; job: Job; lane: 'fresh' | 'slow' } | undefined {
    for (let host = this.ready[lane].shift(); host !== undefined; host = this.ready[lane].shift()) {
      if (host.busy) continue
      for (let job = host[lane].shift(); job !== undefined; job = host[lane].shift()) {
        // Replaced or forgotten meanwhile.
        if (this.jobs.get(job.udn) === job) return { host, job, lane }
      }
    }
    return undefined
  }

  private async run(host: Host, job: Job, lane: 'fresh' | 'slow'): Promise<void> {
    host.busy = true
    this.active++
    if (lane === 'slow') this.slowActive++
    const source = this.sourceOf(job)
    try {
      const description = await this.fetch(job, source)
      if (this.jobs.get(job.udn) === job) this.finish(job, source, description)
    } catch (error) {
      this.fail(job, source, error)
    } finally {
      this.active--
      if (lane === 'slow') this.slowActive--
      host.busy = false
      if (host.fresh.length > 0) this.ready.fresh.push(host)
      if (host.slow.length > 0) this.ready.slow.push(host)
      if (host.fresh.length + host.slow.length === 0) this.hosts.delete(host.name)
      this.pump()
    }
  }

  private finish(job: Job, source: DescriptionSource, description: DeviceDescription): void {
    if (!job.sources.some(({ location }) => location === source.location)) {
      // The device moved while it was asked: the URLs in this answer lead nowhere.
      this.enqueue(job)
      return
    }
    this.jobs.delete(job.udn)
    this.options.onResult(job.udn, { ok: true, description })
  }

  /** By LOCATION, because the URLs in a description are made absolute with it; root and embedded devices share one. */
  private cached(udn: string, key: string, source: DescriptionSource): DeviceDescription | undefined {
    const description = this.cache.get(`${source.location}|${key}`)
    const fits = description?.udn === udn || description?.embedded.includes(udn)
    return fits ? description : undefined
  }

  private async fetch(job: Job, source: DescriptionSource): Promise<DeviceDescription> {
    const cached = this.cached(job.udn, job.key, source)
    if (cached !== undefined) return cached
    const limit = new AbortController()
    const cancel = this.options.clock.setTimer(
      () => limit.abort(new IotmcError('TIMED_OUT', { subject: source.location })),
      DISCOVERY_LIMITS.descriptionTimeoutMs,
    )
    const signal = AbortSignal.any([limit.signal, this.stop.signal])
    try {
      // A reader that ignores its signal must not keep a worker.
      const gone = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      })
      const description = await Promise.race([this.options.read(source.location, signal), gone])
      this.remember(`${source.location}|${job.key}`, description)
      return description
    } finally {
      cancel()
    }
  }

  private remember(key: string, description: DeviceDescription): void {
    this.cache.delete(key)
    this.cache.set(key, description)
    if (this.cache.size <= DISCOVERY_LIMITS.devicesMax) return
    const [oldest] = this.cache.keys()
    if (oldest !== undefined) this.cache.delete(oldest)
  }

  private fail(job: Job, source: DescriptionSource, error: unknown): void {
    if (this.stop.signal.aborted || this.jobs.get(job.udn) !== job) return
    const { reason, detail } = refusalOf(error)
    if (reason === 'fetch-failed') this.suspect(partsOf(source.location).authority)
    job.attempts++
    // What was answered wrongly will be answered wrongly again; only silence is worth another try.
    if (job.attempts < DISCOVERY_LIMITS.descriptionAttempts && reason === 'fetch-failed') {
      const cancel = this.options.clock.setTimer(
        () => {
          this.timers.delete(cancel)
          if (this.jobs.get(job.udn) === job) this.enqueue(job)
        },
        RETRY_BASE_MS * 4 ** (job.attempts - 1),
      )
      this.timers.add(cancel)
      return
    }
    this.jobs.delete(job.udn)
    this.failed.set(job.udn, {
      key: `${job.key}|${job.sources[0]?.location}`,
      atMs: this.options.clock.now(),
    })
    this.options.onResult(job.udn, { ok: false, reason, detail, source })
  }

  private suspect(authority: string): void {
    const nowMs = this.options.clock.now()
    if (this.suspects.size > 1_000) {
      for (const [name, atMs] of this.suspects) if (nowMs - atMs > SUSPECT_MS) this.suspects.delete(name)
      if (this.suspects.size > 10_000) this.suspects.clear()
    }
    this.suspects.set(authority, nowMs)
  }
}
