import { describe, expect, it } from 'vitest'
import type { SiteTask, SiteWork, SiteWorkRow } from '../../../electron/contract/site-plan'
import {
  countWork,
  mergeWork,
  riskOf,
  roughBytes,
  roughTime,
  staleRows,
  toRetryWork,
  toStart,
  workStand,
} from '../../../renderer/model/site-work'

const task = (kind: SiteTask['kind'], risk: SiteTask['risk']): SiteTask => ({
  kind,
  differences: [],
  risk,
  bytes: 1,
  downtimeS: 0,
  durationS: 1,
})
const row = (key: string, more: Partial<SiteWorkRow> = {}): SiteWorkRow => ({
  key,
  name: key,
  online: true,
  tasks: [task('configure', 'low')],
  state: 'previewed',
  ...more,
})
const work = (rows: SiteWorkRow[]): SiteWork => ({
  id: 'w',
  createdAtMs: 1,
  what: 'plan',
  rows,
  totals: { devices: 0, held: 0, tasks: 0, bytes: 0, downtimeS: 0, durationS: 0 },
})

describe('a work on the site', () => {
  it('starts what has tasks and no problem, also where the device is not there', () => {
    const rows = [
      row('a'),
      row('b', { online: false }),
      row('c', { problem: 'BUNDLE_UNKNOWN' }),
      row('d', { tasks: [], state: 'same' }),
      row('e', { state: 'done' }),
    ]
    expect(toStart(work(rows))).toEqual(['a', 'b'])
    expect(rows.map(workStand)).toEqual(['previewed', 'waits', 'problem', 'same', 'done'])
    expect(countWork(rows)).toEqual([
      ['problem', 1],
      ['previewed', 1],
      ['waits', 1],
      ['done', 1],
      ['same', 1],
    ])
  })

  it('tries again what failed, but looks again where reality has moved on', () => {
    const failed = work([
      row('a', { state: 'failed', error: { code: 'DEVICE_UNREACHABLE' } }),
      row('b', { state: 'failed', error: { code: 'PLAN_STALE' } }),
    ])
    expect(toRetryWork(failed)).toEqual(['a'])
    expect(staleRows(failed).map(({ key }) => key)).toEqual(['b'])
  })

  it('takes over the rows that went on and keeps the order', () => {
    const merged = mergeWork(work([row('a'), row('b')]), {
      ...work([row('b', { state: 'done' }), row('x')]),
      appliedAtMs: 5,
    })
    expect(merged.rows.map(({ key, state }) => `${key} ${state}`)).toEqual(['a previewed', 'b done'])
    expect(merged.appliedAtMs).toBe(5)
  })

  it('tells the greatest risk of all tasks', () => {
    expect(riskOf(row('a', { tasks: [task('update', 'trial'), task('describe', 'none')] }))).toBe('trial')
    expect(riskOf(row('a', { tasks: [] }))).toBeUndefined()
  })

  it.each([
    [0, '0 s'],
    [0.2, '1 s'],
    [59, '59 s'],
    [61, '2 min'],
    [3600, '1 h'],
    [3700, '1 h 2 min'],
  ])('says %s s as %s', (seconds, text) => expect(roughTime(seconds)).toBe(text))

  it.each([
    [0, '0 B'],
    [640, '640 B'],
    [7_340_032, '7.3 MB'],
    [5e18, '5,000,000 TB'],
  ])('says %s bytes as %s', (bytes, text) => expect(roughBytes(bytes, 'en')).toBe(text))
})
