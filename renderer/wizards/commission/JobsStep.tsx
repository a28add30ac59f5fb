import { useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { isEnded, type Job } from '../../../electron/contract/job'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { Panel, Teach } from '../../components/Panel'
import { ScrollPart } from '../../components/ScrollPart'
import { ErrorBox, StateBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { useKeys } from '../../components/use-keys'
import { byUrgency, countJobs } from '../../model/batches'
import type { WizardStage } from '../../model/commission'
import { labelOf, longLabel } from '../../model/device-facts'
import { useCountsText } from '../../screens/jobs/batch-parts'
import { JobExplanation, JobStatePill, JobSteps } from '../../screens/jobs/JobSteps'
import { useDevices } from '../../stores/devices'
import { cancelJobs, retryJobs } from '../../stores/jobs'
import { approve, reject } from '../../stores/site'
import { showDevice } from '../../stores/view'
import { BatchList } from './BatchList'
import css from './Commission.module.css'
import { JobIdentity } from './JobIdentity'
import { restart } from './store'

const groupOf = (job: Job): string => job.params.group ?? ''

/** Approves jobs, each into its own group. */
const approveJobs = async (jobs: readonly Job[]): Promise<void> => {
  for (const group of new Set(jobs.map(groupOf))) {
    const members = jobs.filter((job) => groupOf(job) === group)
    await approve(
      members.map((job) => job.subject),
      group,
    )
  }
}

const Result = ({ jobs }: { readonly jobs: readonly Job[] }) => {
  const { t } = useTranslation()
  const { done } = countJobs(jobs)
  const all = done === jobs.length
  const what = all
    ? t('commission.result.allDone', { count: done })
    : done > 0
      ? t('commission.result.some', { done, count: jobs.length })
      : t('commission.result.none')
  return (
    <StateBox
      tone={all ? 'ok' : 'warn'}
      what={what}
      state={t(all ? 'commission.result.stateAll' : 'commission.result.stateSome')}
      next={t(all ? 'commission.result.nextAll' : 'commission.result.nextSome')}
    />
  )
}

/** The job to look at: the one chosen; a person is led on when it needs nothing more and another one does. */
const useCurrent = (jobs: readonly Job[]) => {
  const [chosen, look] = useState<string>()
  const sorted = useMemo(() => byUrgency(jobs), [jobs])
  const current = jobs.find((job) => job.subject === chosen)
  const first = sorted[0]
  const leadOn =
    current === undefined ||
    (current.state !== 'needs-you' && first?.state === 'needs-you' && current.state === 'running')
  const lead = leadOn ? first?.subject : undefined
  useEffect(() => {
    if (lead !== undefined) look(lead)
  }, [lead])
  return [current ?? first, look] as const
}

/** Approve, watch, result: one place, so that nothing jumps while the jobs go on. */
export const JobsStep = ({ jobs, stage }: { readonly jobs: readonly Job[]; readonly stage: WizardStage }) => {
  const { t } = useTranslation()
  const [current, look] = useCurrent(jobs)
  const device = useDevices((list) => list.byUdn.get(current?.subject ?? ''))
  const counts = useMemo(() => countJobs(jobs), [jobs])
  const countsText = useCountsText(counts)
  const [rejecting, setRejecting] = useState(false)
  const waiting = jobs.filter((job) => job.state === 'needs-you')
  const currentWaits = current?.state === 'needs-you'
  const approving = useAction(approveJobs)
  const rejection = useAction(async (udn: string) => {
    await reject([udn])
    setRejecting(false)
  })
  const retry = useAction(retryJobs)
  const cancel = useAction(cancelJobs)
  useKeys([
    ['A', () => void (current && currentWaits && approving.run([current]))],
    ['Shift+A', () => void (waiting.length > 0 && approving.run(waiting))],
  ])
  if (!current)
    return (
      <Panel className={css.whole}>
        <Teach
          title={t('commission.cleared')}
          actions={
            <Button kind="primary" onClick={restart}>
              {t('commission.another')}
            </Button>
          }
        >
          <p>{t('commission.clearedText')}</p>
        </Teach>
      </Panel>
    )
  const label = longLabel(device, current.subject)
  const failed = jobs.filter((job) => job.state === 'failed')
  const open = jobs.filter(
    (job) => !isEnded(job.state) && !job.steps.some((step) => step.state === 'running' && !step.cancellable),
  )
  const error = approving.error ?? retry.error ?? cancel.error
  return (
    <div className={css.split}>
      <Panel className={css.panel} label={label}>
        <ScrollPart className={css.scroll} label={label}>
          {stage === 'result' && jobs.length > 1 && <Result jobs={jobs} />}
          <div className={css.titleRow}>
            <h2>
              {device?.model ? `${device.model} · ` : ''}
              {label}
            </h2>
            <JobStatePill job={current} />
          </div>
          {stage === 'result' && jobs.length === 1 && current.state === 'done' && <Result jobs={jobs} />}
          {error && <ErrorBox error={error} subject={labelOf(device, current.subject)} />}
          <JobExplanation job={current} label={labelOf(device, current.subject)}>
            {(current.state === 'failed' || current.state === 'cancelled') && (
              <Button
                small
                busy={retry.busy}
                onClick={() => void retry.run([current.id])}
                needs="jobs.retry"
                data-testid="job-retry"
              >
                {t('commission.retryOne')}
              </Button>
            )}
          </JobExplanation>
          {currentWaits && <JobIdentity key={current.subject} udn={current.subject} />}
          <JobSteps job={current} label={label} />
        </ScrollPart>
        <div className={css.foot}>
          {stage === 'approve' && (
            <>
              <Button
                kind="primary"
                keys="A"
                aria-keyshortcuts="A"
                busy={approving.busy}
                reason={currentWaits ? undefined : t('commission.approve.notWaiting')}
                onClick={() => void approving.run([current])}
                needs="enrollment.approve"
                data-testid="approve-device"
              >
                {t('commission.approve.one')}
              </Button>
              <Button
                keys="⇧A"
                aria-keyshortcuts="Shift+A"
                busy={approving.busy}
                reason={waiting.length === 0 ? t('commission.approve.noneWaiting') : undefined}
                onClick={() => void approving.run(waiting)}
                needs="enrollment.approve"
                data-testid="approve-all"
              >
                {t('commission.approve.all', { count: waiting.length })}
              </Button>
              {currentWaits && (
                <Button
                  onClick={() => setRejecting(true)}
                  needs="enrollment.reject"
                  data-testid="reject-device"
                >
                  {t('commission.approve.reject')}
                </Button>
              )}
            </>
          )}
          {stage === 'result' && (
            <>
              <Button
                kind="primary"
                onClick={() => {
                  restart()
                  showDevice(current.subject)
                }}
                data-testid="wizard-done"
              >
                {t('commission.done')}
              </Button>
              <Button onClick={restart} data-testid="wizard-another">
                {t('commission.another')}
              </Button>
            </>
          )}
          {failed.length > 0 && (
            <Button
              busy={retry.busy}
              onClick={() => void retry.run(failed.map((job) => job.id))}
              needs="jobs.retry"
              data-testid="wizard-retry-failed"
            >
              {t('jobs.retryFailedCount', { count: failed.length })}
            </Button>
          )}
          <span className={css.footNote}>
            {currentWaits
              ? t('commission.approve.nothingChanged')
              : stage === 'watch'
                ? t('commission.watchHint')
                : ''}
          </span>
        </div>
      </Panel>
      <Panel className={css.panel}>
        <BatchList
          title={
            <>
              <h2>{t('commission.batch')}</h2>
              <p className="mute">{countsText}</p>
            </>
          }
          label={t('commission.batch')}
          udns={jobs.map((job) => job.subject)}
          current={current.subject}
          pillOf={(udn) => {
            const job = jobs.find((one) => one.subject === udn)
            return job && <JobStatePill job={job} />
          }}
          onLook={look}
        />
        {open.length > 0 && (
          <div className={css.foot}>
            <Button
              small
              busy={cancel.busy}
              onClick={() => void cancel.run(open.map((job) => job.id))}
              needs="jobs.cancel"
              data-testid="wizard-cancel"
            >
              {t('commission.cancelBatch')}
            </Button>
          </div>
        )}
      </Panel>
      <Dialog
        open={rejecting}
        onClose={() => setRejecting(false)}
        title={t('commission.approve.rejectTitle', { name: labelOf(device, current.subject) })}
        testid="reject-dialog"
        actions={
          <>
            <Button onClick={() => setRejecting(false)}>{t('shell.back')}</Button>
            <Button
              kind="danger"
              busy={rejection.busy}
              onClick={() => void rejection.run(current.subject)}
              needs="enrollment.reject"
              data-testid="reject-yes"
            >
              {t('commission.approve.rejectYes')}
            </Button>
          </>
        }
      >
        <p>{t('commission.approve.rejectText')}</p>
        {rejection.error && <ErrorBox error={rejection.error} subject={labelOf(device, current.subject)} />}
      </Dialog>
    </div>
  )
}
