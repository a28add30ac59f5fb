/**
 * A lane as a pure function: `(lane, input) → lane`. What is at the cable (`at`) and what is being done with it (`work`)
 * are two tagged unions, because a job outlives a pulled cable; the nine states of the screen follow from both. No clock,
 * no I/O: the lane feeds it, and does what `wantsResume` asks for.
 */
import { assertNever } from '../contract/assert-never'
import type { ErrorCode } from '../contract/errors'
import type { KeyStorage, LaneState } from '../contract/factory'
import { isEnded, type Job, type JobError } from '../contract/job'

export type LaneError = JobError

/** What a device in the lane says of itself. */
export interface Board {
  readonly hardwareId: string
  readonly model: string
  readonly keyStorage: KeyStorage
  readonly locked: boolean
  readonly serialNumber?: string | undefined
}

/** Whether the device may be worked on; `unfinished` = the ledger knows it under a number that is not complete. */
export type Verdict =
  | { readonly kind: 'blank' }
  | { readonly kind: 'refused'; readonly error: LaneError }
  | { readonly kind: 'unfinished'; readonly serialNumber: string }

export type At =
  /** The port is missing, denied or busy; without an error it was not tried yet. */
  | { readonly kind: 'no-port'; readonly error?: LaneError }
  /** The port is open; nothing answers yet. */
  | { readonly kind: 'listening' }
  /** Something talks, and it is not the management protocol. */
  | { readonly kind: 'chatter'; readonly error: LaneError }
  | { readonly kind: 'board'; readonly board: Board; readonly verdict: Verdict }

/** A device's work. `visit` = at which stay in the lane it was begun: after a new one it may go on. */
interface Begun {
  readonly jobId: string
  readonly attempt: number
  readonly hardwareId: string
  readonly serialNumber: string
  readonly step?: string | undefined
  readonly percent: number
  readonly startedAtMs: number
  readonly visit: number
}

export type Work =
  | { readonly kind: 'none' }
  /** Numbered by a scan; nothing is on record yet. */
  | { readonly kind: 'assigned'; readonly hardwareId: string; readonly serialNumber: string }
  | ({ readonly kind: 'running' } & Begun)
  | ({ readonly kind: 'passed' } & Begun)
  | ({ readonly kind: 'failed'; readonly error: LaneError } & Begun)

export interface LaneFacts {
  readonly at: At
  readonly work: Work
  /** Counts the stays of devices: grows when a device appears, or another than the one before. */
  readonly visit: number
  readonly locked: boolean
  readonly failuresInRow: number
  readonly passed: number
  readonly failed: number
  readonly taktsMs: readonly number[]
  readonly labelPrinted: boolean
}

export type LaneInput =
  | { readonly type: 'port-lost'; readonly error: LaneError }
  | { readonly type: 'port-open' }
  | { readonly type: 'silent' }
  | { readonly type: 'chatter'; readonly error: LaneError }
  | { readonly type: 'seen'; readonly board: Board; readonly verdict: Verdict }
  | { readonly type: 'numbered'; readonly serialNumber: string }
  /** The job of the device in this lane, or of the one that was here, as it is now. */
  | { readonly type: 'job'; readonly job: Job; readonly atMs: number; readonly failuresBeforeLock: number }
  /** The number of the failed device will not be gone on with: it was burned, or is another board's. */
  | { readonly type: 'withdrawn'; readonly serialNumber: string }
  | { readonly type: 'unlocked' }
  | { readonly type: 'label-printed' }

const TAKTS_KEPT = 60

/** Failures by a device that is not there: they stay on the screen until it, or another, is. */
const AWAY: readonly ErrorCode[] = ['SERIAL_UNPLUGGED', 'SERIAL_SILENT', 'TIMED_OUT']
/** Ends that say nothing about the lane. */
const BLAMELESS: readonly ErrorCode[] = ['CANCELLED', 'INTERRUPTED']

export const NO_WORK: Work = { kind: 'none' }

/** A lane before its port was tried. */
export const newLane = (o: { locked?: boolean; failuresInRow?: number } = {}): LaneFacts => ({
  at: { kind: 'no-port' },
  work: NO_WORK,
  visit: 0,
  locked: o.locked ?? false,
  failuresInRow: o.failuresInRow ?? 0,
  passed: 0,
  failed: 0,
  taktsMs: [],
  labelPrinted: false,
})

/** The lane after an input; the same object where the input changes nothing. */
export const advance = (lane: LaneFacts, input: LaneInput): LaneFacts => {
  switch (input.type) {
    case 'port-lost':
      return emptied(lane, { kind: 'no-port', error: input.error })
    case 'port-open':
      return lane.at.kind === 'no-port' ? emptied(lane, { kind: 'listening' }) : lane
    case 'silent':
      return lane.at.kind === 'listening' ? lane : emptied(lane, { kind: 'listening' })
    case 'chatter':
      return emptied(lane, { kind: 'chatter', error: input.error })
    case 'seen':
      return seen(lane, input.board, input.verdict)
    case 'numbered':
      return numbered(lane, input.serialNumber)
    case 'job':
      return told(lane, input.job, input.atMs, input.failuresBeforeLock)
    case 'withdrawn':
      return lane.work.kind === 'failed' && lane.work.serialNumber === input.serialNumber
        ? { ...lane, ...cleared }
        : lane
    case 'unlocked':
      return lane.locked ? { ...lane, locked: false, failuresInRow: 0 } : lane
    case 'label-printed':
      return lane.work.kind === 'passed' ? { ...lane, labelPrinted: true } : lane
    default:
      return assertNever(input)
  }
}

/** What the screen calls this lane. */
export const stateOf = ({ at, work, locked }: LaneFacts): LaneState => {
  if (work.kind === 'running') return 'running'
  if (work.kind === 'passed') return 'passed'
  if (locked) return 'locked'
  if (work.kind !== 'none') return work.kind
  if (at.kind === 'no-port' || at.kind === 'listening') return at.kind
  if (at.kind === 'chatter') return 'refused'
  switch (at.verdict.kind) {
    case 'blank':
      return 'ready'
    case 'refused':
      return 'refused'
    case 'unfinished':
      return 'assigned'
  }
}

/** The serial number to go on with: a device that was begun is back in the lane, and nothing is against it. */
export const wantsResume = (lane: LaneFacts): string | undefined => {
  const { at, work, locked, visit } = lane
  if (locked || at.kind !== 'board' || at.verdict.kind === 'refused') return undefined
  if (work.kind === 'failed') return work.visit !== visit ? work.serialNumber : undefined
  return work.kind === 'none' && at.verdict.kind === 'unfinished' ? at.verdict.serialNumber : undefined
}

/** The device that answers in the lane now. */
export const boardOf = ({ at }: LaneFacts): Board | undefined => (at.kind === 'board' ? at.board : undefined)

/** Whether a failed device is still in its lane and may be tried again by hand. */
export const isResumable = (lane: LaneFacts): boolean =>
  lane.work.kind === 'failed' &&
  !lane.locked &&
  boardOf(lane)?.hardwareId === lane.work.hardwareId &&
  lane.at.kind === 'board' &&
  lane.at.verdict.kind !== 'refused'

const emptied = (lane: LaneFacts, at: At): LaneFacts => {
  const { work } = lane
  if (isSame(lane.at, at)) return lane
  const stays = work.kind === 'running' || (work.kind === 'failed' && AWAY.includes(work.error.code))
  return { ...lane, at, ...(stays || work.kind === 'none' ? {} : cleared) }
}

const cleared = { work: NO_WORK, labelPrinted: false } as const

const seen = (lane: LaneFacts, board: Board, verdict: Verdict): LaneFacts => {
  const before = boardOf(lane)
  if (lane.at.kind === 'board' && isSame(lane.at, { kind: 'board', board, verdict })) return lane
  const isNewHere = before?.hardwareId !== board.hardwareId
  const at: At = { kind: 'board', board, verdict }
  const next = { ...lane, at, visit: isNewHere ? lane.visit + 1 : lane.visit }
  const { work } = lane
  if (work.kind === 'none' || work.kind === 'running') return next
  if (work.hardwareId !== board.hardwareId) return { ...next, ...cleared }
  // A number given to a device that turned out to be unfit, or to have one already, is taken back.
  if (work.kind === 'assigned' && verdict.kind !== 'blank') return { ...next, ...cleared }
  return next
}

const isSame = (a: At, b: At): boolean => JSON.stringify(a) === JSON.stringify(b)

const numbered = (lane: LaneFacts, serialNumber: string): LaneFacts => {
  const { at, work } = lane
  const mayTake = (work.kind === 'none' || work.kind === 'assigned') && !lane.locked
  if (!mayTake || at.kind !== 'board' || at.verdict.kind !== 'blank') return lane
  return { ...lane, work: { kind: 'assigned', hardwareId: at.board.hardwareId, serialNumber } }
}

const told = (lane: LaneFacts, job: Job, atMs: number, failuresBeforeLock: number): LaneFacts => {
  const work = begunBy(lane, job, atMs)
  if (!work) return lane
  if (job.state === 'done') {
    const taktsMs = [...lane.taktsMs, Math.max(0, atMs - work.startedAtMs)].slice(-TAKTS_KEPT)
    const done: Work = { ...work, kind: 'passed', percent: 100, step: undefined }
    return leftBehind({
      ...lane,
      work: done,
      taktsMs,
      passed: lane.passed + 1,
      failuresInRow: 0,
      labelPrinted: false,
    })
  }
  if (job.state !== 'failed' && job.state !== 'cancelled') return { ...lane, work }
  const error: LaneError = job.error ?? { code: 'CANCELLED', subject: job.subject }
  const failed: Work = { ...work, kind: 'failed', error }
  if (BLAMELESS.includes(error.code)) return leftBehind({ ...lane, work: failed })
  const failuresInRow = lane.failuresInRow + 1
  return leftBehind({
    ...lane,
    work: failed,
    failed: lane.failed + 1,
    failuresInRow,
    locked: lane.locked || failuresInRow >= failuresBeforeLock,
  })
}

/** The device may have left before its job ended. */
const leftBehind = (lane: LaneFacts): LaneFacts => {
  const { work, at } = lane
  if (work.kind !== 'passed' && work.kind !== 'failed') return lane
  if (boardOf(lane)?.hardwareId === work.hardwareId) return lane
  const awaited = work.kind === 'failed' && AWAY.includes(work.error.code) && at.kind !== 'board'
  return awaited ? lane : { ...lane, ...cleared }
}

/** The running work that this job is, if it is one of this lane: its own, or a new one of the device that is here. */
const begunBy = (lane: LaneFacts, job: Job, atMs: number): (Begun & { kind: 'running' }) | undefined => {
  const { work } = lane
  const { step, percent } = progressOf(job)
  if (work.kind === 'running' && work.jobId === job.id) {
    // News of an earlier attempt that was gathered before the retry.
    return job.attempt < work.attempt ? undefined : { ...work, attempt: job.attempt, step, percent }
  }
  const hardwareId = job.params.hardwareId
  if (work.kind === 'running' || isEnded(job.state) || !hardwareId) return undefined
  if (boardOf(lane)?.hardwareId !== hardwareId) return undefined
  return {
    kind: 'running',
    jobId: job.id,
    attempt: job.attempt,
    hardwareId,
    serialNumber: job.subject,
    step,
    percent,
    startedAtMs: atMs,
    visit: lane.visit,
  }
}

/** Finished steps, and of the current one the part that is known, in percent. */
export const progressOf = ({ steps }: Job): { step?: string | undefined; percent: number } => {
  const done = steps.filter((step) => step.state === 'done' || step.state === 'skipped').length
  const current =
    steps.find((step) => step.state === 'running' || step.state === 'failed') ??
    steps.find((step) => step.state === 'pending')
  const { done: part = 0, total = 0 } = current?.progress ?? {}
  const share = total > 0 ? Math.min(1, Math.max(0, part / total)) : 0
  const percent = steps.length > 0 ? Math.min(100, Math.floor(((done + share) / steps.length) * 100)) : 0
  return { step: current?.name, percent }
}
