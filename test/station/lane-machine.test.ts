import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LANE_STATES } from '../../electron/contract/factory'
import { JOB_STATES, JOB_STEPS, type Job, type JobState } from '../../electron/contract/job'
import {
  advance,
  type Board,
  boardOf,
  isResumable,
  type LaneFacts,
  type LaneInput,
  newLane,
  progressOf,
  stateOf,
  type Verdict,
  wantsResume,
} from '../../electron/station/lane-machine'
import { laneView } from '../../electron/station/lane-view'

const FAILURES_BEFORE_LOCK = 3

const board = (hardwareId: string, more: Partial<Board> = {}): Board => ({
  hardwareId,
  model: 'PX-200',
  keyStorage: 'secure-element',
  locked: false,
  ...more,
})

const job = (hardwareId: string, state: JobState, more: Partial<Job> = {}): Job => ({
  id: `job-${hardwareId}`,
  kind: 'inject',
  subject: `SN-${hardwareId}`,
  batch: 'b',
  params: { lane: '1', hardwareId },
  state,
  steps: JOB_STEPS.inject.map((name) => ({ name, state: 'pending', cancellable: true })),
  attempt: 1,
  createdAtMs: 0,
  updatedAtMs: 0,
  ...(state === 'failed' ? { error: { code: 'READ_BACK_DIFFERS' } } : {}),
  ...more,
})

const told = (of: Job, atMs = 0): LaneInput => ({
  type: 'job',
  job: of,
  atMs,
  failuresBeforeLock: FAILURES_BEFORE_LOCK,
})
const seen = (of: Board, verdict: Verdict = { kind: 'blank' }): LaneInput => ({
  type: 'seen',
  board: of,
  verdict,
})
const missing: LaneInput = { type: 'port-lost', error: { code: 'SERIAL_PORT_MISSING' } }
const unplugged = { error: { code: 'SERIAL_UNPLUGGED' } } as const
const run = (...inputs: LaneInput[]): LaneFacts => inputs.reduce(advance, newLane())
const running = [
  { type: 'port-open' },
  seen(board('a')),
  { type: 'numbered', serialNumber: 'SN-a' },
  told(job('a', 'queued')),
] as const

describe('a lane', () => {
  it.each<[string, LaneInput[]]>([
    ['no-port', []],
    ['no-port', [{ type: 'port-open' }, missing]],
    ['listening', [{ type: 'port-open' }]],
    ['listening', [{ type: 'port-open' }, seen(board('a')), { type: 'silent' }]],
    ['refused', [{ type: 'port-open' }, { type: 'chatter', error: { code: 'NOT_SMP' } }]],
    ['refused', [seen(board('a'), { kind: 'refused', error: { code: 'WRONG_MODEL' } })]],
    ['ready', [seen(board('a'))]],
    ['assigned', [seen(board('a')), { type: 'numbered', serialNumber: 'SN-a' }]],
    ['assigned', [seen(board('a'), { kind: 'unfinished', serialNumber: 'SN-a' })]],
    ['running', [...running]],
    ['passed', [...running, told(job('a', 'done'))]],
    ['failed', [...running, told(job('a', 'failed'))]],
  ])('is %s', (state, inputs) => {
    expect(stateOf(run(...inputs))).toBe(state)
  })

  it('takes its number back when the device leaves, is another, or turns out to have one', () => {
    const assigned = run(...running.slice(0, 3))
    expect(stateOf(advance(assigned, missing))).toBe('no-port')
    expect(stateOf(advance(assigned, { type: 'silent' }))).toBe('listening')
    expect(stateOf(advance(assigned, seen(board('b'))))).toBe('ready')
    const unfinished: Verdict = { kind: 'unfinished', serialNumber: 'SN-9' }
    expect(advance(assigned, seen(board('a'), unfinished)).work).toEqual({ kind: 'none' })
    expect(stateOf(advance(assigned, seen(board('a'))))).toBe('assigned')
  })

  it('keeps what passed until the device is taken out', () => {
    const passed = run(...running, told(job('a', 'done')), { type: 'label-printed' })
    const locked = seen(board('a', { locked: true }), { kind: 'refused', error: { code: 'ALREADY_LOCKED' } })
    expect(stateOf(advance(passed, locked))).toBe('passed')
    expect(advance(passed, locked).labelPrinted).toBe(true)
    for (const gone of [missing, { type: 'silent' } as const, seen(board('b'))])
      expect(advance(passed, gone)).toMatchObject({ work: { kind: 'none' }, labelPrinted: false, passed: 1 })
  })

  it('keeps a failure until the device is taken out, and does not go on by itself while it stays', () => {
    const failed = run(...running, told(job('a', 'failed')))
    const again = advance(failed, seen(board('a'), { kind: 'unfinished', serialNumber: 'SN-a' }))
    expect(stateOf(again)).toBe('failed')
    expect(wantsResume(again)).toBeUndefined()
    expect(isResumable(again)).toBe(true)
    expect(stateOf(advance(again, missing))).toBe('no-port')
    const back = advance(
      advance(again, missing),
      seen(board('a'), { kind: 'unfinished', serialNumber: 'SN-a' }),
    )
    expect(wantsResume(back)).toBe('SN-a')
  })

  it.each<[string, (lane: LaneFacts) => LaneFacts]>([
    [
      'before its job has ended',
      (lane) => advance(advance(lane, missing), told(job('a', 'failed', unplugged))),
    ],
    [
      'after its job has ended',
      (lane) => advance(advance(lane, told(job('a', 'failed', unplugged))), missing),
    ],
    [
      'and in again before its job has ended',
      (lane) =>
        [
          missing,
          { type: 'port-open' } as const,
          seen(board('a')),
          told(job('a', 'failed', unplugged)),
        ].reduce(advance, lane),
    ],
  ])('goes on with the same device that was pulled out %s', (_when, pulled) => {
    const away = pulled(run(...running))
    expect(stateOf(away)).toBe('failed')
    const unfinished: Verdict = { kind: 'unfinished', serialNumber: 'SN-a' }
    const back = advance(away, seen(board('a'), unfinished))
    expect(wantsResume(back)).toBe('SN-a')
    const on = advance(back, told(job('a', 'queued', { attempt: 2 })))
    expect(stateOf(on)).toBe('running')
    expect(wantsResume(on)).toBeUndefined()
    expect(stateOf(advance(away, seen(board('b'))))).toBe('ready')
  })

  it('does not take the end of an earlier attempt for the end of this one', () => {
    const lane = run(...running, told(job('a', 'running', { attempt: 2 })), told(job('a', 'failed')))
    expect(stateOf(lane)).toBe('running')
  })

  it('locks itself after failures in a row, and not before', () => {
    const fail = (lane: LaneFacts, attempt: number): LaneFacts =>
      [told(job('a', 'queued', { attempt })), told(job('a', 'failed', { attempt }))].reduce(advance, lane)
    const twice = fail(fail(run(...running.slice(0, 3)), 1), 2)
    expect(twice).toMatchObject({ locked: false, failuresInRow: 2 })
    expect(advance(fail(twice, 3), told(job('a', 'failed', { attempt: 3 })))).toMatchObject({
      locked: true,
      failed: 3,
    })
    const locked = fail(twice, 3)
    expect(stateOf(locked)).toBe('locked')
    expect(laneView(locked, { number: 2, path: 'p', canPrint: false })).toMatchObject({
      error: { code: 'LANE_LOCKED', subject: 'lane 2', detail: 'READ_BACK_DIFFERS' },
      resumable: false,
    })
    expect(advance(locked, { type: 'unlocked' })).toMatchObject({ locked: false, failuresInRow: 0 })
    const passed = [told(job('a', 'queued', { attempt: 3 })), told(job('a', 'done', { attempt: 3 }))]
    expect(passed.reduce(advance, twice)).toMatchObject({ locked: false, failuresInRow: 0, passed: 1 })
  })

  it('does not blame a lane for what a person stopped', () => {
    expect(run(...running, told(job('a', 'cancelled')))).toMatchObject({
      failuresInRow: 0,
      failed: 0,
      work: { kind: 'failed', error: { code: 'CANCELLED' } },
    })
  })

  it('tells the time from start to pass', () => {
    const at = (of: Job, atMs: number) => told(of, atMs)
    const lane = run(...running.slice(0, 3), at(job('a', 'queued'), 1_000), at(job('a', 'done'), 8_500))
    expect(lane.taktsMs).toEqual([7_500])
  })
})

describe('how far a job is', () => {
  it('is in steps, and within a step in what the step counts', () => {
    const steps = JOB_STEPS.inject.map((name, index) => ({
      name,
      cancellable: true,
      state: index < 5 ? ('done' as const) : ('pending' as const),
    }))
    expect(progressOf(job('a', 'running', { steps }))).toEqual({ step: 'install', percent: 50 })
    const half = steps.map((step, index) =>
      index === 5 ? { ...step, state: 'running' as const, progress: { done: 1, total: 2 } } : step,
    )
    expect(progressOf(job('a', 'running', { steps: half }))).toEqual({ step: 'install', percent: 55 })
    expect(progressOf(job('a', 'running', { steps: [] }))).toEqual({ step: undefined, percent: 0 })
  })
})

const anyBoard = fc.constantFrom('a', 'b').map((id) => board(id))
const anyVerdict: fc.Arbitrary<Verdict> = fc.constantFrom<Verdict>(
  { kind: 'blank' },
  { kind: 'refused', error: { code: 'WRONG_MODEL' } },
  { kind: 'unfinished', serialNumber: 'SN-a' },
)
const anyJob = fc
  .record({
    id: fc.constantFrom('a', 'b', 'c'),
    state: fc.constantFrom(...JOB_STATES),
    attempt: fc.integer({ min: 1, max: 3 }),
    code: fc.constantFrom('SERIAL_UNPLUGGED' as const, 'KEY_REUSED' as const, 'TIMED_OUT' as const),
  })
  .map(({ id, state, attempt, code }) =>
    job(id, state, { attempt, ...(state === 'failed' ? { error: { code } } : {}) }),
  )
const anyInput: fc.Arbitrary<LaneInput> = fc.oneof(
  fc.constantFrom<LaneInput>(
    missing,
    { type: 'port-open' },
    { type: 'silent' },
    { type: 'unlocked' },
    { type: 'label-printed' },
    { type: 'chatter', error: { code: 'NOT_SMP' } },
    { type: 'numbered', serialNumber: 'SN-a' },
  ),
  fc.tuple(anyBoard, anyVerdict).map(([of, verdict]) => seen(of, verdict)),
  fc.tuple(anyJob, fc.integer({ min: 0, max: 1000 })).map(([of, atMs]) => told(of, atMs)),
)

describe('whatever happens to a lane', () => {
  const inputs = fc.array(anyInput, { maxLength: 40 })
  const each = (check: (before: LaneFacts, input: LaneInput, after: LaneFacts) => void) =>
    fc.assert(
      fc.property(inputs, (list) => {
        list.reduce((before, input) => {
          const after = advance(before, input)
          check(before, input, after)
          return after
        }, newLane())
      }),
      { numRuns: 500 },
    )

  it('is in one of its nine states, and can be drawn', () => {
    each((_before, _input, lane) => {
      expect(LANE_STATES).toContain(stateOf(lane))
      expect(laneView(lane, { number: 1, path: 'p', canPrint: false }).state).toBe(stateOf(lane))
    })
  })

  it('never takes a number, begins or goes on while it is locked', () => {
    each((before, input, after) => {
      if (!before.locked || !after.locked) return
      expect(wantsResume(after)).toBeUndefined()
      expect(isResumable(after)).toBe(false)
      if (input.type === 'numbered') expect(after).toBe(before)
    })
  })

  it('is unlocked by a supervisor only', () => {
    each((before, input, after) => {
      if (before.locked && input.type !== 'unlocked') expect(after.locked).toBe(true)
    })
  })

  it('never shows what was done with one device as done with another', () => {
    each((_before, _input, { work, at }) => {
      if (work.kind === 'none' || work.kind === 'running' || at.kind !== 'board') return
      expect(work.hardwareId).toBe(at.board.hardwareId)
    })
  })

  it('never loses a running job but by the end of that job', () => {
    each((before, input, after) => {
      if (before.work.kind !== 'running' || after.work.kind === 'running') return
      expect(input.type === 'job' && input.job.id === before.work.jobId).toBe(true)
    })
  })

  it('counts each end of a job once', () => {
    each((before, input, after) => {
      const counted = after.passed + after.failed - before.passed - before.failed
      const isOver = before.work.kind === 'running' && after.work.kind !== 'running'
      expect(counted).toBe(isOver && isBlamed(input) ? 1 : 0)
    })
  })

  it('gives a number only to a blank device that is there', () => {
    each((before, input, after) => {
      if (input.type !== 'numbered' || after === before) return
      expect(boardOf(before)).toBeDefined()
      expect(before.at.kind === 'board' && before.at.verdict.kind).toBe('blank')
    })
  })
})

const isBlamed = (input: LaneInput): boolean =>
  input.type === 'job' && (input.job.state === 'done' || input.job.state === 'failed')
