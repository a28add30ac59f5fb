import { describe, expect, it } from 'vitest'
import { setupRequestSchema } from '../../../electron/contract/ipc'
import { blinkBlock, commissionBlock } from '../../../renderer/model/device-facts'
import { EMPTY_ANSWERS, missingAnswer, setupRequest } from '../../../renderer/model/setup-answers'
import { daysUntil, duration, isoDate, relativeTime } from '../../../renderer/model/time'
import { problemsOf, rowsOf, sameValues, valuesOf } from '../../../renderer/model/values-form'
import { devices } from '../harness/sample'

describe('the first run', () => {
  const answers = {
    ...EMPTY_ANSWERS,
    technician: ' Operator 17 ',
    siteName: 'Depot',
    passphrase: 'long enough',
    again: 'long enough',
  }

  it('asks for what is missing, in the order of the questions', () => {
    expect(missingAnswer(EMPTY_ANSWERS, true)).toBe('technician')
    expect(missingAnswer({ ...answers, allInterfaces: false }, true)).toBe('interfaces')
    expect(missingAnswer({ ...answers, siteName: ' ' }, true)).toBe('siteName')
    expect(missingAnswer({ ...answers, site: 'open' }, true)).toBe('file')
    expect(missingAnswer({ ...answers, again: 'other' }, false)).toBe('passphrase')
    expect(missingAnswer({ ...answers, passphrase: 'short', again: 'short' }, false)).toBe('passphrase')
    expect(missingAnswer(answers, false)).toBeUndefined()
  })

  it('sends what the contract allows, and no passphrase where a key store keeps the key', () => {
    expect(setupRequestSchema.parse(setupRequest(answers, false)).technician).toBe('Operator 17')
    expect(setupRequest(answers, true)).not.toHaveProperty('passphrase')
  })
})

describe('actions on a device', () => {
  const blocks = devices().map((device) => [
    device.name || device.serialNumber,
    commissionBlock(device),
    blinkBlock(device),
  ])
  it('are refused with the reason that its phase gives', () =>
    expect(blocks).toEqual([
      ['Pump room 1', 'already-enrolled', undefined],
      ['Pump room 2', 'already-enrolled', undefined],
      ['Gate east', undefined, undefined],
      ['Gate west', undefined, undefined],
      ['PX200-01180', undefined, undefined],
      ['PX200-01181', undefined, undefined],
      ['PX200-00977', undefined, undefined],
      ['Air unit 3', 'already-enrolled', undefined],
      ['Air unit 4', 'already-enrolled', undefined],
      ['Air unit 12', 'already-enrolled', 'offline'],
      ['Meter 0181', 'needs-network', 'not-enrolled'],
      ['NAS (media server)', 'not-managed', 'not-managed'],
    ]))
})

describe('times', () => {
  const now = Date.parse('2026-03-01T12:00:00Z')
  it('are relative, in steps of five seconds, with a space before the unit', () => {
    expect(relativeTime(now - 3000, now, 'en')).toBe('now')
    expect(relativeTime(now - 13_000, now, 'en')).toBe('10\u00a0s ago')
    expect(relativeTime(now - 7_300_000, now, 'en')).toBe('2\u00a0h ago')
    expect(relativeTime(now - 13_000, now, 'de')).toBe('vor 10 s')
  })
  it('are exact where they are read', () => {
    expect(isoDate('2027-03-14T23:59:59Z')).toBe('2027-03-14')
    expect(isoDate('nonsense')).toBe('—')
    expect(daysUntil('2026-03-22T13:00:00Z', now)).toBe(21)
    expect(duration(1240, 'de')).toBe('1,2 s')
    expect(duration(185_000, 'en')).toBe('3 min 5 s')
  })
})

describe('parameters of a group', () => {
  it('are refused when badly named or there twice, and empty rows are left out', () => {
    const rows = [
      ...rowsOf({ 'report/interval': '30' }),
      { key: 5, name: '1x', value: '' },
      { key: 6, name: 'report/interval', value: '9' },
      { key: 7, name: '', value: '' },
    ]
    expect([...problemsOf(rows)]).toEqual([
      [5, 'badName'],
      [6, 'twice'],
    ])
    expect(valuesOf([...rowsOf({ a: '1' }), { key: 9, name: '', value: '' }])).toEqual({ a: '1' })
    expect(sameValues({ a: '1', b: '2' }, { b: '2', a: '1' })).toBe(true)
    expect(sameValues({ a: '1' }, { a: '2' })).toBe(false)
  })
})
