/** What happens next to a device, as one sentence's key and values. Pure; the words stand in locales/firmware. */
import type { RollbackReason } from '../../electron/contract/banks'
import type {
  BankStatus,
  BoardRow,
  BoardState,
  RolloutView,
  UpdateState,
} from '../../electron/contract/firmware'
import type { Tone } from './device-facts'
import { activeBank, hasWayBack, standbyBank } from './firmware-banks'

export type NextKey =
  | 'waitingWave'
  | 'waitingStart'
  | 'waitingTurn'
  | 'paused'
  | 'held'
  | 'downloadingSwitch'
  | 'downloadingWindow'
  | 'downloadingWave'
  | 'downloadingHold'
  | 'downloadingAt'
  | 'stagedNow'
  | 'stagedWindow'
  | 'stagedWave'
  | 'stagedHold'
  | 'stagedAt'
  | 'switching'
  | 'probation'
  | 'probationSoak'
  | 'confirmed'
  | 'confirmedAlone'
  | 'failed'
  | 'stopped'
  | 'idle'
  | `rolledBack-${RollbackReason}`

export interface Next {
  readonly key: NextKey
  /** Slots and versions named in the sentence. */
  readonly values: {
    readonly active: string
    readonly other: string
    readonly version: string
    readonly old: string
    readonly wave: number
    readonly from: string
  }
  /** A moment named in the sentence. */
  readonly atMs?: number
  /** With `failed`: whose three sentences say more. */
  readonly code?: string
}

/** How a device's own word reads as a row of the board. */
const BOARD_OF: Readonly<Record<UpdateState, BoardState | undefined>> = {
  idle: undefined,
  scheduled: 'waiting',
  downloading: 'downloading',
  verifying: 'downloading',
  staged: 'staged',
  rebooting: 'switching',
  probation: 'probation',
  confirmed: 'confirmed',
  rolledBack: 'rolledBack',
  failed: 'failed',
}

/** State of a device by its own word alone, outside any rollout. */
export const stateOfStatus = (status: BankStatus): BoardState | undefined =>
  BOARD_OF[status.update?.state ?? 'idle']

export const BOARD_TONE: Readonly<Record<BoardState, Tone>> = {
  waiting: 'neutral',
  held: 'neutral',
  downloading: 'info',
  staged: 'info',
  switching: 'info',
  probation: 'warn',
  confirmed: 'ok',
  rolledBack: 'bad',
  failed: 'bad',
  stopped: 'neutral',
}

interface Facts {
  readonly state: BoardState | undefined
  readonly status: BankStatus | undefined
  readonly statusAtMs: number | undefined
  readonly wave: number
  readonly code?: string | undefined
  readonly rollout?: RolloutView | undefined
}

type Waits = 'At' | 'Hold' | 'Wave' | 'Window' | undefined

const waitsFor = ({ status, rollout, wave }: Facts): Waits => {
  const activation = status?.update?.activation
  if (!rollout)
    return activation === 'hold' ? 'Hold' : activation && activation !== 'at-once' ? 'At' : undefined
  if (rollout.waves[wave]?.state === 'waits') return 'Wave'
  return rollout.plan.window ? 'Window' : undefined
}

const probationEnd = ({ status, statusAtMs }: Facts): number | undefined => {
  const probation = status?.update?.probation
  if (!probation || statusAtMs === undefined) return undefined
  // The minute is enough, and does not flicker when the device tells its uptime anew.
  return Math.ceil((statusAtMs + (probation.neededS - probation.ranS) * 1000) / 60_000) * 60_000
}

const keyOf = (facts: Facts): NextKey => {
  const { state, status, rollout, wave } = facts
  switch (state) {
    case undefined:
      return 'idle'
    case 'waiting':
      if (rollout?.state === 'paused') return 'paused'
      if (rollout && rollout.waves[wave]?.state === 'waits') return 'waitingWave'
      return status?.update?.startTime || rollout?.plan.startAt ? 'waitingStart' : 'waitingTurn'
    case 'held':
      return 'held'
    case 'downloading':
      return `downloading${waitsFor(facts) ?? 'Switch'}`
    case 'staged':
      if (rollout?.state === 'paused') return 'paused'
      return `staged${waitsFor(facts) ?? 'Now'}`
    case 'switching':
      return 'switching'
    case 'probation':
      return rollout?.plan.confirm === 'after-soak' ? 'probationSoak' : 'probation'
    case 'confirmed':
      return status && hasWayBack(status) ? 'confirmed' : 'confirmedAlone'
    case 'rolledBack':
      return `rolledBack-${status?.update?.rollback ?? 'ordered'}`
    case 'failed':
      return 'failed'
    case 'stopped':
      return 'stopped'
  }
}

const momentOf = (facts: Facts, key: NextKey): number | undefined => {
  const { status, rollout } = facts
  const update = status?.update
  const parse = (text: string | undefined) => {
    const at = text === undefined ? Number.NaN : Date.parse(text)
    return Number.isNaN(at) ? undefined : at
  }
  if (key === 'waitingStart') return parse(update?.startTime) ?? parse(rollout?.plan.startAt)
  if (key === 'downloadingAt' || key === 'stagedAt') return parse(update?.activation)
  return key === 'probation' ? probationEnd(facts) : undefined
}

const DASH = '—'

const nextOf = (facts: Facts): Next => {
  const { status, rollout, wave } = facts
  const key = keyOf(facts)
  const running = status && activeBank(status)
  const standby = status && standbyBank(status)
  const atMs = momentOf(facts, key)
  return {
    key,
    values: {
      active: status?.activeBank ?? DASH,
      other: standby?.slot ?? DASH,
      version: status?.update?.version ?? rollout?.version ?? running?.version ?? DASH,
      old: (facts.state === 'probation' || facts.state === 'confirmed' ? standby : running)?.version ?? DASH,
      wave,
      from: rollout?.plan.window?.from ?? DASH,
    },
    ...(atMs === undefined ? {} : { atMs }),
    ...(facts.code ? { code: facts.code } : {}),
  }
}

/** The next sentence of a row of the board. */
export const nextOfRow = (row: BoardRow, rollout: RolloutView): Next =>
  nextOf({
    state: row.state,
    status: row.status,
    statusAtMs: row.statusAtMs,
    wave: row.wave,
    code: row.error?.code ?? row.status?.update?.code,
    rollout,
  })

/** The next sentence of a device by its own word. */
export const nextOfStatus = (status: BankStatus, statusAtMs: number): Next =>
  nextOf({
    state: stateOfStatus(status),
    status,
    statusAtMs,
    wave: 0,
    code: status.update?.code,
  })
