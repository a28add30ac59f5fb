import { memo, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import type { ConfigurationPlan, PlanRow } from '../../../electron/contract/configuration'
import { explain } from '../../../electron/contract/error-texts'
import { Announcer } from '../../components/Announcer'
import { Panel } from '../../components/Panel'
import { ScrollPart } from '../../components/ScrollPart'
import { type TableColumn, VirtualTable } from '../../components/VirtualTable'
import { useLanguage } from '../../i18n'
import { changeText, countStands, isBegun, sortRows, standOf } from '../../model/configuration'
import css from './Configure.module.css'
import { Diff, RowPill, StandPill } from './Diff'
import { PlanFoot } from './PlanFoot'

type Column = 'device' | 'stand' | 'summary'

const COLUMNS: readonly TableColumn<Column>[] = [
  { key: 'device', min: 150, grow: 1, priority: 10 },
  { key: 'stand', min: 182, grow: 0.2, priority: 9 },
  { key: 'summary', min: 200, grow: 3, priority: 8 },
]

const Summary = ({ row }: { readonly row: PlanRow }) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const text = (): string => {
    if (row.state === 'failed' && row.error) return explain(row.error.code, language, row.name).what
    if (row.problem)
      return explain(row.problem, language, row.changes.find((one) => one.problem)?.name ?? row.name).what
    const [first, ...rest] = row.changes
    if (!first) return t('configuration.plan.nothing')
    return rest.length === 0
      ? changeText(first)
      : t('configuration.plan.more', { text: changeText(first), count: rest.length })
  }
  return (
    <span
      className={`${css.summary} ${row.changes.length === 0 && !row.problem ? 'mute' : ''}`}
      title={text()}
    >
      {text()}
    </span>
  )
}

const Cell = memo(({ row, column }: { readonly row: PlanRow; readonly column: Column }) => {
  switch (column) {
    case 'device':
      return <span className="strong">{row.name}</span>
    case 'stand':
      return <RowPill row={row} />
    case 'summary':
      return <Summary row={row} />
    default:
      return assertNever(column)
  }
})

const keyOf = ({ udn }: PlanRow) => udn
const diffTestid = ({ udn }: PlanRow) => `configure-diff-${udn}`
const rowTestid = ({ udn }: PlanRow) => `configure-row-${udn}`

/** What would change on each device, and then what has become of it: one table, so that nothing jumps. */
export const PlanStep = ({ plan }: { readonly plan: ConfigurationPlan }) => {
  const { t } = useTranslation()
  const [open, setOpen] = useState<string>()
  const begun = isBegun(plan)
  // Rows keep their places while they go on; a preview and a result are sorted once each.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const order = useMemo(() => sortRows(plan.rows).map(keyOf), [plan.id, begun])
  const rows = useMemo(() => {
    const byUdn = new Map(plan.rows.map((row) => [row.udn, row]))
    return order.flatMap((udn) => byUdn.get(udn) ?? [])
  }, [order, plan.rows])
  const counts = countStands(plan.rows)
  const shown = rows.find((row) => row.udn === open) ?? rows[0]
  const said = counts.map(([stand, count]) => t(`configuration.counts.${stand}`, { count })).join(', ')
  return (
    <div className={`${css.split} ${css.wide}`}>
      <Announcer text={said} />
      <Panel
        className={css.panel}
        label={t(begun ? 'configuration.steps.result' : 'configuration.steps.plan')}
      >
        <div className={css.tools}>
          <span className={`${css.counts} tnum`}>
            {counts.map(([stand, count]) => (
              <span key={stand} data-testid={`configure-count-${stand}`}>
                <StandPill stand={stand} /> {count.toLocaleString()}
              </span>
            ))}
          </span>
        </div>
        <VirtualTable
          rows={rows}
          keyOf={keyOf}
          columns={COLUMNS}
          Cell={Cell}
          head={(column) => <span>{t(`configuration.plan.column.${column}`)}</span>}
          label={t(begun ? 'configuration.plan.resultTable' : 'configuration.plan.table')}
          testid="configure-rows"
          rowTestid={begun ? rowTestid : diffTestid}
          stateOf={standOf}
          open={shown?.udn}
          onOpen={setOpen}
        />
        <PlanFoot plan={plan} begun={begun} />
      </Panel>
      <Panel className={css.panel} label={shown?.name ?? t('configuration.plan.choose')}>
        {shown && (
          <>
            <div className={css.detailHead}>
              <h2>{shown.name}</h2>
              <RowPill row={shown} />
            </div>
            <ScrollPart className={css.scroll} label={shown.name} testid="configure-detail">
              <Diff row={shown} />
            </ScrollPart>
          </>
        )}
      </Panel>
    </div>
  )
}
