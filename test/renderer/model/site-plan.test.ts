import { describe, expect, it } from 'vitest'
import type { SiteRow, SiteStand } from '../../../electron/contract/site-plan'
import { filterPlan, isWorkable, sortPlan } from '../../../renderer/model/site-plan'

const row = (key: string, stand: SiteStand, more: Partial<SiteRow> = {}): SiteRow => ({
  key,
  name: key,
  stand,
  online: true,
  differences: [],
  ...more,
})
const different = (manual: boolean): Partial<SiteRow> => ({
  differences: [{ field: 'model', planned: 'A', found: 'B', manual }],
})

describe('the plan beside reality', () => {
  it('offers work where work can help, and leaves the rest to a person', () => {
    expect(isWorkable(row('a', 'missing'))).toBe(true)
    expect(isWorkable(row('a', 'different', different(false)))).toBe(true)
    expect(isWorkable(row('a', 'different', different(true)))).toBe(false)
    expect(isWorkable(row('a', 'unexpected'))).toBe(false)
    expect(isWorkable(row('a', 'present'))).toBe(false)
  })

  it('shows first what needs a look, then by name as people count', () => {
    const rows = [
      row('Pump 10', 'present'),
      row('Pump 2', 'present'),
      row('Z', 'missing'),
      row('Y', 'different'),
    ]
    expect(sortPlan(rows).map(({ key }) => key)).toEqual(['Y', 'Z', 'Pump 2', 'Pump 10'])
  })

  it('finds every word in any field', () => {
    const rows = [
      row('a', 'missing', { place: 'North hall', serialNumber: 'PX200-1' }),
      row('b', 'present', { place: 'North hall' }),
    ]
    expect(filterPlan(rows, 'all', 'HALL px200')).toEqual([rows[0]])
    expect(filterPlan(rows, 'present', 'hall')).toEqual([rows[1]])
    expect(filterPlan(rows, 'all', '')).toEqual(rows)
  })
})
