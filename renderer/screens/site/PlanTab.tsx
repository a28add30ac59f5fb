import { type ReactNode, useDeferredValue, useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SiteRow } from '../../../electron/contract/site-plan'
import { Ago } from '../../components/Ago'
import { Announcer } from '../../components/Announcer'
import { Button } from '../../components/Button'
import { Chips } from '../../components/Chips'
import { Panel, Teach } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { useSave } from '../../components/use-save'
import { VirtualTable } from '../../components/VirtualTable'
import { filterPlan, isWorkable, PLAN_FILTERS, type PlanFilter, sortPlan } from '../../model/site-plan'
import { comparePlan, exportPlan, lookAtPlan, usePlan } from '../../stores/plan'
import { useSite } from '../../stores/site'
import { beginApply } from '../../wizards/apply/store'
import css from './Plan.module.css'
import { PlanBring } from './PlanBring'
import { PLAN_COLUMNS, PlanCell } from './PlanCell'
import { PlanDetail } from './PlanDetail'

const keyOf = ({ key }: SiteRow) => key
const rowTestid = ({ key }: SiteRow) => `plan-row-${key}`
const stateOf = ({ stand }: SiteRow) => stand
const NONE: readonly SiteRow[] = []

const TeachPlan = ({ children }: { readonly children: ReactNode }) => {
  const { t } = useTranslation()
  return (
    <Teach title={t('sitePlan.teach.title')} actions={children} testid="plan-empty">
      <p>{t('sitePlan.teach.text')}</p>
      <ul>
        <li>{t('sitePlan.teach.one')}</li>
        <li>{t('sitePlan.teach.two')}</li>
        <li>{t('sitePlan.teach.three')}</li>
      </ul>
    </Teach>
  )
}

/** What the plan says beside what is there; what differs is brought to the plan from here. */
export const PlanTab = () => {
  const { t } = useTranslation()
  const comparison = usePlan((plan) => plan.comparison)
  const planned = useSite((site) => site.expected.length)
  const [filter, setFilter] = useState<PlanFilter>('all')
  const [typed, setTyped] = useState('')
  const text = useDeferredValue(typed)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [open, setOpen] = useState<string>()
  const compare = useAction(comparePlan)
  const look = useAction(lookAtPlan)
  const save = useSave(exportPlan)
  const { run } = compare
  const problem = compare.error ?? look.error
  useEffect(() => void run(), [run])
  const sorted = useMemo(() => sortPlan(comparison?.rows ?? NONE), [comparison])
  const shown = useMemo(() => filterPlan(sorted, filter, text), [sorted, filter, text])
  const workable = useMemo(() => sorted.filter(isWorkable), [sorted])
  const shownWorkable = useMemo(() => shown.filter(isWorkable), [shown])
  const keys = useMemo(() => {
    const some = workable.filter(({ key }) => chosen.has(key))
    return (some.length > 0 ? some : workable).map(keyOf)
  }, [workable, chosen])
  const chosenShown = shownWorkable.filter(({ key }) => chosen.has(key)).length
  const allChosen = chosenShown > 0 && chosenShown === shownWorkable.length
  const toggle = (key: string) =>
    setChosen((before) => {
      const next = new Set(before)
      if (!next.delete(key)) next.add(key)
      return next
    })
  const toggleAll = () => {
    const next = new Set(chosen)
    for (const { key } of shownWorkable) {
      if (allChosen) next.delete(key)
      else next.add(key)
    }
    setChosen(next)
  }
  const counts = comparison?.counts
  const countOf = (one: PlanFilter): number => (one === 'all' ? sorted.length : (counts?.[one] ?? 0))
  const exportSite = (
    <Button small busy={save.busy} onClick={() => void save.run('site')} data-testid="plan-export-site">
      {t('sitePlan.exportSite')}
    </Button>
  )
  const drawTable = () => {
    if (planned === 0 && comparison)
      return (
        <div className={css.scroll}>
          <TeachPlan>{exportSite}</TeachPlan>
        </div>
      )
    if (!comparison)
      return (
        <div className={css.scroll}>
          <Teach title={t('sitePlan.comparing')}>{null}</Teach>
        </div>
      )
    if (shown.length === 0)
      return (
        <div className={css.scroll}>
          <Teach
            title={t('sitePlan.noMatch')}
            actions={
              <Button
                onClick={() => {
                  setFilter('all')
                  setTyped('')
                }}
              >
                {t('sitePlan.showAll')}
              </Button>
            }
          >
            <p>{t('sitePlan.noMatchText')}</p>
          </Teach>
        </div>
      )
    return (
      <VirtualTable
        rows={shown}
        keyOf={keyOf}
        columns={PLAN_COLUMNS}
        Cell={PlanCell}
        head={(column) => <span>{t(`sitePlan.column.${column}`)}</span>}
        label={t('sitePlan.table')}
        testid="plan-table"
        rowTestid={rowTestid}
        stateOf={stateOf}
        open={open}
        onOpen={setOpen}
        choice={{
          chosen,
          toggle,
          able: isWorkable,
          labelOf: (row) => t('sitePlan.select', { name: row.name || row.serialNumber || row.key }),
          all: (
            <input
              type="checkbox"
              className="box"
              aria-label={t('sitePlan.selectAll', { count: shownWorkable.length })}
              checked={allChosen}
              disabled={shownWorkable.length === 0}
              ref={(box) => {
                if (box) box.indeterminate = chosenShown > 0 && !allChosen
              }}
              onChange={toggleAll}
              data-testid="plan-select-all"
            />
          ),
        }}
      />
    )
  }
  return (
    <div className={css.split}>
      <Panel className={css.panel} label={t('sitePlan.table')}>
        {planned > 0 && (
          <div className={css.tools}>
            <Chips
              label={t('sitePlan.filters')}
              all={PLAN_FILTERS}
              on={filter}
              text={(one) => t(`sitePlan.filter.${one}`, { count: countOf(one) })}
              onPick={setFilter}
              testid="plan-filter"
            />
            <input
              type="search"
              className={css.search}
              value={typed}
              placeholder={t('sitePlan.search')}
              aria-label={t('sitePlan.search')}
              onChange={(event) => setTyped(event.currentTarget.value)}
              data-testid="plan-search"
            />
            <span className={css.end}>
              <Button
                small
                busy={compare.busy || look.busy}
                onClick={() => void look.run()}
                needs="plan.look"
                data-testid="plan-compare"
              >
                {t('sitePlan.compare')}
              </Button>
            </span>
          </div>
        )}
        {counts && (
          <Announcer
            text={PLAN_FILTERS.map((one) => t(`sitePlan.filter.${one}`, { count: countOf(one) })).join(', ')}
          />
        )}
        {problem && (
          <div className={css.tools}>
            <ErrorBox error={problem} />
          </div>
        )}
        {drawTable()}
        {planned > 0 && (
          <div className={css.foot}>
            <Button
              kind={keys.length > 0 ? 'primary' : 'plain'}
              reason={keys.length === 0 ? t('sitePlan.nothingToDo') : undefined}
              onClick={() => beginApply(keys)}
              needs="work.preview"
              data-testid="plan-apply"
            >
              {t('sitePlan.apply', { count: keys.length })}
            </Button>
            {comparison && (
              <span className="mute">
                {t('sitePlan.compared')} <Ago atMs={comparison.comparedAtMs} />
                {' · '}
                {comparison.askedAtMs === undefined ? (
                  t('sitePlan.notAsked')
                ) : (
                  <>
                    {t('sitePlan.asked')} <Ago atMs={comparison.askedAtMs} />
                  </>
                )}
              </span>
            )}
            <span className={css.end}>
              <Button small busy={save.busy} onClick={() => void save.run('plan')} data-testid="plan-export">
                {t('sitePlan.export')}
              </Button>
              {exportSite}
            </span>
          </div>
        )}
        {save.saved && (
          <p className={`mute ${css.saved}`} role="status">
            {save.saved}
          </p>
        )}
        {save.error && (
          <div className={css.saved}>
            <ErrorBox error={save.error} />
          </div>
        )}
      </Panel>
      <div className={css.side}>
        <Panel className={`${css.panel} ${css.detail}`}>
          <PlanDetail row={sorted.find(({ key }) => key === open)} />
        </Panel>
        <Panel className={`${css.panel} ${css.bring}`}>
          <PlanBring />
        </Panel>
      </div>
    </div>
  )
}
