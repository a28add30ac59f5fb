/** One update job in virtual time, on a device double, with a gate in hand. */
import { IotmcError } from '../../electron/contract/errors'
import { isEnded, type Job } from '../../electron/contract/job'
import { JobRunner } from '../../electron/jobs/runner'
import { type UpdateNews, type UpdateOrder, type UpdateTools, updatePlan } from '../../electron/jobs/update'
import { udnOf } from '../helpers/device-row'
import { BUNDLE_ID, FirmwareDouble, manifestOf } from '../helpers/firmware-double'
import { keepingLog } from '../helpers/quiet-log'
import { VirtualClock } from '../helpers/virtual-clock'
import { MemoryJournal, settle } from './bench'

export const UDN = udnOf(1)

export interface UpdateWorld {
  readonly clock: VirtualClock
  readonly device: FirmwareDouble
  readonly journal: MemoryJournal
  /** What the gate says; `openGate` tells of a change. */
  readonly gate: { download: boolean; activate: boolean; confirm: boolean }
  openGate(): void
  readonly news: UpdateNews[]
  readonly remembered: string[]
  /** A problem of the bundle. */
  bundleProblem: IotmcError | undefined
  runner(): JobRunner
  /** A runner that dies at a point: before or after a write of the journal or an exchange with the device. 0 = never. */
  mortal(killAt: number): { readonly runner: JobRunner; readonly count: { points: number; dead: boolean } }
  submit(runner: JobRunner): Job
  /** Lets virtual time go on (in steps of a second, later of half a minute) until the job has ended, `until` holds, or `limitMs` have passed. */
  pass(runner: JobRunner, id: string, o?: PassOptions): Promise<Job>
}

export interface PassOptions {
  readonly until?: () => boolean
  readonly limitMs?: number
  readonly stepMs?: number
}

export const makeUpdateWorld = (order: Partial<UpdateOrder> = {}, heard = true): UpdateWorld => {
  const clock = new VirtualClock()
  const manifest = order.manifest ?? manifestOf()
  const device = new FirmwareDouble(clock, UDN, manifest)
  const journal = new MemoryJournal()
  const gate = { download: true, activate: true, confirm: true }
  const listeners = new Set<() => void>()
  const news: UpdateNews[] = []
  const remembered: string[] = []
  const tools: UpdateTools = {
    clock,
    gate: {
      mayDownload: () => gate.download,
      mayActivate: () => gate.activate,
      mayConfirm: () => gate.confirm,
      onChange: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    isOnline: () => device.online,
    isHeard: () => heard,
    onWake: (_, listener) => (heard ? device.onWake(listener) : () => undefined),
    state: async () => device.lifecycle(),
    status: async () => device.status(),
    call: async (_, action, args) => device.call(action, args),
    orderOf: () => ({ manifest, confirm: 'device', soakMinutes: 10, ...order }),
    requireBundle: () => {
      if (world.bundleProblem) throw world.bundleProblem
    },
    tell: (_, told) => void news.push(told),
    remember: (_, known) => void remembered.push(known.firmwareVersion),
  }
  const world: UpdateWorld = {
    clock,
    device,
    journal,
    gate,
    news,
    remembered,
    bundleProblem: undefined,
    openGate: () => {
      for (const listener of [...listeners]) listener()
    },
    runner: () =>
      new JobRunner({
        clock,
        journal,
        concurrency: 8,
        plan: (job) => updatePlan(tools, job),
        log: keepingLog(),
      }),
    mortal: (killAt) => {
      const count = { points: 0, dead: false }
      const gone = new Promise<never>(() => undefined)
      const point = (): boolean => {
        if (!count.dead) count.points += 1
        count.dead ||= count.points === killAt
        return count.dead
      }
      const mortal =
        <A extends unknown[], R>(exchange: (...args: A) => Promise<R>) =>
        async (...args: A): Promise<R> => {
          if (point()) return gone
          const answer = exchange(...args)
          await answer.catch(() => undefined)
          return point() ? gone : answer
        }
      const write = (commit: () => void): void => {
        if (point()) throw new Error('killed')
        commit()
        if (point()) throw new Error('killed')
      }
      const mortals: UpdateTools = {
        ...tools,
        state: mortal(tools.state),
        status: mortal(tools.status),
        call: mortal(tools.call),
      }
      const runner = new JobRunner({
        clock,
        concurrency: 8,
        plan: (job) => updatePlan(mortals, job),
        log: keepingLog(),
        journal: {
          list: () => journal.list(),
          remove: (ids) => journal.remove(ids),
          insert: (jobs) => journal.insert(jobs),
          save: (job) => write(() => journal.save(job)),
        },
      })
      return { runner, count }
    },
    submit: (runner) => {
      const params = { rollout: 'r', bundle: BUNDLE_ID, version: manifest.version, wave: '0' }
      const [job] = runner.submit('update', [UDN], params)
      if (!job) throw new IotmcError('DEFECT')
      return job
    },
    pass: async (runner, id, { until = () => false, limitMs = 40 * 3600_000, stepMs } = {}) => {
      const startMs = clock.now()
      const endMs = startMs + limitMs
      for (;;) {
        await settle()
        const job = runner.get(id)
        if (!job) throw new IotmcError('JOB_UNKNOWN')
        if (isEnded(job.state) || until() || clock.now() >= endMs) return job
        clock.advance(stepMs ?? (clock.now() - startMs < 5 * 60_000 ? 1_000 : 30_000))
      }
    },
  }
  return world
}

export const stepStates = (job: Job): Record<string, string> =>
  Object.fromEntries(job.steps.map((step) => [step.name, step.state]))
