/** BOOTID, NEXTBOOTID, CONFIGID, addresses and expiry, as a table of packets and what they mean (UDA 2.0 §1.2). */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ADDRESSES_MAX,
  type BootEvent,
  type BootInput,
  type BootState,
  LATE_PACKET_MS,
  reduceBoot,
} from '../../electron/discovery/boot-state'

const A = { address: '10.77.0.2', interfaceName: 'eth0', location: 'http://10.77.0.2/d' }
const B = { address: '10.88.0.2', interfaceName: 'wlan0', location: 'http://10.88.0.2/d' }
const NOW = 1_000_000
const AGE = 1_800_000

const alive = (
  bootId: number | undefined,
  seen = A,
  configId: number | undefined = 1,
  answer = false,
): BootInput => ({
  kind: 'alive',
  answer,
  bootId,
  configId,
  seen,
  maxAgeMs: AGE,
})
const update = (bootId: number | undefined, nextBootId: number): BootInput => ({
  kind: 'update',
  bootId,
  nextBootId,
})
const byebye = (bootId?: number): BootInput => ({ kind: 'byebye', bootId })

/** Plays inputs one second apart (or at `[input, ms]`); gives the last state and the events of each. */
const play = (...steps: (BootInput | [BootInput, number])[]) => {
  let state: BootState | undefined
  let nowMs = NOW
  const events: BootEvent['kind'][][] = []
  for (const step of steps) {
    const [input, afterMs] = Array.isArray(step) ? step : [step, 1000]
    nowMs += afterMs
    const next = reduceBoot(state, input, nowMs)
    state = next.state
    events.push(next.events.map(({ kind }) => kind))
  }
  return { state: state as BootState, events, last: events.at(-1), nowMs }
}

describe('BOOTID', () => {
  test('the first alive makes a device appear', () => {
    const { state, last } = play(alive(5))
    expect(last).toEqual(['appeared'])
    expect(state).toMatchObject({ online: true, bootId: 5, configId: 1, addresses: [A] })
  })
  test('the same again is no news', () => {
    expect(play(alive(5), alive(5)).last).toEqual([])
  })
  test.each([
    ['higher', 6],
    ['lower', 2],
    ['zero', 0],
  ])('a %s value is a reboot', (_name, bootId) => {
    const { state, last } = play(alive(5), alive(bootId))
    expect(last).toEqual(['rebooted'])
    expect(state.bootId).toBe(bootId)
  })
  test('the same from another address: multi-homed', () => {
    const { state, last } = play(alive(5), alive(5, B))
    expect(last).toEqual(['address-added'])
    expect(state.addresses).toMatchObject([A, B])
  })
  test('another from another address: rebooted, and the addresses before are void', () => {
    const { state, last } = play(alive(5), alive(6, B))
    expect(last).toEqual(['rebooted', 'address-added'])
    expect(state.addresses).toMatchObject([B])
  })
  test('a device that says none is never seen to reboot; one that says it later is not rebooted by that', () => {
    expect(play(alive(undefined), alive(undefined)).last).toEqual([])
    const { state, last } = play(alive(undefined), alive(5))
    expect(last).toEqual([])
    expect(state.bootId).toBe(5)
    expect(play(alive(5), alive(undefined)).state.bootId).toBe(5)
  })
})

describe('ssdp:update', () => {
  test('announces, the next alive moves on, and that is no reboot', () => {
    const { state, events } = play(alive(5), update(5, 6), alive(6))
    expect(events.slice(1)).toEqual([['boot-id-announced'], ['boot-id-moved']])
    expect(state).toMatchObject({ bootId: 6, nextBootId: undefined, online: true })
  })
  test('the announced value on a second address adds that address', () => {
    const { state, last } = play(alive(5), update(5, 6), alive(6, B))
    expect(last).toEqual(['boot-id-moved', 'address-added'])
    expect(state.addresses).toMatchObject([A, B])
  })
  test('its copy from another interface says nothing new, before or after the move', () => {
    expect(play(alive(5), update(5, 6), update(5, 6)).last).toEqual([])
    expect(play(alive(5), update(5, 6), alive(6), update(5, 6)).last).toEqual([])
  })
  test('a packet with the value before may be late for some seconds; later it is a reboot', () => {
    expect(play(alive(5), update(5, 6), alive(6), alive(5)).last).toEqual([])
    expect(play(alive(5), update(5, 6), alive(6), [alive(5), LATE_PACKET_MS]).last).toEqual(['rebooted'])
  })
  test('an update from a boot that was never heard of is a reboot', () => {
    const { state, last } = play(alive(5), update(8, 9))
    expect(last).toEqual(['rebooted', 'boot-id-announced'])
    expect(state).toMatchObject({ bootId: 8, nextBootId: 9 })
  })
  test('two updates in a row, the alive between them lost', () => {
    const { state, last } = play(alive(5), update(5, 6), update(6, 7))
    expect(last).toEqual(['boot-id-moved', 'boot-id-announced'])
    expect(state).toMatchObject({ bootId: 6, nextBootId: 7 })
  })
  test('an update alone makes no device available, and neither does it prolong one', () => {
    expect(play(update(5, 6)).state).toBeUndefined()
    expect(play(alive(5), byebye(), update(5, 6)).state.online).toBe(false)
    expect(play(alive(5), update(5, 6)).state.expiresAtMs).toBe(NOW + 1000 + AGE)
  })
  test('announced, but another value comes: a reboot', () => {
    expect(play(alive(5), update(5, 6), alive(7)).last).toEqual(['rebooted'])
  })
})

describe('byebye and return', () => {
  test('one byebye removes all of it, and a second says nothing', () => {
    const { state, events } = play(alive(5), alive(5, B), byebye(5), byebye(5))
    expect(events.slice(2)).toEqual([['gone'], []])
    expect(state.online).toBe(false)
  })
  test('byebye then return with the next BOOTID', () => {
    const { state, last } = play(alive(5), byebye(5), alive(6))
    expect(last).toEqual(['appeared', 'rebooted'])
    expect(state).toMatchObject({ online: true, addresses: [A] })
  })
  test('byebye then return with the same BOOTID', () => {
    expect(play(alive(5), byebye(), alive(5)).last).toEqual(['appeared'])
  })
  test('an answer that was under way at the byebye does not bring it back; a later one does', () => {
    const answer = alive(5, A, 1, true)
    expect(play(alive(5), byebye(5), answer).state.online).toBe(false)
    expect(play(alive(5), byebye(5), [answer, LATE_PACKET_MS]).state.online).toBe(true)
    expect(play(alive(5), byebye(5), alive(6, A, 1, true)).state.online).toBe(true)
  })
  test('a late byebye of the boot before does not remove the device', () => {
    expect(play(alive(5), alive(6), byebye(5)).state.online).toBe(true)
    expect(play(alive(5), alive(6), [byebye(5), LATE_PACKET_MS]).state.online).toBe(false)
  })
  test('a byebye with a value that is still to come counts: some stacks send one at each start', () => {
    expect(play(alive(5), byebye(6)).state.online).toBe(false)
  })
})

describe('CONFIGID, LOCATION and expiry', () => {
  test('a changed CONFIGID is told, a missing one is not', () => {
    expect(play(alive(5), alive(5, A, 2)).last).toEqual(['config-changed'])
    expect(play(alive(5), { ...alive(5), configId: undefined } as BootInput).state.configId).toBe(1)
    expect(play(alive(5), alive(6, A, 2)).last).toEqual(['rebooted', 'config-changed'])
  })
  test('another LOCATION of the same address replaces the one before', () => {
    const { state, last } = play(alive(5), alive(5, { ...A, location: 'http://10.77.0.2/e' }))
    expect(last).toEqual(['location-changed'])
    expect(state.addresses).toHaveLength(1)
  })
  test('it expires with its max-age, each address on its own', () => {
    const tick: BootInput = { kind: 'tick' }
    expect(play(alive(5), [tick, AGE - 1]).state.online).toBe(true)
    expect(play(alive(5), [tick, AGE])).toMatchObject({
      last: ['gone'],
      state: { online: false, addresses: [A] },
    })
    const two = play(alive(5), [alive(5, B), AGE / 2], [tick, AGE / 2])
    expect(two).toMatchObject({ last: ['address-dropped'], state: { online: true } })
    expect(two.state.addresses).toMatchObject([B])
  })
  test('an interface that vanishes takes its addresses along', () => {
    const gone: BootInput = { kind: 'interfaces', keeps: ({ interfaceName }) => interfaceName !== 'eth0' }
    expect(play(alive(5), alive(5, B), gone).state.addresses).toMatchObject([B])
    expect(play(alive(5), gone)).toMatchObject({ last: ['gone'], state: { online: false } })
  })
  test('after sleep nobody is gone before it could answer; after a clock set back nobody stays forever', () => {
    const woke: BootInput = { kind: 'woke', graceMs: 10_000 }
    const slept = play(alive(5), [woke, 10 * AGE])
    expect(slept.state).toMatchObject({ online: true, expiresAtMs: slept.nowMs + 10_000 })
    const back = play(alive(5), [woke, -500_000])
    expect(back.state.expiresAtMs).toBe(back.nowMs + AGE)
    expect(back.state.lastSeenMs).toBe(back.nowMs)
  })
})

test('for any sequence of packets: addresses are bounded and never none, an offline device stays so without an alive', () => {
  const seen = fc.nat(30).map((n) => ({ ...A, address: `10.77.0.${n}` }))
  const id = fc.option(fc.nat(4), { nil: undefined })
  const input: fc.Arbitrary<BootInput> = fc.oneof(
    fc.record({
      kind: fc.constant('alive' as const),
      answer: fc.boolean(),
      bootId: id,
      configId: id,
      seen,
      maxAgeMs: fc.constantFrom(60_000, AGE),
    }),
    fc.record({ kind: fc.constant('update' as const), bootId: id, nextBootId: fc.nat(4) }),
    fc.record({ kind: fc.constant('byebye' as const), bootId: id }),
    fc.constant<BootInput>({ kind: 'tick' }),
    fc.record({ kind: fc.constant('woke' as const), graceMs: fc.nat(10_000) }),
    seen.map((each): BootInput => ({ kind: 'interfaces', keeps: ({ address }) => address !== each.address })),
  )
  fc.assert(
    fc.property(
      fc.array(fc.tuple(input, fc.integer({ min: -100_000, max: 100_000 })), { maxLength: 40 }),
      (steps) => {
        let state: BootState | undefined
        let nowMs = NOW
        for (const [each, ms] of steps) {
          nowMs += ms
          const before = state
          state = reduceBoot(state, each, nowMs).state
          if (state === undefined) {
            expect(before).toBeUndefined()
            continue
          }
          expect(state.addresses.length).toBeGreaterThan(0)
          expect(state.addresses.length).toBeLessThanOrEqual(ADDRESSES_MAX)
          if (each.kind !== 'alive' && before?.online === false) expect(state.online).toBe(false)
          expect(state.nextBootId === undefined || state.nextBootId !== state.bootId).toBe(true)
        }
      },
    ),
  )
})
