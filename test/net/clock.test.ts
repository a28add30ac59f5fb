/** Waiting: over when due, cancelled at once, never left hanging. */
import { expect, test } from 'vitest'
import { delay, systemClock, systemRandom } from '../../electron/net/clock'
import { VirtualClock } from '../helpers/virtual-clock'

test('a delay ends when it is due', async () => {
  const clock = new VirtualClock()
  let done = false
  const waiting = delay(clock, 1000).then(() => {
    done = true
  })
  await clock.advanceAsync(999)
  expect(done).toBe(false)
  clock.advance(1)
  await waiting
})

test('an abort ends it at once with CANCELLED and leaves no timer', async () => {
  const clock = new VirtualClock()
  const abort = new AbortController()
  const waiting = delay(clock, 1000, abort.signal)
  abort.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(clock.pending).toBe(0)
  await expect(delay(clock, 1000, abort.signal)).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(clock.pending).toBe(0)
})

test('the real clock fires, cancels, and takes delays longer than setTimeout does', async () => {
  await new Promise<void>((resolve) => systemClock.setTimer(resolve, 1))
  let fired = false
  const cancel = systemClock.setTimer(() => {
    fired = true
  }, 2 ** 40)
  await new Promise<void>((resolve) => systemClock.setTimer(resolve, 5))
  cancel()
  expect(fired).toBe(false)
  expect(systemRandom.bytes(16)).toHaveLength(16)
  expect(systemRandom.fraction()).toBeLessThan(1)
})
