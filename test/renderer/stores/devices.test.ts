import { describe, expect, it } from 'vitest'
import { applyDelta, EMPTY_LIST } from '../../../renderer/stores/devices'
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
