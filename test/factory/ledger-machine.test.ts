import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JOB_STEPS, type StepName } from '../../electron/contract/job'
import {
  FRESH,
  follow,
  isUnfinished,
  isWithdrawn,
  type Progress,
  UNIT_STEPS,
  UNIT_WAY,
  type UnitEvent,
} from '../../electron/factory/ledger-machine'

const STEPS = [...JOB_STEPS.inject, 'send-network'] as const satisfies readonly StepName[]
const step = fc.constantFrom<StepName>(...STEPS)
const event: fc.Arbitrary<UnitEvent> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constantFrom('begun', 'done'), step }) },
  fc.record({ type: fc.constant('failed'), step, code: fc.constantFrom('TIMED_OUT', 'DEFECT') }),
  fc.record({ type: fc.constantFrom('resumed', 'signing', 'issued') }),
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('burned', 'scrapped') }) },
) as fc.Arbitrary<UnitEvent>

const WAY: readonly string[] = UNIT_WAY
const rank = (progress: Progress): number => WAY.indexOf(progress.state)

/** Every state that the events lead to, with the event that led there. */
const walk = (events: readonly UnitEvent[]): { before: Progress; event: UnitEvent; after: Progress }[] => {
  let now = FRESH
  return events.map((one) => {
    const before = now
    const followed = follow(now, one)
    if ('next' in followed) now = followed.next
    return { before, event: one, after: now }
  })
}

/** The shortest way to an end, with noise of any kind in between. */
const straight: readonly UnitEvent[] = JOB_STEPS.inject.flatMap((name): UnitEvent[] => [
  { type: 'begun', step: name },
  ...(name === 'issue' ? [{ type: 'signing' } as const, { type: 'issued' } as const] : []),
  { type: 'done', step: name },
])
const noisy = fc
  .array(fc.tuple(fc.nat(straight.length), event), { maxLength: 60 })
  .map((noise) =>
    straight.flatMap((one, i) => [...noise.filter(([at]) => at === i).map(([, extra]) => extra), one]),
  )

test('the ten steps in order lead to complete at the first attempt', () => {
  const steps = walk(straight)
  expect(steps.at(-1)?.after).toEqual({
    state: 'complete',
    attempts: 1,
    certified: true,
    openStep: undefined,
    lastErrorCode: undefined,
  })
  for (const { before, event: one } of steps) expect(follow(before, one)).not.toHaveProperty('refused')
})

test('whatever happens, a device goes forward one state at a time, and only by the end of the step that leads there', () => {
  fc.assert(
    fc.property(noisy, (events) => {
      for (const { before, event: one, after } of walk(events)) {
        if (after.state === before.state) continue
        if (isWithdrawn(after.state)) {
          expect(after.state).toBe(one.type)
          expect(before.state === 'complete').toBe(one.type === 'scrapped')
          continue
        }
        expect(rank(after)).toBe(rank(before) + 1)
        if (one.type === 'issued') expect(after.state).toBe('issued')
        else {
          expect(one.type).toBe('done')
          expect(UNIT_STEPS[(one as { step: 'keygen' }).step].gives).toBe(after.state)
          expect(before.openStep).toBe((one as { step: string }).step)
        }
      }
    }),
    { numRuns: 1000 },
  )
})

test('nothing is issued, installed or finished without a certificate, and a certificate is taken once', () => {
  fc.assert(
    fc.property(noisy, (events) => {
      let issued = 0
      for (const { before, event: one, after } of walk(events)) {
        if (after.certified && !before.certified) issued++
        if (rank(after) >= UNIT_WAY.indexOf('issued')) expect(after.certified).toBe(true)
        if (before.certified) expect(after.certified).toBe(true)
        if (one.type === 'signing' && before.certified) expect(follow(before, one)).toHaveProperty('refused')
      }
      expect(issued).toBeLessThanOrEqual(1)
    }),
  )
})

test('attempts never fall, and grow only where something was begun anew', () => {
  fc.assert(
    fc.property(noisy, (events) => {
      for (const { before, event: one, after } of walk(events)) {
        expect([0, 1]).toContain(after.attempts - before.attempts)
        if (after.attempts > before.attempts) {
          expect(['begun', 'resumed']).toContain(one.type)
          expect(before.openStep !== undefined || before.lastErrorCode !== undefined).toBe(true)
        }
      }
    }),
  )
})

test('an end is an end: a withdrawn number takes nothing, a complete device only its scrapping', () => {
  fc.assert(
    fc.property(noisy, fc.array(event, { maxLength: 30 }), (events, later) => {
      const end = walk(events).at(-1)?.after ?? FRESH
      if (isUnfinished(end.state)) return
      for (const one of later) {
        const followed = follow(end, one)
        if ('next' in followed) expect([end.state, one.type]).toEqual(['complete', 'scrapped'])
      }
    }),
  )
})

test('the end of a step, told again, changes nothing', () => {
  fc.assert(
    fc.property(noisy, (events) => {
      for (const { event: one, after } of walk(events))
        if (one.type === 'done' && !('refused' in follow(after, one)))
          expect(follow(after, one)).toEqual({ unchanged: true })
    }),
  )
})

test('a step that was reached may be begun again at any later state; one ahead may not', () => {
  for (const [i, state] of UNIT_WAY.entries()) {
    if (state === 'complete') continue
    const now: Progress = { state, attempts: 1, certified: i >= UNIT_WAY.indexOf('issued') }
    for (const name of STEPS) {
      const needs = name === 'send-network' ? undefined : UNIT_STEPS[name].needs
      const allowed = needs !== undefined && UNIT_WAY.indexOf(needs) <= i
      expect('next' in follow(now, { type: 'begun', step: name })).toBe(allowed)
    }
  }
})
