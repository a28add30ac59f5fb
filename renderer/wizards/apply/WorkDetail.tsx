import { useTranslation } from 'react-i18next'
import type { SiteTask, SiteWorkRow } from '../../../electron/contract/site-plan'
import { Pill } from '../../components/Pill'
import { ScrollPart } from '../../components/ScrollPart'
import { ErrorBox, StateBox } from '../../components/StateBox'
import { RISK_TONE, type WorkStand, workStand, workTone } from '../../model/site-work'
import { JobSteps } from '../../screens/jobs/JobSteps'
import { PlanDifferences } from '../../screens/site/PlanDifferences'
import { useJobs } from '../../stores/jobs'
import css from './Apply.module.css'
import { useCosts } from './use-costs'

/** How a device stands with a work: sign and word. */
export const WorkPill = ({ stand }: { readonly stand: WorkStand }) => {
  const { t } = useTranslation()
  return (
    <Pill tone={workTone(stand)} {...(stand === 'same' ? { sign: 'dash' as const } : {})}>
      {t(`sitePlan.work.stand.${stand}`)}
    </Pill>
  )
}

const Task = ({ task }: { readonly task: SiteTask }) => {
  const { t } = useTranslation()
  const costs = useCosts()
  return (
    <section className={css.task}>
      <div className={css.taskHead}>
        <h3>{t(`sitePlan.work.kind.${task.kind}`)}</h3>
        {RISK_TONE[task.risk] === 'warn' && <Pill tone="warn">{t(`sitePlan.work.risk.${task.risk}`)}</Pill>}
      </div>
      <p className="mute">{t(`sitePlan.work.kindText.${task.kind}`)}</p>
      {task.differences.length > 0 && <PlanDifferences differences={task.differences} />}
      {task.kind !== 'describe' && <p className={css.costs}>{costs.ofTask(task)}</p>}
    </section>
  )
}

/** Why a device waits, was left out or failed, or that it is done. */
const Outcome = ({ row }: { readonly row: SiteWorkRow }) => {
  const { t } = useTranslation()
  const { name } = row
  const stand = workStand(row)
  if (stand === 'problem' && row.problem)
    return <ErrorBox error={{ code: row.problem, detail: row.error?.detail }} subject={name} alert={false} />
  if (stand === 'failed' && row.error) return <ErrorBox error={row.error} subject={name} alert={false} />
  if (stand !== 'waits' && stand !== 'held' && stand !== 'done') return null
  return (
    <StateBox
      tone={stand === 'done' ? 'ok' : 'neutral'}
      what={t(`sitePlan.work.${stand}.what`, { name })}
      state={t(`sitePlan.work.${stand}.state`)}
      next={t(`sitePlan.work.${stand}.next`)}
    />
  )
}

/** One device: task by task what changes, what it costs, and how its job goes on. */
export const WorkDetail = ({ row }: { readonly row: SiteWorkRow }) => {
  const { t } = useTranslation()
  const job = useJobs(({ byId }) => (row.jobId === undefined ? undefined : byId.get(row.jobId)))
  return (
    <>
      <div className={css.detailHead}>
        <h2>{row.name}</h2>
        <WorkPill stand={workStand(row)} />
      </div>
      <ScrollPart className={css.scroll} label={row.name} testid="apply-detail">
        <Outcome row={row} />
        {job && row.state !== 'failed' && <JobSteps job={job} label={row.name} />}
        {row.tasks.length === 0 && !row.problem && <p>{t('sitePlan.work.nothingRow')}</p>}
        {row.tasks.map((task) => (
          <Task key={task.kind} task={task} />
        ))}
      </ScrollPart>
    </>
  )
}
