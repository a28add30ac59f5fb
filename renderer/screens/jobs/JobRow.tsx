import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { isEnded, type Job } from '../../../electron/contract/job'
import { Ago } from '../../components/Ago'
import { Button } from '../../components/Button'
import { Progress } from '../../components/Progress'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { jobProgress } from '../../model/batches'
import { longLabel } from '../../model/device-facts'
import { mayTryAgain } from '../../model/job-again'
import { udnOf } from '../../model/job-subject'
import { useDevices } from '../../stores/devices'
import { cancelJobs, retryJobs } from '../../stores/jobs'
import { showProvision } from '../../stores/provision'
import { showDevice } from '../../stores/view'
import { showDecommission } from '../../wizards/decommission/store'
import { JobExplanation, JobStatePill, JobSteps } from './JobSteps'
import css from './Jobs.module.css'

const JobActions = ({ job }: { readonly job: Job }) => {
  const { t } = useTranslation()
  const udn = udnOf(job)
  const known = useDevices((list) => udn !== undefined && list.byUdn.has(udn))
  const retry = useAction(retryJobs)
  const cancel = useAction(cancelJobs)
  const canCancel =
    !isEnded(job.state) && !job.steps.some((step) => step.state === 'running' && !step.cancellable)
  const error = retry.error ?? cancel.error
  const opens =
    job.kind === 'provision'
      ? () => showProvision(job)
      : job.kind === 'decommission'
        ? () => showDecommission([job.id])
        : undefined
  return (
    <>
      <span className={css.actions}>
        {known && udn !== undefined && (
          <Button small kind="quiet" onClick={() => showDevice(udn)}>
            {t('commission.showDevice')}
          </Button>
        )}
        {opens && (
          <Button small onClick={opens} data-testid={`job-open-${job.id}`}>
            {t('jobs.open')}
          </Button>
        )}
        {mayTryAgain(job) && (
          <Button
            small
            busy={retry.busy}
            onClick={() => void retry.run([job.id])}
            needs={job.kind === 'decommission' ? 'decommission.start' : 'jobs.retry'}
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
            needs={job.kind === 'decommission' ? 'decommission.start' : 'jobs.cancel'}
            data-testid={`job-cancel-${job.id}`}
          >
            {t('jobs.cancel')}
          </Button>
        )}
      </span>
      {error && (
        <div className={css.rowError}>
          <ErrorBox error={error} />
        </div>
      )}
    </>
  )
}

interface Props {
  readonly job: Job
  readonly open: boolean
  readonly onToggle: (id: string) => void
}

/** One device's job: how far it is, what can be done with it, and its steps when opened. Drawn anew only when it changes. */
export const JobRow = memo(({ job, open, onToggle }: Props) => {
  const { t } = useTranslation()
  const udn = udnOf(job) ?? ''
  const label = useDevices((list) => longLabel(list.byUdn.get(udn), job.subject))
  const details = t('jobs.details', { name: label })
  return (
    <div data-testid={`job-${job.id}`} className={css.job}>
      <div className={css.jobRow}>
        <button
          type="button"
          className={css.toggle}
          aria-expanded={open}
          aria-label={details}
          onClick={() => onToggle(job.id)}
        >
          {open ? (
            <IconChevronDown size={14} aria-hidden="true" />
          ) : (
            <IconChevronRight size={14} aria-hidden="true" />
          )}
        </button>
        <span className={`strong ${css.batchName}`} title={label}>
          {label}
        </span>
        <Progress value={jobProgress(job)} label={label} bad={job.state === 'failed'} />
        <span className={css.jobState}>
          <JobStatePill job={job} />
        </span>
        <Ago atMs={job.updatedAtMs} className="mute" />
        <JobActions job={job} />
      </div>
      {open && (
        <div className={css.jobBody}>
          <JobExplanation job={job} label={label} />
          <JobSteps job={job} label={label} />
        </div>
      )}
    </div>
  )
})
