/** Jobs of a rollout's members: asked for when their time has come, ended when it will not come any more. */
import { asIotmcError } from '../contract/errors'
import { isEnded, type Job } from '../contract/job'
import type { JobRunner } from '../jobs/runner'
import type { Clock } from '../net/clock'
import type { Log } from './events'
import { isFinal, type RolloutRun } from './rollout-run'

export interface MemberWork {
  readonly clock: Clock
  readonly runner: Pick<JobRunner, 'submit' | 'cancel' | 'get'>
  readonly log: Log
  /** A job was ended before its device switched: what is planned there is not wanted any more. */
  unplan(job: Job): void
}

/** Gives a job to each that has none; a device that another update has is failed with BUSY. */
export const submitMembers = (run: RolloutRun, udns: readonly string[], work: MemberWork): void => {
  const { runner, clock } = work
  const { id, plan, manifest } = run.record
  const idle = udns.flatMap((udn) => run.member(udn) ?? []).filter((row) => row.jobId === undefined)
  for (const wave of new Set(idle.map((row) => row.wave))) {
    const subjects = idle.filter((row) => row.wave === wave).map((row) => row.udn)
    const params = { rollout: id, bundle: plan.bundleId, version: manifest.version, wave: String(wave) }
    for (const job of runner.submit('update', subjects, params, id)) {
      const row = run.member(job.subject)
      if (!row) continue
      if (job.params.rollout === id) run.put({ ...row, jobId: job.id }, clock.now())
      else run.fail(job.subject, busy(job), clock.now())
    }
  }
}

const busy = ({ subject }: Job) => ({ code: 'BUSY' as const, subject, detail: 'it is being updated already' })

/** Devices that have not switched yet do not any more. */
export const haltMembers = (run: RolloutRun, udns: readonly string[], work: MemberWork): void => {
  const { runner, clock, log, unplan } = work
  for (const udn of udns) {
    const row = run.member(udn)
    if (!row || isFinal(row.state)) continue
    const job = row.jobId === undefined ? undefined : runner.get(row.jobId)
    run.put({ ...row, state: 'stopped' }, clock.now())
    if (!job || isEnded(job.state)) continue
    try {
      runner.cancel([job.id])
      unplan(job)
    } catch (thrown) {
      log.error({ job: job.id, code: asIotmcError(thrown).code }, 'a job could not be cancelled')
    }
  }
}
