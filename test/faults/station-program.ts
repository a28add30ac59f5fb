/**
 * A station of several lanes as a process of its own, to be killed: `node program.mjs <folder> <port>…`. It goes on with
 * what its journal has, takes orders as lines of JSON on stdin, and tells what happens on stdout. A device may be
 * ordered with `dieAt`: the process then kills itself at that of the points at which its work touches ledger or device.
 */
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Job } from '../../electron/contract/job'
import type { FactoryDevice } from '../../electron/factory/factory-device'
import type { Ledger } from '../../electron/factory/ledger'
import type { StepPlan } from '../../electron/jobs/step'
import { CableLane } from '../helpers/cable-lane'
import { openLine } from '../helpers/factory-line'

/** What the station is told. */
export type StationOrder =
  | {
      readonly order: 'inject'
      readonly lane: number
      readonly serialNumber: string
      readonly hardwareId: string
      readonly dieAt?: number | undefined
    }
  | { readonly order: 'retry'; readonly jobId: string }
  | { readonly order: 'stop' }

export interface StationJob {
  readonly id: string
  readonly subject: string
  readonly state: Job['state']
  readonly code?: string | undefined
  readonly detail?: string | undefined
}

/** What it tells. `ready` comes first and names every job on record. */
export type StationNews =
  | { readonly news: 'ready'; readonly jobs: readonly StationJob[] }
  | { readonly news: 'job'; readonly job: StationJob }
  | { readonly news: 'step'; readonly serialNumber: string; readonly step: string }
  | { readonly news: 'dying'; readonly serialNumber: string }

const [folder = '', ...ports] = process.argv.slice(2)

// Not through the stream: what is told before a kill has been told.
const tell = (news: StationNews): void => void writeSync(1, `${JSON.stringify(news)}\n`)

const pointsLeft = new Map<string, number>()
const point = (serialNumber: string): void => {
  const left = pointsLeft.get(serialNumber)
  if (left === undefined) return
  pointsLeft.set(serialNumber, left - 1)
  if (left > 1) return
  tell({ news: 'dying', serialNumber })
  process.kill(process.pid, 'SIGKILL')
}

/** The same object, with a point before and after every call of it. */
const withPoints = <T extends object>(target: T, serialOf: (given: readonly unknown[]) => string): T =>
  new Proxy(target, {
    get: (on, name) => {
      const value: unknown = Reflect.get(on, name, on)
      if (typeof value !== 'function') return value
      return (...given: unknown[]) => {
        const serialNumber = serialOf(given)
        point(serialNumber)
        const result: unknown = value.apply(on, given)
        if (!(result instanceof Promise)) {
          point(serialNumber)
          return result
        }
        return result.finally(() => point(serialNumber))
      }
    },
  })

/** The serial number in what a method of the ledger is given. */
const serialIn = ([first]: readonly unknown[]): string => {
  if (typeof first === 'object' && first !== null && 'serialNumber' in first)
    return String(first.serialNumber)
  return String(first)
}

const lanes = ports.map((port) => new CableLane(port))
const laneOf = (job: Job): CableLane => {
  const lane = lanes[Number(job.params.lane)]
  if (!lane) throw new Error(`no lane ${job.params.lane}`)
  return lane
}

const tellingSteps = (plan: readonly StepPlan[], job: Job): readonly StepPlan[] =>
  plan.map((step) => ({
    ...step,
    run: (ctx) => {
      tell({ news: 'step', serialNumber: job.subject, step: step.name })
      return step.run(ctx)
    },
  }))

const { runner, close } = await openLine({
  folder,
  concurrency: Math.max(1, ports.length),
  lend: async (job, ctx): Promise<FactoryDevice> =>
    withPoints(await laneOf(job).lend(job, ctx), () => job.subject),
  around: {
    ledger: (ledger: Ledger) => withPoints(ledger, serialIn),
    plan: tellingSteps,
  },
})

const toNews = ({ id, subject, state, error }: Job): StationJob => ({
  id,
  subject,
  state,
  code: error?.code,
  detail: error?.detail,
})

const obey = async (order: StationOrder): Promise<void> => {
  if (order.order === 'inject') {
    const { lane, serialNumber, hardwareId, dieAt } = order
    if (dieAt !== undefined) pointsLeft.set(serialNumber, dieAt)
    const params = {
      path: ports[lane] ?? '',
      lane: String(lane),
      model: 'PX-200',
      operator: 'Operator 17',
      hardwareId,
    }
    runner.submit('inject', [serialNumber], params)
  } else if (order.order === 'retry') {
    runner.retry([order.jobId])
  } else {
    await close()
    await Promise.all(lanes.map((lane) => lane.close()))
    process.exit(0)
  }
}

runner.on('changed', (jobs) => {
  for (const job of jobs) tell({ news: 'job', job: toNews(job) })
})
runner.start()
createInterface({ input: process.stdin })
  .on('line', (line) => void obey(JSON.parse(line)))
  // Whoever ordered it is gone.
  .on('close', () => process.exit(0))
tell({ news: 'ready', jobs: runner.list().map(toNews) })
