/** Jobs over a stop and a start, and what the runner tells of them. */
import { describe, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import type { Job } from '../../electron/contract/job'
import { gate, makeBench, never, settle, stepOf } from './bench'

const states = (jobs: readonly Job[]): string[] => jobs.map((job) => job.state)

describe('stopping and starting again', () => {
  it('keeps unfinished jobs as interrupted, and the next start asks only about the uncertain step', async () => {
    const ran: string[] = []
    const plan = (silent: boolean) => (job: Job) => [
      stepOf(0, async () => void ran.push(`${job.subject}0`)),
      stepOf(
        1,
        async (ctx) => {
          ran.push(`${job.subject}1`)
          if (silent && job.subject === 'b') await never(ctx.signal)
        },
        {
          cancellable: false,
          reconcile: async () => {
            ran.push(`${job.subject}?`)
            return 'done'
          },
        },
      ),
      stepOf(3, async () => void ran.push(`${job.subject}3`)),
    ]
    const first = makeBench(plan(true), { concurrency: 1 })
    first.runner.start()
    first.runner.submit('commission', ['a', 'b', 'c'], {})
    await settle()
    await first.runner.stop()
    // What had no slot yet is on the disk as it was asked for: nothing of it is written at the end.
    expect(states(first.journal.list())).toEqual(['done', 'interrupted', 'queued'])
    expect(() => first.runner.submit('commission', ['d'], {})).toThrow(
      expect.objectContaining({ code: 'INTERRUPTED' }),
    )

    ran.length = 0
    const second = makeBench(plan(false), { journal: first.journal, concurrency: 1 })
    expect(states(second.runner.list())).toEqual(['done', 'interrupted', 'interrupted'])
    second.runner.start()
    await settle()
    expect(ran).toEqual(['b?', 'b3', 'c0', 'c1', 'c3'])
    expect(states(second.runner.list())).toEqual(['done', 'done', 'done'])
  })

  it('remembers a cancel over a stop: a step that may not be left half done is finished first', async () => {
    const ran: string[] = []
    const plan = (silent: boolean) => () => [
      stepOf(
        0,
        async (ctx) => {
          ran.push('0')
          if (silent) await never(ctx.signal)
        },
        { cancellable: false },
      ),
      stepOf(1, async () => void ran.push('1')),
    ]
    const first = makeBench(plan(true))
    first.runner.start()
    const id = first.runner.submit('commission', ['a'], {})[0]?.id ?? ''
    await settle()
    first.runner.cancel([id])
    await first.runner.stop()
    expect(first.journal.list()[0]).toMatchObject({ state: 'interrupted', cancelAsked: true })
    const second = makeBench(plan(false), { journal: first.journal })
    second.runner.start()
    await settle()
    expect(ran).toEqual(['0', '0'])
    expect(second.runner.get(id)).toMatchObject({
      state: 'cancelled',
      steps: [{ state: 'done' }, { state: 'pending' }],
    })
  })

  it('cancels interrupted jobs before a start', async () => {
    const first = makeBench(() => [stepOf(0, (ctx) => never(ctx.signal))])
    first.runner.start()
    const id = first.runner.submit('commission', ['a'], {})[0]?.id ?? ''
    await settle()
    await first.runner.stop()
    const second = makeBench(() => [stepOf(0, (ctx) => never(ctx.signal))], { journal: first.journal })
    second.runner.cancel([id])
    expect(first.journal.list()[0]?.state).toBe('cancelled')
  })

  it('loses nothing of a batch under way, however much of it has ended', async () => {
    const plan = () => [
      stepOf(0, async ({ job: { subject } }) => {
        if (subject === 'b') throw new IotmcError('REJECTED')
      }),
    ]
    const first = makeBench((job) => (job.subject === 'd' ? [stepOf(0, (ctx) => never(ctx.signal))] : plan()))
    first.runner.start()
    first.runner.submit('commission', ['a', 'b', 'c', 'd'], {})
    await settle()
    await first.runner.stop()
    const second = makeBench(plan, { journal: first.journal, kept: 1 })
    expect(states(second.runner.list())).toEqual(['done', 'failed', 'done', 'interrupted'])
    expect(second.runner.batches()[0]?.counts).toMatchObject({ total: 4, done: 2, failed: 1, queued: 1 })
    second.runner.start()
    await settle()
    // Ended, and the newest: what failed in it can still be retried.
    const third = makeBench(plan, { journal: first.journal, kept: 1 })
    expect(states(third.runner.list())).toEqual(['done', 'failed', 'done', 'done'])
  })

  it('forgets whole batches, the oldest end first, at a start and while it runs', async () => {
    const first = makeBench(() => [stepOf(0, async () => undefined)], { kept: 4 })
    const gone: string[] = []
    const subjects = new Map<string, string>()
    first.runner.on('gone', (ids) => gone.push(...ids.map((id) => subjects.get(id) ?? '')))
    first.runner.start()
    const order = async (wanted: readonly string[]): Promise<void> => {
      for (const job of first.runner.submit('commission', wanted, {})) subjects.set(job.id, job.subject)
      await settle()
      first.clock.advance(1)
    }
    await order(['a', 'b', 'c'])
    await order(['d'])
    await order(['e', 'f', 'g'])
    expect(gone).toEqual(['a', 'b', 'c'])
    expect(first.runner.list().map((job) => job.subject)).toEqual(['d', 'e', 'f', 'g'])
    expect(first.runner.batches().map(({ counts }) => counts.total)).toEqual([1, 3])
    expect(first.journal.list()).toHaveLength(4)
    const second = makeBench(() => [], { journal: first.journal, kept: 3 })
    expect(second.runner.list().map((job) => job.subject)).toEqual(['e', 'f', 'g'])
    expect(first.journal.list()).toHaveLength(3)
  })

  it('counts a batch as new as the last that has ended in it', async () => {
    const first = makeBench(({ attempt }) => [
      stepOf(0, async ({ job: { subject } }) => {
        if (subject === 'a' && attempt === 1) throw new IotmcError('REJECTED')
      }),
    ])
    first.runner.start()
    const [a] = first.runner.submit('commission', ['a'], {})
    await settle()
    first.runner.submit('commission', ['b'], {})
    await settle()
    first.clock.advance(1)
    first.runner.retry([a?.id ?? ''])
    await settle()
    const second = makeBench(() => [], { journal: first.journal, kept: 1 })
    expect(second.runner.list().map((job) => job.subject)).toEqual(['a'])
  })

  it('forgets ended jobs when told', async () => {
    const first = makeBench(({ subject }) => [
      stepOf(0, (ctx) => (subject === 'd' ? never(ctx.signal) : Promise.resolve())),
    ])
    const gone: string[] = []
    first.runner.on('gone', (ids) => gone.push(...ids))
    first.runner.start()
    const ended = first.runner.submit('commission', ['a', 'b'], {})
    const [d] = first.runner.submit('commission', ['d'], {})
    await settle()
    first.runner.clear()
    expect(gone).toEqual(ended.map((job) => job.id))
    expect(first.journal.list().map((job) => job.id)).toEqual([d?.id])
    await first.runner.stop()
  })
})

describe('events', () => {
  it('carry the last state of each changed job, at most ten times a second', async () => {
    const release = gate()
    const { runner, clock } = makeBench(() => [
      stepOf(0, async (ctx) => {
        ctx.progress(1, 4)
        await release.passed
      }),
    ])
    const heard: (readonly Job[])[] = []
    const off = runner.on('changed', (jobs) => heard.push(jobs))
    runner.start()
    runner.submit('commission', ['a', 'b'], {})
    await settle()
    expect(heard).toEqual([])
    clock.advance(0)
    expect(heard).toMatchObject([
      [{ subject: 'a', steps: [{ progress: { done: 1, total: 4 } }] }, { subject: 'b' }],
    ])
    release.open()
    await settle()
    clock.advance(99)
    expect(heard).toHaveLength(1)
    clock.advance(1)
    expect(heard.map((jobs) => states(jobs))).toEqual([
      ['running', 'running'],
      ['done', 'done'],
    ])
    off()
    runner.submit('commission', ['c'], {})
    await settle()
    clock.advance(1_000)
    expect(heard).toHaveLength(2)
    expect(clock.pending).toBe(0)
  })
})
