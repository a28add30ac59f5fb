import { useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { SiteRow } from '../../../electron/contract/site-plan'
import { Button } from '../../components/Button'
import { Panel, Teach } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { VirtualTable } from '../../components/VirtualTable'
import { isWorkable, sortPlan } from '../../model/site-plan'
import { PLAN_COLUMNS, PlanCell } from '../../screens/site/PlanCell'
import { comparePlan, usePlan } from '../../stores/plan'
import { go, setSiteTab } from '../../stores/view'
import css from './Apply.module.css'
import { RecentWorks } from './RecentWorks'
import { choose, preview, toggle, useApply } from './store'

const keyOf = ({ key }: SiteRow) => key
const rowTestid = ({ key }: SiteRow) => `apply-choose-${key}`
const stateOf = ({ stand }: SiteRow) => stand

/** Which of the devices that differ are brought to the plan. */
export const ChooseRows = () => {
  const { t } = useTranslation()
  const comparison = usePlan((plan) => plan.comparison)
  const chosen = useApply((place) => place.chosen)
  const compare = useAction(comparePlan)
  const look = useAction(preview)
  const { run } = compare
  useEffect(() => {
    if (!comparison) void run()
  }, [comparison, run])
  const rows = useMemo(() => sortPlan((comparison?.rows ?? []).filter(isWorkable)), [comparison])
  const count = rows.filter(({ key }) => chosen.has(key)).length
  const all = count > 0 && count === rows.length
  const toggleAll = () => choose(all ? [] : rows.map(keyOf))
  const error = compare.error ?? look.error
  return (
    <div className={css.split}>
      <Panel className={css.panel} label={t('sitePlan.work.steps.choose')}>
        {rows.length === 0 ? (
          <div className={css.scroll}>
            <Teach
              title={t(comparison ? 'sitePlan.work.nothing' : 'sitePlan.comparing')}
              actions={
                <Button
                  onClick={() => {
                    setSiteTab('plan')
                    go('site')
                  }}
                >
                  {t('sitePlan.work.toPlan')}
                </Button>
              }
            >
              {comparison && <p>{t('sitePlan.work.nothingText')}</p>}
            </Teach>
          </div>
        ) : (
          <VirtualTable
            rows={rows}
            keyOf={keyOf}
            columns={PLAN_COLUMNS}
            Cell={PlanCell}
            head={(column) => <span>{t(`sitePlan.column.${column}`)}</span>}
            label={t('sitePlan.work.chooseTable')}
            testid="apply-choose"
            rowTestid={rowTestid}
            stateOf={stateOf}
            choice={{
              chosen,
              toggle,
              able: isWorkable,
              labelOf: (row) => t('sitePlan.select', { name: row.name || row.serialNumber || row.key }),
              all: (
                <input
                  type="checkbox"
                  className="box"
                  aria-label={t('sitePlan.selectAll', { count: rows.length })}
                  checked={all}
                  ref={(box) => {
                    if (box) box.indeterminate = count > 0 && !all
                  }}
                  onChange={toggleAll}
                  data-testid="apply-choose-all"
                />
              ),
            }}
          />
        )}
        {error && (
          <div className={css.box}>
            <ErrorBox error={error} />
          </div>
        )}
        <div className={css.foot}>
          <Button
            kind={count > 0 ? 'primary' : 'plain'}
            busy={look.busy}
            reason={count === 0 ? t('sitePlan.work.noneChosen') : undefined}
            onClick={() => void look.run()}
            needs="work.preview"
            data-testid="apply-next"
          >
            {t('sitePlan.work.next')}
          </Button>
          <span className="strong tnum" role="status">
            {t('sitePlan.work.chosen', { count })}
          </span>
        </div>
      </Panel>
      <Panel className={css.panel}>
        <RecentWorks />
      </Panel>
    </div>
  )
}
