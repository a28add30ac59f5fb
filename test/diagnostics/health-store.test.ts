/** What the store of health says of the time before this run. */
import { expect, test } from 'vitest'
import { udnOf } from '../helpers/device-row'
import { openStore } from './open'

test('the newest sample is known while it is buffered, and after the program was started again', async () => {
  const opened = openStore()
  const { health } = opened.store
  expect(health.lastAtMs(udnOf(1))).toBeUndefined()
  health.record(udnOf(1), 5_000, { temperature: 20 })
  health.record(udnOf(1), 9_000, { temperature: 21 })
  health.record(udnOf(2), 12_000, { temperature: 22 })
  expect(health.lastAtMs(udnOf(1))).toBe(9_000)
  const { health: again } = await opened.again()
  expect(again.lastAtMs(udnOf(1))).toBe(9_000)
  expect(again.lastAtMs(udnOf(3))).toBeUndefined()
})
