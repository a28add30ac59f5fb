/**
 * A job's life as a pure function: `(job, input) → next job`, or undefined where the input has no place. No clock, no
 * I/O, no runner; the runner decides when to feed it and when to commit what it gives.
 *
 * queued → running ⇄ waiting | needs-you → done | failed | cancelled; interrupted when the program stops in between.
 * A step that has begun but has no result is `pending` with its `startedAtMs` kept: the uncertain one.
 */

import { assertNever } from '../contract/assert-never'
import { isEnded, type Job, type JobError, type JobState, type JobStep } from '../contract/job'
import type { JobNote } from '../contract/job-notes'

export type JobInput =
  /** A slot of the concurrency limit is held. */
  | { readonly type: 'slot-given' }
  /** The job wants a slot again after it was held. */
  | { readonly type: 'slot-wanted' }
  | { readonly type: 'held'; readonly why: 'waiting' | 'needs-you' }
  | { readonly type: 'step-begun' }
  | {
      readonly type: 'step-told'
      readonly note?: string
      /** The note as a code; a note without one takes the place of one that had it. */
      readonly told?: JobNote
      readonly progress?: { done: number; total: number }
    }
  | { readonly type: 'step-ended'; readonly as: 'done' | 'skipped' }
  | { readonly type: 'step-failed'; readonly error: JobError }
  /** All steps are behind it. */
  | { readonly type: 'finished' }
  | { readonly type: 'cancel-asked' }
  /** The cancel takes effect: nothing of the job runs any more. */
  | { readonly type: 'cancelled' }
  | { readonly type: 'interrupted' }
  | { readonly type: 'resumed' }
  | { readonly type: 'retried' }

const ACTIVE: readonly JobState[] = ['queued', 'running', 'waiting', 'needs-you']

/** The job after an input at `atMs`; undefined where the input has no place in the job's state. */
export const advance = (job: Job, input: JobInput, atMs: number): Job | undefined => {
  const to = (state: JobState, more: Partial<Job> = {}): Job => ({
    ...job,
    ...more,
    state,
    updatedAtMs: atMs,
  })
  const active = ACTIVE.includes(job.state)
  const index = job.steps.findIndex((step) => step.state === 'running')
  const withStep = (at: number, change: (step: JobStep) => JobStep): JobStep[] =>
    job.steps.map((step, i) => (i === at ? change(step) : step))

  switch (input.type) {
    case 'slot-given':
      return job.state === 'queued' ? to('running') : undefined
    case 'slot-wanted':
      return job.state === 'waiting' || job.state === 'needs-you' ? to('queued') : undefined
    case 'held':
      return active && index >= 0 && job.state !== 'queued' ? to(input.why) : undefined
    case 'step-begun': {
      const next = nextStep(job)
      if (job.state !== 'running' || index >= 0 || next < 0) return undefined
      return to('running', { steps: withStep(next, (step) => begin(step, atMs)) })
    }
    case 'step-told': {
      if (!active || index < 0) return undefined
      const { type: _, ...more } = input
      return to(job.state, {
        steps: withStep(index, ({ told, ...step }) => ({
          ...step,
          ...(told && more.note === undefined ? { told } : {}),
          ...more,
        })),
      })
    }
    case 'step-ended':
      if (!active || index < 0) return undefined
      return to(job.state, { steps: withStep(index, (step) => end(step, input.as, atMs)) })
    case 'step-failed': {
      const at = index >= 0 ? index : nextStep(job)
      if (!active) return undefined
      const steps = withStep(at, (step) => end(step, 'failed', atMs))
      return without(to('failed', { steps, error: input.error }), 'cancelAsked')
    }
    case 'finished':
      if (!active || nextStep(job) >= 0) return undefined
      return without(to('done'), 'cancelAsked')
    case 'cancel-asked':
      return isEnded(job.state) || job.cancelAsked ? undefined : to(job.state, { cancelAsked: true })
    case 'cancelled':
      return isEnded(job.state)
        ? undefined
        : without(to('cancelled', { steps: job.steps.map(halt) }), 'cancelAsked')
    case 'interrupted':
      return active ? to('interrupted', { steps: job.steps.map(halt) }) : undefined
    case 'resumed':
      return job.state === 'interrupted' ? to('queued') : undefined
    case 'retried': {
      if (job.state !== 'failed' && job.state !== 'cancelled') return undefined
      const next = to('queued', { steps: job.steps.map(reopen), attempt: job.attempt + 1 })
      return without(without(next, 'error'), 'cancelAsked')
    }
    default:
      return assertNever(input)
  }
}

/** Index of the first step without a result; -1 when all are behind. */
export const nextStep = (job: Job): number =>
  job.steps.findIndex((step) => step.state !== 'done' && step.state !== 'skipped')

/** Whether a step was begun in an earlier run or attempt without being finished: ask the device before doing it. */
export const isUncertain = (step: JobStep): boolean =>
  step.startedAtMs !== undefined && step.state !== 'done' && step.state !== 'skipped'

/** Whether the current step is half done and may not be left so: a cancel waits for its end. */
export const mustFinishStep = (job: Job): boolean => {
  const step = job.steps[nextStep(job)]
  return step !== undefined && !step.cancellable && isUncertain(step) && step.endedAtMs === undefined
}

const begin = ({ endedAtMs: _, progress: __, ...step }: JobStep, atMs: number): JobStep => ({
  ...step,
  state: 'running',
  startedAtMs: atMs,
})

const end = ({ progress: _, ...step }: JobStep, state: JobStep['state'], atMs: number): JobStep => ({
  ...step,
  state,
  startedAtMs: step.startedAtMs ?? atMs,
  endedAtMs: atMs,
})

const halt = (step: JobStep): JobStep => {
  if (step.state !== 'running') return step
  const { progress: _, ...rest } = step
  return { ...rest, state: 'pending' }
}

const reopen = (step: JobStep): JobStep => (step.state === 'failed' ? { ...step, state: 'pending' } : step)

const without = (job: Job, key: 'error' | 'cancelAsked'): Job => {
  const { [key]: _, ...rest } = job
  return rest
}
