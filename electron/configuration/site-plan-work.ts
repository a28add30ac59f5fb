/** What makes a difference go away: tasks with what they cost, and a work as a whole. Pure rules. */
import type { PlanDifference, SiteTask, SiteWork, SiteWorkRow, WorkKind } from '../contract/site-plan'
import { WORK_ESTIMATES } from '../contract/timings'
import type { Paces } from './site-plan-pace'

/** What is known of the firmware that a device is to run. */
export interface PlannedImage {
  readonly bytes: number
  readonly probationS: number
}

const KIND: Record<PlanDifference['field'], WorkKind | undefined> = {
  identity: undefined,
  model: undefined,
  enrolment: 'commission',
  name: 'describe',
  place: 'describe',
  note: 'describe',
  group: 'assign-group',
  configuration: 'configure',
  firmware: 'update',
}

const RISK: Record<WorkKind, SiteTask['risk']> = {
  commission: 'low',
  describe: 'none',
  'assign-group': 'low',
  configure: 'low',
  update: 'trial',
}

const taskOf = (
  kind: WorkKind,
  differences: PlanDifference[],
  image: PlannedImage | undefined,
  paces: Paces,
): SiteTask => {
  const { bytes, downtimeS, durationS } = { ...WORK_ESTIMATES[kind], ...paces.get(kind) }
  const task = { kind, differences, risk: RISK[kind], bytes, downtimeS, durationS }
  if (kind !== 'update' || !image) return task
  return {
    ...task,
    bytes: bytes + image.bytes,
    durationS: durationS + Math.ceil(image.bytes / WORK_ESTIMATES.update.bytesPerS),
    probationS: image.probationS,
  }
}

const ORDER: readonly WorkKind[] = ['commission', 'describe', 'assign-group', 'configure', 'update']

/**
 * Tasks for the differences that work can make go away, in the order in which they are done. `besides`: tasks whose
 * differences can't be told yet; `paces`: what was learned of the time they take here.
 */
export const tasksOf = (
  differences: readonly PlanDifference[],
  besides: ReadonlySet<WorkKind>,
  image: PlannedImage | undefined,
  paces: Paces = new Map(),
): SiteTask[] =>
  ORDER.flatMap((kind) => {
    const ours = differences.filter(({ field, manual }) => !manual && KIND[field] === kind)
    return ours.length > 0 || besides.has(kind) ? [taskOf(kind, ours, image, paces)] : []
  })

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

/** Of rows that something is done with; `lanes` = as many devices at once as the settings allow. */
export const totalsOf = (rows: readonly SiteWorkRow[], lanes: number): SiteWork['totals'] => {
  const busy = rows.filter(({ tasks, problem }) => tasks.length > 0 && !problem)
  const durations = busy.map(({ tasks }) => sum(tasks.map(({ durationS }) => durationS)))
  const tasks = busy.flatMap((row) => row.tasks)
  return {
    devices: busy.length,
    held: busy.filter(({ online }) => !online).length,
    tasks: tasks.length,
    bytes: sum(tasks.map(({ bytes }) => bytes)),
    downtimeS: Math.max(0, ...busy.map((row) => sum(row.tasks.map(({ downtimeS }) => downtimeS)))),
    durationS: Math.max(0, ...durations, sum(durations) / Math.max(1, lanes)),
  }
}
