/** Batches against a model: whatever is asked of them in whatever order, over kills and starts. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import { isEnded, type Job } from '../../electron/contract/job'
import type { JobRunner } from '../../electron/jobs/runner'
import { MemoryBatches, MemoryJournal, makeBench, settle, stepOf } from './bench'

const BATCHES = ['x', 'y', 'z']
const LIMIT = 2

type Act =
  | { readonly do: 'submit'; readonly batch: string; readonly count: number; readonly limited: boolean }
  | { readonly do: 'pause' | 'resume'; readonly batch: string }
  | { readonly do: 'cancel' | 'retry' | 'finish' | 'fail'; readonly pick: number }
  | { readonly do: 'kill' | 'stop' }

const batch = fc.constantFrom(...BATCHES)
const acts: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    do: fc.constant('submit' as const),
    batch,
    count: fc.integer({ min: 1, max: 4 }),
    limited: fc.boolean(),
  }),
  fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const), batch }),
  fc.record({
    do: fc.constantFrom('cancel' as const, 'retry' as const, 'finish' as const, 'fail' as const),
    pick: fc.nat(30),
  }),
  fc.record({ do: fc.constantFrom('kill' as const, 'stop' as const) }),
)

/** One program after the other on the same disk; a step ends when the test says so. */
class World {
  readonly journal = new MemoryJournal()
  readonly batches = new MemoryBatches()
  readonly paused = new Set<string>()
  readonly limited = new Set<string>()
  /** First steps that began, as `id attempt`, in this program. */
  began: string[] = []
  readonly finished: string[] = []
  /** What must not be, seen inside a step, where a throw would only end the job. */
  readonly broken: string[] = []
  private pending = new Map<string, (error?: IotmcError) => void>()
  private subjects = 0
  runner: JobRunner

  constructor() {
    this.runner = this.open()
  }

  async act(act: Act): Promise<void> {
    const { runner } = this
    if (act.do === 'submit') {
      const subjects = Array.from({ length: act.count }, () => `s${this.subjects++}`)
      if (act.limited) this.limited.add(act.batch)
      runner.submit('commission', subjects, {}, act.batch, act.limited ? { limit: LIMIT } : {})
    } else if (act.do === 'pause' || act.do === 'resume') {
      const known = runner.batches().some(({ id }) => id === act.batch)
      if (!known) expect(() => runner[act.do](act.batch)).toThrow(IotmcError)
      else {
        runner[act.do](act.batch)
        if (act.do === 'pause') this.paused.add(act.batch)
        else this.paused.delete(act.batch)
      }
    } else if (act.do === 'cancel' || act.do === 'retry') {
      const job = pickOf(runner.list(), act.pick)
      if (job) runner[act.do]([job.id])
    } else if (act.do === 'finish' || act.do === 'fail') {
      const end = pickOf([...this.pending.values()], act.pick)
      end?.(act.do === 'fail' ? new IotmcError('TIMED_OUT') : undefined)
    } else {
      // A killed program writes nothing more; what it still does in memory does not count.
      const killed = this.journal.list()
      if (act.do === 'stop') await runner.stop()
      else {
        this.journal.beforeWrite = () => {
          throw new Error('killed')
        }
        await runner.stop()
        this.journal.beforeWrite = () => undefined
        expect(this.journal.list()).toEqual(killed)
      }
      this.pending = new Map()
      this.began = []
      this.runner = this.open()
    }
    await settle()
    await settle()
  }

  /** Ends whatever waits, until nothing goes on by itself. */
  async drain(): Promise<void> {
    for (const id of [...this.paused]) {
      this.runner.resume(id)
      this.paused.delete(id)
    }
    await settle()
    while (this.pending.size > 0) {
      for (const end of [...this.pending.values()]) end()
      await settle()
      await settle()
    }
  }

  check(): void {
    expect(this.broken).toEqual([])
    const jobs = this.runner.list()
    for (const { id, counts, paused, limit } of this.runner.batches()) {
      const { total, ...parts } = counts
      expect(Object.values(parts).reduce((sum, n) => sum + n, 0)).toBe(total)
      const own = jobs.filter((job) => job.batch === id)
      const count = (...states: Job['state'][]) => own.filter((job) => states.includes(job.state)).length
      expect(counts).toEqual({
        total: own.length,
        queued: count('queued', 'interrupted'),
        active: count('running', 'needs-you'),
        waiting: count('waiting'),
        done: count('done'),
        failed: count('failed'),
        cancelled: count('cancelled'),
      })
      expect([id, paused]).toEqual([id, this.paused.has(id)])
      expect(limit).toBe(this.limited.has(id) ? LIMIT : undefined)
    }
  }

  private open(): JobRunner {
    const { runner } = makeBench(
      (job) => [
        stepOf(0, (ctx) => {
          const { id, batch: own, attempt } = ctx.job
          if (this.paused.has(own)) this.broken.push(`${id} began in a paused batch`)
          if (this.began.includes(`${id} ${attempt}`)) this.broken.push(`${id} began twice`)
          const busy = runner.list().filter((one) => one.batch === own && one.state === 'running')
          if (this.limited.has(own) && busy.length > LIMIT) this.broken.push(`${busy.length} run at once`)
          this.began.push(`${id} ${attempt}`)
          return this.pend(id, ctx.signal)
        }),
        stepOf(1, async (ctx) => {
          await this.pend(ctx.job.id, ctx.signal)
          this.finished.push(job.id)
        }),
      ],
      { journal: this.journal, batches: this.batches, concurrency: 3 },
    )
    runner.start()
    return runner
  }

  private pend(id: string, signal: AbortSignal): Promise<void> {
    const { pending } = this
    return new Promise((resolve, reject) => {
      const end = (error?: IotmcError): void => {
        pending.delete(id)
        if (error) reject(error)
        else resolve()
      }
      pending.set(id, end)
      signal.addEventListener('abort', () => end(new IotmcError('CANCELLED')), { once: true })
    })
  }
}

const pickOf = <T>(from: readonly T[], pick: number): T | undefined => from[pick % Math.max(1, from.length)]

it('counts add up, a paused batch begins nothing, and every job ends exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(acts, { maxLength: 25 }), async (plan) => {
      const world = new World()
      for (const act of plan) {
        await world.act(act)
        world.check()
      }
      await world.drain()
      world.check()
      const jobs = world.runner.list()
      expect(jobs.filter((job) => !isEnded(job.state))).toEqual([])
      const done = jobs.filter((job) => job.state === 'done').map((job) => job.id)
      expect([...world.finished].sort()).toEqual(done.sort())
      await world.runner.stop()
    }),
    { numRuns: 60 },
  )
})
