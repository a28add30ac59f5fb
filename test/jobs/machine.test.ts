import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isEnded, JOB_STATES, type Job, type JobStep } from '../../electron/contract/job'
import { alignSteps, recovered } from '../../electron/jobs/journal'
import { advance, isUncertain, type JobInput, mustFinishStep, nextStep } from '../../electron/jobs/machine'

const step = (name: string, more: Partial<JobStep> = {}): JobStep => ({
  name,
  state: 'pending',
  cancellable: true,
  ...more,
})

const job = (more: Partial<Job> = {}): Job => ({
  id: 'j',
  kind: 'commission',
  subject: 'uuid:1',
  batch: 'b',
  params: {},
  state: 'queued',
  steps: [step('find'), step('verify-identity', { cancellable: false }), step('read-back')],
  attempt: 1,
  createdAtMs: 0,
  updatedAtMs: 0,
  ...more,
})

const error = { code: 'TIMED_OUT' } as const
const input = fc.oneof(
  fc.constantFrom<JobInput>(
    { type: 'slot-given' },
    { type: 'slot-wanted' },
    { type: 'held', why: 'waiting' },
    { type: 'held', why: 'needs-you' },
    { type: 'step-begun' },
    { type: 'step-told', note: 'x' },
    { type: 'step-told', progress: { done: 1, total: 2 } },
    { type: 'step-ended', as: 'done' },
    { type: 'step-ended', as: 'skipped' },
    { type: 'step-failed', error },
    { type: 'finished' },
    { type: 'cancel-asked' },
    { type: 'cancelled' },
    { type: 'interrupted' },
    { type: 'resumed' },
    { type: 'retried' },
  ),
  // What drives a job on, more often than chance would.
  fc.constantFrom<JobInput>(
    { type: 'slot-given' },
    { type: 'step-begun' },
    { type: 'step-ended', as: 'done' },
  ),
)

const isBehind = (one: JobStep): boolean => one.state === 'done' || one.state === 'skipped'

const mustHold = (now: Job): void => {
  const running = now.steps.filter((one) => one.state === 'running')
  const failed = now.steps.filter((one) => one.state === 'failed')
  const firstOpen = now.steps.findIndex((one) => !isBehind(one))
  expect(running.length + failed.length).toBeLessThanOrEqual(1)
  // Steps end in order: behind the first open one, nothing has ended.
  if (firstOpen >= 0) expect(now.steps.slice(firstOpen).some(isBehind)).toBe(false)
  for (const one of [...running, ...failed]) expect(now.steps.indexOf(one)).toBe(firstOpen)
  if (running.length > 0) expect(['queued', 'running', 'waiting', 'needs-you']).toContain(now.state)
  expect(now.state === 'failed').toBe(now.error !== undefined)
  expect(failed.length).toBe(now.state === 'failed' ? 1 : 0)
  if (now.state === 'done') expect(firstOpen).toBe(-1)
  if (isEnded(now.state)) expect(now).not.toHaveProperty('cancelAsked')
  for (const one of running) expect(one.startedAtMs !== undefined && one.endedAtMs === undefined).toBe(true)
}

describe('a job', () => {
  it('keeps its rules whatever happens to it in whatever order', () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 60 }), (inputs) => {
        let now = job()
        for (const [index, one] of inputs.entries()) {
          const next = advance(now, one, index + 1)
          if (!next) continue
          mustHold(next)
          // What is behind stays behind, untouched.
          for (const [i, before] of now.steps.entries())
            if (isBehind(before)) expect(next.steps[i]).toBe(before)
          if (isEnded(now.state)) expect(one.type).toBe('retried')
          if (next.attempt !== now.attempt)
            expect([one.type, next.attempt]).toEqual(['retried', now.attempt + 1])
          expect(next.updatedAtMs).toBe(index + 1)
          now = next
        }
      }),
      { numRuns: 500 },
    )
  })

  it('can always be brought to an end after a restart, from any state it can be in', () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 40 }), (inputs) => {
        let now = inputs.reduce((at, one) => advance(at, one, 1) ?? at, job())
        const doneBefore = now.steps.filter(isBehind).length
        now = recovered(now, 2)
        expect(now.steps.some((one) => one.state === 'running')).toBe(false)
        expect(isEnded(now.state) || now.state === 'interrupted').toBe(true)
        now = advance(now, { type: 'resumed' }, 3) ?? advance(now, { type: 'retried' }, 3) ?? now
        let begun = 0
        for (; nextStep(now) >= 0; begun += 1) {
          now = advance(now, { type: 'slot-given' }, 4) ?? now
          const running = advance(now, { type: 'step-begun' }, 5)
          now = (running && advance(running, { type: 'step-ended', as: 'done' }, 6)) ?? expect.fail(now.state)
        }
        expect(begun).toBe(3 - doneBefore)
        if (now.state !== 'done') now = advance(now, { type: 'finished' }, 7) ?? expect.fail(now.state)
        expect(now.state).toBe('done')
      }),
      { numRuns: 300 },
    )
  })

  it.each(JOB_STATES)('that is %s takes a retry only if it failed or was cancelled', (state) => {
    const taken = advance(job({ state, ...(state === 'failed' ? { error } : {}) }), { type: 'retried' }, 1)
    expect(taken !== undefined).toBe(state === 'failed' || state === 'cancelled')
  })
})

describe('an uncertain step', () => {
  it('is one that was begun and has no end: after a kill, a cancel, or a failure', () => {
    expect(isUncertain(step('a'))).toBe(false)
    expect(isUncertain(step('a', { startedAtMs: 1 }))).toBe(true)
    expect(isUncertain(step('a', { startedAtMs: 1, state: 'failed', endedAtMs: 2 }))).toBe(true)
    expect(isUncertain(step('a', { startedAtMs: 1, state: 'done', endedAtMs: 2 }))).toBe(false)
  })

  it('holds a cancel up only if it may not be broken off and its end is unknown', () => {
    const at = (more: Partial<JobStep>) =>
      mustFinishStep(job({ steps: [step('a', { cancellable: false, ...more })] }))
    expect(at({})).toBe(false)
    expect(at({ startedAtMs: 1 })).toBe(true)
    expect(at({ startedAtMs: 1, endedAtMs: 2 })).toBe(false)
    expect(at({ startedAtMs: 1, cancellable: true })).toBe(false)
  })
})

describe('steps of a plan that changed with the program', () => {
  const done = step('find', { state: 'done', startedAtMs: 1, endedAtMs: 2 })

  it('are the journalled ones where nothing changed', () => {
    const steps = [done, step('read-back')]
    expect(alignSteps(steps, steps)).toBe(steps)
  })

  it('keep what is done by name', () => {
    const plan = [
      { name: 'find', cancellable: true },
      { name: 'approve', cancellable: true },
      { name: 'read-back', cancellable: false },
    ]
    expect(alignSteps(plan, [done, step('verify-identity'), step('read-back')])).toEqual([
      done,
      step('approve'),
      step('read-back', { cancellable: false }),
    ])
  })
})
