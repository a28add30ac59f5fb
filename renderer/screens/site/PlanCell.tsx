import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import type { PlanDifference, SiteRow, SiteStand } from '../../../electron/contract/site-plan'
import { Pill } from '../../components/Pill'
import type { TableColumn } from '../../components/VirtualTable'
import { STAND_TONE } from '../../model/site-plan'
import css from './Plan.module.css'
import { useDifferenceText, useFieldText } from './PlanDifferences'

export type PlanColumn = 'device' | 'serial' | 'place' | 'group' | 'stand' | 'differences'

export const PLAN_COLUMNS: readonly TableColumn<PlanColumn>[] = [
  { key: 'device', min: 120, grow: 1.2, priority: 10 },
  { key: 'stand', min: 142, grow: 0.2, priority: 9 },
  { key: 'differences', min: 226, grow: 1.2, priority: 8 },
  { key: 'serial', min: 112, grow: 0.5, priority: 6 },
  { key: 'place', min: 86, grow: 2, priority: 5 },
  { key: 'group', min: 88, grow: 0.7, priority: 4 },
]

/** How a device stands with the plan: sign and word. */
export const PlanPill = ({ stand }: { readonly stand: SiteStand }) => {
  const { t } = useTranslation()
  return <Pill tone={STAND_TONE[stand]}>{t(`sitePlan.stand.${stand}`)}</Pill>
}

const Differences = ({ row }: { readonly row: SiteRow }) => {
  const { t } = useTranslation()
  const textOf = useFieldText()
  const valueText = useDifferenceText()
  const wayText = (one: PlanDifference) => `${valueText(one, one.found)} → ${valueText(one, one.planned)}`
  const [first, ...rest] = row.stand === 'different' ? row.differences : []
  if (!first) return <span className="mute">—</span>
  return (
    <span
      className={css.diffs}
      title={row.differences.map((one) => `${textOf(one)} ${wayText(one)}`).join('\n')}
    >
      <span>
        <span className={css.field}>{textOf(first)}</span> {wayText(first)}
      </span>
      {rest.length > 0 && <span className="mute">{t('sitePlan.more', { count: rest.length })}</span>}
    </span>
  )
}

const Text = ({ text, mono }: { readonly text: string | undefined; readonly mono?: boolean }) =>
  text ? (
    <span className={mono ? 'mono' : undefined} title={text}>
      {text}
    </span>
  ) : (
    <span className="mute">—</span>
  )

/** One value of one row. */
export const PlanCell = memo(({ row, column }: { readonly row: SiteRow; readonly column: PlanColumn }) => {
  switch (column) {
    case 'device':
      return <span className="strong">{row.name || row.serialNumber || row.udn?.slice(-8) || '—'}</span>
    case 'serial':
      return <Text text={row.serialNumber} mono />
    case 'place':
      return <Text text={row.place} />
    case 'group':
      return <Text text={row.group} />
    case 'stand':
      return <PlanPill stand={row.stand} />
    case 'differences':
      return <Differences row={row} />
    default:
      return assertNever(column)
  }
})
