/** A lane as the screen draws it. */
import type { Lane } from '../contract/factory'
import { boardOf, isResumable, type LaneError, type LaneFacts, stateOf } from './lane-machine'

export interface LaneFrame {
  /** 1 … 16. */
  readonly number: number
  readonly path: string
  /** What the ledger says of the lane's serial number. */
  readonly udn?: string | undefined
  readonly canPrint: boolean
}

/** Pure; secrets are not among the facts of a lane. */
export const laneView = (lane: LaneFacts, { number, path, udn, canPrint }: LaneFrame): Lane => {
  const { work } = lane
  const board = boardOf(lane)
  const serialNumber = numberOf(lane)
  const begun = work.kind === 'none' || work.kind === 'assigned' ? undefined : work
  const error = errorOf(lane, number)
  return {
    number,
    path,
    state: stateOf(lane),
    ...(serialNumber ? { serialNumber } : {}),
    ...(udn ? { udn } : {}),
    ...(board ? { model: board.model, keyStorage: board.keyStorage } : {}),
    ...(begun ? { jobId: begun.jobId, startedAtMs: begun.startedAtMs } : {}),
    ...(begun?.step ? { step: begun.step } : {}),
    percent: begun?.percent ?? 0,
    ...(error ? { error } : {}),
    resumable: isResumable(lane) || (work.kind === 'failed' && lane.at.kind !== 'board'),
    labelPrinted: lane.labelPrinted,
    canPrint,
    failuresInRow: lane.failuresInRow,
    passed: lane.passed,
    failed: lane.failed,
    taktsMs: [...lane.taktsMs],
  }
}

/** The serial number that the lane stands for: its work's, or that of the unfinished device in it. */
export const numberOf = ({ at, work }: LaneFacts): string | undefined => {
  if (work.kind !== 'none') return work.serialNumber
  if (at.kind !== 'board') return undefined
  return at.verdict.kind === 'unfinished' ? at.verdict.serialNumber : at.board.serialNumber
}

const errorOf = (lane: LaneFacts, number: number): LaneError | undefined => {
  const { at, work } = lane
  if (stateOf(lane) === 'locked') {
    const detail = work.kind === 'failed' ? { detail: work.error.code } : {}
    return { code: 'LANE_LOCKED', subject: `lane ${number}`, ...detail }
  }
  if (work.kind === 'failed') return work.error
  if (work.kind !== 'none') return undefined
  if (at.kind === 'no-port' || at.kind === 'chatter') return at.error
  return at.kind === 'board' && at.verdict.kind === 'refused' ? at.verdict.error : undefined
}
