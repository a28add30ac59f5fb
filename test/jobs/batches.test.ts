/** Jobs that were asked for together: paused, gone on with, limited, over a stop and a start. */
import { describe, expect, it } from 'vitest'
import type { Batch, Job } from '../../electron/contract/job'
import { Records } from '../../electron/store/records'
import { gate, MemoryJournal, makeBench, never, settle, stepOf } from './bench'

const states = (jobs: readonly Job[]): string[] => jobs.map((job) => job.state)
const unknown = expect.objectContaining({ code: 'BATCH_UNKNOWN' })

/** Jobs of one step that ends when told; `ran` has the subjects in the order they began. */
const gated = () => {
  const ran: string[] = []
  const gates = new Map<string, ReturnType<typeof gate>>()
  const plan = ({ subject }: Job) => [
    stepOf(0, async () => {
      ran.push(subject)
      const mine = gate()
      gates.set(subject, mine)
      await mine.passed
    }),
  ]
  const open = async (...subjects: string[]): Promise<void> => {
    for (const subject of subjects) gates.get(subject)?.open()
    await settle()
  }
  return { ran, plan, open }
}

describe('a paused batch', () => {
  it('lets what runs go on to its end and begins nothing, while others go by', async () => {
    const { ran, plan, open } = gated()
    const { runner } = makeBench(plan, { concurrency: 1 })
    runner.start()
    runner.submit('commission', ['a', 'b', 'c'], {}, 'first')
    runner.submit('commission', ['d'], {}, 'second')
    await settle()
    runner.pause('first')
    await open('a')
    expect(ran).toEqual(['a', 'd'])
    await open('d')
    expect(ran).toEqual(['a', 'd'])
    expect(runner.batches()).toMatchObject([
      { id: 'first', kind: 'commission', paused: true, counts: { total: 3, queued: 2, done: 1 } },
      { id: 'second', paused: false, counts: { total: 1, done: 1 } },
    ])
    runner.resume('first')
    await settle()
    expect(ran).toEqual(['a', 'd', 'b'])
    await open('b')
    await open('c')
    expect(states(runner.list())).toEqual(['done', 'done', 'done', 'done'])
    expect(runner.batches()[0]?.paused).toBe(false)
  })

  it('begins nothing by a retry or a later job of it, and its jobs may be cancelled', async () => {
    const ran: string[] = []
    const { runner } = makeBench(({ subject }) => [
      stepOf(0, async () => undefined),
      stepOf(1, async () => {
        ran.push(subject)
        throw new Error('broken')
      }),
    ])
    runner.start()
    const [a] = runner.submit('commission', ['a'], {}, 'x')
    await settle()
    runner.pause('x')
    runner.retry([a?.id ?? ''])
    const [b] = runner.submit('commission', ['b'], {}, 'x')
    await settle()
    expect([ran, states(runner.list())]).toEqual([['a'], ['queued', 'queued']])
    runner.cancel([a?.id ?? '', b?.id ?? ''])
    runner.resume('x')
    await settle()
    expect([ran, states(runner.list())]).toEqual([['a'], ['cancelled', 'cancelled']])
  })

  it('holds back a job that waits in its first step, and not one that is further', async () => {
    const online = gate()
    const worked: string[] = []
    const { runner } = makeBench(({ subject }) => [
      stepOf(0, async (ctx) => void (subject === 'a' && (await ctx.hold('waiting', () => online.passed)))),
      stepOf(1, async (ctx) => {
        if (subject === 'b') await ctx.hold('needs-you', () => online.passed)
        worked.push(subject)
      }),
    ])
    runner.start()
    runner.submit('commission', ['a', 'b'], {}, 'x')
    await settle()
    runner.pause('x')
    online.open()
    await settle()
    expect([worked, states(runner.list())]).toEqual([['b'], ['queued', 'done']])
    runner.resume('x')
    await settle()
    expect([worked, states(runner.list())]).toEqual([
      ['b', 'a'],
      ['done', 'done'],
    ])
  })

  it('stays paused over a stop and a start, and so does a limit; what was under way ends', async () => {
    const records = Records.open(':memory:')
    const plan = (silent: boolean) => (job: Job) => [
      stepOf(0, async () => undefined, { cancellable: false }),
      stepOf(1, async (ctx) => void (silent && job.subject === 'a' && (await never(ctx.signal)))),
    ]
    const options = { journal: new MemoryJournal(), batches: records.batches, concurrency: 1 }
    const first = makeBench(plan(true), options)
    first.runner.start()
    first.runner.submit('commission', ['a', 'b'], {}, 'x', { limit: 3 })
    await settle()
    first.runner.pause('x')
    await first.runner.stop()
    const second = makeBench(plan(false), options)
    expect(second.runner.batches()).toMatchObject([
      { paused: true, limit: 3, counts: { total: 2, queued: 2 } },
    ])
    second.runner.start()
    await settle()
    expect(states(second.runner.list())).toEqual(['done', 'queued'])
    second.runner.resume('x')
    await settle()
    expect(states(second.runner.list())).toEqual(['done', 'done'])
    expect(records.batches.list()).toEqual([{ id: 'x', paused: false, limit: 3 }])
    second.runner.clear()
    expect([second.runner.batches(), records.batches.list()]).toEqual([[], []])
    records.close()
  })

  it('is known, or there is none', () => {
    const { runner } = makeBench(() => [])
    expect(() => runner.pause('x')).toThrow(unknown)
    expect(() => runner.resume('x')).toThrow(unknown)
  })
})

describe('a limited batch', () => {
  it('runs no more at once than it may, and holds up no other', async () => {
    const { ran, plan, open } = gated()
    const { runner } = makeBench(plan, { concurrency: 3 })
    runner.start()
    runner.submit('commission', ['a', 'b', 'c'], {}, 'x', { limit: 1 })
    runner.submit('commission', ['d', 'e', 'f'], {}, 'y')
    await settle()
    expect(ran).toEqual(['a', 'd', 'e'])
    await open('a')
    expect(ran).toEqual(['a', 'd', 'e', 'b'])
    await open('b', 'd', 'e')
    await open('c', 'f')
    expect(new Set(states(runner.list()))).toEqual(new Set(['done']))
  })
})

it('tells of changed batches only, at most twice a second', async () => {
  const { plan, open } = gated()
  const { runner, clock } = makeBench(plan)
  const heard: (readonly Batch[])[] = []
  runner.start()
  runner.submit('commission', ['a', 'b'], {}, 'x')
  runner.submit('commission', ['c'], {}, 'y')
  await settle()
  runner.on('batches', (batches) => heard.push(batches))
  clock.advance(0)
  expect(heard).toMatchObject([
    [
      { id: 'x', counts: { active: 2 } },
      { id: 'y', counts: { active: 1 } },
    ],
  ])
  await open('a')
  clock.advance(200)
  await open('b')
  clock.advance(299)
  expect(heard).toHaveLength(1)
  clock.advance(1)
  expect(heard[1]).toMatchObject([{ id: 'x', counts: { total: 2, active: 0, done: 2 } }])
  await open('c')
  await runner.stop()
  expect(heard[2]).toMatchObject([{ id: 'y', counts: { done: 1 } }])
})

it('makes a plan only for jobs that run, however many wait', async () => {
  const { plan, open } = gated()
  let plans = 0
  const { runner } = makeBench(
    (job) => {
      plans += 1
      return plan(job)
    },
    { concurrency: 4 },
  )
  runner.start()
  const subjects = Array.from({ length: 300 }, (_, n) => `d${n}`)
  runner.submit('commission', subjects, {})
  // Once each for its list of steps, and once more for those that run.
  await settle()
  expect(plans).toBe(304)
  await open('d0')
  expect(plans).toBe(305)
})
