import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import { explain } from '../../../electron/contract/error-texts'
import type { SiteWorkRow } from '../../../electron/contract/site-plan'
import { Sign } from '../../components/Sign'
import type { TableColumn } from '../../components/VirtualTable'
import { useLanguage } from '../../i18n'
import { RISK_TONE, riskOf, roughTime, workStand } from '../../model/site-work'
import css from './Apply.module.css'
import { WorkPill } from './WorkDetail'

export type WorkColumn = 'device' | 'stand' | 'tasks' | 'risk' | 'downtime' | 'time'

export const WORK_COLUMNS: readonly TableColumn<WorkColumn>[] = [
  { key: 'device', min: 140, grow: 1.2, priority: 10 },
  { key: 'stand', min: 152, grow: 0.2, priority: 9 },
  { key: 'tasks', min: 170, grow: 1.8, priority: 8 },
  { key: 'risk', min: 118, grow: 0.3, priority: 6 },
  { key: 'downtime', min: 82, grow: 0.2, priority: 5 },
  { key: 'time', min: 72, grow: 0.2, priority: 4 },
]

const Tasks = ({ row }: { readonly row: SiteWorkRow }) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const code = row.state === 'failed' ? row.error?.code : row.problem
  const text = code
    ? explain(code, language, row.name).what
    : row.tasks.map(({ kind }) => t(`sitePlan.work.kind.${kind}`)).join(' · ')
  return (
    <span className={`${css.tasks} ${text ? '' : 'mute'}`} title={text}>
      {text || '—'}
    </span>
  )
}

const Risk = ({ row }: { readonly row: SiteWorkRow }) => {
  const { t } = useTranslation()
  const risk = riskOf(row)
  if (!risk) return <span className="mute">—</span>
  return RISK_TONE[risk] === 'warn' ? (
    <span>
      <Sign name="warning" size={11} /> {t(`sitePlan.work.risk.${risk}`)}
    </span>
  ) : (
    <span className="mute">{t(`sitePlan.work.risk.${risk}`)}</span>
  )
}

const Time = ({ seconds }: { readonly seconds: number }) => (
  <span className={seconds > 0 ? 'tnum' : 'mute'}>{seconds > 0 ? roughTime(seconds) : '—'}</span>
)

const sum = (row: SiteWorkRow, part: 'downtimeS' | 'durationS') =>
  row.tasks.reduce((total, task) => total + task[part], 0)

/** One value of one row. */
export const WorkCell = memo(
  ({ row, column }: { readonly row: SiteWorkRow; readonly column: WorkColumn }) => {
    switch (column) {
      case 'device':
        return <span className="strong">{row.name}</span>
      case 'stand':
        return <WorkPill stand={workStand(row)} />
      case 'tasks':
        return <Tasks row={row} />
      case 'risk':
        return <Risk row={row} />
      case 'downtime':
        return <Time seconds={sum(row, 'downtimeS')} />
      case 'time':
        return <Time seconds={sum(row, 'durationS')} />
      default:
        return assertNever(column)
    }
  },
)
