/** Provisioning and what is left of it after the program ended in the middle: the device is asked, never told twice. */
import { describe, expect, it } from 'vitest'
import { settle } from './bench'
import { CODE, KEY, killing, makeWorld, restarted, stepStates } from './provision-world'

const sentTo = (world: ReturnType<typeof makeWorld>): number =>
  world.device.received.filter(({ action }) => /^(network|ProvisionNetwork)$/.test(action)).length

/** Runs until the end or the kill, then lets a new runner go on. */
const killAndGoOn = async (via: 'network' | 'serial', killAt: number, awayMs: number) => {
  const world = makeWorld(via)
  const { runner, count } = killing(world, killAt)
  runner.start()
  const { id } = world.submit(runner)
  await world.pass(id, () => count.dead, runner)
  if (!count.dead) return { world, points: count.points }
  const sentBefore = sentTo(world)
  for (let ms = 0; ms < awayMs; ms += 100) {
    await settle()
    world.clock.advance(100)
  }
  const again = restarted(world)
  again.start()
  return { world, points: count.points, sentBefore, job: await world.pass(id, undefined, again) }
}

describe.each(['network', 'serial'] as const)('killed at any point, over the %s road,', (via) => {
  it.each([
    ['started again at once', 0],
    ['started again when the device has long joined', 60_000],
  ])('%s', async (_, awayMs) => {
    const { points } = await killAndGoOn(via, 0, 0)
    expect(points).toBeGreaterThan(20)
    let asked = 0
    for (let killAt = 1; killAt <= points; killAt += 1) {
      const { world, job, sentBefore } = await killAndGoOn(via, killAt, awayMs)
      const about = `killed at point ${killAt} of ${points}: ${JSON.stringify(job)}`
      // A device that was told goes on without the secret; one that was not is not told without it.
      if (sentBefore === 0) expect(job?.error?.code, about).toBe('SECRET_NEEDED')
      else expect(job?.state, about).toBe('done')
      expect(sentTo(world), about).toBe(sentBefore)
      asked += sentBefore === 0 ? 1 : 0
    }
    expect(asked).toBeGreaterThan(5)
    expect(asked).toBeLessThan(points - 5)
  })
})

it('goes on when a person gives the secret again', async () => {
  const world = makeWorld('network')
  world.forgetSecret()
  const job = await world.run()
  expect(job.error?.code).toBe('SECRET_NEEDED')
  expect(stepStates(job)).toMatchObject({ 'verify-identity': 'done', 'send-network': 'failed' })
  world.setSecret({ setupCode: CODE, credential: KEY })
  world.runner.retry([job.id])
  expect((await world.pass(job.id)).state).toBe('done')
})

it('retrying a refused setup code without a new one sends nothing', async () => {
  const world = makeWorld('network')
  world.setSecret({ setupCode: '00000000', credential: KEY })
  const job = await world.run()
  expect(job.error?.code).toBe('SETUP_CODE_WRONG')
  world.forgetSecret()
  world.runner.retry([job.id])
  const again = await world.pass(job.id)
  expect(again).toMatchObject({ attempt: 2, error: { code: 'SECRET_NEEDED' } })
  expect(sentTo(world)).toBe(1)
})
