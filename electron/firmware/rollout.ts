/**
 * What a rollout does next: one pure decision from what is known now. Nothing is remembered here but the number of waves
 * begun, so that a decision after a kill is the same as before it.
 */
import type {
  BoardState,
  PAUSE_REASONS,
  ROLLOUT_STATES,
  RolloutPlan,
  WAVE_STATES,
} from '../contract/firmware'
import { isInWindow, nextWindowMs, windowEndMs } from './window'

export type RolloutState = (typeof ROLLOUT_STATES)[number]
export type PauseReason = (typeof PAUSE_REASONS)[number]
export type WaveState = (typeof WAVE_STATES)[number]

/** A device of the rollout, by its place on the board. */
export interface Member {
  readonly udn: string
  readonly wave: number
  readonly state: BoardState
  /** Since when it is in this state. */
  readonly changedAtMs: number
  /** Uptime on trial by its own word, seconds; where it is told, silence and restarts do not count as time on trial. */
  readonly ranS?: number | undefined
  /** When it counts as failed if it is still in this state; not heeded while it waits for the rollout itself. */
  readonly deadlineMs?: number | undefined
}

export interface RolloutInput {
  readonly plan: RolloutPlan
  readonly nowMs: number
  readonly state: RolloutState
  readonly pauseReason?: PauseReason | undefined
  /** The last wave that was begun, -1 before the first. */
  readonly wave: number
  readonly devices: readonly Member[]
  /** A person went on after a pause: what had ended by then is accepted and stops nothing any more. */
  readonly resumedAtMs?: number | undefined
  /** The bundle may not be given out any more. */
  readonly bundleProblem?: boolean | undefined
}

export interface RolloutDecision {
  readonly state: RolloutState
  readonly pauseReason?: PauseReason
  /** The last wave begun; to be stored before anything follows from it. */
  readonly wave: number
  readonly waves: readonly WaveState[]
  /** May begin to download now. */
  readonly startDownload: readonly string[]
  /** May switch banks now, as soon as the image is staged. */
  readonly mayActivate: readonly string[]
  /** Are to be confirmed by this laptop now. */
  readonly mayConfirm: readonly string[]
  /** Were silent beyond their deadline and count as failed. */
  readonly overdue: readonly string[]
  /** Are not to begin any more; what has switched goes on by itself. */
  readonly stop: readonly string[]
  /** When time alone changes this decision; absent = only news does. */
  readonly wakeAtMs?: number
}

const LOOK_MS = 10_000
const SETTLED: ReadonlySet<BoardState> = new Set(['confirmed', 'rolledBack', 'failed', 'stopped'])
const BEFORE_SWITCH: ReadonlySet<BoardState> = new Set(['waiting', 'held', 'downloading', 'staged'])
/** Waiting for the rollout, not for the device. */
const NO_DEADLINE: ReadonlySet<BoardState> = new Set(['waiting', 'staged'])

const isSettled = ({ state }: Member): boolean => SETTLED.has(state)
const isBefore = ({ state }: Member): boolean => BEFORE_SWITCH.has(state)
const isBad = ({ state }: Member): boolean => state === 'failed' || state === 'rolledBack'
const udnsOf = (members: readonly Member[]): string[] => members.map(({ udn }) => udn)

const isOverdue = (member: Member, nowMs: number): boolean =>
  member.deadlineMs !== undefined &&
  member.deadlineMs <= nowMs &&
  !isSettled(member) &&
  !NO_DEADLINE.has(member.state)

/** On trial, and well, for as long as the plan asks: by its own word, or by the clock where it does not tell its uptime. */
const soakLeftMs = ({ changedAtMs, ranS }: Member, { soakMinutes }: RolloutPlan, nowMs: number): number =>
  soakMinutes * 60_000 - (ranS === undefined ? nowMs - changedAtMs : ranS * 1000)

const hasSoaked = (member: Member, plan: RolloutPlan, nowMs: number): boolean =>
  member.state === 'probation' && soakLeftMs(member, plan, nowMs) <= 0

const hasPassed = (member: Member, { plan, nowMs }: RolloutInput): boolean =>
  member.state === 'confirmed' || hasSoaked(member, plan, nowMs)

/** Ended before a person went on: it is known, and stops nothing any more. */
const isAccepted = (member: Member, resumedAtMs: number | undefined): boolean =>
  resumedAtMs !== undefined && isSettled(member) && member.changedAtMs <= resumedAtMs

interface Scene extends RolloutInput {
  readonly waveCount: number
  ofWave(wave: number): readonly Member[]
}

const sceneOf = (input: RolloutInput): Scene => {
  const byWave = new Map<number, Member[]>()
  const devices = input.devices.map((member) =>
    isOverdue(member, input.nowMs)
      ? { ...member, state: 'failed' as const, changedAtMs: input.nowMs }
      : member,
  )
  for (const member of devices) {
    const wave = byWave.get(member.wave)
    if (wave === undefined) byWave.set(member.wave, [member])
    else wave.push(member)
  }
  const waveCount = Math.max(input.plan.waves.length, ...[...byWave.keys()].map((wave) => wave + 1))
  return { ...input, devices, waveCount, ofWave: (wave) => byWave.get(wave) ?? [] }
}

/** passed: enough of it is through. failed: it can't get there any more, and all of it has been tried. open: neither yet. */
const waveResult = (scene: Scene, wave: number): 'passed' | 'failed' | 'open' => {
  const { passPercent } = scene.plan
  const isLost = (member: Member) => isSettled(member) && member.state !== 'confirmed'
  const members = scene
    .ofWave(wave)
    .filter((member) => !(isLost(member) && isAccepted(member, scene.resumedAtMs)))
  const share = (count: number) => (members.length === 0 ? 100 : (count * 100) / members.length)
  if (share(members.filter((member) => hasPassed(member, scene)).length) >= passPercent) return 'passed'
  if (share(members.filter((member) => !isLost(member)).length) >= passPercent) return 'open'
  return members.some((member) => isBefore(member) || member.state === 'switching') ? 'open' : 'failed'
}

/** More failed than the plan allows, of those that have come to an end and are not accepted. */
const hasTooManyErrors = (scene: Scene): boolean => {
  const { plan, devices } = scene
  const counted = devices.filter((member) => !(isBad(member) && isAccepted(member, scene.resumedAtMs)))
  const bad = counted.filter(isBad).length
  const ended = bad + counted.filter((member) => hasPassed(member, scene)).length
  // A small rollout would never reach a large sample.
  const sample = Math.min(plan.minimumSample, devices.length)
  return bad > 0 && ended >= sample && (bad * 100) / ended > plan.errorPercent
}

const startMs = ({ startAt }: RolloutPlan): number =>
  startAt === undefined ? Number.NEGATIVE_INFINITY : Date.parse(startAt)

/** Begins each wave whose predecessor is through. */
const lastWave = (scene: Scene): number => {
  let { wave } = scene
  if (scene.nowMs < startMs(scene.plan)) return wave
  while (wave + 1 < scene.waveCount && (wave < 0 || waveResult(scene, wave) === 'passed')) wave += 1
  return wave
}

const stateOf = (scene: Scene): Pick<RolloutDecision, 'state' | 'pauseReason' | 'wave'> => {
  const { state, wave, devices, bundleProblem } = scene
  const kept = { wave, ...(scene.pauseReason !== undefined && { pauseReason: scene.pauseReason }) }
  if (state === 'stopped' || state === 'done') return { ...kept, state }
  if (state === 'stopping') {
    if (bundleProblem) return { state: 'stopped', wave, pauseReason: 'bundle-problem' }
    if (hasTooManyErrors(scene)) return { state: 'stopped', wave, pauseReason: 'too-many-errors' }
    const isOver = devices.every((member) => member.wave > wave || isSettled(member))
    return { state: isOver ? 'stopped' : 'stopping', wave }
  }
  if (devices.every(isSettled)) return { state: 'done', wave }
  if (state === 'paused') return { ...kept, state }
  if (bundleProblem) return { state: 'paused', wave, pauseReason: 'bundle-problem' }
  if (hasTooManyErrors(scene)) return { state: 'paused', wave, pauseReason: 'too-many-errors' }
  const next = lastWave(scene)
  const isStuck = next >= 0 && next + 1 < scene.waveCount && waveResult(scene, next) === 'failed'
  return isStuck
    ? { state: 'paused', wave: next, pauseReason: 'wave-not-passed' }
    : { state: 'running', wave: next }
}

const waveState = (scene: Scene, wave: number, begun: number, state: RolloutState): WaveState => {
  const isEnded = state === 'stopped'
  if (wave > begun) return isEnded ? 'stopped' : 'waits'
  const result = waveResult(scene, wave)
  if (result !== 'open') return result
  return isEnded ? 'stopped' : 'running'
}

/** What the rollout does next. Pure; call it after all news and at `wakeAtMs`. */
export const decideRollout = (input: RolloutInput): RolloutDecision => {
  const scene = sceneOf(input)
  const { plan, nowMs, devices } = scene
  const next = stateOf(scene)
  const { state, wave } = next
  const goesOn = state === 'running' || state === 'stopping'
  const isBegun = goesOn && nowMs >= startMs(plan)
  const begun = isBegun ? devices.filter((member) => member.wave <= wave) : []
  const ahead = plan.downloadAhead && state === 'running' && isBegun ? devices : begun
  const toSwitch = begun.filter(isBefore)
  const stopped = state === 'stopped' ? devices.filter(isBefore) : []
  const wakeAtMs = wakeOf(scene, state, toSwitch.length > 0)
  return {
    ...next,
    waves: Array.from({ length: scene.waveCount }, (_, index) => waveState(scene, index, wave, state)),
    startDownload: udnsOf(ahead.filter((member) => member.state === 'waiting')),
    mayActivate: isInWindow(plan.window, nowMs) ? udnsOf(toSwitch) : [],
    mayConfirm:
      plan.confirm === 'after-soak' && goesOn
        ? udnsOf(begun.filter((member) => hasSoaked(member, plan, nowMs)))
        : [],
    overdue: udnsOf(input.devices.filter((member) => isOverdue(member, nowMs))),
    stop: udnsOf(stopped),
    ...(wakeAtMs !== undefined && { wakeAtMs }),
  }
}

/** The next moment at which time alone changes something. */
const wakeOf = (scene: Scene, state: RolloutState, isSwitching: boolean): number | undefined => {
  const { plan, nowMs, devices } = scene
  const moments = devices
    .filter((member) => !isSettled(member) && !NO_DEADLINE.has(member.state))
    .map((member) => member.deadlineMs)
  if (state === 'running' || state === 'stopping') {
    moments.push(startMs(plan))
    for (const member of devices) {
      const leftMs = soakLeftMs(member, plan, nowMs)
      // What it tells next may come a little later than it is due.
      const leastMs = member.ranS === undefined ? 0 : LOOK_MS
      if (member.state === 'probation' && leftMs > 0) moments.push(nowMs + Math.max(leftMs, leastMs))
    }
    if (isSwitching) moments.push(nextWindowMs(plan.window, nowMs), windowEndMs(plan.window, nowMs))
  }
  const later = moments.filter((moment): moment is number => moment !== undefined && moment > nowMs)
  return later.length === 0 ? undefined : later.reduce((a, b) => Math.min(a, b))
}
