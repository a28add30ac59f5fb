import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { isEnded, type Job } from '../../../electron/contract/job'
import { Ago } from '../../components/Ago'
import { Button } from '../../components/Button'
import { Panel, ScreenHead, Teach } from '../../components/Panel'
import { Progress } from '../../components/Progress'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { type Batch, byUrgency, countJobs, jobProgress } from '../../model/batches'
import { longLabel } from '../../model/device-facts'
import { udnOf } from '../../model/job-subject'
import { useDevices } from '../../stores/devices'
import { cancelJobs, clearJobs, retryJobs, useJobs } from '../../stores/jobs'
import { showProvision } from '../../stores/provision'
import { showDevice } from '../../stores/view'
import { startCommission } from '../../wizards/commission/store'
import { BatchActions, BatchFact, BatchPill, useBatchTitle, useCountsText } from './batch-parts'
import { JobExplanation, JobStatePill, JobSteps } from './JobSteps'
import css from './Jobs.module.css'

const FEW = 20

const JobRow = ({ job, startsOpen }: { readonly job: Job; readonly startsOpen: boolean }) => {
  const { t } = useTranslation()
  const device = useDevices((list) => list.byUdn.get(udnOf(job) ?? ''))
  const [open, setOpen] = useState(startsOpen)
  const retry = useAction(retryJobs)
  const cancel = useAction(cancelJobs)
  const label = longLabel(device, job.subject)
  const canCancel =
    !isEnded(job.state) && !job.steps.some((step) => step.state === 'running' && !step.cancellable)
  const error = retry.error ?? cancel.error
  return (
    <li className={css.job} data-testid={`job-${job.id}`}>
      <div className={css.jobRow}>
        <button
          type="button"
          className={css.toggle}
          aria-expanded={open}
          aria-label={t('jobs.details', { name: label })}
          onClick={() => setOpen(!open)}
        >
          {open ? (
            <IconChevronDown size={14} aria-hidden="true" />
          ) : (
            <IconChevronRight size={14} aria-hidden="true" />
          )}
        </button>
        <span className={`strong ${css.batchName}`}>{label}</span>
        <Progress value={jobProgress(job)} label={label} bad={job.state === 'failed'} />
        <span>
          <JobStatePill job={job} />
        </span>
        <Ago atMs={job.updatedAtMs} className="mute" />
        <span className={css.actions}>
          {device && (
            <Button small kind="quiet" onClick={() => showDevice(device.udn)}>
              {t('commission.showDevice')}
            </Button>
          )}
          {job.kind === 'provision' && (
            <Button small onClick={() => showProvision(job)} data-testid={`job-open-${job.id}`}>
              {t('jobs.open')}
            </Button>
          )}
          {job.kind !== 'provision' && (job.state === 'failed' || job.state === 'cancelled') && (
            <Button
              small
              busy={retry.busy}
              onClick={() => void retry.run([job.id])}
              needs="jobs.retry"
              data-testid={`job-retry-${job.id}`}
            >
              {t('jobs.retry')}
            </Button>
          )}
          {canCancel && (
            <Button
              small
              busy={cancel.busy}
              onClick={() => void cancel.run([job.id])}
              needs="jobs.cancel"
              data-testid={`job-cancel-${job.id}`}
            >
              {t('jobs.cancel')}
            </Button>
          )}
        </span>
      </div>
      {open && (
        <div className={css.jobBody}>
          {error && <ErrorBox error={error} subject={label} />}
          <JobExplanation job={job} label={label} />
          <JobSteps job={job} label={label} />
        </div>
      )}
    </li>
  )
}

const BatchCard = ({ batch, newest }: { readonly batch: Batch; readonly newest: boolean }) => {
  const { t } = useTranslation()
  const title = useBatchTitle(batch)
  const counts = useCountsText(batch.counts)
  const [all, setAll] = useState(false)
  const sorted = useMemo(() => byUrgency(batch.jobs), [batch.jobs])
  return (
    <Panel label={title} testid={`batch-${batch.id}`}>
      <div className={css.batchHead}>
        <h2 className={css.batchName}>{title}</h2>
        <Progress value={batch.progress} label={title} bad={batch.ended && batch.counts.failed > 0} />
        <span>{counts}</span>
        <span className="mute">
          <BatchFact batch={batch} />
        </span>
        <span>
          <BatchPill batch={batch} />
        </span>
        <span className={css.actions}>
          <BatchActions batch={batch} />
        </span>
      </div>
      <ul className={css.jobs} aria-label={t('jobs.list')}>
        {(all ? sorted : sorted.slice(0, FEW)).map((job) => (
          <JobRow key={job.id} job={job} startsOpen={newest && batch.jobs.length === 1} />
        ))}
      </ul>
      {!all && sorted.length > FEW && (
        <div className={css.more}>
          <Button small onClick={() => setAll(true)}>
            {t('jobs.showAll', { count: sorted.length })}
          </Button>
        </div>
      )}
    </Panel>
  )
}

/** Everything that was started, in batches, with the steps of each device. */
export const JobsScreen = () => {
  const { t } = useTranslation()
  const batches = useJobs((list) => list.batches)
  const byId = useJobs((list) => list.byId)
  const counts = useMemo(() => countJobs([...byId.values()]), [byId])
  const text = useCountsText(counts)
  const clear = useAction(clearJobs)
  const finished = counts.done + counts.failed + counts.cancelled
  return (
    <>
      <ScreenHead title={t('jobs.title')} facts={batches.length > 0 ? text : undefined}>
        {batches.length > 0 && (
          <Button
            busy={clear.busy}
            reason={finished === 0 ? t('jobs.nothingFinished') : undefined}
            onClick={() => void clear.run()}
            needs="jobs.clear"
            data-testid="jobs-clear"
          >
            {t('jobs.clear')}
          </Button>
        )}
      </ScreenHead>
      {clear.error && <ErrorBox error={clear.error} />}
      {batches.length === 0 ? (
        <Panel className={css.scroll}>
          <Teach
            title={t('jobs.empty')}
            testid="jobs-empty"
            actions={
              <Button kind="primary" onClick={() => startCommission([])}>
                {t('jobs.goCommission')}
              </Button>
            }
          >
            <p>{t('jobs.emptyText')}</p>
          </Teach>
        </Panel>
      ) : (
        <div className={css.scroll}>
          <div className={css.list}>
            {batches.map((batch, index) => (
              <BatchCard key={batch.id} batch={batch} newest={index === 0} />
            ))}
          </div>
        </div>
      )}
    </>
  )
}
