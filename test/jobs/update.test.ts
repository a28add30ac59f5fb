/** The update of one device, in virtual time: every way it may end, and what is asked and told on the way. */
import { describe, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import { UPDATE_DEADLINES } from '../../electron/contract/timings'
import { manifestOf } from '../helpers/firmware-double'
import { makeUpdateWorld, type PassOptions, stepStates, type UpdateWorld } from './update-world'

const run = async (world: UpdateWorld, options?: PassOptions) => {
  const runner = world.runner()
  runner.start()
  const { id } = world.submit(runner)
  const job = await world.pass(runner, id, options)
  return { runner, id, job }
}

const HOUR_MS = 3600_000

describe('a healthy image', () => {
  it.each([
    ['whose device sends events', true],
    ['whose device sends none', false],
  ])('%s is confirmed by the device after 24 hours on trial', async (_, heard) => {
    const world = makeUpdateWorld({}, heard)
    const startedMs = world.clock.now()
    const { job } = await run(world)
    expect(job.error).toBeUndefined()
    expect(job.state).toBe('done')
    expect(new Set(Object.values(stepStates(job)))).toEqual(new Set(['done']))
    expect(world.clock.now() - startedMs).toBeGreaterThan(24 * HOUR_MS)
    expect(world.clock.now() - startedMs).toBeLessThan(24 * HOUR_MS + 120_000)
    expect(world.device.told).toEqual(['ScheduleFirmwareUpdate', 'ActivateFirmware'])
    expect(world.device.running).toBe('2.0.0')
    expect(world.remembered).toEqual(['2.0.0'])
    const states = world.news.map(({ state }) => state).filter((state, i, all) => state !== all[i - 1])
    expect(states).toEqual(['waiting', 'downloading', 'staged', 'switching', 'probation'])
  })

  it('is asked seldom while its device sends events, and holds no slot on trial', async () => {
    const world = makeUpdateWorld()
    const { job, runner, id } = await run(world, { until: () => world.device.state === 'probation' })
    await world.pass(runner, id, { limitMs: 10_000 })
    expect(runner.get(id)?.state).toBe('waiting')
    const asked = world.device.asked
    await world.pass(runner, job.id)
    expect(world.device.asked - asked).toBeLessThan(24 * 60 + 50)
  })

  it('is confirmed by this laptop after the soak, where the plan says so, however often the answer is lost', async () => {
    const world = makeUpdateWorld({ confirm: 'after-soak', soakMinutes: 10 })
    const startedMs = world.clock.now()
    const { runner, id } = await run(world, { until: () => world.device.state === 'probation' })
    world.device.loseAnswers = 1
    const job = await world.pass(runner, id)
    expect(job.state).toBe('done')
    expect(world.device.told.slice(2)).toEqual(['ConfirmFirmware'])
    expect(world.clock.now() - startedMs).toBeLessThan(11 * 60_000)
  })

  it('is not confirmed by this laptop while the rollout does not allow it', async () => {
    const world = makeUpdateWorld({ confirm: 'after-soak', soakMinutes: 10 })
    world.gate.confirm = false
    const { job } = await run(world)
    expect(job.state).toBe('done')
    expect(world.device.told).not.toContain('ConfirmFirmware')
  })

  it('that runs there already is only read back', async () => {
    const world = makeUpdateWorld()
    await run(world)
    const before = [...world.device.told]
    const { job } = await run(world)
    expect(job.state).toBe('done')
    expect(stepStates(job)).toMatchObject({ 'check-fit': 'done', schedule: 'skipped', 'read-back': 'done' })
    expect(world.device.told).toEqual(before)
  })
})

describe('what the device has against it', () => {
  it.each([
    ['another model', { model: 'QX-1' }, 'WRONG_MODEL'],
    ['another revision', { hardwareRevision: 'Z' }, 'WRONG_MODEL'],
    ['a higher floor', { securityVersion: 9 }, 'SECURITY_VERSION_TOO_LOW'],
    ['another phase', { phase: 'commissioning' }, 'WRONG_PHASE'],
  ] as const)('%s', async (_, change, code) => {
    const world = makeUpdateWorld()
    Object.assign(world.device, change)
    const { job } = await run(world)
    expect(job.error?.code).toBe(code)
    expect(world.device.told).toEqual([])
  })

  it('a bundle that went, or may not be given out any more', async () => {
    const world = makeUpdateWorld()
    world.bundleProblem = new IotmcError('SIGNER_REFUSED')
    const { job } = await run(world)
    expect(job.error?.code).toBe('SIGNER_REFUSED')
    expect(world.device.told).toEqual([])
  })

  it('an older version is refused before a word is said', async () => {
    const world = makeUpdateWorld({ manifest: manifestOf({ version: '0.9.0' }) })
    const { job } = await run(world)
    expect(job.error?.code).toBe('DOWNGRADE_REFUSED')
    expect(world.device.told).toEqual([])
  })
})

describe('what goes wrong on the device is told with its own code', () => {
  it.each([
    ['NO_SPACE', 'download', 'download'],
    ['HASH_MISMATCH', 'verify', 'stage'],
    ['SIGNATURE_INVALID', 'verify', 'stage'],
    ['IMAGE_TRUNCATED', 'download', 'download'],
  ] as const)('%s', async (fails, at, step) => {
    const world = makeUpdateWorld()
    world.device.fate = { fails, at }
    const { job } = await run(world)
    expect(job.error).toMatchObject({ code: fails, subject: world.device.udn })
    expect(stepStates(job)[step]).toBe('failed')
  })

  it('a device that comes back says why', async () => {
    const world = makeUpdateWorld()
    world.device.fate = { rollsBack: 'watchdog', afterMs: 5 * 60_000 }
    const { job } = await run(world)
    expect(job.error).toMatchObject({ code: 'ROLLED_BACK', detail: 'watchdog' })
    expect(world.device.running).toBe('1.0.0')
  })

  it('a new attempt after that begins from the start', async () => {
    const world = makeUpdateWorld()
    world.device.fate = { rollsBack: 'boot-failed', afterMs: 1_000 }
    await run(world)
    world.device.fate = 'healthy'
    const { job } = await run(world)
    expect(job.state).toBe('done')
    expect(world.device.told.filter((action) => action === 'ScheduleFirmwareUpdate')).toHaveLength(2)
  })
})

describe('a silent device', () => {
  it('is held until it is there', async () => {
    const world = makeUpdateWorld()
    world.device.setOnline(false)
    const { runner, id, job } = await run(world, { limitMs: HOUR_MS })
    expect(job.state).toBe('waiting')
    expect(world.news.at(-1)?.state).toBe('held')
    world.device.setOnline(true)
    expect((await world.pass(runner, id)).state).toBe('done')
  })

  it('counts as failed at the deadline of its restart, and a retry finds out by asking', async () => {
    const world = makeUpdateWorld()
    world.device.fate = 'silent-after-activation'
    const { runner, id, job } = await run(world)
    expect(job.error?.code).toBe('DEADLINE_PASSED')
    expect(stepStates(job)).toMatchObject({ activate: 'done', restart: 'failed' })
    world.device.setOnline(true)
    const told = world.device.told.length
    runner.retry([id])
    expect((await world.pass(runner, id)).state).toBe('done')
    expect(world.device.told).toHaveLength(told)
  })

  it('on trial is never reverted, and confirmed all the same when it is heard again in time', async () => {
    const world = makeUpdateWorld()
    const { runner, id } = await run(world, { until: () => world.device.state === 'probation' })
    await world.pass(runner, id, { limitMs: 20_000 })
    world.device.setOnline(false)
    await world.pass(runner, id, { limitMs: 24 * HOUR_MS + 1800_000, stepMs: 10_000 })
    world.device.setOnline(true)
    expect((await world.pass(runner, id)).state).toBe('done')
    expect(world.device.told).not.toContain('RevertFirmware')
  })

  it('on trial counts as failed when its whole trial and an hour have passed', async () => {
    const world = makeUpdateWorld()
    const { runner, id } = await run(world, { until: () => world.device.state === 'probation' })
    await world.pass(runner, id, { limitMs: 20_000 })
    world.device.setOnline(false)
    const job = await world.pass(runner, id, { stepMs: 10_000 })
    expect(job.error?.code).toBe('DEADLINE_PASSED')
  })

  it('without new bytes has ten minutes', async () => {
    const world = makeUpdateWorld()
    world.device.fate = 'stalls'
    const startedMs = world.clock.now()
    const { job } = await run(world)
    expect(job.error?.code).toBe('DEADLINE_PASSED')
    expect(stepStates(job).download).toBe('failed')
    const tookMs = world.clock.now() - startedMs
    expect(tookMs).toBeGreaterThan(UPDATE_DEADLINES.downloadStallMs)
    expect(tookMs).toBeLessThan(UPDATE_DEADLINES.downloadStallMs + 60_000)
  })

  it('while this laptop slept is asked before it counts as failed', async () => {
    const world = makeUpdateWorld()
    const { runner, id } = await run(world, { until: () => world.device.state === 'downloading' })
    world.clock.jump(3 * HOUR_MS)
    world.device.setOnline(false)
    await world.pass(runner, id, { limitMs: 60_000 })
    world.device.setOnline(true)
    expect((await world.pass(runner, id)).state).toBe('done')
  })
})

describe('the gate', () => {
  it('holds the download, then the activation, without a slot', async () => {
    const world = makeUpdateWorld()
    world.gate.download = false
    world.gate.activate = false
    const { runner, id } = await run(world, { limitMs: HOUR_MS })
    expect(world.device.told).toEqual([])
    expect(runner.get(id)?.state).toBe('waiting')
    world.gate.download = true
    world.openGate()
    await world.pass(runner, id, { limitMs: HOUR_MS })
    expect(world.device.state).toBe('staged')
    expect(runner.get(id)?.state).toBe('waiting')
    world.gate.activate = true
    world.openGate()
    expect((await world.pass(runner, id)).state).toBe('done')
  })
})

it('lost answers are followed by a question, not by a second word', async () => {
  const world = makeUpdateWorld()
  world.device.loseAnswers = 1
  const { runner, id } = await run(world, { until: () => world.device.state === 'staged' })
  world.device.loseAnswers = 1
  expect((await world.pass(runner, id)).state).toBe('done')
  expect(world.device.told).toEqual(['ScheduleFirmwareUpdate', 'ActivateFirmware'])
})
