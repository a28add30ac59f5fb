/**
 * The device's side of an enrolment as a pure function (docs/protocol.md §5). Each step is one thing to do; the driver
 * does it and feeds back what happened. Every road leads back to a step that may be repeated, so that neither a killed
 * process nor a controller that vanishes can leave a device stuck.
 */
import { assertNever } from '../contract/assert-never'
import type { ErrorCode } from '../contract/errors'
import type { EnrollmentProgress } from './state'

export type ActiveStep =
  | { readonly step: 'enroll' }
  | { readonly step: 'fetch-result'; readonly enrollmentId: string }
  | { readonly step: 'await-configuration'; readonly enrollmentId: string; readonly wantedVersion: number }
  | { readonly step: 'confirm'; readonly enrollmentId: string; readonly wantedVersion: number }

export type EnrollmentState =
  /** Nothing to do until a controller that takes enrolments is heard; then `goal`. */
  | { readonly step: 'seek-controller'; readonly goal: ActiveStep; readonly attempt: number }
  | (ActiveStep & { readonly attempt: number })
  /** Nothing to do for `delayMs`, or until a controller speaks up; then `goal`. */
  | {
      readonly step: 'pause'
      readonly delayMs: number
      readonly reason: ErrorCode
      readonly goal: ActiveStep
      readonly attempt: number
    }
  | { readonly step: 'enrolled' }

export type EnrollmentInput =
  | { readonly type: 'controller-heard' }
  | { readonly type: 'pause-over' }
  | {
      readonly type: 'enroll-answered'
      readonly enrollmentId: string
      readonly status: 'Approved' | 'Pending' | 'Rejected'
      readonly retryAfterS: number
    }
  | { readonly type: 'result-installed'; readonly wantedVersion: number; readonly runningVersion: number }
  | { readonly type: 'configured'; readonly runningVersion: number }
  | { readonly type: 'configuration-overdue' }
  | { readonly type: 'confirm-answered'; readonly accepted: boolean }
  | { readonly type: 'failed'; readonly code: ErrorCode }

export const ENROLLMENT_RETRY = {
  firstMs: 1_000,
  maxMs: 60_000,
  /** After a refusal nothing gets better by hurrying. */
  refusedMs: 20_000,
  pendingMaxS: 30,
  /** After so many polls at the controller's pace, each further one comes later. */
  pendingPolls: 30,
  configurationMs: 20_000,
} as const

/** 1 s, 2 s, 4 s … 60 s; spreading is the driver's. */
export const backoffMs = (attempt: number): number =>
  Math.min(ENROLLMENT_RETRY.firstMs * 2 ** Math.min(attempt, 16), ENROLLMENT_RETRY.maxMs)

/** Where an enrolment goes on after a start, from what was stored. */
export const resumeEnrollment = (
  progress: EnrollmentProgress | undefined,
  runningVersion: number,
): EnrollmentState => {
  const goal = resumeStep(progress, runningVersion)
  return { step: 'seek-controller', goal, attempt: 0 }
}

const resumeStep = (progress: EnrollmentProgress | undefined, runningVersion: number): ActiveStep => {
  if (!progress?.enrollmentId) return { step: 'enroll' }
  const { enrollmentId, wantedVersion } = progress
  if (wantedVersion === undefined) return { step: 'fetch-result', enrollmentId }
  return configured(enrollmentId, wantedVersion, runningVersion)
}

const configured = (enrollmentId: string, wantedVersion: number, runningVersion: number): ActiveStep => {
  const ready = wantedVersion === 0 || wantedVersion === runningVersion
  return { step: ready ? 'confirm' : 'await-configuration', enrollmentId, wantedVersion }
}

const active = (goal: ActiveStep, attempt = 0): EnrollmentState => ({ ...goal, attempt })

const pause = (goal: ActiveStep, attempt: number, delayMs: number, reason: ErrorCode): EnrollmentState => ({
  step: 'pause',
  goal,
  attempt,
  delayMs,
  reason,
})

const pendingMs = (retryAfterS: number, attempt: number): number => {
  const late = Math.max(0, attempt - ENROLLMENT_RETRY.pendingPolls)
  const seconds = Math.max(1, retryAfterS) * 2 ** Math.min(late, 8)
  return Math.min(seconds, Math.max(retryAfterS, ENROLLMENT_RETRY.pendingMaxS)) * 1000
}

/** Causes that say "this controller, this moment": the same step again, soon. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'DEVICE_UNREACHABLE',
  'DEVICE_OFFLINE',
  'TLS_REFUSED',
  'TIMED_OUT',
  'BAD_ANSWER',
  'BUSY',
  'CANCELLED',
])
/** Causes that say "not you": asked again from the start, after a long pause. */
const REFUSED: ReadonlySet<ErrorCode> = new Set([
  'IDENTITY_NOT_TRUSTED',
  'IDENTITY_REVOKED',
  'IDENTITY_EXPIRED',
  'UDN_MISMATCH',
  'REQUEST_INVALID',
  'KEY_REUSED',
  'REJECTED',
  'NOT_AUTHORIZED',
  'AUTHENTICATION_FAILED',
])

type ActiveState = ActiveStep & { readonly attempt: number }

const stepOf = (state: ActiveState): ActiveStep => {
  const { attempt: _, ...goal } = state
  return goal
}

const afterFailure = (state: ActiveState, code: ErrorCode): EnrollmentState => {
  const { attempt } = state
  if (code === 'DEVICE_UNKNOWN') return { step: 'seek-controller', goal: stepOf(state), attempt }
  if (code === 'PENDING' && state.step === 'fetch-result') {
    return pause(stepOf(state), attempt + 1, pendingMs(2, attempt), code)
  }
  if (code === 'PENDING' && state.step === 'confirm') {
    const goal: ActiveStep = { step: 'fetch-result', enrollmentId: state.enrollmentId }
    return pause(goal, attempt + 1, backoffMs(attempt), code)
  }
  if (PASSING.has(code)) return pause(stepOf(state), attempt + 1, backoffMs(attempt), code)
  const delayMs = REFUSED.has(code) ? ENROLLMENT_RETRY.refusedMs : backoffMs(attempt)
  return pause({ step: 'enroll' }, attempt + 1, delayMs, code)
}

const afterEnroll = (
  state: ActiveState,
  input: Extract<EnrollmentInput, { type: 'enroll-answered' }>,
): EnrollmentState => {
  const { enrollmentId, status, retryAfterS } = input
  if (status === 'Rejected') return afterFailure(state, 'REJECTED')
  const goal: ActiveStep = { step: 'fetch-result', enrollmentId }
  return status === 'Approved'
    ? active(goal, state.attempt)
    : pause(goal, 0, pendingMs(retryAfterS, 0), 'PENDING')
}

/** The state after an input. An input that does not belong to the state (a late timer, an old answer) changes nothing. */
export const nextEnrollment = (state: EnrollmentState, input: EnrollmentInput): EnrollmentState => {
  switch (state.step) {
    case 'enrolled':
      return state
    case 'seek-controller':
      return input.type === 'controller-heard' ? active(state.goal, state.attempt) : state
    case 'pause':
      return afterPause(state, input)
    case 'enroll':
      if (input.type === 'enroll-answered') return afterEnroll(state, input)
      return input.type === 'failed' ? afterFailure(state, input.code) : state
    case 'fetch-result':
      if (input.type === 'result-installed') {
        return active(
          configured(state.enrollmentId, input.wantedVersion, input.runningVersion),
          state.attempt,
        )
      }
      return input.type === 'failed' ? afterFailure(state, input.code) : state
    case 'await-configuration':
      return whileAwaiting(state, input)
    case 'confirm':
      if (input.type === 'confirm-answered') {
        return input.accepted ? { step: 'enrolled' } : afterFailure(state, 'PENDING')
      }
      return input.type === 'failed' ? afterFailure(state, input.code) : state
    default:
      return assertNever(state)
  }
}

const afterPause = (
  state: Extract<EnrollmentState, { step: 'pause' }>,
  input: EnrollmentInput,
): EnrollmentState => {
  if (input.type === 'pause-over') return active(state.goal, state.attempt)
  if (input.type === 'controller-heard' && !REFUSED.has(state.reason))
    return active(state.goal, state.attempt)
  return state
}

const whileAwaiting = (
  state: Extract<EnrollmentState, { step: 'await-configuration' }>,
  input: EnrollmentInput,
): EnrollmentState => {
  const { enrollmentId, wantedVersion, attempt } = state
  if (input.type === 'configuration-overdue') return active({ step: 'fetch-result', enrollmentId }, attempt)
  if (input.type !== 'configured') return state
  const goal = configured(enrollmentId, wantedVersion, input.runningVersion)
  // Another version than the one announced: the template has changed meanwhile, so ask what is wanted now.
  return active(goal.step === 'confirm' ? goal : { step: 'fetch-result', enrollmentId })
}
