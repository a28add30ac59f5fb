import { describe, expect, it } from 'vitest'
import type { FirmwareOffer, FirmwareSource } from '../../electron/device/firmware-source'
import { slowedTo } from '../../electron/device/slow-source'
import { VirtualClock } from '../helpers/virtual-clock'

const OFFER: FirmwareOffer = {
  version: '1.5.0',
  size: 3000,
  checksum: '0'.repeat(64),
  securityVersion: 1,
  manifestUrl: '',
  signatureUrl: '',
  imageUrl: '',
}

const source = (): FirmwareSource => ({
  ready: () => true,
  info: () => Promise.resolve(OFFER),
  document: () => Promise.resolve(Buffer.from('a document')),
  image: async (_, offset, sink) => {
    sink.begin(offset, OFFER.size)
    for (let at = offset; at < OFFER.size; at += 1000) await sink.take(Buffer.alloc(1000, 7))
  },
})

describe('a slow connection', () => {
  it('hands on every byte, no faster than it may', async () => {
    const clock = new VirtualClock()
    const began = clock.now()
    const slow = slowedTo(source(), 500, clock)
    const taken: number[] = []
    const all = slow.image(
      OFFER,
      0,
      { begin: (at) => expect(at).toBe(0), take: ({ length }) => void taken.push(length) },
      new AbortController().signal,
    )
    await clock.advanceAsync(5_900)
    expect(taken).toEqual([1000, 1000])
    await clock.advanceAsync(100)
    await all
    expect(taken).toEqual([1000, 1000, 1000])
    expect(clock.now() - began).toBe(6_000)
    expect(slow.ready()).toBe(true)
  })

  it('ends at once when it is stopped', async () => {
    const stop = new AbortController()
    const slow = slowedTo(source(), 1, new VirtualClock())
    const all = slow.image(OFFER, 0, { begin: () => undefined, take: () => undefined }, stop.signal)
    stop.abort()
    await expect(all).rejects.toThrow('CANCELLED')
  })

  it('is the source itself where no rate is given', () => {
    const fast = source()
    expect(slowedTo(fast, undefined, new VirtualClock())).toBe(fast)
  })
})
