/** Pure rules about a work on the site: how its rows stand, what may be started, and what it all comes to. */
import { RISKS, type Risk, type SiteWork, type SiteWorkRow } from '../../electron/contract/site-plan'
import type { Tone } from './device-facts'
import { naturalKey } from './natural'

/** A work after some of its rows went on. Rows that it does not have are dropped. */
export const mergeWork = (work: SiteWork, changed: SiteWork): SiteWork => {
  const byKey = new Map(changed.rows.map((row) => [row.key, row]))
  return { ...work, ...changed, rows: work.rows.map((row) => byKey.get(row.key) ?? row) }
}

/** problem: left out, for a reason; waits: would begin as soon as the device is heard. */
export type WorkStand = SiteWorkRow['state'] | 'problem' | 'waits'

export const workStand = (row: SiteWorkRow): WorkStand => {
  if (row.state !== 'previewed') return row.state
  if (row.problem) return 'problem'
  if (row.tasks.length === 0) return 'same'
  return row.online ? 'previewed' : 'waits'
}

const TONES: Readonly<Record<WorkStand, Tone>> = {
  failed: 'bad',
  problem: 'warn',
  running: 'info',
  previewed: 'info',
  waits: 'neutral',
  held: 'neutral',
  done: 'ok',
  same: 'neutral',
}
export const workTone = (stand: WorkStand): Tone => TONES[stand]

const ORDER: readonly WorkStand[] = [
  'failed',
  'problem',
  'running',
  'previewed',
  'waits',
  'held',
  'done',
  'same',
]

export const isBegunWork = (work: SiteWork): boolean => work.appliedAtMs !== undefined

/** Keys of the rows that starting would begin with. */
export const toStart = (work: SiteWork): readonly string[] =>
  work.rows
    .filter((row) => row.state === 'previewed' && !row.problem && row.tasks.length > 0)
    .map(({ key }) => key)

const isStale = ({ error }: SiteWorkRow): boolean => error?.code === 'PLAN_STALE'

/** Keys of what failed and may go better; where reality has moved on, only a new preview helps. */
export const toRetryWork = (work: SiteWork): readonly string[] =>
  work.rows.filter((row) => row.state === 'failed' && !isStale(row)).map(({ key }) => key)

export const staleRows = (work: SiteWork): readonly SiteWorkRow[] =>
  work.rows.filter((row) => row.state === 'failed' && isStale(row))

/** The greatest risk of a row; undefined where nothing is to do. */
export const riskOf = ({ tasks }: SiteWorkRow): Risk | undefined =>
  tasks.length === 0 ? undefined : RISKS[Math.max(...tasks.map(({ risk }) => RISKS.indexOf(risk)))]

export const RISK_TONE: Readonly<Record<Risk, Tone>> = {
  none: 'neutral',
  low: 'neutral',
  restart: 'warn',
  trial: 'warn',
}

/** What needs a look first, then by name. */
export const sortWork = (rows: readonly SiteWorkRow[]): readonly SiteWorkRow[] =>
  rows
    .map((row) => [ORDER.indexOf(workStand(row)), naturalKey(row.name), row] as const)
    .sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0))
    .map(([, , row]) => row)

/** Counts of the stands that occur, in a fixed order. */
export const countWork = (rows: readonly SiteWorkRow[]): readonly (readonly [WorkStand, number])[] => {
  const counts = new Map<WorkStand, number>()
  for (const row of rows) counts.set(workStand(row), (counts.get(workStand(row)) ?? 0) + 1)
  return ORDER.flatMap((stand) => {
    const count = counts.get(stand)
    return count === undefined ? [] : [[stand, count] as const]
  })
}

/** `14 s`, `3 min`, `2 h 5 min`: an estimate, so never more exact than it is. */
export const roughTime = (seconds: number): string => {
  if (seconds <= 0) return '0 s'
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const rest = minutes % 60
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** `640 B`, `7.2 MB`. */
export const roughBytes = (bytes: number, language: string): string => {
  const step = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** step
  const digits = step > 0 && value < 10 ? 1 : 0
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value)} ${UNITS[step]}`
}
