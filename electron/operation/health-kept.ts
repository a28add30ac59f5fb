/** What is kept of one device's health in this run, and how it looks from outside. Pure. */
import {
  type Alarm,
  type DeviceHealth,
  type GAP_REASONS,
  HEALTH_METRICS,
  HEALTH_SIGNS,
  type HealthReport,
  type MetricValues,
} from '../contract/health'
import { HEALTH_TIMINGS } from '../contract/timings'
import { type AlarmState, alarmsOf, levelOf } from '../diagnostics/thresholds'

export type GapReason = (typeof GAP_REASONS)[number]

/** By which way reports of a device should come. */
export type Hearing =
  | { readonly via: 'events' }
  /** Asked every `everyMs`; `blocked` where its events do not get through, false where there is no room to subscribe. */
  | { readonly via: 'polled'; readonly everyMs: number; readonly blocked: boolean }
  | { readonly via: 'none' }

export interface Kept {
  hearing: Hearing
  last: HealthReport | undefined
  /** When the last report was taken, in this run or before it. */
  lastAtMs: number | undefined
  /** Silence counts from here. */
  heardMs: number
  values: MetricValues
  alarms: AlarmState
  quietMs: number | undefined
  blockedMs: number | undefined
  restartedMs: number | undefined
  /** Why nothing is known of the time before the next report. */
  broken: GapReason | undefined
  /** An event is known to be lost: the next report ends a gap, however short. */
  lost: boolean
}

export const newKept = (nowMs: number, lastAtMs: number | undefined): Kept => ({
  hearing: { via: 'none' },
  last: undefined,
  lastAtMs,
  heardMs: nowMs,
  values: {},
  alarms: new Map(),
  quietMs: undefined,
  blockedMs: undefined,
  restartedMs: undefined,
  broken: lastAtMs === undefined ? undefined : 'not-running',
  lost: false,
})

/** Until a device has said how often it reports, it is expected to within a minute. */
const UNKNOWN_INTERVAL_MS = 20_000

/** How far apart two reports should lie at most. */
const expectedMs = ({ last, hearing }: Kept): number => {
  const ownMs = last ? last.intervalS * 1000 : UNKNOWN_INTERVAL_MS
  return hearing.via === 'polled' ? Math.max(ownMs, hearing.everyMs) : ownMs
}

/** Silence longer than this makes a device quiet. */
export const quietAfterMs = (kept: Kept): number => HEALTH_TIMINGS.quietIntervals * expectedMs(kept)

/**
 * Two reports that lie further apart than this have lost one between them; the rest is moderation and the way. Where something
 * is known to have come between, no allowance is made.
 */
const gapAfterMs = (kept: Kept, disturbed: boolean): number =>
  (disturbed ? 1 : 1.5) * expectedMs(kept) + 1_000

/** The reason of the gap that ends with a report taken at `atMs`; undefined when there is none. */
export const gapBefore = (kept: Kept, report: HealthReport, atMs: number): GapReason | undefined => {
  const { last, lastAtMs, broken } = kept
  if (lastAtMs === undefined || atMs <= lastAtMs) return undefined
  if (kept.lost) return broken ?? 'missed'
  // The first event of a subscription may have stood for a while: what counts is when the device made its reports.
  const sameBoot = last?.boot === report.boot
  const madeApartMs = sameBoot ? (report.uptimeS - last.uptimeS) * 1000 : 0
  const apartMs = Math.max(atMs - lastAtMs, madeApartMs)
  return apartMs > gapAfterMs(kept, broken !== undefined || !sameBoot) ? (broken ?? 'missed') : undefined
}

const DAY_MS = 24 * 3600_000

/** What the end of a certificate means now; ISO time. */
export const certificateAlarm = (notAfter: string | undefined, nowMs: number): Alarm | undefined => {
  const endMs = notAfter === undefined ? Number.NaN : Date.parse(notAfter)
  if (Number.isNaN(endMs)) return undefined
  const warnMs = endMs - HEALTH_TIMINGS.certificateWarnDays * DAY_MS
  if (nowMs >= endMs) return { sign: 'certificate-expired', level: 'bad', sinceMs: endMs }
  if (nowMs < warnMs) return undefined
  const value = Math.floor((endMs - nowMs) / DAY_MS)
  const limit = HEALTH_TIMINGS.certificateWarnDays
  return { sign: 'certificate-expiring', level: 'warn', sinceMs: warnMs, value, limit }
}

const ORDER: readonly string[] = [...HEALTH_SIGNS, ...HEALTH_METRICS]
const bySeverity = (a: Alarm, b: Alarm): number =>
  Number(b.level === 'bad') - Number(a.level === 'bad') || ORDER.indexOf(a.sign) - ORDER.indexOf(b.sign)

const signAlarms = (kept: Kept): readonly Alarm[] => {
  const sign = (name: (typeof HEALTH_SIGNS)[number], sinceMs: number | undefined): readonly Alarm[] =>
    sinceMs === undefined ? [] : [{ sign: name, level: 'warn', sinceMs }]
  return [
    ...sign('quiet', kept.quietMs),
    ...sign('events-blocked', kept.blockedMs),
    ...sign('restarted', kept.restartedMs),
  ]
}

/** A device's health. Of one that is not heard only its certificate is judged; its last values stay readable. */
export const healthView = (
  udn: string,
  kept: Kept | undefined,
  notAfter: string | undefined,
  nowMs: number,
): DeviceHealth => {
  const certificate = certificateAlarm(notAfter, nowMs)
  const heard = kept !== undefined && kept.hearing.via !== 'none'
  const alarms = [
    ...(certificate ? [certificate] : []),
    ...(heard ? [...signAlarms(kept), ...alarmsOf(kept.alarms)] : []),
  ].sort(bySeverity)
  const via = kept?.hearing.via ?? 'none'
  const link = kept?.last?.link
  return {
    udn,
    feed: heard && kept.quietMs !== undefined ? 'quiet' : via,
    level: levelOf(alarms),
    alarms,
    values: kept?.values ?? {},
    ...(kept?.lastAtMs === undefined ? {} : { atMs: kept.lastAtMs }),
    ...(kept?.last ? { intervalS: kept.last.intervalS } : {}),
    ...(link
      ? {
          link: {
            name: link.name,
            up: link.up,
            ...(link.speedMbps === undefined ? {} : { speedMbps: link.speedMbps }),
          },
        }
      : {}),
  }
}
