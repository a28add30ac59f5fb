import { describe, expect, it } from 'vitest'
import type { Fit } from '../../../electron/contract/firmware'
import { countBoard, DEFAULT_BOARD, queryBoard } from '../../../renderer/model/firmware-board'
import {
  bytesText,
  localTime,
  rateText,
  secondsLeft,
  spanText,
  toUtcInput,
  utcInput,
  utcMoment,
} from '../../../renderer/model/firmware-figures'
import { candidatesOf, filterCandidates, unfitCounts } from '../../../renderer/model/firmware-fits'
import { imageBlock, imageProblem, wayBack } from '../../../renderer/model/firmware-serial'
import { countsOf, segmentsOf, totalOf, waveSentence } from '../../../renderer/model/firmware-waves'
import { devices, udn } from '../harness/sample'
import { BUNDLES, boardRows, ROLLOUT, rollout, SERIAL } from '../harness/sample-firmware'

describe('figures', () => {
  it.each([
    [512, '512 B'],
    [8_400_000, '8.4 MB'],
    [64_000_000, '64 MB'],
    [999_700, '1.0 MB'],
  ])('%d bytes are %s', (bytes, text) => expect(bytesText(bytes, 'en')).toBe(text))

  it('writes rates and German numbers', () => {
    expect(rateText(4_100_000, 'en')).toBe('4.1 MB/s')
    expect(bytesText(8_400_000, 'de')).toBe('8,4 MB')
  })

  it.each([
    [40, '40 s'],
    [61, '2 min'],
    [3600, '1 h'],
    [76_320, '21 h 12 min'],
    [86_400, '24 h'],
    [200_000, '2 d 7 h'],
  ])('%d seconds are %s', (seconds, text) => expect(spanText(seconds)).toBe(text))

  it('does not guess while nothing moves', () => {
    expect(secondsLeft(50, 100, 0)).toBeUndefined()
    expect(secondsLeft(50, 100, 10)).toBe(5)
    expect(secondsLeft(100, 100, 10)).toBeUndefined()
  })

  it('names days in UTC', () => {
    const now = Date.parse('2026-11-22T23:30:00Z')
    expect(utcMoment(now + 600_000, now).day).toBe('today')
    expect(utcMoment(now + 3_600_000, now)).toEqual({ day: 'tomorrow', date: '2026-11-23', time: '00:30' })
    expect(utcMoment(now + 200_000_000, now).day).toBe('other')
    expect(utcInput(toUtcInput(now))).toBe(now)
    expect(localTime('22:00', now)).toMatch(/^\d\d:\d\d$/)
  })
})

describe('the board', () => {
  const rows = boardRows(
    ROLLOUT,
    Array.from({ length: 40 }, (_, index) => udn(index)),
  ).map((row, index) => ({ row, label: `Pump ${index}`, runs: '2.4.0' }))

  it('counts what each filter shows', () => {
    const counts = countBoard(
      rows.map(({ row }) => row),
      undefined,
    )
    const { all, ...rest } = counts
    expect(Object.values(rest).reduce((sum, one) => sum + one, 0)).toBe(all)
    expect(
      countBoard(
        rows.map(({ row }) => row),
        0,
      ).all,
    ).toBe(2)
  })

  it('keeps rows in their place by wave and name, and finds by text', () => {
    const shown = queryBoard(rows, DEFAULT_BOARD).map(({ label }) => label)
    expect(shown.slice(0, 4)).toEqual(['Pump 0', 'Pump 1', 'Pump 2', 'Pump 3'])
    expect(queryBoard(rows, { ...DEFAULT_BOARD, text: 'pump 1' })).toHaveLength(11)
    expect(queryBoard(rows, { ...DEFAULT_BOARD, wave: 0, descending: true })).toHaveLength(2)
    const bad = queryBoard(rows, { ...DEFAULT_BOARD, filter: 'bad' }).map(({ row }) => row.state)
    expect(bad).toEqual(['rolledBack', 'failed'])
  })
})

describe('waves', () => {
  const view = rollout()
  const [, second] = view.waves
  it('fill their bar', () => {
    if (!second) throw new Error('the sample lacks its waves')
    const segments = segmentsOf(second)
    expect(segments.map(({ name }) => name)).toEqual(['probation', 'bad'])
    expect(segments.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
    expect(countsOf(second)).toEqual([
      ['probation', 19],
      ['rolledBack', 1],
    ])
  })

  it('say what they wait for', () => {
    expect([0, 1, 2, 3].map((index) => waveSentence(view, index))).toEqual([
      'passed',
      'passed',
      'downloading',
      'waitsSoak',
    ])
    expect(totalOf(view).total).toBe(412)
  })
})

describe('devices held against a bundle', () => {
  const list = devices(6)
  const byUdn = new Map(list.map((device) => [device.udn, device]))
  const fits: readonly Fit[] = [
    { udn: udn(1), fits: false, reason: 'wrong-model' },
    { udn: udn(2), fits: true },
    { udn: udn(3), fits: true, reason: 'offline' },
    { udn: udn(4), fits: false, reason: 'not-managed' },
  ]
  const all = candidatesOf(fits, byUdn)

  it('puts those that fit first and leaves foreign ones out', () =>
    expect(all.map(({ fit, choosable }) => [fit.udn, choosable])).toEqual([
      [udn(2), true],
      [udn(3), true],
      [udn(1), false],
    ]))

  it('filters by verdict and text', () => {
    expect(filterCandidates(all, 'not', '')).toHaveLength(1)
    expect(filterCandidates(all, 'fits', 'gate')).toHaveLength(1)
    expect(unfitCounts(all)).toEqual([['wrong-model', 1]])
  })
})

describe('an image for the device at a cable', () => {
  const [newer, same, revoked] = BUNDLES
  const swap = SERIAL['/dev/ttyUSB0']
  const overwrite = SERIAL['/dev/ttyUSB1']
  if (!newer || !same || !revoked || !swap || !overwrite) throw new Error('the sample is not whole')

  it('has to fit', () => {
    expect(imageBlock(newer, swap)).toBeUndefined()
    expect(imageBlock(same, swap)).toBe('same-version')
    expect(imageBlock(revoked, swap)).toBe('problem')
    expect(imageBlock(newer, { ...swap, model: 'GC-10' })).toBe('wrong-model')
    expect(imageBlock(newer, { ...swap, hardwareRevision: 'C' })).toBe('wrong-revision')
  })

  it('needs consent where there is no way back', () => {
    const choice = { bundleId: newer.id, confirm: false, consent: false }
    expect(imageProblem({ ...choice, bundleId: '' }, swap)).toBe('no-bundle')
    expect(imageProblem(choice, swap)).toBeUndefined()
    expect(imageProblem(choice, overwrite)).toBe('consent')
    expect(imageProblem({ ...choice, consent: true }, overwrite)).toBeUndefined()
    expect([wayBack(swap), wayBack(overwrite), wayBack({ ...overwrite, mode: 'unknown' })]).toEqual([
      'swap',
      'none',
      'unknown',
    ])
  })
})
