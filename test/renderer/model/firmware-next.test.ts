import { describe, expect, it } from 'vitest'
import { ROLLBACK_REASONS } from '../../../electron/contract/banks'
import { BOARD_STATES, type BoardRow, type RolloutView } from '../../../electron/contract/firmware'
import { en } from '../../../renderer/locales/en'
import { nextOfRow, nextOfStatus, stateOfStatus } from '../../../renderer/model/firmware-next'
import { ROLLOUT, rollout, statusOf } from '../harness/sample-firmware'

const AT = Date.parse('2026-11-22T12:00:00Z')
const row = (state: BoardRow['state'], more: Partial<BoardRow> = {}): BoardRow => ({
  rolloutId: ROLLOUT,
  udn: 'uuid:1',
  wave: 2,
  state,
  status: statusOf(state, 0),
  statusAtMs: AT,
  ...more,
})
const withPlan = (change: Partial<RolloutView['plan']>): RolloutView => {
  const { window: _, ...plan } = rollout().plan
  return rollout({ plan: { ...plan, ...change } })
}

describe('what happens next', () => {
  it.each(BOARD_STATES)('has a sentence while %s', (state) =>
    expect(Object.keys(en.firmware.next)).toContain(nextOfRow(row(state), rollout()).key),
  )

  it.each(ROLLBACK_REASONS)('says why it came back: %s', (rollback) => {
    const status = statusOf('rolledBack', 0)
    if (!status.update) throw new Error('the sample lacks its update')
    const { key } = nextOfStatus({ ...status, update: { ...status.update, rollback } }, AT)
    expect(key).toBe(`rolledBack-${rollback}`)
    expect(Object.keys(en.firmware.next)).toContain(key)
  })

  it('names window, wave or nothing to wait for', () => {
    expect(nextOfRow(row('staged'), rollout()).key).toBe('stagedWindow')
    expect(nextOfRow(row('staged', { wave: 3 }), rollout()).key).toBe('stagedWave')
    expect(nextOfRow(row('staged'), withPlan({})).key).toBe('stagedNow')
    expect(nextOfRow(row('downloading'), withPlan({})).key).toBe('downloadingSwitch')
    expect(nextOfRow(row('staged'), rollout({ state: 'paused' })).key).toBe('paused')
    expect(nextOfRow(row('waiting', { wave: 3 }), rollout()).key).toBe('waitingWave')
  })

  it('promises the end of a trial from the uptime that the device told', () => {
    const next = nextOfRow(row('probation'), rollout())
    expect(next.key).toBe('probation')
    expect(next.atMs).toBe(AT + (86_400 - 9000) * 1000)
    expect(next.values).toMatchObject({ active: 'B', other: 'A', old: '2.4.0', version: '2.5.0' })
    expect(nextOfRow(row('probation'), withPlan({ confirm: 'after-soak' })).key).toBe('probationSoak')
  })

  it('names the bank that is not touched', () =>
    expect(nextOfRow(row('downloading'), rollout()).values).toMatchObject({
      active: 'A',
      other: 'B',
      old: '2.4.0',
    }))

  it('hands on the cause of a failure', () =>
    expect(nextOfRow(row('failed', { error: { code: 'DEADLINE_PASSED' } }), rollout()).code).toBe(
      'DEADLINE_PASSED',
    ))

  it('reads a device by its own word', () => {
    expect(stateOfStatus(statusOf('waiting', 0))).toBeUndefined()
    expect(nextOfStatus(statusOf('waiting', 0), AT).key).toBe('idle')
    expect(nextOfStatus(statusOf('staged', 0), AT).key).toBe('stagedHold')
  })
})
