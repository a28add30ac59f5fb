/** Thousands of jobs in one runner. */
import { describe, expect, it } from 'vitest'
import { makeBench, settle, stepOf } from './bench'

describe('events', () => {
  it('stay few while 5,000 jobs run to their end', async () => {
    const { runner, clock } = makeBench(() =>
      [0, 1, 2, 3].map((index) => stepOf(index, async () => undefined)),
    )
    let events = 0
    runner.on('changed', () => {
      events += 1
    })
    runner.start()
    runner.submit(
      'commission',
      Array.from({ length: 5000 }, (_, n) => `d${n}`),
      {},
    )
    for (let turn = 0; turn < 50 && runner.list().some((job) => job.state !== 'done'); turn += 1)
      await settle()
    clock.advance(100)
    expect(runner.list().every((job) => job.state === 'done')).toBe(true)
    expect(events).toBeLessThanOrEqual(2)
  }, 30_000)
})
