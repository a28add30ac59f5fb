import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../../electron/contract/errors'
import {
  backoffMs,
  ENROLLMENT_RETRY,
  type EnrollmentInput,
  type EnrollmentState,
  nextEnrollment,
  resumeEnrollment,
} from '../../electron/device/enrollment-machine'

const run = (state: EnrollmentState, ...inputs: EnrollmentInput[]): EnrollmentState =>
  inputs.reduce(nextEnrollment, state)

const heard: EnrollmentInput = { type: 'controller-heard' }
const answered = (status: 'Approved' | 'Pending' | 'Rejected', retryAfterS = 2): EnrollmentInput => ({
  type: 'enroll-answered',
  enrollmentId: 'e1',
  status,
  retryAfterS,
})
const installed = (wantedVersion: number, runningVersion: number): EnrollmentInput => ({
  type: 'result-installed',
  wantedVersion,
  runningVersion,
})
const failed = (code: (typeof ERROR_CODES)[number]): EnrollmentInput => ({ type: 'failed', code })
const blank = resumeEnrollment(undefined, 0)
const confirming = run(blank, heard, answered('Approved'), installed(0, 0))

describe('enrolment of a device', () => {
  it('goes the straight road: enroll, result, configuration, confirm', () => {
    expect(run(blank, heard).step).toBe('enroll')
    expect(run(blank, heard, answered('Approved'))).toMatchObject({
      step: 'fetch-result',
      enrollmentId: 'e1',
    })
    const waiting = run(blank, heard, answered('Approved'), installed(4, 0))
    expect(waiting).toMatchObject({ step: 'await-configuration', wantedVersion: 4 })
    const confirm = run(waiting, { type: 'configured', runningVersion: 4 })
    expect(confirm.step).toBe('confirm')
    expect(run(confirm, { type: 'confirm-answered', accepted: true })).toEqual({ step: 'enrolled' })
  })

  it('needs no configuration where none is wanted, or where it already runs', () => {
    expect(run(blank, heard, answered('Approved'), installed(0, 0)).step).toBe('confirm')
    expect(run(blank, heard, answered('Approved'), installed(4, 4)).step).toBe('confirm')
  })

  it('asks what is wanted now when another version arrives than the one announced, or none in time', () => {
    const waiting = run(blank, heard, answered('Approved'), installed(4, 0))
    expect(run(waiting, { type: 'configured', runningVersion: 5 }).step).toBe('fetch-result')
    expect(run(waiting, { type: 'configuration-overdue' }).step).toBe('fetch-result')
  })

  it('waits while a person decides, at the pace the controller asks for and slower with time', () => {
    const pending = run(blank, heard, answered('Pending', 3))
    expect(pending).toMatchObject({
      step: 'pause',
      delayMs: 3000,
      reason: 'PENDING',
      goal: { step: 'fetch-result' },
    })
    let state = pending
    for (let i = 0; i < 60; i += 1) state = run(state, { type: 'pause-over' }, failed('PENDING'))
    expect(state).toMatchObject({ step: 'pause', delayMs: ENROLLMENT_RETRY.pendingMaxS * 1000 })
    expect(run(state, heard).step).toBe('fetch-result')
  })

  it('asks again after a refusal, later and not hurried by announcements', () => {
    for (const input of [answered('Rejected'), failed('IDENTITY_NOT_TRUSTED'), failed('REJECTED')]) {
      const refused = run(blank, heard, input)
      expect(refused).toMatchObject({
        step: 'pause',
        delayMs: ENROLLMENT_RETRY.refusedMs,
        goal: { step: 'enroll' },
      })
      expect(run(refused, heard)).toBe(refused)
      expect(run(refused, { type: 'pause-over' }).step).toBe('enroll')
    }
  })

  it.each(['DEVICE_UNREACHABLE', 'TIMED_OUT', 'TLS_REFUSED', 'BAD_ANSWER'] as const)(
    'repeats the same step when the controller vanishes (%s), later each time up to a minute',
    (code) => {
      let state: EnrollmentState = confirming
      const delays: number[] = []
      for (let i = 0; i < 9; i += 1) {
        state = run(state, failed(code))
        if (state.step === 'pause') delays.push(state.delayMs)
        state = run(state, { type: 'pause-over' })
      }
      expect(state).toMatchObject({ step: 'confirm', enrollmentId: 'e1' })
      expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
    },
  )

  it('seeks a controller when none is left and then goes on where it was', () => {
    const seeking = run(confirming, failed('DEVICE_UNKNOWN'))
    expect(seeking.step).toBe('seek-controller')
    expect(run(seeking, heard)).toMatchObject({ step: 'confirm', enrollmentId: 'e1' })
  })

  it('starts over, with growing pauses, with a controller that has lost the enrolment', () => {
    let state: EnrollmentState = confirming
    const delays: number[] = []
    for (let i = 0; i < 4; i += 1) {
      state = run(state, failed('ACTION_FAILED'))
      if (state.step === 'pause') delays.push(state.delayMs)
      state = run(state, { type: 'pause-over' })
      expect(state.step).toBe('enroll')
      state = run(state, answered('Approved'), installed(0, 0))
    }
    expect(delays).toEqual([1000, 2000, 4000, 8000])
  })

  it('fetches the result again when the confirmation is not accepted', () => {
    const pause = run(confirming, { type: 'confirm-answered', accepted: false })
    expect(pause).toMatchObject({ step: 'pause', goal: { step: 'fetch-result' } })
    expect(run(confirming, failed('PENDING'))).toMatchObject({
      step: 'pause',
      goal: { step: 'fetch-result' },
    })
  })

  it('resumes where its state says', () => {
    const goal = (state: EnrollmentState) => (state.step === 'seek-controller' ? state.goal : undefined)
    const generation = 1
    const enrollmentId = 'e1'
    expect(goal(resumeEnrollment({ generation }, 0))).toEqual({ step: 'enroll' })
    expect(goal(resumeEnrollment({ generation, enrollmentId }, 0))).toEqual({
      step: 'fetch-result',
      enrollmentId,
    })
    expect(goal(resumeEnrollment({ generation, enrollmentId, wantedVersion: 2 }, 1))?.step).toBe(
      'await-configuration',
    )
    expect(goal(resumeEnrollment({ generation, enrollmentId, wantedVersion: 2 }, 2))?.step).toBe('confirm')
  })
})

const inputs: fc.Arbitrary<EnrollmentInput> = fc.oneof(
  fc.constant(heard),
  fc.constant<EnrollmentInput>({ type: 'pause-over' }),
  fc.constant<EnrollmentInput>({ type: 'configuration-overdue' }),
  fc.constantFrom<EnrollmentInput>(answered('Approved'), answered('Pending'), answered('Rejected')),
  fc.tuple(fc.nat(3), fc.nat(3)).map(([wanted, running]) => installed(wanted, running)),
  fc.nat(3).map((runningVersion): EnrollmentInput => ({ type: 'configured', runningVersion })),
  fc.boolean().map((accepted): EnrollmentInput => ({ type: 'confirm-answered', accepted })),
  fc.constantFrom(...ERROR_CODES).map(failed),
)

describe('whatever happens', () => {
  it('a willing controller always brings the device into operation afterwards', () => {
    fc.assert(
      fc.property(fc.array(inputs, { maxLength: 40 }), (story) => {
        let state = story.reduce(nextEnrollment, blank)
        for (let i = 0; i < 12 && state.step !== 'enrolled'; i += 1) {
          const willing: Record<EnrollmentState['step'], EnrollmentInput> = {
            'seek-controller': heard,
            pause: { type: 'pause-over' },
            enroll: answered('Approved'),
            'fetch-result': installed(1, 0),
            'await-configuration': {
              type: 'configured',
              runningVersion: state.step === 'await-configuration' ? state.wantedVersion : 0,
            },
            confirm: { type: 'confirm-answered', accepted: true },
            enrolled: heard,
          }
          state = nextEnrollment(state, willing[state.step])
        }
        expect(state.step).toBe('enrolled')
      }),
    )
  })

  it('no pause is longer than a minute', () => {
    fc.assert(
      fc.property(fc.array(inputs, { maxLength: 80 }), (story) => {
        let state = blank
        for (const input of story) {
          state = nextEnrollment(state, input)
          if (state.step === 'pause') expect(state.delayMs).toBeLessThanOrEqual(60_000)
        }
      }),
    )
    expect(backoffMs(10_000)).toBe(60_000)
  })
})
