/** A rollout and what is left of it after the program was killed at each of its points. */
import { expect, it } from 'vitest'
import { expectWhole, killAndGoOn, MINUTE_MS } from './rollout-world'

it.each([
  ['started again at once', 0],
  ['started again much later', 20 * MINUTE_MS],
])('killed at any point, %s', { timeout: 600_000 }, async (_, awayMs) => {
  const { points } = await killAndGoOn(0, 0)
  expect(points).toBeGreaterThan(100)
  for (let killAt = 1; killAt <= points; killAt += 1) await expectWhole(killAt, awayMs)
})
