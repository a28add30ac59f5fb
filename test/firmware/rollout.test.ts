import { describe, expect, it } from 'vitest'
import { decide, MINUTE, many, membersOf, NOW, udnOf } from './rollout-make'

const WAITING = [['waiting'], many(2, 'waiting'), many(3, 'waiting')] as const

describe('waves', () => {
  it('the canary begins alone', () => {
    const next = decide(WAITING, {}, { wave: -1 })
    expect(next).toMatchObject({ state: 'running', wave: 0, waves: ['running', 'waits', 'waits'] })
    expect(next.startDownload).toEqual([udnOf(0)])
    expect(next.mayActivate).toEqual([udnOf(0)])
  })

  it('the next one begins when enough of the one before is through', () => {
    expect(decide([many(4, 'confirmed'), many(2, 'waiting')])).toMatchObject({
      wave: 1,
      waves: ['passed', 'running'],
      startDownload: [udnOf(4), udnOf(5)],
    })
    const three = [['confirmed', 'confirmed', 'confirmed', 'switching'], many(2, 'waiting')] as const
    expect(decide(three, { passPercent: 80 }).wave).toBe(0)
    expect(decide(three, { passPercent: 75 }).wave).toBe(1)
  })

  it('on trial counts once it has soaked', () => {
    const states = [['probation'], ['waiting']] as const
    const soak = { soakMinutes: 30 }
    const early = decide(states, soak, { nowMs: NOW + 30 * MINUTE - 1 })
    expect(early).toMatchObject({ wave: 0, wakeAtMs: NOW + 30 * MINUTE })
    expect(decide(states, soak, { nowMs: NOW + 30 * MINUTE }).wave).toBe(1)
    expect(decide(states, { soakMinutes: 0 }).wave).toBe(1)
  })

  it('where the device tells its uptime, that is what soaks, not the time on the wall', () => {
    const states = [['probation'], ['waiting']] as const
    const devices = (ranS: number) => membersOf(states).map((member) => ({ ...member, ranS }))
    const late = { nowMs: NOW + 1000 * MINUTE }
    expect(decide(states, { soakMinutes: 30 }, { ...late, devices: devices(1700) })).toMatchObject({
      wave: 0,
      wakeAtMs: late.nowMs + 100_000,
    })
    expect(decide(states, { soakMinutes: 30 }, { ...late, devices: devices(1799) })).toMatchObject({
      wave: 0,
      wakeAtMs: late.nowMs + 10_000,
    })
    expect(decide(states, { soakMinutes: 30 }, { ...late, devices: devices(1800) }).wave).toBe(1)
  })

  it('downloads may go ahead, switching may not', () => {
    const next = decide(WAITING, { downloadAhead: true }, { wave: -1 })
    expect(next.startDownload).toHaveLength(6)
    expect(next.mayActivate).toEqual([udnOf(0)])
  })

  it('a wave that can not pass any more pauses, but not before all of it was tried', () => {
    const next = ['waiting', 'waiting'] as const
    expect(decide([['failed', 'staged'], next])).toMatchObject({ state: 'running', wave: 0 })
    expect(decide([['failed', 'held'], next])).toMatchObject({ state: 'running', wave: 0 })
    expect(decide([['rolledBack', 'probation'], next])).toMatchObject({
      state: 'paused',
      pauseReason: 'wave-not-passed',
      waves: ['failed', 'waits'],
      startDownload: [],
      mayActivate: [],
    })
  })

  it('the last wave has none after it that could be held: the rollout ends', () => {
    expect(decide([['confirmed'], ['failed', 'confirmed']], {}, { wave: 1 })).toMatchObject({
      state: 'done',
      waves: ['passed', 'failed'],
    })
  })

  it('is done when all have come to an end, even while paused', () => {
    for (const state of ['running', 'paused'] as const)
      expect(decide([['confirmed'], ['rolledBack']], {}, { state, wave: 1 }).state).toBe('done')
  })
})

describe('errors', () => {
  const states = (failed: number, confirmed: number) =>
    [[...many(failed, 'failed'), ...many(confirmed, 'confirmed'), ...many(20, 'waiting')]] as const

  it.each([
    [0, 9, 'running'],
    [4, 0, 'running'],
    [5, 0, 'paused'],
    [1, 4, 'running'],
    [2, 3, 'paused'],
    [2, 8, 'running'],
    [3, 8, 'paused'],
  ])('%d of them beside %d that went well: %s', (failed, confirmed, state) => {
    const next = decide(states(failed, confirmed))
    expect(next.state).toBe(state)
    expect(next.pauseReason).toBe(state === 'paused' ? 'too-many-errors' : undefined)
    if (state === 'paused') expect([...next.startDownload, ...next.mayActivate]).toEqual([])
  })

  it('coming back by itself counts like failing, being stopped does not', () => {
    expect(decide([[...many(5, 'rolledBack'), 'waiting']]).state).toBe('paused')
    expect(decide([[...many(5, 'stopped'), 'waiting']]).state).toBe('running')
  })

  it('a rollout smaller than the sample is judged when all of it has ended', () => {
    expect(decide([['failed', 'waiting']], { minimumSample: 50 }).state).toBe('running')
    expect(decide([['failed', 'confirmed']], { minimumSample: 50 }).state).toBe('done')
  })

  it('what has ended before a person went on stops nothing any more', () => {
    const paused = [[...many(5, 'failed'), 'waiting'], ['waiting']] as const
    expect(decide(paused).state).toBe('paused')
    const resumed = { resumedAtMs: NOW }
    expect(decide(paused, {}, resumed)).toMatchObject({ state: 'running', mayActivate: [udnOf(5)] })
    const later = membersOf(paused).map((member) => ({ ...member, changedAtMs: NOW + 1 }))
    expect(decide(paused, {}, { ...resumed, devices: later }).state).toBe('paused')
    expect(decide([['failed'], ['waiting']], {}, resumed)).toMatchObject({ state: 'running', wave: 1 })
  })

  it('a bundle that may not be given out any more pauses', () => {
    expect(decide(WAITING, {}, { bundleProblem: true })).toMatchObject({
      state: 'paused',
      pauseReason: 'bundle-problem',
      startDownload: [],
    })
  })
})

describe('a person', () => {
  it('pauses: nothing new begins, and nothing is confirmed from here', () => {
    const states = [['waiting', 'staged', 'probation']] as const
    const next = decide(states, { confirm: 'after-soak' }, { state: 'paused', pauseReason: 'person' })
    expect(next).toMatchObject({
      state: 'paused',
      pauseReason: 'person',
      startDownload: [],
      mayActivate: [],
      mayConfirm: [],
      stop: [],
    })
  })

  it('stops after the wave: it goes on to its end, the next never begins', () => {
    const running = [['staged', 'confirmed'], many(2, 'staged')] as const
    const plan = { downloadAhead: true }
    expect(decide(running, plan, { state: 'stopping' })).toMatchObject({
      state: 'stopping',
      mayActivate: [udnOf(0)],
      stop: [],
    })
    const over = [
      ['confirmed', 'confirmed'],
      ['staged', 'waiting'],
    ] as const
    expect(decide(over, plan, { state: 'stopping' })).toMatchObject({
      state: 'stopped',
      wave: 0,
      waves: ['passed', 'stopped'],
      startDownload: [],
      mayActivate: [],
      stop: [udnOf(2), udnOf(3)],
    })
  })

  it('stops before it began, and stops at once when a wave that is to end goes badly', () => {
    expect(decide(WAITING, {}, { state: 'stopping', wave: -1 }).state).toBe('stopped')
    const bad = [[...many(5, 'failed'), 'staged']] as const
    expect(decide(bad, {}, { state: 'stopping' })).toMatchObject({
      state: 'stopped',
      pauseReason: 'too-many-errors',
      stop: [udnOf(5)],
    })
  })

  it('stops now: what has switched goes on by itself, all else does not begin', () => {
    const states = [
      ['waiting', 'held', 'downloading', 'staged', 'switching', 'probation', 'confirmed'],
    ] as const
    expect(decide(states, {}, { state: 'stopped' })).toMatchObject({
      state: 'stopped',
      stop: [0, 1, 2, 3].map(udnOf),
      waves: ['stopped'],
      startDownload: [],
      mayActivate: [],
    })
  })

  it('has this laptop confirm what has soaked, if the plan says so', () => {
    const states = [['probation', 'switching', 'confirmed']] as const
    const after = { confirm: 'after-soak', soakMinutes: 5 } as const
    expect(decide(states, after).mayConfirm).toEqual([])
    expect(decide(states, after, { nowMs: NOW + 5 * MINUTE }).mayConfirm).toEqual([udnOf(0)])
    expect(decide(states, { soakMinutes: 5 }, { nowMs: NOW + 5 * MINUTE }).mayConfirm).toEqual([])
  })
})

describe('time', () => {
  it('nothing begins before the start', () => {
    const plan = { startAt: '2026-03-10T22:00:00Z', downloadAhead: true }
    const early = decide(WAITING, plan, { wave: -1 })
    expect(early).toMatchObject({ wave: -1, startDownload: [], wakeAtMs: Date.parse(plan.startAt) })
    expect(early.waves).toEqual(['waits', 'waits', 'waits'])
    expect(decide(WAITING, plan, { wave: -1, nowMs: Date.parse(plan.startAt) })).toMatchObject({ wave: 0 })
  })

  it('banks are switched in the window only; downloads do not wait for it', () => {
    const window = { from: '22:00', to: '04:00' }
    const states = [['staged', 'waiting']] as const
    expect(decide(states, { window })).toMatchObject({
      mayActivate: [],
      startDownload: [udnOf(1)],
      wakeAtMs: Date.parse('2026-03-10T22:00:00Z'),
    })
    expect(decide(states, { window }, { nowMs: Date.parse('2026-03-10T23:00:00Z') })).toMatchObject({
      mayActivate: [udnOf(0), udnOf(1)],
      wakeAtMs: Date.parse('2026-03-11T04:00:00Z'),
    })
  })

  it('a device that is silent beyond its deadline counts as failed in the same decision', () => {
    const states = [['probation'], ['waiting']] as const
    const plan = { soakMinutes: 60 }
    const devices = membersOf(states).map((member) => ({ ...member, deadlineMs: NOW + MINUTE }))
    expect(decide(states, plan, { devices })).toMatchObject({ overdue: [], wakeAtMs: NOW + MINUTE })
    expect(decide(states, plan, { devices, nowMs: NOW + MINUTE })).toMatchObject({
      overdue: [udnOf(0)],
      state: 'paused',
      pauseReason: 'wave-not-passed',
    })
  })

  it('but not while it waits for the rollout itself', () => {
    const states = [['waiting', 'staged', 'confirmed', 'failed']] as const
    const devices = membersOf(states).map((member) => ({ ...member, deadlineMs: NOW - 1 }))
    expect(decide(states, {}, { devices }).overdue).toEqual([])
  })
})
