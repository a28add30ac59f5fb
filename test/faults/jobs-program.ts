/**
 * A runner on a real SQLite file, for killing: `node program.mjs <folder> <kill at>`. It counts every point at which a
 * kill may strike (before and after each write of the journal, before and after each effect) and dies by SIGKILL at the
 * given one; 0 means never. What happens to the devices is appended to `<folder>/world.jsonl` and synced.
 */
import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Job, StepName } from '../../electron/contract/job'
import { JobRunner, type Journal, type StepPlan } from '../../electron/jobs/runner'
import { systemClock } from '../../electron/net/clock'
import { acquireLock } from '../../electron/store/lock'
import { Records } from '../../electron/store/records'

const [folder = '', killAtText = '0'] = process.argv.slice(2)
const killAt = Number(killAtText)
const world = join(folder, 'world.jsonl')

let points = 0
const point = (): void => {
  points += 1
  if (points !== killAt) return
  appendFileSync(join(folder, 'killed'), `${points}\n`)
  process.kill(process.pid, 'SIGKILL')
}

const tell = (event: 'asked' | 'effect', subject: string, step: StepName): void => {
  const file = openSync(world, 'a')
  writeSync(file, `${JSON.stringify({ pid: process.pid, event, subject, step })}\n`)
  fsyncSync(file)
  closeSync(file)
}

const hasEffect = (subject: string, step: StepName): boolean =>
  existsSync(world) &&
  readFileSync(world, 'utf8').includes(`"event":"effect","subject":"${subject}","step":"${step}"`)

const stepOn = (job: Job, name: StepName): StepPlan => ({
  name,
  cancellable: false,
  run: async () => {
    point()
    tell('effect', job.subject, name)
    point()
  },
  reconcile: async () => {
    tell('asked', job.subject, name)
    return hasEffect(job.subject, name) ? 'done' : 'again'
  },
})

const guarded = (journal: Journal): Journal => {
  const around = (write: () => void): void => {
    point()
    write()
    point()
  }
  return {
    list: () => journal.list(),
    insert: (jobs) => around(() => journal.insert(jobs)),
    save: (job) => around(() => journal.save(job)),
    remove: (ids) => around(() => journal.remove(ids)),
  }
}

const STEPS: readonly StepName[] = ['find', 'issue-certificate']
const SUBJECTS = ['uuid:a', 'uuid:b']

acquireLock(join(folder, 'lock'))
const records = Records.open(join(folder, 'records.sqlite'))
const runner = new JobRunner({
  clock: systemClock,
  journal: guarded(records.jobs),
  concurrency: 1,
  plan: (job) => STEPS.map((name) => stepOn(job, name)),
  log: { info: () => undefined, error: (facts, message) => console.error(message, facts) },
})

const report = (): void => {
  if (runner.list().some((job) => job.state !== 'done')) return
  process.stdout.write(JSON.stringify({ points, jobs: records.jobs.list() }))
  records.close()
  process.exit(0)
}
runner.on('changed', report)
runner.start()
if (runner.list().length === 0) runner.submit('commission', SUBJECTS, {})
report()
