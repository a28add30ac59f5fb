import { beforeEach, describe, expect, it } from 'vitest'
import type { Device, DeviceDelta } from '../../electron/contract/device'
import { IPC_LIMITS } from '../../electron/contract/timings'
import { DeviceFeed } from '../../electron/ipc/device-feed'
import { deviceRow, udnOf } from '../helpers/device-row'
import { VirtualClock } from '../helpers/virtual-clock'

const rows = (count: number): Device[] => Array.from({ length: count }, (_, n) => deviceRow(n))

describe('the device list on its way to the window', () => {
  let clock: VirtualClock
  let sent: DeviceDelta[]
  let devices: Device[]
  let feed: DeviceFeed

  beforeEach(() => {
    clock = new VirtualClock()
    sent = []
    devices = []
    feed = new DeviceFeed({ clock, devices: () => devices, send: (delta) => sent.push(delta) })
  })

  it('sends nothing before the window opens the list', () => {
    feed.change({ put: rows(1), drop: [] })
    clock.advance(1000)
    expect(sent).toEqual([])
  })

  it('sends one empty last chunk where there are no devices', () => {
    feed.open()
    expect(sent).toEqual([{ reset: true, last: true, put: [], drop: [] }])
  })

  it('cuts a long list into chunks: reset on the first, last on the last', () => {
    devices = rows(IPC_LIMITS.chunkRows * 2 + 1)
    feed.open()
    clock.advance(10)
    expect(sent.map(({ reset, last, put }) => [reset, last, put.length])).toEqual([
      [true, false, IPC_LIMITS.chunkRows],
      [false, false, IPC_LIMITS.chunkRows],
      [false, true, 1],
    ])
  })

  it('lets a change that arrives during the snapshot follow it', () => {
    devices = rows(IPC_LIMITS.chunkRows + 1)
    feed.open()
    feed.change({ put: [deviceRow(0, { name: 'renamed' })], drop: [udnOf(1)] })
    clock.advance(1000)
    expect(sent).toHaveLength(3)
    expect(sent[2]).toEqual({
      reset: false,
      last: true,
      put: [deviceRow(0, { name: 'renamed' })],
      drop: [udnOf(1)],
    })
  })

  it('sends at most ten deltas a second, each row in its newest form', () => {
    feed.open()
    sent.length = 0
    for (let ms = 0; ms < 1000; ms++) {
      feed.change({ put: [deviceRow(1, { lastSeenMs: ms })], drop: [] })
      clock.advance(1)
    }
    expect(sent.length).toBeLessThanOrEqual(10)
    expect(sent.length).toBeGreaterThanOrEqual(9)
    clock.advance(200)
    expect(sent.at(-1)?.put).toEqual([deviceRow(1, { lastSeenMs: 999 })])
  })

  it('sends the later of put and drop', () => {
    feed.open()
    feed.change({ put: rows(1), drop: [udnOf(5)] })
    feed.change({ put: [deviceRow(5)], drop: [udnOf(0)] })
    clock.advance(200)
    expect(sent[1]).toMatchObject({ put: [{ udn: udnOf(5) }], drop: [udnOf(0)] })
  })

  it('spreads a very long delta over several', () => {
    feed.open()
    feed.change({ put: rows(IPC_LIMITS.chunkRows + 2), drop: [] })
    clock.advance(1000)
    expect(sent.slice(1).map(({ put }) => put.length)).toEqual([IPC_LIMITS.chunkRows, 2])
  })

  it('starts over for a reloaded page and on a change of site', () => {
    feed.restart()
    expect(sent).toEqual([])
    feed.open()
    feed.change({ put: rows(1), drop: [] })
    devices = [deviceRow(7)]
    feed.restart()
    clock.advance(1000)
    expect(sent[1]).toEqual({ reset: true, last: true, put: [deviceRow(7)], drop: [] })
    expect(sent).toHaveLength(2)
  })

  it('leaves no timer behind when closed', () => {
    feed.open()
    feed.change({ put: rows(1), drop: [] })
    feed.close()
    expect(clock.pending).toBe(0)
  })
})
