import { useTranslation } from 'react-i18next'
import { isEnded, type Job } from '../../../electron/contract/job'
import { SETUP_CODE } from '../../../electron/contract/timings'
import { Button } from '../../components/Button'
import { Facts, Panel, Teach } from '../../components/Panel'
import { ErrorBox, StateBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { newestAddress } from '../../model/device-facts'
import { udnOf } from '../../model/job-subject'
import { afterFailure, lockedSeconds, type Target, targetUdn } from '../../model/provision'
import { JobExplanation, JobStatePill, JobSteps } from '../../screens/jobs/JobSteps'
import { useClock } from '../../stores/clock'
import { useDevices } from '../../stores/devices'
import { cancelJobs } from '../../stores/jobs'
import { askAgain, restartProvision, retryProvisioning, useProvision } from '../../stores/provision'
import { startCommission } from '../commission/store'
import css from './Provision.module.css'
import { useTargetName } from './use-target-name'
import { Will } from './Will'

/** Where the device is now. */
const Done = ({ name, udn }: { readonly name: string; readonly udn: string | undefined }) => {
  const { t } = useTranslation()
  const device = useDevices((list) => list.byUdn.get(udn ?? ''))
  // Over a cable the device's own word is enough: this laptop may be on another network.
  const heard = device?.online === true && device.phase !== 'provisioning'
  const address = heard ? newestAddress(device) : undefined
  return (
    <>
      <StateBox
        tone="ok"
        what={t('provision.result.done', { name })}
        state={t(heard ? 'provision.result.doneState' : 'provision.result.unheardState')}
        next={t(heard ? 'provision.result.doneNext' : 'provision.result.unheardNext')}
      />
      <Facts
        rows={[
          [
            t('provision.result.address'),
            address ? (
              <span key="address">
                <span className="mono select-text">{address.address}</span>{' '}
                <span className="mute">{t('devices.drawer.on', { interface: address.interfaceName })}</span>
              </span>
            ) : (
              t('provision.result.notHeard')
            ),
          ],
          ['BOOTID', (heard && device.bootId) || '—'],
        ]}
      />
    </>
  )
}

/** What can be done about a job that failed or was cancelled: the same again, or the question whose answer it lacks. */
const Again = ({ job, target }: { readonly job: Job; readonly target: Target }) => {
  const { t } = useTranslation()
  const retry = useAction(retryProvisioning)
  const seconds = useClock(({ nowMs }) => lockedSeconds(job, nowMs))
  const how = afterFailure(job, target.via)
  const wrongCode = job.error?.code === 'SETUP_CODE_WRONG'
  const wrongCodes = useProvision((wizard) => wizard.wrongCodes)
  return (
    <>
      {wrongCode && (
        <span className={css.beside}>
          {t('provision.result.try', { count: wrongCodes + 1, max: SETUP_CODE.triesBeforeLock })}
        </span>
      )}
      {seconds > 0 && (
        <span role="timer" className={css.beside}>
          {t('provision.result.lockedText', { count: seconds })}
        </span>
      )}
      <Button
        small
        busy={retry.busy}
        reason={seconds > 0 ? t('provision.result.locked', { count: seconds }) : undefined}
        onClick={() => (how === 'retry' ? void retry.run(job.id) : askAgain(wrongCode))}
        needs="jobs.retry"
        data-testid="provision-again"
      >
        {t(`provision.result.${how}`)}
      </Button>
      {retry.error && <ErrorBox error={retry.error} />}
    </>
  )
}

/** Watching and the result: one place, so that nothing jumps while the job goes on. */
export const JobStep = ({ target, job }: { readonly target: Target; readonly job: Job | undefined }) => {
  const { t } = useTranslation()
  const name = useTargetName(target)
  const cancel = useAction(cancelJobs)
  if (!job)
    return (
      <Panel className={css.panel}>
        <Teach
          title={t('provision.job.cleared')}
          actions={
            <Button kind="primary" onClick={() => restartProvision()}>
              {t('provision.another')}
            </Button>
          }
        >
          <p>{t('provision.job.clearedText')}</p>
        </Teach>
      </Panel>
    )
  const udn = targetUdn(target) ?? udnOf(job)
  const ended = isEnded(job.state)
  const canCancel = !ended && !job.steps.some((step) => step.state === 'running' && !step.cancellable)
  return (
    <div className={ended ? css.whole : css.split}>
      <Panel className={css.panel} label={name}>
        <div className={css.scroll}>
          <div className={css.titleRow}>
            <h2>{name}</h2>
            <JobStatePill job={job} />
          </div>
          {cancel.error && <ErrorBox error={cancel.error} />}
          {ended ? (
            <div className={css.result} data-testid="provision-result" data-state={job.state}>
              {job.state === 'done' ? (
                <Done name={name} udn={udn} />
              ) : (
                <JobExplanation job={job} label={name}>
                  <Again job={job} target={target} />
                </JobExplanation>
              )}
            </div>
          ) : (
            <JobExplanation job={job} label={name} />
          )}
          <JobSteps job={job} label={name} />
        </div>
        <div className={css.foot}>
          {job.state === 'done' && (
            <Button
              kind="primary"
              onClick={() => startCommission(udn === undefined ? [] : [udn])}
              data-testid="provision-commission"
            >
              {t('devices.commission')}
            </Button>
          )}
          <Button onClick={() => restartProvision()} data-testid="provision-another">
            {t('provision.another')}
          </Button>
          {!ended && (
            <>
              {canCancel && (
                <Button
                  busy={cancel.busy}
                  onClick={() => void cancel.run([job.id])}
                  needs="jobs.cancel"
                  data-testid="provision-cancel"
                >
                  {t('jobs.cancel')}
                </Button>
              )}
              <span className={css.footNote}>{t('provision.job.watch')}</span>
            </>
          )}
        </div>
      </Panel>
      {!ended && <Will />}
    </div>
  )
}
