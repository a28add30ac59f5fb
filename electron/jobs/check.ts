/**
 * The guided health check of one device: one step a test, then the finding. The job is done when the check worked, however
 * bad its verdict; each step may be repeated, and goes on with a test that still runs on the device.
 */
import type { Job } from '../contract/job'
import { CHECK_TESTS, type CheckTest } from '../contract/self-test'
import { type CheckBook, type Ended, optionsOf } from './check-book'
import { runOnDevice } from './check-device'
import { isLook, LOOKS } from './check-looks'
import { ask, type Unasked } from './check-reach'
import type { CheckTools } from './check-tools'
import type { StepContext, StepPlan } from './step'

export { CheckBook } from './check-book'
export type { CheckTools } from './check-tools'

/** Reasons after which the device is not asked for anything more. */
const FINAL: ReadonlySet<string> = new Set(['unreachable', 'not-trusted'])

const isUnasked = (ended: Ended | Unasked): ended is Unasked => !('verdict' in ended)

/** How a test that could not be asked for ends. */
const endedOf = (test: CheckTest, { reason, detail, code }: Unasked): Ended => {
  const facts = { reason, detail: detail ?? code }
  if (reason === 'not-supported') return { verdict: 'skipped', ...facts }
  if (reason === 'not-trusted' || (test === 'reachable' && reason === 'unreachable'))
    return { verdict: 'bad', ...facts }
  return { verdict: 'unknown', ...facts }
}

const noteOf = ({ verdict, reason, detail, measures }: Ended): string => {
  const first = measures?.[0]
  return detail ?? reason ?? (first ? `${first.value} ${first.unit}`.trim() : verdict)
}

/** The steps of `JOB_STEPS.check`, bound to one job. */
export const checkPlan = (tools: CheckTools, book: CheckBook, job: Job): readonly StepPlan[] => {
  const options = optionsOf(job)
  let over: string | undefined

  const perform = async (ctx: StepContext, test: CheckTest): Promise<Ended | Unasked> => {
    if (!isLook(test)) return runOnDevice(tools, book, ctx, test, options)
    const asked = await ask(tools, ctx, (signal) => LOOKS[test](tools, ctx.job.subject, signal))
    return 'value' in asked ? asked.value : asked
  }

  const run = async (ctx: StepContext, test: CheckTest): Promise<void> => {
    book.open(ctx.job)
    const before = book.entry(ctx.job, test)
    // Not chosen; or its end was written and this program was killed before that of the step.
    if (before?.state === 'done' && before.verdict) {
      if (before.verdict === 'skipped') ctx.skip()
      return
    }
    // After a restart of this program, what ended the check before ends it still.
    over ??= earlierEnd(book, ctx.job)
    // A device that is not trusted is still asked who it is.
    const skipped = over === 'not-trusted' && test === 'identity' ? undefined : over
    if (skipped) {
      book.end(ctx.job, test, { verdict: 'skipped', reason: skipped })
      ctx.skip()
      return
    }
    book.begin(ctx.job, test)
    const beganMs = tools.clock.now()
    const outcome = await perform(ctx, test)
    const ended = isUnasked(outcome) ? endedOf(test, outcome) : outcome
    if (ended.reason && FINAL.has(ended.reason) && (isUnasked(outcome) || isLook(test))) over = ended.reason
    const durationMs = Math.max(0, tools.clock.now() - beganMs)
    book.end(ctx.job, test, { durationMs, ...ended })
    ctx.note(noteOf(ended))
    if (ended.verdict === 'skipped') ctx.skip()
  }

  return [
    ...CHECK_TESTS.map((test): StepPlan => ({ name: test, cancellable: true, run: (ctx) => run(ctx, test) })),
    {
      name: 'finding',
      cancellable: true,
      run: async (ctx) => {
        const { findings } = book.finish(ctx.job)
        ctx.note(findings.map(({ finding }) => finding).join(' '))
      },
    },
  ]
}

const earlierEnd = (book: CheckBook, job: Job): string | undefined =>
  book
    .open(job)
    .entries.find(
      ({ test, state, verdict, reason = '' }) =>
        state === 'done' && FINAL.has(reason) && verdict !== 'skipped' && isOwn(test, verdict),
    )?.reason

/** A ping to a third party that is `unreachable` says nothing of the device. */
const isOwn = (test: CheckTest, verdict: string | undefined): boolean => isLook(test) || verdict === 'unknown'
