/** Keeps the device's log: takes what the parts of the device tell, leaves out secrets and repetitions, counts what is bad. */
import type { HealthReport } from '../contract/health'
import type { Clock } from '../net/clock'
import type { DeviceLog } from './log'
import type { LogRing } from './log-ring'
import type { RecordDraft } from './log-trim'
import { wordsFor } from './log-words'
import type { DeviceState } from './state'

/** The same thing again within this time is counted and not written. */
const AGAIN_MS = 10_000
/**
 * Different ones of them, at most, in that time: whoever makes them up does not push the rest out of the ring. More than
 * there are actions that one caller can be refused.
 */
const OFTEN_MAX = 40
/** Shorter texts stand in words by chance; none of ours is as short. */
const SECRET_MIN = 4
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g
const REDACTED = '[redacted]'
const DEBUG = 7
/** What `Log.MinSeverity` of the configuration means. */
const CONFIGURED: Readonly<Record<string, number>> = {
  error: 3,
  warning: 4,
  notice: 5,
  info: 6,
  debug: DEBUG,
}

export type LogCounts = HealthReport['counts']

export interface LogKeeperOptions {
  readonly clock: Clock
  readonly ring: LogRing
  /** Told of everything first: stderr. */
  readonly next: DeviceLog
}

export class LogKeeper {
  readonly ring: LogRing
  private readonly clock: Clock
  private state: () => DeviceState | undefined = () => undefined
  private readonly lately = new Map<string, { sinceMs: number; count: number }>()
  private since: { readonly atMs: number; readonly counts: LogCounts }

  constructor(private readonly options: LogKeeperOptions) {
    this.ring = options.ring
    this.clock = options.clock
    this.since = this.fromNow()
    if (this.ring.damaged) this.log('log-damaged')
    if (this.ring.newest === 0) this.log('log-begun')
  }

  /** Where the state of the device is, once there is one: its secrets, its wish for severity, its wipes. */
  bind(state: () => DeviceState | undefined): void {
    this.state = state
    this.follow()
  }

  /** Records of this start, by weight. */
  get counts(): LogCounts {
    return this.since.counts
  }

  /** Milliseconds since the start. */
  get uptimeMs(): number {
    return Math.max(0, this.clock.now() - this.since.atMs)
  }

  /** Counts a restart of the device within this process. */
  beginBoot(): void {
    this.ring.beginBoot()
    this.since = this.fromNow()
  }

  /** Never throws: whoever tells something goes on with its work. */
  readonly log: DeviceLog = (event, facts = {}) => {
    this.options.next(event, facts)
    const { often = false, ...draft } = wordsFor(event, facts) ?? {}
    if (!isDraft(draft)) return
    try {
      this.follow()
      this.write(this.clean(draft), often)
    } catch {
      // A disk that refuses must not stop the device.
    }
  }

  /** A wipe takes the log with it, also where the process was killed between the two. */
  follow(): void {
    const { wipes = 0 } = this.state() ?? {}
    if (wipes === this.ring.wipes || !this.state()) return
    this.lately.clear()
    this.ring.beginAnew(wipes)
    this.log('log-begun', { wipes })
  }

  private write(draft: RecordDraft, often: boolean): void {
    if (draft.severity > this.threshold()) return
    const repeated = often ? this.repeated(draft) : 0
    if (repeated === undefined) return
    const data = repeated > 0 ? { ...draft.data, repeated: String(repeated) } : draft.data
    if (!this.ring.append({ ...draft, data })) return
    const { counts } = this.since
    if (draft.severity <= 2) counts.critical += 1
    else if (draft.severity === 3) counts.error += 1
    else if (draft.severity === 4) counts.warning += 1
  }

  /** How often it was left out since it was last written; undefined where it is left out now. */
  private repeated({ code, message, data }: RecordDraft): number | undefined {
    const key = JSON.stringify([code, message, data])
    const nowMs = this.clock.now()
    const isOver = ({ sinceMs }: { sinceMs: number }) => Math.abs(nowMs - sinceMs) >= AGAIN_MS
    for (const [old, each] of this.lately) if (old !== key && isOver(each)) this.lately.delete(old)
    const known = this.lately.get(key)
    if (known && !isOver(known)) {
      known.count += 1
      return undefined
    }
    if (!known && this.lately.size >= OFTEN_MAX) return undefined
    this.lately.set(key, { sinceMs: nowMs, count: 0 })
    return known?.count ?? 0
  }

  private threshold(): number {
    const wanted = this.state()?.configuration.values['Log.MinSeverity']
    return wanted === undefined ? DEBUG : (CONFIGURED[wanted] ?? DEBUG)
  }

  private clean(draft: RecordDraft): RecordDraft {
    const { setupCode, network, joining } = this.state() ?? {}
    const secrets = [setupCode, network?.credential, joining?.credential].filter(
      (text): text is string => text !== undefined && text.length >= SECRET_MIN,
    )
    const clean = (text: string): string =>
      secrets.reduce((left, secret) => left.replaceAll(secret, REDACTED), text.replace(PRIVATE_KEY, REDACTED))
    const { data } = draft
    return {
      ...draft,
      message: clean(draft.message),
      ...(data && {
        data: Object.fromEntries(Object.entries(data).map(([name, text]) => [name, clean(text)])),
      }),
    }
  }

  private fromNow(): { atMs: number; counts: LogCounts } {
    return { atMs: this.clock.now(), counts: { critical: 0, error: 0, warning: 0 } }
  }
}

const isDraft = (draft: object): draft is RecordDraft => 'code' in draft
