import { describe, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import type { Job } from '../../electron/contract/job'
import type { StepContext, StepPlan } from '../../electron/jobs/runner'
import { waitFor } from '../../electron/jobs/wait'
import { gate, MemoryJournal, makeBench, never, settle, stepOf } from './bench'

const states = (jobs: readonly Job[]): string[] => jobs.map((job) => job.state)
const stepStates = (job: Job | undefined): string[] => job?.steps.map((step) => step.state) ?? []

describe('running jobs', () => {
  it('runs steps in order, with the start of each in the journal before it and its end after it', async () => {
    const seen: string[][] = []
    const journal = new MemoryJournal()
    const look = async (ctx: StepContext) => {
      seen.push(stepStates(journal.list()[0]))
      ctx.note(`step ${seen.length}`)
    }
    const { runner } = makeBench(() => [stepOf(0, look), stepOf(1, look)], { journal })
    const [job] = runner.submit('commission', ['a'], { days: '90' })
    expect(job).toMatchObject({ state: 'queued', params: { days: '90' }, attempt: 1 })
    await settle()
    expect(seen).toEqual([])
    runner.start()
    await settle()
    expect(seen).toEqual([
      ['running', 'pending'],
      ['done', 'running'],
    ])
    expect(journal.list()[0]).toMatchObject({
      state: 'done',
      steps: [{ note: 'step 1' }, { note: 'step 2' }],
    })
  })

  it('stays within the limit, which may be changed while it runs', async () => {
    let now = 0
    let most = 0
    const gates = new Map<string, ReturnType<typeof gate>>()
    const { runner } = makeBench(
      (job) => [
        stepOf(0, async () => {
          now += 1
          most = Math.max(most, now)
          const mine = gate()
          gates.set(job.subject, mine)
          await mine.passed
          now -= 1
        }),
      ],
      { concurrency: 2 },
    )
    runner.start()
    runner.submit('commission', ['a', 'b', 'c', 'd', 'e'], {})
    await settle()
    expect([...gates.keys()]).toEqual(['a', 'b'])
    runner.setConcurrency(3)
    await settle()
    expect([...gates.keys()]).toEqual(['a', 'b', 'c'])
    runner.setConcurrency(1)
    for (const name of ['a', 'b']) gates.get(name)?.open()
    await settle()
    expect([...gates.keys()]).toEqual(['a', 'b', 'c'])
    for (const name of ['c', 'd', 'e']) {
      gates.get(name)?.open()
      await settle()
    }
    expect(states(runner.list())).toEqual(['done', 'done', 'done', 'done', 'done'])
    expect(most).toBe(3)
  })

  it('does not count kinds of their own pace, and holds none of them up', async () => {
    const busy = gate()
    const ran: string[] = []
    const { runner } = makeBench(
      ({ subject }) => [
        stepOf(0, async () => {
          ran.push(subject)
          await busy.passed
        }),
      ],
      { concurrency: 1 },
    )
    runner.start()
    runner.submit('commission', ['a', 'b'], {})
    runner.submit('inject', ['c', 'd', 'e'], {})
    runner.submit('provision', ['f'], {})
    await settle()
    expect(ran).toEqual(['a', 'c', 'd', 'e', 'f'])
    busy.open()
    await settle()
    expect(ran.at(-1)).toBe('b')
    expect(new Set(states(runner.list()))).toEqual(new Set(['done']))
  })

  it.each([
    ['waiting', (ctx: StepContext) => ctx.waiting()],
    ['needs-you', (ctx: StepContext) => ctx.needsYou()],
  ] as const)(
    'gives the slot of a job that is %s to the next, and gives it one again before the next step',
    async (state, hold) => {
      const online = gate()
      const busy = gate()
      const ran: string[] = []
      const { runner } = makeBench(
        (job) => [
          stepOf(0, async (ctx) => {
            ran.push(`${job.subject}1`)
            if (job.subject !== 'a') return busy.passed
            hold(ctx)
            await online.passed
          }),
          stepOf(1, async () => void ran.push(`${job.subject}2`)),
        ],
        { concurrency: 1 },
      )
      runner.start()
      runner.submit('commission', ['a', 'b', 'c'], {})
      await settle()
      expect(states(runner.list())).toEqual([state, 'running', 'queued'])
      online.open()
      await settle()
      expect(ran).toEqual(['a1', 'b1'])
      expect(states(runner.list())).toEqual(['queued', 'running', 'queued'])
      busy.open()
      await settle()
      // b keeps its slot to its end; then a, which is mid-way, goes before c.
      expect(ran).toEqual(['a1', 'b1', 'b2', 'a2', 'c1', 'c2'])
    },
  )

  it('takes a slot again within a step after a hold', async () => {
    const online = gate()
    const busy = gate()
    let held = 0
    const { runner } = makeBench(
      (job) => [
        stepOf(0, async (ctx) => {
          if (job.subject === 'b') return busy.passed
          expect(await ctx.hold('waiting', () => online.passed.then(() => 5))).toBe(5)
          expect(ctx.job.state).toBe('running')
          held += 1
        }),
      ],
      { concurrency: 1 },
    )
    runner.start()
    runner.submit('commission', ['a', 'b'], {})
    await settle()
    online.open()
    await settle()
    expect([held, states(runner.list())]).toEqual([0, ['queued', 'running']])
    busy.open()
    await settle()
    expect([held, states(runner.list())]).toEqual([1, ['done', 'done']])
  })

  it('loses no slot to a step that fails while it takes one again', async () => {
    const busy = gate()
    const { runner } = makeBench(
      (job) => [
        stepOf(0, async (ctx) => {
          if (job.subject === 'b') return busy.passed
          if (job.subject === 'c') return
          ctx.waiting()
          await settle()
          void ctx.working().catch(() => undefined)
          throw new IotmcError('TIMED_OUT')
        }),
      ],
      { concurrency: 1 },
    )
    runner.start()
    runner.submit('commission', ['a', 'b', 'c'], {})
    await settle()
    await settle()
    expect(states(runner.list())).toEqual(['failed', 'running', 'queued'])
    busy.open()
    await settle()
    expect(states(runner.list())).toEqual(['failed', 'done', 'done'])
  })

  it('keeps one active job per subject and kind', async () => {
    const { runner } = makeBench(() => [stepOf(0, (ctx) => never(ctx.signal))])
    runner.start()
    const [first, second] = runner.submit('commission', ['a', 'a'], {})
    expect(second?.id).toBe(first?.id)
    expect(runner.submit('commission', ['a', 'b'], {}).map((job) => job.id)[0]).toBe(first?.id)
    runner.cancel([first?.id ?? ''])
    await settle()
    expect(runner.submit('commission', ['a'], {})[0]?.id).not.toBe(first?.id)
    await runner.stop()
  })

  it('shows a skipped step as skipped', async () => {
    const { runner } = makeBench(() => [
      stepOf(0, async (ctx) => ctx.skip()),
      stepOf(1, async () => undefined),
    ])
    runner.start()
    runner.submit('commission', ['a'], {})
    await settle()
    expect(stepStates(runner.list()[0])).toEqual(['skipped', 'done'])
  })
})

describe('failing and retrying', () => {
  it('ends with the cause, and a retry goes on at the step that failed', async () => {
    const ran: string[] = []
    let broken = true
    const { runner, journal } = makeBench(() => [
      stepOf(0, async () => void ran.push('0')),
      stepOf(1, async () => {
        ran.push('1')
        if (broken) throw new IotmcError('TIMED_OUT', { subject: 'a', detail: 'no answer' })
      }),
    ])
    runner.start()
    const id = runner.submit('commission', ['a'], {})[0]?.id ?? ''
    await settle()
    const failed = { state: 'failed', error: { code: 'TIMED_OUT', subject: 'a', detail: 'no answer' } }
    expect(runner.get(id)).toMatchObject(failed)
    expect(journal.list()[0]).toMatchObject(failed)
    broken = false
    runner.retry([id])
    await settle()
    expect(ran).toEqual(['0', '1', '1'])
    expect(runner.get(id)).toMatchObject({ state: 'done', attempt: 2 })
    expect(runner.get(id)).not.toHaveProperty('error')
    runner.retry([id])
    expect(runner.get(id)?.state).toBe('done')
  })

  it('asks the device first when a step is tried again, and believes it', async () => {
    const ran: string[] = []
    const { runner } = makeBench(() => [
      stepOf(
        0,
        async () => {
          ran.push('run')
          throw new IotmcError('TIMED_OUT')
        },
        {
          reconcile: async () => {
            ran.push('ask')
            return ran.length > 3 ? 'done' : 'again'
          },
        },
      ),
    ])
    runner.start()
    const id = runner.submit('commission', ['a'], {})[0]?.id ?? ''
    await settle()
    runner.retry([id])
    await settle()
    expect(runner.get(id)?.state).toBe('failed')
    runner.retry([id])
    await settle()
    expect(ran).toEqual(['run', 'ask', 'run', 'ask'])
    expect(runner.get(id)?.state).toBe('done')
  })

  it('calls a defect a defect, logs it, and goes on with the other jobs', async () => {
    const { runner, log } = makeBench((job) => [
      stepOf(0, async () => {
        if (job.subject === 'a') throw new TypeError('x is not a function')
      }),
    ])
    runner.start()
    runner.submit('commission', ['a', 'b'], {})
    await settle()
    expect(runner.list()).toMatchObject([{ state: 'failed', error: { code: 'DEFECT' } }, { state: 'done' }])
    expect(log.lines.filter((line) => line.level === 'error')).toHaveLength(1)
  })

  it('does not run a step whose start could not be journalled', async () => {
    const ran: string[] = []
    const { runner, journal } = makeBench((job) => [stepOf(0, async () => void ran.push(job.subject))])
    runner.start()
    const [job] = runner.submit('commission', ['a'], {})
    journal.beforeWrite = () => {
      throw new Error('disk full')
    }
    await settle()
    expect([ran, runner.get(job?.id ?? '')?.state]).toEqual([[], 'failed'])
    journal.beforeWrite = () => undefined
    runner.retry([job?.id ?? ''])
    await settle()
    expect([ran, journal.list()[0]?.state]).toEqual([['a'], 'done'])
  })
})

describe('cancelling', () => {
  const silent = (cancellable: boolean, release: Promise<void>): StepPlan[] => [
    stepOf(0, async (ctx) => (cancellable ? never(ctx.signal) : release), { cancellable }),
    stepOf(1, async () => undefined),
  ]

  it('breaks off a step that allows it', async () => {
    const { runner, journal } = makeBench(() => silent(true, Promise.resolve()))
    runner.start()
    const id = runner.submit('commission', ['a'], {})[0]?.id ?? ''
    await settle()
    runner.cancel([id])
    await settle()
    expect(journal.list()[0]).toMatchObject({ state: 'cancelled' })
    expect(stepStates(runner.get(id))).toEqual(['pending', 'pending'])
  })

  it('waits for the end of a step that does not, and says so meanwhile', async () => {
    const release = gate()
    const { runner, journal } = makeBench(() => silent(false, release.passed))
    runner.start()
    const id = runner.submit('commission', ['a'], {})[0]?.id ?? ''
    await settle()
    runner.cancel([id])
    await settle()
    expect(journal.list()[0]).toMatchObject({ state: 'running', cancelAsked: true })
    release.open()
    await settle()
    expect(runner.get(id)).toMatchObject({ state: 'cancelled' })
    expect(runner.get(id)).not.toHaveProperty('cancelAsked')
    expect(stepStates(runner.get(id))).toEqual(['done', 'pending'])
    runner.retry([id])
    await settle()
    expect(runner.get(id)).toMatchObject({ state: 'done', attempt: 2 })
  })

  it('takes a job out of the queue without running anything', async () => {
    const ran: string[] = []
    const { runner } = makeBench(
      (job) => [
        stepOf(0, async (ctx) => {
          ran.push(job.subject)
          await never(ctx.signal)
        }),
      ],
      { concurrency: 1 },
    )
    runner.start()
    const [a, b] = runner.submit('commission', ['a', 'b'], {})
    await settle()
    runner.cancel([b?.id ?? ''])
    await settle()
    runner.cancel([a?.id ?? ''])
    await settle()
    expect([ran, states(runner.list())]).toEqual([['a'], ['cancelled', 'cancelled']])
  })

  it('leaves a step behind that does not heed its signal, and ignores what it says later', async () => {
    const release = gate()
    let context: StepContext | undefined
    const { runner, clock, log } = makeBench(
      (job) => [
        stepOf(0, async (ctx) => {
          if (job.subject === 'b') return
          context = ctx
          await release.passed
        }),
      ],
      { concurrency: 1 },
    )
    runner.start()
    const [a] = runner.submit('commission', ['a', 'b'], {})
    await settle()
    runner.cancel([a?.id ?? ''])
    await settle()
    expect(states(runner.list())).toEqual(['running', 'queued'])
    await clock.advanceAsync(5_000)
    await settle()
    expect(states(runner.list())).toEqual(['cancelled', 'done'])
    expect(log.lines.map((line) => line.text)).toContain('a step did not heed its signal')
    const before = runner.get(a?.id ?? '')
    context?.note('late')
    context?.waiting()
    await context?.working()
    release.open()
    await settle()
    expect(runner.get(a?.id ?? '')).toBe(before)
  })

  it('runs the parts of a job before others that are made of parts, with one slot for all', async () => {
    const ran: string[] = []
    const { runner, clock } = makeBench(
      ({ kind, subject }) => [
        stepOf(0, async (ctx) => {
          ran.push(`${kind} ${subject}`)
          if (kind !== 'apply') return
          const [part] = runner.submit('commission', [subject], {})
          const ready = () => (runner.get(part?.id ?? '')?.state === 'done' ? true : undefined)
          const onChange = (listener: () => void) => runner.on('changed', listener)
          await ctx.hold('waiting', () => waitFor({ ready, onChange, signal: ctx.signal }))
          ran.push(`${subject} through`)
        }),
      ],
      { concurrency: 1 },
    )
    runner.submit('apply', ['a', 'b', 'c'], {})
    runner.start()
    for (let turn = 0; turn < 20; turn += 1) {
      await settle()
      clock.advance(100)
    }
    expect(new Set(states(runner.list()))).toEqual(new Set(['done']))
    expect(ran.slice(0, 3)).toEqual(['apply a', 'commission a', 'apply b'])
    for (const name of ['a', 'b', 'c'])
      expect(ran.indexOf(`commission ${name}`)).toBe(ran.indexOf(`apply ${name}`) + 1)
  })

  it('tells how a job has ended before it is cleared away', async () => {
    const { runner } = makeBench(() => [])
    const heard: string[] = []
    runner.on('changed', (jobs) => heard.push(...states(jobs)))
    runner.start()
    runner.submit('commission', ['a'], {})
    await settle()
    runner.clear()
    expect(heard.at(-1)).toBe('done')
  })

  it('knows only jobs that there are', () => {
    const { runner } = makeBench(() => [])
    expect(() => runner.cancel(['x'])).toThrow(expect.objectContaining({ code: 'JOB_UNKNOWN' }))
  })
})
