import { describe, expect, it } from 'vitest'
import { Inbox, throwIfStopped } from '../../electron/device/inbox'
import { Spread } from '../../electron/device/spread'
import { VirtualClock } from '../helpers/virtual-clock'

describe('a burst of announcements', () => {
  it('becomes one run, at a moment of its own, and the next one not before its time', () => {
    const clock = new VirtualClock(0)
    const random = { fraction: () => 0.5, bytes: (n: number) => Buffer.alloc(n) }
    const runs: number[] = []
    const spread = new Spread(() => runs.push(clock.now()), { clock, random, withinMs: 300, gapMs: 2000 })
    for (let i = 0; i < 1000; i += 1) spread.poke()
    clock.advance(1000)
    expect(runs).toEqual([150])
    for (let i = 0; i < 100; i += 1) {
      spread.poke()
      clock.advance(100)
    }
    expect(runs).toEqual([150, 2300, 4450, 6600, 8750, 10_900])
    spread.poke()
    spread.stop()
    clock.advance(10_000)
    expect(runs).toHaveLength(6)
  })
})

describe('an inbox', () => {
  it('gives what comes first: an input, the end of the time, or an abort', async () => {
    const clock = new VirtualClock(0)
    const inbox = new Inbox<string>(clock)
    const stopping = new AbortController()
    const { signal } = stopping
    const wait = () => inbox.next({ timeoutMs: 100, otherwise: 'late', signal })
    inbox.offer('nobody waits')
    const first = wait()
    inbox.offer('news')
    expect(await first).toBe('news')
    const second = wait()
    clock.advance(100)
    expect(await second).toBe('late')
    const third = wait()
    const never = inbox.never(signal)
    stopping.abort()
    await expect(third).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(never).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(wait()).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(() => throwIfStopped(signal)).toThrow('CANCELLED')
    expect(clock.pending).toBe(0)
  })
})
