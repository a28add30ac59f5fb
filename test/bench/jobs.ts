/** What 5,000 jobs cost: to ask for, to hold up, to read again after a start, to keep waiting, and to run. */
import { join } from 'node:path'
import { serialize, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { CALLS } from '../../electron/contract/ipc'
import { JOB_STEPS, type Job } from '../../electron/contract/job'
import { JobRunner, type StepPlan } from '../../electron/jobs/runner'
import { waitFor } from '../../electron/jobs/wait'
import { systemClock } from '../../electron/net/clock'
import { openDatabase } from '../../electron/store/database'
import { Records } from '../../electron/store/records'
import { makeTempDir } from '../helpers/temp-dir'
import type { Print } from './support/print'
import { quietLog } from './support/quiet'

const JOBS = 5000
const CONCURRENCY = 8

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const MIB = 1024 * 1024
const heap = (): number => {
  collect()
  return process.memoryUsage().heapUsed
}

type Hold = 'nothing' | 'waiting' | 'needs-you'

/** What the devices do: nothing at all, or they are away, or nobody has approved them. */
class World {
  private readonly listeners = new Set<() => void>()
  open = false

  constructor(readonly hold: Hold) {}

  letGo(): void {
    this.open = true
    for (const listener of this.listeners) listener()
  }

  plan(): readonly StepPlan[] {
    return JOB_STEPS.commission.map((name, index) => ({
      name,
      cancellable: true,
      run: async (ctx) => {
        if (this.hold !== 'nothing' && index === (this.hold === 'waiting' ? 0 : 2) && !this.open) {
          if (this.hold === 'waiting') ctx.waiting()
          else ctx.needsYou()
          await waitFor({
            ready: () => this.open || undefined,
            onChange: (listener) => {
              this.listeners.add(listener)
              return () => this.listeners.delete(listener)
            },
            signal: ctx.signal,
          })
        }
        // A device answers later: events and other jobs have their turn.
        await new Promise((next) => setImmediate(next))
        ctx.note('LDevID 4F:11:22:33')
      },
    }))
  }
}

const subjects = Array.from(
  { length: JOBS },
  (_, n) => `uuid:5ca1ab1e-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
)

const open = (path: string, hold: Hold) => {
  const records = Records.open(path)
  const world = new World(hold)
  const runner = new JobRunner({
    clock: systemClock,
    journal: records.jobs,
    batches: records.batches,
    concurrency: CONCURRENCY,
    plan: () => world.plan(),
    log: quietLog,
  })
  return { records, runner, world }
}

const timed = async (print: Print, name: string, work: () => unknown): Promise<void> => {
  const beganAt = performance.now()
  await work()
  print(name, Math.round(performance.now() - beganAt), 'ms')
}

const until = (runner: JobRunner, all: (counts: { readonly [name: string]: number }) => boolean) =>
  new Promise<void>((resolve) => {
    const look = (): void => {
      const [batch] = runner.batches()
      if (!batch || !all(batch.counts)) return
      off()
      resolve()
    }
    const off = runner.on('changed', look)
    look()
  })

const held = async (folder: string, print: Print, hold: Exclude<Hold, 'nothing'>): Promise<void> => {
  const before = heap()
  const { records, runner, world } = open(join(folder, `${hold}.sqlite`), hold)
  runner.start()
  runner.submit('commission', subjects, { group: 'Default', approval: 'ask' })
  await until(runner, (counts) => counts[hold === 'waiting' ? 'waiting' : 'active'] === JOBS)
  print(`jobs-5000-${hold}-heap-a-job`, Math.round((heap() - before) / JOBS), 'bytes')
  print(`jobs-5000-${hold}-rss`, Math.round(process.memoryUsage().rss / MIB), 'MiB')
  await timed(print, `jobs-5000-${hold}-let-go-to-end`, () => {
    world.letGo()
    return until(runner, (counts) => counts.done === JOBS)
  })
  await runner.stop()
  records.close()
}

const queued = async (folder: string, print: Print): Promise<void> => {
  const path = join(folder, 'queued.sqlite')
  const before = heap()
  const first = open(path, 'nothing')
  await timed(print, 'jobs-5000-submit', () =>
    first.runner.submit('commission', subjects, { group: 'Default', approval: 'ask' }),
  )
  print('jobs-5000-queued-heap-a-job', Math.round((heap() - before) / JOBS), 'bytes')
  const batch = first.runner.batches()[0]?.id ?? ''
  await timed(print, 'jobs-5000-pause', () => first.runner.pause(batch))
  await first.runner.stop()
  first.records.close()

  let second = first
  await timed(print, 'jobs-5000-reopen', () => {
    second = open(path, 'nothing')
    second.runner.start()
  })
  const { runner, records } = second
  if (runner.batches()[0]?.counts.queued !== JOBS) throw new Error('a paused batch has begun something')
  let events = 0
  runner.on('batches', () => {
    events += 1
  })
  const beganAt = performance.now()
  runner.resume(batch)
  await until(runner, (counts) => counts.done === JOBS)
  const seconds = (performance.now() - beganAt) / 1000
  print('jobs-5000-run', Math.round(JOBS / seconds), '1/s')
  print('jobs-5000-batch-events', Math.round((events / Math.max(seconds, 0.5)) * 10) / 10, '1/s')
  await timed(print, 'jobs-5000-list-check-and-copy', () =>
    serialize(CALLS['jobs.open'].answer.parse(runner.list())),
  )
  print('jobs-5000-list', Math.round((serialize(runner.list()).length / MIB) * 100) / 100, 'MiB')
  await timed(print, 'jobs-5000-forget', () => runner.clear())
  await runner.stop()
  records.close()
}

const cancelled = async (folder: string, print: Print): Promise<void> => {
  const { records, runner } = open(join(folder, 'cancelled.sqlite'), 'nothing')
  const jobs = runner.submit('commission', subjects, {})
  await timed(print, 'jobs-5000-cancel', () => runner.cancel(jobs.map((job) => job.id)))
  await runner.stop()
  records.close()
}

/** The limit of the disk: as many updates of rows as a run of these jobs commits, by themselves. */
const bare = (folder: string, print: Print): void => {
  const database = openDatabase(join(folder, 'bare.sqlite'))
  const insert = database.prepare(
    "INSERT INTO jobs (id, kind, subject, batch, params, state, steps, attempt, createdAtMs, updatedAtMs) VALUES (?, 'commission', ?, 'b', '{}', 'queued', ?, 1, 0, 0)",
  )
  const save = database.prepare("UPDATE jobs SET state = 'running', steps = ? WHERE id = ?")
  const text = JSON.stringify(new World('nothing').plan().map(({ name }) => stepText(name)))
  for (const id of subjects) insert.run(id, id, text)
  const commits = JOB_STEPS.commission.length + 1
  const beganAt = performance.now()
  for (const id of subjects) for (let n = 0; n < commits; n++) save.run(text, id)
  print('sqlite-alone-same-commits', Math.round(JOBS / ((performance.now() - beganAt) / 1000)), '1/s')
  database.close()
}

const stepText = (name: Job['steps'][number]['name']): Job['steps'][number] => ({
  name,
  state: 'done',
  cancellable: true,
  startedAtMs: 1_700_000_000_000,
  endedAtMs: 1_700_000_000_001,
  note: 'LDevID 4F:11:22:33',
})

export const run = async (print: Print): Promise<void> => {
  const temp = makeTempDir('iotmc-bench-')
  try {
    await queued(temp.path, print)
    await held(temp.path, print, 'waiting')
    await held(temp.path, print, 'needs-you')
    await cancelled(temp.path, print)
    bare(temp.path, print)
  } finally {
    temp.remove()
  }
}
