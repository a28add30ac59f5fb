import { describe, expect, it } from 'vitest'
import { applyRollouts, applyRows, EMPTY_FIRMWARE } from '../../../renderer/stores/firmware'
import { udn } from '../harness/sample'
import { boardRows, ROLLOUT, rollout } from '../harness/sample-firmware'

const rows = boardRows(ROLLOUT, [udn(1), udn(2)])
const opened = {
  ...EMPTY_FIRMWARE,
  boards: new Map([[ROLLOUT, new Map(rows.map((row) => [row.udn, row]))]]),
}

describe('the mirrored firmware', () => {
  it('keeps rows that did not change as they are', () => {
    const [first] = rows
    if (!first) throw new Error('the sample lacks its rows')
    const after = applyRows(opened, [{ ...first, state: 'failed' }])
    expect(after.boards.get(ROLLOUT)?.get(udn(1))?.state).toBe('failed')
    expect(after.boards.get(ROLLOUT)?.get(udn(2))).toBe(opened.boards.get(ROLLOUT)?.get(udn(2)))
    expect(opened.boards.get(ROLLOUT)?.get(udn(1))?.state).toBe(first.state)
  })

  it('does not gather boards that nobody opened', () =>
    expect(applyRows(EMPTY_FIRMWARE, rows)).toBe(EMPTY_FIRMWARE))

  it('lists the newest rollout first', () => {
    const old = rollout({ id: 'old', createdAtMs: 1 })
    const young = rollout({ id: 'young', createdAtMs: 2 })
    expect(applyRollouts(EMPTY_FIRMWARE, [old, young]).rollouts.map(({ id }) => id)).toEqual(['young', 'old'])
  })
})
