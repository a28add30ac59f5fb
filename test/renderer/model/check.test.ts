import { expect, it } from 'vitest'
import { CHECK_TESTS } from '../../../electron/contract/self-test'
import {
  checkBlock,
  checkShare,
  countChecks,
  inOrder,
  measureRange,
  TEST_GROUPS,
  worstFirst,
} from '../../../renderer/model/check'
import { optionsOf } from '../../../renderer/wizards/diagnostics/store'
import { devices, NOW } from '../harness/sample'
import { diagnosticsSample } from '../harness/sample-diagnostics'

const list = devices(20)
const { checks } = diagnosticsSample(list, NOW)

it('cards stand worst first, with what still runs before what is well', () =>
  expect(worstFirst(checks).map(({ verdict }) => verdict)).toEqual(['bad', 'bad', undefined, 'ok']))

it('counts every check once', () =>
  expect(countChecks(checks)).toEqual({ ok: 1, warn: 0, bad: 2, running: 1 }))

it('the groups of the wizard hold every test once', () =>
  expect(Object.values(TEST_GROUPS).flat().toSorted()).toEqual([...CHECK_TESTS].toSorted()))

it('a share of the tests has ended while it runs', () => {
  const running = checks.find(({ verdict }) => verdict === undefined)
  expect(running && checkShare(running)).toBeCloseTo(6 / CHECK_TESTS.length)
  expect(running && inOrder(running.entries.toReversed()).map(({ test }) => test)).toEqual([...CHECK_TESTS])
})

it('ranges are written as people write them', () => {
  const measure = { name: 'a', value: 1, unit: '', ok: true }
  expect(measureRange({ ...measure, low: 1, high: 2 }, 'en')).toBe('1 … 2')
  expect(measureRange({ ...measure, high: 70.5 }, 'de')).toBe('≤ 70,5')
  expect(measureRange(measure, 'en')).toBe('')
})

it('only devices of the site with diagnostics can be checked', () => {
  const blocks = new Set(list.map(checkBlock))
  expect(blocks).toEqual(new Set([undefined, 'not-managed', 'not-enrolled']))
})

it('empty fields stay out of the options, and tests keep their order', () => {
  const form = { tests: new Set(['ping', 'reachable'] as const), host: ' ', dnsName: ' time.example ' }
  expect(optionsOf(form)).toEqual({ tests: ['reachable', 'ping'], dnsName: 'time.example' })
})
