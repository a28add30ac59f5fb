/** An update and what is left of it after the program was killed anywhere: the device is asked, and told everything once. */
import { describe, expect, it } from 'vitest'
import { manifestOf } from '../helpers/firmware-double'
import { settle } from './bench'
import { makeUpdateWorld } from './update-world'

const MINUTE_MS = 60_000

/** Runs until the end or the kill, then lets a new runner go on. */
const killAndGoOn = async (killAt: number, awayMs: number) => {
  const world = makeUpdateWorld({
    manifest: manifestOf({ probationHours: 0.05 }),
    confirm: 'after-soak',
    soakMinutes: 2,
  })
  const { runner, count } = world.mortal(killAt)
  runner.start()
  const { id } = world.submit(runner)
  await world.pass(runner, id, { until: () => count.dead, limitMs: 30 * MINUTE_MS })
  const about = `killed at point ${killAt} of ${count.points}`
  if (!count.dead) return { world, points: count.points, job: runner.get(id), about }
  for (let ms = 0; ms < awayMs; ms += 5_000) {
    await settle()
    world.clock.advance(5_000)
  }
  const again = world.runner()
  again.start()
  return { world, points: count.points, job: await world.pass(again, id, { limitMs: 60 * MINUTE_MS }), about }
}

describe('killed at any point', () => {
  it.each([
    ['started again at once', 0],
    ['started again when the device is through with all of it', 10 * MINUTE_MS],
  ])('%s', { timeout: 60_000 }, async (_, awayMs) => {
    const { points } = await killAndGoOn(0, 0)
    expect(points).toBeGreaterThan(40)
    for (let killAt = 1; killAt <= points; killAt += 1) {
      const { world, job, about } = await killAndGoOn(killAt, awayMs)
      expect(job?.error, about).toBeUndefined()
      expect(job?.state, about).toBe('done')
      expect(world.device.running, about).toBe('2.0.0')
      for (const action of ['ScheduleFirmwareUpdate', 'ActivateFirmware'])
        expect(
          world.device.told.filter((told) => told === action),
          `${action}, ${about}`,
        ).toHaveLength(1)
    }
  })
})

it('a gate that was passed before a kill and is closed now is heeded before the switch', async () => {
  let held = 0
  for (let killAt = 1; ; killAt += 1) {
    const world = makeUpdateWorld()
    const { runner, count } = world.mortal(killAt)
    runner.start()
    const { id } = world.submit(runner)
    const job = await world.pass(runner, id, {
      until: () => count.dead || world.device.state === 'rebooting',
    })
    if (world.device.told.includes('ActivateFirmware')) break
    const passed = world.journal.list().some((kept) => kept.steps[5]?.state === 'done')
    if (!passed) continue
    held += 1
    world.gate.activate = false
    const again = world.runner()
    again.start()
    await world.pass(again, job.id, { limitMs: 60 * MINUTE_MS })
    expect(world.device.told).not.toContain('ActivateFirmware')
    world.gate.activate = true
    world.openGate()
    await world.pass(again, id, { until: () => world.device.state === 'probation' })
    expect(world.device.told).toContain('ActivateFirmware')
  }
  expect(held).toBeGreaterThan(0)
})
