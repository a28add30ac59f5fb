import { describe, expect, it } from 'vitest'
import { ableOf, allOf, countSelected, tallyBulk } from '../../../renderer/model/bulk'
import { updateBlock } from '../../../renderer/model/device-facts'
import { summarize } from '../../../renderer/model/device-summary'
import { devices, udn } from '../harness/sample'

const rows = devices()
const byUdn = new Map(rows.map((device) => [device.udn, device]))

describe('a selection', () => {
  it('of all rows is one set, counted without a walk and known again', () => {
    const all = allOf(rows)
    expect(allOf(rows)).toBe(all)
    expect(all.size).toBe(rows.length)
    expect(countSelected(rows, all)).toBe(rows.length)
  })

  it('counts only what is among the rows', () => {
    expect(countSelected(rows, new Set())).toBe(0)
    expect(countSelected(rows.slice(0, 3), new Set([udn(1), udn(3), udn(9)]))).toBe(2)
    expect(countSelected([...rows], allOf(rows))).toBe(rows.length)
  })

  it('is judged for every action at once; what left the list does not count', () => {
    const bulk = tallyBulk(new Set([...allOf(rows), 'uuid:gone']), byUdn)
    expect(bulk.devices).toHaveLength(rows.length)
    const able = ableOf(bulk.devices, updateBlock)
    expect(bulk.update).toEqual({ able: able.length, reason: undefined })
    expect(able.length).toBeGreaterThan(0)
  })

  it('tells the one reason why nothing can be done, or that there are several', () => {
    const blocked = rows.filter((device) => updateBlock(device) !== undefined)
    const one = blocked.slice(0, 1)
    const only = tallyBulk(allOf(one), byUdn).update
    expect(only).toEqual({ able: 0, reason: one[0] && updateBlock(one[0]) })
    expect(tallyBulk(allOf(blocked), byUdn).update).toEqual({ able: 0, reason: 'mixed' })
  })
})

describe('the summary of a list', () => {
  it('keeps its objects while a change touches none of the counts', () => {
    const before = summarize(rows)
    const heard = rows.map((device) => ({
      ...device,
      lastSeenMs: device.lastSeenMs + 5,
      firmwareVersion: '9',
    }))
    const now = summarize(heard, before)
    expect(now.chips).toBe(before.chips)
    expect(now.heardMs).toBe(before.heardMs + 5)
  })

  it('follows a changed group and leaves the models alone', () => {
    const before = summarize(rows)
    const now = summarize(
      rows.map((device, n) => (n === 0 ? { ...device, group: 'New hall' } : device)),
      before,
    )
    expect(now.chips.groups).toContainEqual(['New hall', 1])
    expect(now.chips.models).toBe(before.chips.models)
  })
})
