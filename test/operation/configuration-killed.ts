/** A plan that is applied or put back while the program is killed at a point: counts add up, nothing is told twice. */
import { expect } from 'vitest'
import { settle } from '../jobs/bench'
import { makeWorld, type World } from './configuration-world'

const COUNT = 3
const values = { 'Device.Location': 'Hall 3', 'Report.IntervalSeconds': '30' }

const until = async (world: World, fact: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 2000 && !fact(); turn += 1) {
    await settle()
    world.clock.advance(50)
  }
}

const killAndGoOn = async (direction: 'apply' | 'rollback', killAt: number) => {
  const world = makeWorld(COUNT)
  for (const device of world.devices) device.change({ 'Device.Location': 'before' }, 5)
  const plan = await world.desk.preview(
    world.devices.map((device) => device.udn),
    { kind: 'values', values },
  )
  if (direction === 'rollback') {
    world.desk.apply(plan.id)
    await world.pass()
    for (const device of world.devices) device.told.length = 0
  }
  const count = world.mortal(killAt)
  try {
    world.desk[direction](plan.id)
  } catch {
    // Killed while it was asked for.
  }
  const ended = direction === 'apply' ? 'applied' : 'rolled-back'
  await until(world, () => count.dead || world.states(plan.id).every((state) => state === ended))
  const { points } = count
  await world.restart()
  await world.pass()
  return { world, plan, points, dead: count.dead }
}

/** Kills it at every so many points, goes on, and finds what was asked for done once. */
export const endsAsIfNothingHadHappened = async (
  direction: 'apply' | 'rollback',
  every: number,
): Promise<void> => {
  const { points } = await killAndGoOn(direction, 0)
  expect(points).toBeGreaterThan(40)
  for (let killAt = 1; killAt <= points; killAt += every) {
    const { world, plan } = await killAndGoOn(direction, killAt)
    const ended = direction === 'apply' ? 'applied' : 'rolled-back'
    const about = `killed at point ${killAt} of ${points}`
    // Killed before its jobs were on record, a row says so and waits for a person.
    const waiting = () => world.states(plan.id).filter((state) => state !== ended)
    expect(new Set(waiting()).size, about).toBeLessThanOrEqual(1)
    if (waiting().length > 0) {
      world.desk[direction](plan.id)
      await world.pass()
    }
    expect(new Set(world.states(plan.id)), about).toEqual(new Set([ended]))
    for (const device of world.devices) {
      expect(device.told, about).toEqual([direction === 'apply' ? 'SetValues' : 'Rollback'])
      expect(device.stored.version, about).toBe(direction === 'apply' ? 6 : 5)
      expect(device.stored.values['Device.Location'], about).toBe(direction === 'apply' ? 'Hall 3' : 'before')
    }
    world.desk.close()
  }
}
