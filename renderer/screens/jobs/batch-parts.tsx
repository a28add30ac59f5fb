import { useTranslation } from 'react-i18next'
import { isEnded, type Job } from '../../../electron/contract/job'
import { Ago } from '../../components/Ago'
import { Button } from '../../components/Button'
import { Pill } from '../../components/Pill'
import { useAction } from '../../components/use-action'
import { type Batch, type BatchCounts, toGo } from '../../model/batches'
import { labelOf } from '../../model/device-facts'
import { mayTryAgain } from '../../model/job-again'
import { udnOf } from '../../model/job-subject'
import { pauseBatch, resumeBatch, useBatches } from '../../stores/batches'
import { useDevices } from '../../stores/devices'
import { cancelJobs, retryJobs } from '../../stores/jobs'
import { showProvision } from '../../stores/provision'
import { showJobs } from '../../wizards/commission/store'
import { showPlan } from '../../wizards/configure/store'
import { showDecommission } from '../../wizards/decommission/store'
import { showChecks, showDiagnostics, showLogOf } from '../../wizards/diagnostics/store'
import { showRollout, showSerialJob } from '../../wizards/firmware/store'

/** "Commission 3 devices", or the name of the one device. */
export const useBatchTitle = (batch: Batch | undefined): string => {
  const { t } = useTranslation()
  const first = batch?.jobs[0]
  const device = useDevices((list) => list.byUdn.get((first && udnOf(first)) ?? ''))
  if (!batch || !first) return ''
  return t(`jobs.batch.${batch.kind}`, {
    count: batch.jobs.length,
    name: labelOf(device, first.subject),
    version: first.params.version ?? '',
  })
}

/** "3 done · 1 running · 0 failed · 2 to go". */
export const useCountsText = (counts: BatchCounts | undefined): string => {
  const { t } = useTranslation()
  if (!counts) return ''
  const { done, running, failed, cancelled } = counts
  const text = t('jobs.counts', { done, running, failed, toGo: toGo(counts) })
  return cancelled > 0 ? `${text} · ${t('jobs.cancelledCount', { count: cancelled })}` : text
}

/** The device runs its new firmware and nobody has to do anything: time has to pass. */
const isOnTrial = ({ state, steps }: Job): boolean =>
  state === 'waiting' && steps.some((step) => step.name === 'probation' && step.state === 'running')

/** Whether nothing new of it begins until it is resumed. */
const usePaused = (batch: Batch): boolean =>
  useBatches(({ byId }) => byId.get(batch.id)?.paused === true) && !batch.ended

/** What the batch waits for, or when it began or ended. */
export const BatchFact = ({ batch }: { readonly batch: Batch }) => {
  const { t } = useTranslation()
  const paused = usePaused(batch)
  const limit = useBatches(({ byId }) => byId.get(batch.id)?.limit)
  if (paused)
    return batch.counts.running > 0
      ? t('endOfLife.batch.pausedRunning', { count: batch.counts.running })
      : t('endOfLife.batch.pausedFact')
  if (batch.counts.needsYou > 0) return t('jobs.fact.needsYou')
  if (limit !== undefined && batch.counts.running > 0) return t('endOfLife.batch.limit', { count: limit })
  if (batch.counts.waiting > 0 && batch.counts.running === 0)
    return t(batch.jobs.some(isOnTrial) ? 'jobs.fact.onTrial' : 'jobs.fact.waiting')
  return <Ago atMs={batch.ended ? batch.updatedAtMs : batch.createdAtMs} />
}

export const BatchPill = ({ batch }: { readonly batch: Batch }) => {
  const { t } = useTranslation()
  const { needsYou, failed, running, done } = batch.counts
  if (usePaused(batch))
    return (
      <Pill tone="warn" sign="dash">
        {t('endOfLife.batch.paused')}
      </Pill>
    )
  if (failed > 0) return <Pill tone="bad">{t('jobs.pill.failed', { count: failed })}</Pill>
  if (needsYou > 0)
    return (
      <Pill tone="warn" sign="dot">
        {t('jobs.pill.needsYou')}
      </Pill>
    )
  if (running > 0) return <Pill tone="info">{t('jobs.pill.running')}</Pill>
  if (!batch.ended) return <Pill tone="neutral">{t('jobs.pill.queued')}</Pill>
  return done > 0 ? (
    <Pill tone="ok">{t('jobs.pill.done')}</Pill>
  ) : (
    <Pill tone="neutral">{t('jobs.pill.cancelled')}</Pill>
  )
}

/** The jobs of a batch that can still be cancelled. */
export const cancellable = (batch: Batch) =>
  batch.jobs.filter(
    (job) => !isEnded(job.state) && !job.steps.some((step) => step.state === 'running' && !step.cancellable),
  )

/** Where a batch is shown beside the list of jobs: its rollout, its plan, its checks, or what was fetched. */
const placeOf = (batch: Batch): (() => void) | undefined => {
  const [job] = batch.jobs
  const { rollout, plan } = job?.params ?? {}
  switch (job?.kind) {
    case 'update-serial':
      return () => showSerialJob(job)
    case 'update':
      return rollout === undefined ? undefined : () => showRollout(rollout)
    case 'configure':
      return plan === undefined ? undefined : () => showPlan(plan)
    case 'check':
      return () => showChecks(batch.jobs.map(({ id }) => id))
    case 'decommission':
      return () => showDecommission(batch.jobs.map(({ id }) => id))
    case 'fetch-log':
      return () => (batch.jobs.length === 1 ? showLogOf(job.subject) : showDiagnostics('log'))
    default:
      return undefined
  }
}

/** Approve, retry, cancel: only what can be done now. */
export const BatchActions = ({ batch }: { readonly batch: Batch }) => {
  const { t } = useTranslation()
  const retry = useAction(retryJobs)
  const cancel = useAction(cancelJobs)
  const failed = batch.jobs.filter((job) => job.state === 'failed' && mayTryAgain(job))
  const open = cancellable(batch)
  // Provisioning forgets its secrets when it ends: its wizard asks for them again.
  const opens = placeOf(batch)
  const provision = batch.kind === 'provision' ? batch.jobs[0] : undefined
  const paused = usePaused(batch)
  const pause = useAction(paused ? resumeBatch : pauseBatch)
  return (
    <>
      {batch.counts.needsYou > 0 && (
        <Button
          small
          kind="primary"
          onClick={() => showJobs(batch.jobs.map((job) => job.id))}
          needs="enrollment.approve"
          data-testid={`batch-approve-${batch.id}`}
        >
          {t('jobs.approve')}
        </Button>
      )}
      {opens && (
        <Button small onClick={opens} data-testid={`batch-open-${batch.id}`}>
          {t('jobs.open')}
        </Button>
      )}
      {provision && (
        <Button small onClick={() => showProvision(provision)} data-testid={`batch-open-${batch.id}`}>
          {t('jobs.open')}
        </Button>
      )}
      {failed.length > 0 && (
        <Button
          small
          busy={retry.busy}
          onClick={() => void retry.run(failed.map((job) => job.id))}
          needs={batch.kind === 'decommission' ? 'decommission.start' : 'jobs.retry'}
          data-testid={`batch-retry-${batch.id}`}
        >
          {t('jobs.retryFailed')}
        </Button>
      )}
      {batch.counts.needsYou === 0 && failed.length === 0 && batch.kind === 'commission' && (
        <Button
          small
          onClick={() => showJobs(batch.jobs.map((job) => job.id))}
          data-testid={`batch-open-${batch.id}`}
        >
          {t('jobs.open')}
        </Button>
      )}
      {!batch.ended && (paused || batch.jobs.length > 1) && (
        <Button
          small
          busy={pause.busy}
          onClick={() => void pause.run(batch.id)}
          needs={paused ? 'jobs.resume' : 'jobs.pause'}
          data-testid={`batch-${paused ? 'resume' : 'pause'}-${batch.id}`}
        >
          {t(paused ? 'endOfLife.batch.resume' : 'endOfLife.batch.pause')}
        </Button>
      )}
      {open.length > 0 && (
        <Button
          small
          busy={cancel.busy}
          onClick={() => void cancel.run(open.map((job) => job.id))}
          needs={batch.kind === 'decommission' ? 'decommission.start' : 'jobs.cancel'}
          data-testid={`batch-cancel-${batch.id}`}
        >
          {t('jobs.cancel')}
        </Button>
      )}
    </>
  )
}
