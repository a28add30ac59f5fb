import { afterEach, describe, expect, it, vi } from 'vitest'
import { applyDelta, blink, EMPTY_LIST, useDevices } from '../../../renderer/stores/devices'
import { devices, udn } from '../harness/sample'

const rows = devices()
const delta = (put: typeof rows, more: { reset?: boolean; last?: boolean; drop?: string[] } = {}) => ({
  reset: false,
  last: true,
  drop: [],
  ...more,
  put: [...put],
})

describe('the mirrored device list', () => {
  it('is loaded when the last chunk of the snapshot has come', () => {
    const first = applyDelta(EMPTY_LIST, delta(rows.slice(0, 5), { reset: true, last: false }))
    expect(first.loaded).toBe(false)
    const second = applyDelta(first, delta(rows.slice(5)))
    expect(second.loaded).toBe(true)
    expect(second.rows).toHaveLength(rows.length)
  })

  it('keeps the objects of rows that did not change', () => {
    const before = applyDelta(EMPTY_LIST, delta(rows, { reset: true }))
    const changed = { ...rows[0], name: 'renamed' } as (typeof rows)[number]
    const after = applyDelta(before, delta([changed], { drop: [udn(2)] }))
    expect(after.byUdn.get(udn(3))).toBe(before.byUdn.get(udn(3)))
    expect(after.byUdn.get(udn(1))?.name).toBe('renamed')
    expect(after.byUdn.has(udn(2))).toBe(false)
  })

  it('forgets everything on a reset', () => {
    const before = applyDelta(EMPTY_LIST, delta(rows, { reset: true }))
    expect(applyDelta(before, delta(rows.slice(0, 1), { reset: true })).rows).toHaveLength(1)
  })
})

describe('blinking', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    useDevices.setState(EMPTY_LIST)
  })

  it('asks a few at once, all of them, and names those that failed', async () => {
    const open: (() => void)[] = []
    let asked = 0
    vi.stubGlobal('window', {
      iotmc: {
        call: (_name: string, { udn: one }: { udn: string }) => {
          asked += 1
          return new Promise((resolve) => {
            const fails = one <= udn(5)
            const error = { code: 'DEVICE_UNREACHABLE', subject: one }
            open.push(() => resolve(fails ? { ok: false, error } : { ok: true }))
          })
        },
        on: () => () => undefined,
      },
    })
    useDevices.setState(applyDelta(EMPTY_LIST, delta(rows, { reset: true })))
    const all = Array.from({ length: 40 }, (_, index) => udn(index + 1))
    const done = blink(all)
    const refused = expect(done).rejects.toMatchObject({
      code: 'DEVICE_UNREACHABLE',
      subject: [...[1, 2, 3].map((n) => useDevices.getState().byUdn.get(udn(n))?.name), '+2'].join(', '),
    })
    while (asked < all.length || open.length > 0) {
      expect(open.length).toBeLessThanOrEqual(8)
      open.shift()?.()
      await Promise.resolve()
    }
    await refused
    expect(asked).toBe(40)
  })
})
