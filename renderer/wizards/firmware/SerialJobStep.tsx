import { useTranslation } from 'react-i18next'
import { isEnded, type Job } from '../../../electron/contract/job'
import { Button } from '../../components/Button'
import { Panel, Teach } from '../../components/Panel'
import { ErrorBox, StateBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { type SerialAt, serialOutcome } from '../../model/firmware-serial'
import { JobExplanation, JobStatePill, JobSteps } from '../../screens/jobs/JobSteps'
import { cancelJobs } from '../../stores/jobs'
import { restartSerial, retrySerial, showFirmware } from './store'
import css from './Wizard.module.css'

const Done = ({ job }: { readonly job: Job }) => {
  const { t } = useTranslation()
  const outcome = serialOutcome(job)
  const key = outcome === 'trial' && job.params.consent === 'true' ? 'trialNone' : outcome
  return (
    <StateBox
      tone={key === 'trial' ? 'warn' : 'ok'}
      what={t(`rollout.serial.result.${key}.what`)}
      state={t(`rollout.serial.result.${key}.state`)}
      next={t(`rollout.serial.result.${key}.next`)}
    />
  )
}

/** Watching and the result in one place, so that nothing jumps while the job goes on. */
export const SerialJobStep = ({
  at,
  job,
}: {
  readonly at: Extract<SerialAt, { step: 'job' }>
  readonly job: Job | undefined
}) => {
  const { t } = useTranslation()
  const act = useAction((work: () => Promise<unknown>) => work())
  if (!job)
    return (
      <Panel className={css.panel}>
        <Teach
          title={t('rollout.serial.cleared')}
          actions={
            <Button kind="primary" onClick={restartSerial}>
              {t('rollout.serial.another')}
            </Button>
          }
        >
          <p>{t('rollout.serial.clearedText')}</p>
        </Teach>
      </Panel>
    )
  const ended = isEnded(job.state)
  const canCancel = !ended && !job.steps.some((step) => step.state === 'running' && !step.cancellable)
  return (
    <Panel className={css.panel} label={at.path}>
      <div className={css.scroll}>
        <div className={css.titleRow}>
          <h2 className="mono">{at.path}</h2>
          <JobStatePill job={job} />
        </div>
        {act.error && <ErrorBox error={act.error} subject={at.path} />}
        <div data-testid="serial-result" data-state={job.state} aria-live="polite">
          {job.state === 'done' ? (
            <Done job={job} />
          ) : (
            <JobExplanation job={job} label={at.path}>
              {ended && (
                <Button
                  small
                  busy={act.busy}
                  onClick={() => void act.run(() => retrySerial(job.id))}
                  data-testid="firmware-serial-again"
                >
                  {t('rollout.serial.again')}
                </Button>
              )}
            </JobExplanation>
          )}
        </div>
        <JobSteps job={job} label={at.path} />
      </div>
      <div className={css.foot}>
        {ended && (
          <Button kind="primary" onClick={restartSerial} data-testid="firmware-serial-another">
            {t('rollout.serial.another')}
          </Button>
        )}
        <Button onClick={showFirmware} data-testid="firmware-back">
          {t('firmware.all')}
        </Button>
        {canCancel && (
          <Button busy={act.busy} onClick={() => void act.run(() => cancelJobs([job.id]))}>
            {t('jobs.cancel')}
          </Button>
        )}
      </div>
    </Panel>
  )
}
