/** Rollouts in virtual time: waves, soak, error threshold, window, pause, stop, retry, silent devices. */
import { describe, expect, it } from 'vitest'
import type { RolloutPlan } from '../../electron/contract/firmware'
import { udnOf } from '../helpers/device-row'
import { BUNDLE_ID } from '../helpers/firmware-double'
import { HOUR_MS, MINUTE_MS, Program, planOf, World } from './rollout-world'

const begin = (
  waves: readonly number[],
  over: Partial<RolloutPlan> = {},
  prepare?: (world: World) => void,
) => {
  const world = new World(waves.reduce((a, b) => a + b, 0))
  prepare?.(world)
  const program = new Program(world).start()
  const id = program.rollouts.start(planOf(waves, over))
  return { world, program, id, state: () => program.view(id).state }
}

describe('waves', () => {
  it('follow each other when the one before is on trial for the soak, and all are confirmed in the end', async () => {
    const { world, program, id, state } = begin([1, 3, 6])
    expect(program.offered).toEqual([BUNDLE_ID])
    await program.pass(() => world.device(1).state === 'probation')
    await program.passFor(9 * MINUTE_MS)
    expect(world.updated).toBe(1)
    await program.passFor(3 * MINUTE_MS)
    expect(world.updated).toBe(4)
    expect(program.view(id).waves.map((wave) => wave.state)).toEqual(['passed', 'running', 'waits'])
    await program.pass(() => state() === 'done')
    expect(world.updated).toBe(10)
    expect(new Set(program.states(id))).toEqual(new Set(['confirmed']))
    expect(program.view(id).waves.map((wave) => wave.confirmed)).toEqual([1, 3, 6])
    expect(program.offered).toEqual([])
    expect(world.told('ScheduleFirmwareUpdate')).toBe(10)
  })

  it('download ahead, activation still wave by wave', async () => {
    const { world, program, state } = begin([1, 5], { downloadAhead: true })
    await program.pass(() => world.device(1).state === 'probation')
    await program.passFor(2 * MINUTE_MS)
    expect([2, 3, 4, 5, 6].map((n) => world.device(n).state)).toEqual(Array(5).fill('staged'))
    expect(world.told('ActivateFirmware')).toBe(1)
    await program.pass(() => state() === 'done')
    expect(world.updated).toBe(6)
  })

  it('show bytes and rate while they download', async () => {
    const { world, program, id } = begin([2])
    await program.pass(() => world.device(1).state === 'downloading')
    await program.passFor(6_000)
    const [wave] = program.view(id).waves
    expect(wave?.totalBytes).toBe(2_000_000)
    expect(wave?.receivedBytes).toBeGreaterThan(500_000)
    await program.passFor(2_000)
    expect(program.view(id).waves[0]?.bytesPerS).toBeGreaterThan(10_000)
  })

  it('begin not before the chosen moment', async () => {
    const { world, program, id, state } = begin([2], { startAt: '2026-03-02T20:00:00Z' })
    await program.passFor(7 * HOUR_MS)
    expect(world.told('ScheduleFirmwareUpdate')).toBe(0)
    expect(program.states(id)).toEqual(['waiting', 'waiting'])
    await program.pass(() => state() === 'done')
    expect(world.updated).toBe(2)
  })

  it('are confirmed by this laptop after the soak, where the plan says so', async () => {
    const { world, program, state } = begin([1, 2], { confirm: 'after-soak' })
    const startMs = world.clock.now()
    await program.pass(() => state() === 'done')
    expect(world.told('ConfirmFirmware')).toBe(3)
    expect(world.clock.now() - startMs).toBeLessThan(30 * MINUTE_MS)
  })
})

describe('errors', () => {
  it('a canary that comes back pauses the rollout before anybody else is touched', async () => {
    const { world, program, id, state } = begin([1, 5], {}, (w) => {
      w.device(1).fate = { rollsBack: 'health-check', afterMs: 2 * MINUTE_MS }
    })
    await program.pass(() => state() === 'paused')
    expect(program.view(id)).toMatchObject({ state: 'paused', pauseReason: 'wave-not-passed' })
    expect(program.rollouts.board(id)[0]).toMatchObject({
      state: 'rolledBack',
      error: { code: 'ROLLED_BACK', detail: 'health-check' },
    })
    await program.passFor(2 * HOUR_MS)
    expect(world.told('ScheduleFirmwareUpdate')).toBe(1)
    program.rollouts.resume(id)
    await program.pass(() => state() === 'done')
    expect(program.states(id)).toEqual(['rolledBack', ...Array(5).fill('confirmed')])
  })

  it('beyond the threshold pause it once the sample is large enough; devices on trial are left alone', async () => {
    const { world, program, id, state } = begin([10, 5], { passPercent: 50, soakMinutes: 5 }, (w) => {
      for (const n of [1, 2, 3]) w.device(n).fate = { fails: 'HASH_MISMATCH', at: 'verify' }
    })
    await program.pass(() => state() === 'paused')
    expect(program.view(id).pauseReason).toBe('too-many-errors')
    await program.passFor(3 * HOUR_MS)
    expect(world.told('RevertFirmware')).toBe(0)
    expect([11, 12, 13, 14, 15].map((n) => world.device(n).told.length)).toEqual([0, 0, 0, 0, 0])
    expect(program.rollouts.board(id)[0]?.error?.code).toBe('HASH_MISMATCH')
  })

  it('within the threshold do not', async () => {
    const { world, program, id, state } = begin([10, 5], { passPercent: 90, minimumSample: 5 }, (w) => {
      w.device(4).fate = { fails: 'NO_SPACE', at: 'download' }
    })
    await program.pass(() => state() !== 'running')
    expect(state()).toBe('done')
    expect(world.updated).toBe(14)
    expect(program.view(id).waves[0]).toMatchObject({ failed: 1, confirmed: 9, state: 'passed' })
  })

  it('only failed devices begin again', async () => {
    const { world, program, id, state } = begin([5], { passPercent: 50, errorPercent: 90 }, (w) => {
      w.device(2).fate = { fails: 'IMAGE_TRUNCATED', at: 'download' }
      w.device(3).fate = { rollsBack: 'watchdog', afterMs: MINUTE_MS }
    })
    await program.pass(() => state() === 'done')
    expect(world.updated).toBe(3)
    for (const n of [2, 3]) world.device(n).fate = 'healthy'
    program.rollouts.retry(id)
    expect(program.offered).toEqual([BUNDLE_ID])
    await program.pass(() => state() === 'done')
    expect(world.updated).toBe(5)
    expect(world.told('ScheduleFirmwareUpdate')).toBe(7)
    expect(new Set(program.states(id))).toEqual(new Set(['confirmed']))
  })
})

describe('the window', () => {
  it('lets banks be switched inside its hours only; downloads go on outside', async () => {
    const { world, program, state } = begin([3], { window: { from: '22:00', to: '02:00' } })
    await program.passFor(9 * HOUR_MS)
    expect([1, 2, 3].map((n) => world.device(n).state)).toEqual(['staged', 'staged', 'staged'])
    await program.pass(() => world.device(1).state !== 'staged')
    expect(new Date(world.clock.now()).toISOString()).toMatch(/T22:00/)
    await program.pass(() => state() === 'done')
    expect(world.updated).toBe(3)
  })

  it('that passed while this laptop slept is not used', async () => {
    const { world, program } = begin([1], { window: { from: '22:00', to: '23:00' } })
    await program.passFor(HOUR_MS)
    world.clock.jump(12 * HOUR_MS)
    await program.passFor(10 * HOUR_MS)
    expect(world.told('ActivateFirmware')).toBe(0)
    await program.passFor(14 * HOUR_MS)
    expect(world.told('ActivateFirmware')).toBe(1)
  })
})

describe('silent devices', () => {
  it('count as failed at their deadline, and are confirmed by a retry that asks', async () => {
    const { world, program, id, state } = begin([4, 2], { passPercent: 75, errorPercent: 40 }, (w) => {
      w.device(2).fate = 'silent-after-activation'
    })
    await program.pass(() => state() === 'done')
    expect(program.rollouts.board(id)[1]).toMatchObject({
      state: 'failed',
      error: { code: 'DEADLINE_PASSED' },
    })
    const told = world.device(2).told.length
    world.device(2).setOnline(true)
    program.rollouts.retry(id)
    await program.pass(() => state() === 'done')
    expect(program.states(id)[1]).toBe('confirmed')
    expect(world.device(2).told).toHaveLength(told)
  })

  it('that are off are held, and updated when they are back', async () => {
    const { world, program, id, state } = begin([2], {}, (w) => w.device(2).setOnline(false))
    await program.passFor(3 * HOUR_MS)
    expect(program.states(id)).toEqual(['confirmed', 'held'])
    world.device(2).setOnline(true)
    await program.pass(() => state() === 'done')
    expect(world.updated).toBe(2)
  })
})

describe('a person', () => {
  it('pauses: nothing new begins, what is on trial goes on', async () => {
    const { world, program, id, state } = begin([1, 2])
    await program.pass(() => world.device(1).state === 'probation')
    program.rollouts.pause(id)
    await program.passFor(3 * HOUR_MS)
    expect(program.states(id)).toEqual(['confirmed', 'waiting', 'waiting'])
    expect(program.view(id).pauseReason).toBe('person')
    program.rollouts.resume(id)
    await program.pass(() => state() === 'done')
    expect(world.updated).toBe(3)
  })

  it('pauses a download that waits for its switch', async () => {
    const { world, program, id, state } = begin([1])
    await program.pass(() => world.device(1).state === 'downloading')
    program.rollouts.pause(id)
    await program.passFor(HOUR_MS)
    expect(world.device(1).state).toBe('staged')
    program.rollouts.resume(id)
    await program.pass(() => state() === 'done')
    expect(world.updated).toBe(1)
  })

  it('stops after the wave', async () => {
    const { world, program, id, state } = begin([2, 3])
    await program.pass(() => world.device(1).state === 'downloading')
    program.rollouts.stop(id, 'after-wave')
    expect(state()).toBe('stopping')
    await program.pass(() => state() === 'stopped')
    expect(program.states(id)).toEqual(['confirmed', 'confirmed', 'stopped', 'stopped', 'stopped'])
    expect(program.offered).toEqual([])
  })

  it('stops now: what has not switched does not any more, what has goes on', async () => {
    const { world, program, id, state } = begin([2, 3])
    world.device(2).setOnline(false)
    await program.pass(() => world.device(1).state === 'probation')
    await program.passFor(5_000)
    program.rollouts.stop(id, 'now')
    expect(state()).toBe('stopped')
    await program.passFor(2 * HOUR_MS)
    expect(program.states(id)).toEqual(['confirmed', ...Array(4).fill('stopped')])
    world.device(2).setOnline(true)
    await program.passFor(HOUR_MS)
    expect(world.updated).toBe(1)
    program.rollouts.retry(id)
    await program.pass(() => state() === 'done')
    expect(world.updated).toBe(5)
  })

  it('stops now with updates planned: devices are told to forget them', async () => {
    const { world, program, id } = begin([2])
    await program.pass(() => world.device(2).state === 'downloading')
    await program.passFor(3_000)
    program.rollouts.stop(id, 'now')
    expect([...program.unplanned].sort()).toEqual([udnOf(1), udnOf(2)])
  })
})

it('pauses when its bundle may not be given out any more', async () => {
  const { world, program, id, state } = begin([1, 2])
  await program.pass(() => world.device(1).state === 'probation')
  if (world.bundle) world.bundle = { ...world.bundle, problem: { code: 'SIGNER_REFUSED' } }
  program.rollouts.bundlesChanged()
  expect(program.view(id)).toMatchObject({ state: 'paused', pauseReason: 'bundle-problem' })
  expect(() => program.rollouts.resume(id)).toThrow('SIGNER_REFUSED')
  await program.passFor(2 * HOUR_MS)
  expect(world.updated).toBe(1)
  expect(state()).toBe('paused')
})

it('a device takes part in one rollout at a time, and once', () => {
  const { program } = begin([2])
  expect(() => program.rollouts.start(planOf([1]))).toThrow('BUSY')
  const [udn] = planOf([1]).waves[0]?.udns ?? []
  if (!udn) throw new Error('no device')
  const twice = { ...planOf([1]), waves: [{ udns: [udn] }, { udns: [udn] }] }
  expect(() => program.rollouts.start(twice)).toThrow('VALUE_INVALID')
})

it('tells changed rows only, at most twice a second', async () => {
  const { program, state } = begin([1, 20], { soakMinutes: 0 })
  await program.pass(() => state() === 'done')
  const gaps = program.rows.slice(1).map(({ atMs }, i) => atMs - (program.rows[i]?.atMs ?? 0))
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500)
  expect(program.rows.at(-1)?.rows.length).toBeGreaterThan(0)
  const all = program.rows.flatMap(({ rows }) => rows)
  expect(all.every((row) => row.jobId !== undefined || row.state === 'waiting')).toBe(true)
  expect(program.rows.some(({ rows }) => rows.length < 20)).toBe(true)
})
