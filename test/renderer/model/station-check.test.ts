import { describe, expect, it } from 'vitest'
import type { StationView } from '../../../electron/contract/factory'
import { authorityNext, fileName, quotaShare, stationChecks } from '../../../renderer/model/station-check'
import { range } from '../harness/sample-factory'
import { authority, restingStation, SUPERVISOR } from '../harness/sample-station'

const NOW = Date.UTC(2026, 10, 22)
const ready = (): StationView => {
  const view = restingStation()
  return { ...view, config: { ...view.config, lanes: ['/dev/ttyUSB0'] } }
}
const lacking = (view: StationView, ranges = [range(1)]) =>
  stationChecks(view, ranges)
    .filter((check) => !check.ok)
    .map((check) => `${check.need} ${check.how}`)

describe('a station', () => {
  it('that has everything lacks nothing', () => expect(lacking(ready())).toEqual([]))

  it('lacks each thing by name, in the order of the tabs', () => {
    const { nextSerialNumber: _, ...view } = ready()
    expect(
      lacking({
        ...view,
        people: [{ name: 'Operator 17', role: 'operator' }],
        authority: { state: 'requested', issued: 0 },
        config: { ...view.config, lanes: [] },
        ledgerProblem: 'entry 3',
      }),
    ).toEqual(['authority requested', 'numbers used-up', 'lane none', 'supervisor none', 'ledger broken'])
  })

  it('takes scanned numbers where no range of its model is released', () => {
    const { nextSerialNumber: _, ...view } = ready()
    expect(lacking(view, [])).toEqual([])
    expect(lacking(view, [range(1, { model: 'GC-10' })])).toEqual([])
    expect(stationChecks(view, []).find((check) => check.need === 'numbers')?.how).toBe('scanned')
  })

  it('needs a supervisor, since nobody else can leave it', () =>
    expect(lacking({ ...ready(), people: [SUPERVISOR] })).toEqual([]))
})

describe('the next step about the authority', () => {
  const rootHere = { commonName: 'Root', fingerprint: 'AA', pem: 'PEM' }
  it.each([
    ['root', { state: 'missing' as const, issued: 0 }],
    ['request', { state: 'missing' as const, issued: 0, rootHere }],
    ['sign', { state: 'requested' as const, issued: 0, rootHere, requestPem: 'PEM' }],
    ['carry', { state: 'requested' as const, issued: 0, requestPem: 'PEM' }],
    ['ready', authority(NOW)],
    ['carry', authority(NOW, { requestPem: 'PEM' })],
    ['ending', authority(NOW, { issued: 9_000 })],
    ['ending', authority(NOW, { notAfter: new Date(NOW + 29 * 86_400_000).toISOString() })],
    ['renew-expired', authority(NOW, { state: 'expired' })],
    ['renew-exhausted', authority(NOW, { state: 'exhausted' })],
    ['sign', authority(NOW, { state: 'exhausted', rootHere, requestPem: 'PEM' })],
  ])('is "%s" for %j', (next, view) => expect(authorityNext(view, NOW)).toBe(next))

  it('knows no end without a quota', () => {
    expect(quotaShare({ issued: 5_000, quota: 10_000 })).toBe(0.5)
    expect(quotaShare({ issued: 12, quota: 10 })).toBe(1)
    expect(quotaShare({ issued: 5_000 })).toBe(0)
  })
})

describe('a file name', () => {
  it.each([
    ['Example root', 'Example root.pem'],
    ['Linie „Süd“ 4/2', 'Linie Sud 42.pem'],
    ['../../etc/passwd', 'etcpasswd.pem'],
    ['線', 'file.pem'],
  ])('made of %s is one that every system takes', (name, file) => {
    expect(fileName(name, '.pem')).toBe(file)
    expect(file).toMatch(/^[A-Za-z0-9 ._-]{1,80}$/)
  })
})
