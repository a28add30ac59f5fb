/** Pure rules about the plan beside reality: what is shown, in which order, and what can be done about it. */
import { SITE_STANDS, type SiteRow, type SiteStand } from '../../electron/contract/site-plan'
import type { Tone } from './device-facts'
import { naturalKey } from './natural'

export const STAND_TONE: Readonly<Record<SiteStand, Tone>> = {
  different: 'warn',
  missing: 'bad',
  unexpected: 'info',
  present: 'ok',
}

export const PLAN_FILTERS = ['all', ...SITE_STANDS] as const
export type PlanFilter = (typeof PLAN_FILTERS)[number]

/** Whether a work could bring the row nearer to the plan; for the rest a person has to decide. */
export const isWorkable = ({ stand, differences }: SiteRow): boolean =>
  stand === 'missing' || (stand === 'different' && differences.some(({ manual }) => !manual))

const ORDER: Readonly<Record<SiteStand, number>> = { different: 0, missing: 1, unexpected: 2, present: 3 }

const haystacks = new WeakMap<SiteRow, string>()
const haystackOf = (row: SiteRow): string => {
  const known = haystacks.get(row)
  if (known !== undefined) return known
  const { name, serialNumber, model, place, group, udn } = row
  const text = [name, serialNumber, model, place, group, udn].filter(Boolean).join('\n').toLowerCase()
  haystacks.set(row, text)
  return text
}

/** What needs a look first, then by name. */
export const sortPlan = (rows: readonly SiteRow[]): readonly SiteRow[] =>
  rows
    .map((row) => [ORDER[row.stand], naturalKey(row.name || row.serialNumber || row.key), row] as const)
    .sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0))
    .map(([, , row]) => row)

/** Those of `rows` that a chip and a search text leave, in their order. */
export const filterPlan = (
  rows: readonly SiteRow[],
  filter: PlanFilter,
  text: string,
): readonly SiteRow[] => {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter(
    (row) =>
      (filter === 'all' || row.stand === filter) && words.every((word) => haystackOf(row).includes(word)),
  )
}

/** A value as it stands in one line; nothing is a dash. */
export const shownValue = (value: string | undefined): string => value || '—'
