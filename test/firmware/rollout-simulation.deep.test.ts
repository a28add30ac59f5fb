import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { BoardState, RolloutPlan } from '../../electron/contract/firmware'
import {
  decideRollout,
  type Member,
  type RolloutDecision,
  type RolloutInput,
} from '../../electron/firmware/rollout'
import { isInWindow } from '../../electron/firmware/window'
import { MINUTE, NOW, planOf } from './rollout-make'

const FATES = ['well', 'well', 'well', 'download-fails', 'boot-fails', 'reverts', 'silent', 'away'] as const
type Fate = (typeof FATES)[number]

const DEADLINE_MS = 90 * MINUTE
const SETTLED: readonly BoardState[] = ['confirmed', 'rolledBack', 'failed', 'stopped']

interface Sim {
  readonly udn: string
  readonly wave: number
  readonly fate: Fate
  /** How long each of its steps takes. */
  readonly stepMs: number
  state: BoardState
  changedAtMs: number
  dueMs?: number | undefined
  deadlineMs?: number | undefined
  switches: number
}

/** What a person does to it, at the first moment after so long. */
interface Deed {
  readonly afterMs: number
  readonly what: 'pause' | 'resume' | 'stop-wave' | 'stop-now'
}

class Simulation {
  nowMs = NOW
  state: RolloutInput['state'] = 'running'
  pauseReason: RolloutInput['pauseReason']
  wave = -1
  resumedAtMs: number | undefined
  readonly devices: Sim[]
  decision!: RolloutDecision
  rounds = 0

  constructor(
    readonly plan: RolloutPlan,
    fates: readonly Fate[],
    readonly soakLongMs: number,
  ) {
    let next = 0
    this.devices = plan.waves.flatMap(({ udns }, wave) =>
      udns.map((udn) => {
        const stepMs = (1 + (next % 7)) * MINUTE
        const fate = fates[next++ % fates.length] ?? 'well'
        return { udn, wave, fate, stepMs, state: 'waiting' as const, changedAtMs: NOW, switches: 0 }
      }),
    )
    this.decide()
  }

  get isOver(): boolean {
    return this.state === 'done' || this.state === 'stopped'
  }

  private input(): RolloutInput {
    const { plan, nowMs, state, pauseReason, wave, resumedAtMs } = this
    const devices: Member[] = this.devices.map(({ udn, wave: of, state: at, changedAtMs, deadlineMs }) => ({
      udn,
      wave: of,
      state: at,
      changedAtMs,
      deadlineMs,
    }))
    return { plan, nowMs, state, pauseReason, wave, resumedAtMs, devices }
  }

  private enter(device: Sim, state: BoardState, dueMs?: number, deadlineMs?: number): void {
    Object.assign(device, { state, changedAtMs: this.nowMs, dueMs, deadlineMs })
  }

  /** After all news: what a decision brings about is news too. */
  decide(): void {
    for (let turn = 0; this.follow(); turn += 1) if (turn > 20) throw new Error('it never settles')
  }

  /** Decides, holds the decision against the plan, and does what it says; false if there was nothing to do. */
  private follow(): boolean {
    const before = this.devices.map(({ state }) => state)
    const decision = decideRollout(this.input())
    this.judge(decision)
    this.decision = decision
    this.state = decision.state
    this.pauseReason = decision.pauseReason
    this.wave = decision.wave
    const of = (udns: readonly string[]) => this.devices.filter(({ udn }) => udns.includes(udn))
    for (const device of of(decision.overdue)) this.enter(device, 'failed')
    for (const device of of(decision.stop)) this.enter(device, 'stopped')
    // Decided again with nothing new, it is the same: what follows from it may be cut short anywhere.
    const again = decideRollout(this.input())
    expect([again.state, again.wave, again.stop, again.overdue]).toEqual([this.state, this.wave, [], []])
    for (const device of of(decision.startDownload)) {
      if (device.fate === 'away') this.enter(device, 'held', undefined, this.nowMs + DEADLINE_MS)
      else this.enter(device, 'downloading', this.nowMs + device.stepMs)
    }
    for (const device of of(decision.mayActivate)) {
      if (device.state !== 'staged') continue
      device.switches += 1
      this.enter(device, 'switching', this.nowMs + device.stepMs, this.nowMs + DEADLINE_MS)
    }
    for (const device of of(decision.mayConfirm))
      device.dueMs = Math.min(device.dueMs ?? Number.POSITIVE_INFINITY, this.nowMs + 1)
    return this.devices.some((device, index) => device.state !== before[index])
  }

  private judge(decision: RolloutDecision): void {
    const { plan, nowMs, wave: before } = this
    const { wave, state, mayActivate, startDownload, stop } = decision
    const of = (udns: readonly string[]) => this.devices.filter(({ udn }) => udns.includes(udn))
    expect(wave).toBeGreaterThanOrEqual(before)
    for (let begun = before + 1; begun <= wave; begun += 1) {
      expect(state).not.toBe('stopping')
      if (begun > 0) this.expectPassed(begun - 1)
    }
    if (mayActivate.length > 0) {
      expect(['running', 'stopping']).toContain(state)
      expect(isInWindow(plan.window, nowMs)).toBe(true)
      expect(nowMs).toBeGreaterThanOrEqual(Date.parse(plan.startAt ?? '1970-01-01T00:00:00Z'))
    }
    expect(of(mayActivate).every((device) => device.wave <= wave)).toBe(true)
    if (!plan.downloadAhead) expect(of(startDownload).every((device) => device.wave <= wave)).toBe(true)
    expect(of(startDownload).every((device) => device.state === 'waiting')).toBe(true)
    expect(of(stop).some((device) => device.state === 'switching' || device.state === 'probation')).toBe(
      false,
    )
  }

  /** The share, counted a second time. */
  private expectPassed(wave: number): void {
    const { plan, nowMs, resumedAtMs = Number.NEGATIVE_INFINITY } = this
    const overdue = ({ deadlineMs, state }: Sim) =>
      deadlineMs !== undefined && deadlineMs <= nowMs && !SETTLED.includes(state)
    const members = this.devices.filter(
      (device) =>
        device.wave === wave &&
        !(['rolledBack', 'failed', 'stopped'].includes(device.state) && device.changedAtMs <= resumedAtMs),
    )
    const passed = members.filter(
      (device) =>
        device.state === 'confirmed' ||
        (device.state === 'probation' &&
          !overdue(device) &&
          nowMs - device.changedAtMs >= plan.soakMinutes * MINUTE),
    )
    expect(passed.length * 100).toBeGreaterThanOrEqual(members.length * plan.passPercent - 1e-6)
  }

  /** Lets time pass to the next thing that happens by itself; false if nothing ever will. */
  pass(untilMs = Number.POSITIVE_INFINITY): boolean {
    const moments = this.devices.flatMap(({ dueMs }) => dueMs ?? [])
    if (this.decision.wakeAtMs !== undefined) moments.push(this.decision.wakeAtMs)
    moments.push(untilMs)
    const next = Math.min(...moments)
    if (!Number.isFinite(next)) return false
    this.rounds += 1
    this.nowMs = Math.max(this.nowMs, next)
    for (const device of this.devices)
      if ((device.dueMs ?? Number.POSITIVE_INFINITY) <= this.nowMs) this.step(device)
    this.decide()
    return true
  }

  private step(device: Sim): void {
    const { fate, state, stepMs } = device
    device.dueMs = undefined
    if (state === 'downloading') this.enter(device, fate === 'download-fails' ? 'failed' : 'staged')
    else if (state === 'switching' && fate === 'boot-fails') this.enter(device, 'rolledBack')
    else if (state === 'switching' && fate !== 'silent')
      this.enter(
        device,
        'probation',
        this.nowMs + this.soakLongMs + stepMs,
        this.nowMs + this.soakLongMs + DEADLINE_MS,
      )
    else if (state === 'probation') this.enter(device, fate === 'reverts' ? 'rolledBack' : 'confirmed')
  }

  do(what: Deed['what']): void {
    if (this.isOver) return
    if (what === 'pause' && this.state === 'running') [this.state, this.pauseReason] = ['paused', 'person']
    if (what === 'resume' && this.state === 'paused') {
      this.state = 'running'
      this.pauseReason = undefined
      this.resumedAtMs = this.nowMs
    }
    if (what === 'stop-wave') this.state = 'stopping'
    if (what === 'stop-now') this.state = 'stopped'
    this.decide()
  }

  retry(): void {
    for (const device of this.devices)
      if (['failed', 'rolledBack', 'stopped'].includes(device.state)) this.enter(device, 'waiting')
    this.state = 'running'
    this.pauseReason = undefined
    this.decide()
  }
}

const planArb = fc
  .record({
    sizes: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 }),
    passPercent: fc.constantFrom(0, 50, 66, 90, 100),
    soakMinutes: fc.constantFrom(0, 10, 240),
    errorPercent: fc.constantFrom(0, 20, 50, 100),
    minimumSample: fc.integer({ min: 1, max: 8 }),
    downloadAhead: fc.boolean(),
    confirm: fc.constantFrom('device' as const, 'after-soak' as const),
    window: fc.constantFrom(undefined, { from: '22:00', to: '04:00' }, { from: '12:30', to: '12:40' }),
    startAt: fc.constantFrom(undefined, '2026-03-10T13:00:00Z', '2026-03-10T23:30:00Z'),
  })
  .map(({ sizes, window, startAt, ...plan }) =>
    planOf(sizes, { ...plan, ...(window && { window }), ...(startAt && { startAt }) }),
  )
const fatesArb = fc.array(fc.constantFrom(...FATES), { minLength: 1, maxLength: 20 })
const deedsArb = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 300 }).map((minutes) => minutes * MINUTE),
    what: fc.constantFrom('pause' as const, 'resume' as const, 'stop-wave' as const, 'stop-now' as const),
  }),
  { maxLength: 4 },
)
const soakLongArb = fc.constantFrom(5 * MINUTE, 24 * 60 * MINUTE)
/** More than any of these can need; without an end they would go on for ever. */
const ROUNDS_MAX = 5000

/** To its end, with a person who goes on after each pause; gives how often that was. */
const toTheEnd = (sim: Simulation): number => {
  let resumes = 0
  while (!sim.isOver) {
    expect(sim.rounds).toBeLessThan(ROUNDS_MAX)
    if (sim.state === 'paused') {
      resumes += 1
      sim.do('resume')
      // What is silent after it was accepted may pause it again, but each pause costs at least one device.
      expect(resumes).toBeLessThanOrEqual(sim.devices.length + 1)
      if (sim.state === 'paused' || sim.isOver) continue
    }
    if (!sim.isOver && !sim.pass()) throw new Error(`stuck: ${sim.state}`)
  }
  return resumes
}

it('a rollout never goes beyond its waves, its window and its pauses, and always ends', () => {
  fc.assert(
    fc.property(planArb, fatesArb, soakLongArb, deedsArb, (plan, fates, soakLongMs, deeds) => {
      const sim = new Simulation(plan, fates, soakLongMs)
      let lastMs = NOW
      for (const { afterMs, what } of deeds) {
        lastMs += afterMs
        while (sim.nowMs < lastMs && !sim.isOver) sim.pass(lastMs)
        sim.do(what)
      }
      toTheEnd(sim)
      // Nobody began to switch after the end; who had begun comes to an end too.
      const switches = sim.devices.map((device) => device.switches)
      while (sim.devices.some(({ dueMs }) => dueMs !== undefined) && sim.pass()) expect(sim.isOver).toBe(true)
      expect(sim.devices.map((device) => device.switches)).toEqual(switches)
      expect(Math.max(0, ...switches)).toBeLessThanOrEqual(1)
      if (sim.state === 'done') expect(sim.devices.every(({ state }) => SETTLED.includes(state))).toBe(true)
      if (sim.state === 'done') expect(sim.devices.some(({ state }) => state === 'stopped')).toBe(false)
    }),
    { numRuns: 1000 },
  )
})

it('devices that all go well need nobody: every one is confirmed, each switched once', () => {
  fc.assert(
    fc.property(planArb, soakLongArb, (plan, soakLongMs) => {
      const sim = new Simulation(plan, ['well'], soakLongMs)
      expect(toTheEnd(sim)).toBe(0)
      expect(sim.state).toBe('done')
      expect(sim.devices.every(({ state, switches }) => state === 'confirmed' && switches === 1)).toBe(true)
    }),
    { numRuns: 200 },
  )
})

it('only what failed is tried again', () => {
  fc.assert(
    fc.property(planArb, fatesArb, soakLongArb, (plan, fates, soakLongMs) => {
      const sim = new Simulation(plan, fates, soakLongMs)
      toTheEnd(sim)
      const confirmed = sim.devices.filter(({ state }) => state === 'confirmed')
      const before = new Map(sim.devices.map(({ udn, switches }) => [udn, switches]))
      sim.retry()
      toTheEnd(sim)
      for (const device of confirmed) expect(device.switches).toBe(before.get(device.udn))
      for (const device of sim.devices)
        expect(device.switches).toBeLessThanOrEqual((before.get(device.udn) ?? 0) + 1)
    }),
    { numRuns: 300 },
  )
})
