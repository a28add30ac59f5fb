/** A rollout and what is left of it after the program was killed: it goes on, and tells each device once. */
import { expect, it } from 'vitest'
import { expectWhole, killAndGoOn, PLAN, PROBATION_HOURS, Program, World } from './rollout-world'

/** All points are in rollouts.deep.test.ts. */
const STRIDE = 13

it('killed here and there, it goes on', { timeout: 60_000 }, async () => {
  const { points } = await killAndGoOn(0, 0)
  expect(points).toBeGreaterThan(100)
  for (let killAt = 1; killAt <= points; killAt += STRIDE) await expectWhole(killAt, 0)
})

it('ended rollouts and their boards are there after a restart', async () => {
  const world = new World(3, PROBATION_HOURS)
  const first = new Program(world).start()
  world.device(1).fate = { fails: 'HASH_MISMATCH', at: 'verify' }
  const id = first.rollouts.start({ ...PLAN, passPercent: 0, errorPercent: 100 })
  await first.pass(() => first.view(id).state === 'done')
  const before = { view: first.view(id), board: first.rollouts.board(id) }
  first.rollouts.close()
  await first.runner.stop()
  const second = new Program(world).start()
  expect(second.rollouts.board(id)).toEqual(before.board)
  const rates = { bytesPerS: 0 }
  const waves = before.view.waves.map((wave) => ({ ...wave, ...rates }))
  expect(second.view(id)).toEqual({ ...before.view, waves })
})
