import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SiteWork, SiteWorkRow } from '../../../electron/contract/site-plan'
import { Announcer } from '../../components/Announcer'
import { Panel } from '../../components/Panel'
import { VirtualTable } from '../../components/VirtualTable'
import { countWork, isBegunWork, sortWork } from '../../model/site-work'
import css from './Apply.module.css'
import { useCosts } from './use-costs'
import { WORK_COLUMNS, WorkCell } from './WorkCell'
import { WorkDetail, WorkPill } from './WorkDetail'
import { WorkFoot } from './WorkFoot'

const keyOf = ({ key }: SiteWorkRow) => key
const rowTestid = ({ key }: SiteWorkRow) => `apply-row-${key}`
const stateOf = (row: SiteWorkRow) => (row.problem && row.state === 'previewed' ? 'problem' : row.state)

/** What would be done with each device, and then what has become of it: one table, so that nothing jumps. */
export const WorkStep = ({ work }: { readonly work: SiteWork }) => {
  const { t } = useTranslation()
  const costs = useCosts()
  const [open, setOpen] = useState<string>()
  const begun = isBegunWork(work)
  // Rows keep their places while they go on; a preview and a result are sorted once each.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const order = useMemo(() => sortWork(work.rows).map(keyOf), [work.id, begun])
  const rows = useMemo(() => {
    const byKey = new Map(work.rows.map((row) => [row.key, row]))
    return order.flatMap((key) => byKey.get(key) ?? [])
  }, [order, work.rows])
  const counts = useMemo(() => countWork(work.rows), [work.rows])
  const shown = rows.find(({ key }) => key === open) ?? rows[0]
  return (
    <div className={css.split}>
      <Announcer
        text={counts.map(([stand, count]) => t(`sitePlan.work.counts.${stand}`, { count })).join(', ')}
      />
      <Panel
        className={css.panel}
        label={t(begun ? 'sitePlan.work.steps.watch' : 'sitePlan.work.steps.preview')}
      >
        <div className={`${css.tools} tnum`}>
          {counts.map(([stand, count]) => (
            <span key={stand} data-testid={`apply-count-${stand}`}>
              <WorkPill stand={stand} /> {count.toLocaleString()}
            </span>
          ))}
        </div>
        <VirtualTable
          rows={rows}
          keyOf={keyOf}
          columns={WORK_COLUMNS}
          Cell={WorkCell}
          head={(column) => <span>{t(`sitePlan.work.column.${column}`)}</span>}
          label={t(begun ? 'sitePlan.work.watchTable' : 'sitePlan.work.previewTable')}
          testid="apply-rows"
          rowTestid={rowTestid}
          stateOf={stateOf}
          open={shown?.key}
          onOpen={setOpen}
        />
        <p className={css.total} data-testid="apply-total">
          {costs.ofWork(work)}
        </p>
        <WorkFoot work={work} />
      </Panel>
      <Panel className={css.panel}>{shown && <WorkDetail row={shown} />}</Panel>
    </div>
  )
}
