import { describe, expect, it } from 'vitest'
import { DEFAULT_THRESHOLDS, type DeviceHealth, thresholdSchema } from '../../../electron/contract/health'
import {
  healthClass,
  overviewOf,
  valueWords,
  withRaises,
  withThreshold,
} from '../../../renderer/model/health'
import { applyHealth, EMPTY_HEALTH } from '../../../renderer/stores/health'
import { devices, NOW, udn } from '../harness/sample'
import { diagnosticsSample } from '../harness/sample-diagnostics'

const list = devices(60)
const { health } = diagnosticsSample(list, NOW)
const byUdn = new Map(health.map((one) => [one.udn, one]))

describe('the overview', () => {
  it('puts the worst first and counts every device once', () => {
    const { rows, counts } = overviewOf(list, byUdn, 'all', '')
    const rank = ['bad', 'quiet', 'warn', 'ok', 'none']
    const ranks = rows.map((row) => rank.indexOf(healthClass(byUdn.get(row.udn))))
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b))
    expect(counts.bad + counts.quiet + counts.warn + counts.ok + counts.none).toBe(counts.all)
    expect(rows).toHaveLength(counts.all)
  })

  it('keeps the objects of rows whose name did not change', () => {
    const first = overviewOf(list, byUdn, 'all', '').rows[0]
    expect(overviewOf(list, new Map(byUdn), 'all', '').rows[0]).toBe(first)
  })

  it('finds by every word of the search', () => {
    const { rows } = overviewOf(list, byUdn, 'all', 'pump room 1')
    expect(rows.map(({ label }) => label)).toContain('Pump room 1')
    expect(overviewOf(list, byUdn, 'bad', 'no such').rows).toEqual([])
  })
})

it('a report changes the object of its own device only', () => {
  const before = applyHealth(EMPTY_HEALTH, health)
  const changed: DeviceHealth = { ...(byUdn.get(udn(1)) as DeviceHealth), level: 'bad' }
  const after = applyHealth(before, [changed])
  expect(after.byUdn.get(udn(1))).toBe(changed)
  expect(after.byUdn.get(udn(2))).toBe(before.byUdn.get(udn(2)))
})

describe('limits', () => {
  const temperature = DEFAULT_THRESHOLDS[0]
  if (!temperature) throw new Error('no temperature')

  it('move with their distance to the end of the alarm', () => {
    const next = withRaises(temperature, 60, 75)
    expect(next).toMatchObject({ warn: { raise: 60, clear: 55 }, bad: { raise: 75, clear: 70 } })
    expect(thresholdSchema.safeParse(next).success).toBe(true)
  })

  it('are refused when they cross, and may be left out', () => {
    expect(withRaises(temperature, 90, 75)).toBeUndefined()
    expect(withRaises(temperature, undefined, 80)).not.toHaveProperty('warn')
  })

  it('replace their own metric only', () => {
    const next = withThreshold(DEFAULT_THRESHOLDS, { ...temperature, holdS: 9 })
    expect(next).toHaveLength(DEFAULT_THRESHOLDS.length)
    expect(next[0]?.holdS).toBe(9)
    const cold = {
      metric: 'temperature',
      direction: 'below',
      warn: { raise: 2, clear: 4 },
      holdS: 0,
    } as const
    expect(withThreshold(next, cold)).toEqual([...next, cold])
  })
})

it('values carry their unit in the language of the window', () => {
  expect(valueWords('temperature', 41.26, 'en')).toBe('41.3\u00a0°C')
  expect(valueWords('supply', 10.6, 'de')).toBe('10,60\u00a0V')
  expect(valueWords('uptime', 90_000, 'en')).toBe('1 d 1 h')
})
