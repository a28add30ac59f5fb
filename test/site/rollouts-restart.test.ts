/** A rollout and what is left of it after the program was killed anywhere: it goes on, and tells each device once. */
import { expect, it } from 'vitest'
import { settle } from '../jobs/bench'
import { MINUTE_MS, planOf, Program, World } from './rollout-world'

const PLAN = planOf([1, 2], { soakMinutes: 2, confirm: 'after-soak' })
const PROBATION_HOURS = 0.1

/** Runs until the end or the kill, stays away, then lets a new program go on to the end. */
const killAndGoOn = async (killAt: number, awayMs: number) => {
  const world = new World(3, PROBATION_HOURS)
  const first = new Program(world, killAt)
  let id: string | undefined
  try {
    first.start()
    id = first.rollouts.start(PLAN)
  } catch (thrown) {
    if (!first.count.dead) throw thrown
  }
  await first.pass(() => id !== undefined && first.view(id).state === 'done', 3 * 60 * MINUTE_MS)
  if (!first.count.dead) return { world, points: first.count.points, program: first }
  for (let ms = 0; ms < awayMs; ms += 5_000) {
    await settle()
    world.clock.advance(5_000)
  }
  const program = new Program(world).start()
  // Killed before it was written: it was never begun, and its person sees that.
  if (program.rollouts.views().length === 0) program.rollouts.start(PLAN)
  await program.pass(() => program.rollouts.views()[0]?.state === 'done', 3 * 60 * MINUTE_MS)
  return { world, points: first.count.points, program }
}

it.each([
  ['started again at once', 0, 1],
  ['started again much later', 20 * MINUTE_MS, 3],
])('killed at any point, %s', async (_, awayMs, stride) => {
  const { points } = await killAndGoOn(0, 0)
  expect(points).toBeGreaterThan(100)
  for (let killAt = 1; killAt <= points; killAt += stride) {
    const { world, program } = await killAndGoOn(killAt, awayMs)
    const about = `killed at point ${killAt} of ${points}`
    const [view] = program.rollouts.views()
    expect(view?.state, about).toBe('done')
    expect(program.rollouts.views(), about).toHaveLength(1)
    expect(new Set(program.states(view?.id ?? '')), about).toEqual(new Set(['confirmed']))
    expect(world.updated, about).toBe(3)
    expect(world.told('ScheduleFirmwareUpdate'), about).toBe(3)
    expect(world.told('ActivateFirmware'), about).toBe(3)
    expect(program.offered, about).toEqual([])
  }
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
