/** One run of one job: step after step, each committed before it begins and when it has ended. */

import { asIotmcError, IotmcError } from '../contract/errors'
import { isEnded, type Job, type JobError } from '../contract/job'
import { jobNoteText } from '../contract/job-notes'
import { type Clock, delay } from '../net/clock'
import type { JobCell } from './cell'
import { alignSteps } from './journal'
import { isUncertain, mustFinishStep, nextStep } from './machine'
import type { StepContext, StepPlan } from './step'

/** A log that takes facts first and a sentence second, as pino does. */
export interface JobLog {
  info(facts: Readonly<Record<string, unknown>>, message: string): void
  error(facts: Readonly<Record<string, unknown>>, message: string): void
}

/** The slots of the concurrency limit, as a run knows them: it begins with one in hand. */
export interface RunSlots {
  /** Resolves when a slot is held again; rejects with CANCELLED on abort. */
  again(job: Job, signal: AbortSignal): Promise<void>
  release(job: Job): void
}

export interface RunTools {
  readonly clock: Clock
  readonly slots: RunSlots
  readonly plan: (job: Job) => readonly StepPlan[]
  readonly log: JobLog
  /** Resolves soon, after other work of the program where many jobs begin at once. */
  readonly breath: () => Promise<void>
}

/** How long a step may take to come to its end after its signal was aborted; then it is left behind. */
const ABANDON_MS = 5_000

type Outcome = { readonly ok: true } | { readonly ok: false; readonly thrown: unknown }

/** Runs a queued job, with a slot in hand, to its end, its cancellation, or the stop of the program. */
export class JobRun {
  private readonly breaker = new AbortController()
  private stopping = false
  private over = false
  private slotHeld = true
  private taking: Promise<boolean> | undefined

  constructor(
    private readonly tools: RunTools,
    private readonly cell: JobCell,
  ) {}

  /** Settles when nothing of this run is left; never rejects. */
  async go(): Promise<void> {
    try {
      await this.steps()
    } catch (thrown) {
      this.fail(thrown)
    } finally {
      this.over = true
      // What a step left running, a wait for a slot among it, ends with the run.
      this.breaker.abort(new IotmcError('CANCELLED'))
      this.freeSlot()
    }
  }

  /** Cancels now, or after the step that can't be cancelled. */
  cancel(): void {
    if (!this.cell.apply({ type: 'cancel-asked' })) return
    try {
      this.cell.commit()
    } finally {
      if (!mustFinishStep(this.cell.now)) this.breaker.abort(new IotmcError('CANCELLED'))
    }
  }

  /** Breaks off whatever runs; the journal keeps the job as interrupted. */
  stop(): void {
    this.stopping = true
    this.breaker.abort(new IotmcError('INTERRUPTED'))
  }

  private async steps(): Promise<void> {
    // Whoever asked for the job has to know of it before its plan is made.
    await this.tools.breath()
    const plan = this.tools.plan(this.cell.now)
    this.cell.align(alignSteps(plan, this.cell.now.steps))
    while (!this.endsHere()) {
      const index = nextStep(this.cell.now)
      const step = plan[index]
      if (!step) {
        this.cell.apply({ type: 'finished' })
        this.cell.commit()
        return
      }
      if (!(await this.takeSlot())) continue
      if (this.endsHere()) return
      const before = this.cell.now.steps[index]
      this.cell.apply({ type: 'step-begun' })
      this.cell.commit()
      const outcome = await this.perform(step, before !== undefined && isUncertain(before))
      if (!outcome.ok && !this.breaker.signal.aborted) throw outcome.thrown
      // With a slot in hand, the end of this step and the start of the next are one commit.
      if (!this.slotHeld) this.cell.commit()
    }
  }

  /** Whether a stop or a cancel takes effect between two steps. */
  private endsHere(): boolean {
    if (this.stopping) {
      this.cell.apply({ type: 'interrupted' })
    } else if (this.cell.now.cancelAsked && nextStep(this.cell.now) >= 0 && !this.mustFinishStep()) {
      this.cell.apply({ type: 'cancelled' })
    } else {
      return false
    }
    this.cell.commit()
    return true
  }

  /** Whether the current step was begun before a restart and has to be brought to its end before a cancel counts. */
  private mustFinishStep(): boolean {
    return mustFinishStep(this.cell.now) && !this.breaker.signal.aborted
  }

  private async perform(step: StepPlan, uncertain: boolean): Promise<Outcome> {
    const call = { live: true, skipped: false }
    const context = this.context(call)
    const work = async (): Promise<void> => {
      if (uncertain && step.reconcile) {
        if ((await step.reconcile(context)) === 'done') return
        if (context.signal.aborted) throw new IotmcError('CANCELLED')
      }
      await step.run(context)
    }
    const ended = work().then(
      (): Outcome => ({ ok: true }),
      (thrown: unknown): Outcome => ({ ok: false, thrown }),
    )
    const settled = new AbortController()
    const outcome = await Promise.race([ended, this.abandoned(settled.signal)])
    settled.abort()
    call.live = false
    if (outcome.ok) this.cell.apply({ type: 'step-ended', as: call.skipped ? 'skipped' : 'done' })
    return outcome
  }

  /** Resolves when the step was told to break off and has not done so in time; never, if it has `settled`. */
  private abandoned(settled: AbortSignal): Promise<Outcome> {
    const { signal } = this.breaker
    return new Promise((resolve) => {
      const arm = (): void => {
        delay(this.tools.clock, ABANDON_MS, settled).then(
          () => {
            this.tools.log.error(
              { job: this.cell.now.id, kind: this.cell.now.kind },
              'a step did not heed its signal',
            )
            resolve({ ok: false, thrown: signal.reason })
          },
          () => undefined,
        )
      }
      if (signal.aborted) arm()
      else signal.addEventListener('abort', arm, { once: true })
      settled.addEventListener('abort', () => signal.removeEventListener('abort', arm), { once: true })
    })
  }

  private context(call: { live: boolean; skipped: boolean }): StepContext {
    const { cell, breaker } = this
    const held = (why: 'waiting' | 'needs-you'): void => {
      if (call.live && cell.apply({ type: 'held', why })) this.freeSlot()
    }
    const working = async (): Promise<void> => {
      if (call.live && !(await this.takeSlot())) throw new IotmcError('CANCELLED')
    }
    return {
      get job() {
        return cell.now
      },
      signal: breaker.signal,
      note: (said) => {
        const told =
          typeof said === 'string'
            ? { note: said }
            : { note: jobNoteText(said, 'en') ?? said.code, told: said }
        if (call.live) cell.apply({ type: 'step-told', ...told, note: told.note.slice(0, 200) })
      },
      progress: (done, total) =>
        void (call.live && cell.apply({ type: 'step-told', progress: { done, total } })),
      skip: () => {
        call.skipped = true
      },
      needsYou: () => held('needs-you'),
      waiting: () => held('waiting'),
      working,
      hold: async (why, wait) => {
        held(why)
        const value = await wait()
        await working()
        return value
      },
    }
  }

  /** False when the wait was broken off. */
  private takeSlot(): Promise<boolean> {
    if (this.slotHeld) {
      this.cell.apply({ type: 'slot-given' })
      return Promise.resolve(true)
    }
    this.taking ??= this.waitForSlot().finally(() => {
      this.taking = undefined
    })
    return this.taking
  }

  private async waitForSlot(): Promise<boolean> {
    this.cell.apply({ type: 'slot-wanted' })
    try {
      await this.tools.slots.again(this.cell.now, this.breaker.signal)
    } catch {
      return false
    }
    this.slotHeld = true
    if (this.over) {
      this.freeSlot()
      return false
    }
    this.cell.apply({ type: 'slot-given' })
    return true
  }

  private freeSlot(): void {
    if (!this.slotHeld) return
    this.slotHeld = false
    this.tools.slots.release(this.cell.now)
  }

  private fail(thrown: unknown): void {
    const { id, kind, subject } = this.cell.now
    if (isEnded(this.cell.now.state)) {
      this.tools.log.error(
        { job: id, kind, subject, err: thrown },
        'the end of a job could not be journalled',
      )
      return
    }
    const error = asIotmcError(thrown)
    if (error.code === 'DEFECT')
      this.tools.log.error({ job: id, kind, subject, err: thrown }, 'a job failed by a defect')
    else
      this.tools.log.info({ job: id, kind, subject, code: error.code, detail: error.detail }, 'a job failed')
    this.cell.apply({ type: 'step-failed', error: toJobError(error) })
    try {
      this.cell.commit()
    } catch (cause) {
      this.tools.log.error({ job: id, kind, subject, err: cause }, 'the end of a job could not be journalled')
    }
  }
}

const toJobError = ({ code, subject, detail }: IotmcError): JobError => ({
  code,
  ...(subject === undefined ? {} : { subject }),
  ...(detail === undefined ? {} : { detail }),
})
