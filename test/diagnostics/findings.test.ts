import { describe, expect, it } from 'vitest'
import {
  CHECK_TESTS,
  type CheckEntry,
  type CheckTest,
  FINDINGS,
  type Finding,
} from '../../electron/contract/self-test'
import { judgeCheck } from '../../electron/diagnostics/findings'

type Change = Partial<Omit<CheckEntry, 'test'>>

const fine = (test: CheckTest): CheckEntry => ({ test, state: 'done', verdict: 'ok', measures: [] })
/** A check in which all is well but for what is named. */
const checkWith = (changes: Partial<Record<CheckTest, Change>>): CheckEntry[] =>
  CHECK_TESTS.map((test) => ({ ...fine(test), ...changes[test] }))
const off = (name: string, value = 1): CheckEntry['measures'] => [{ name, value, unit: '', ok: false }]
const keys = (changes: Partial<Record<CheckTest, Change>>): Finding[] =>
  judgeCheck(checkWith(changes)).findings.map(({ finding }) => finding)

it('a device without faults is well', () => {
  expect(judgeCheck(checkWith({}))).toEqual({ verdict: 'ok', findings: [{ finding: 'all-well' }] })
})

it('a reason that every object has a member of is no finding of its own: devices choose their words', () => {
  for (const reason of ['constructor', 'toString', '__proto__'])
    expect(judgeCheck(checkWith({ memory: { verdict: 'bad', reason } })).findings).toEqual([
      { finding: 'memory-failing', test: 'memory' },
    ])
})

it('tests that were left out are no finding', () => {
  const skipped: Change = { verdict: 'skipped', reason: 'not-chosen' }
  const old: Change = { verdict: 'skipped', reason: 'not-supported' }
  expect(judgeCheck(checkWith({ flash: skipped, health: old, path: old })).findings).toEqual([
    { finding: 'all-well' },
  ])
})

describe.each<[CheckTest, Change, string, 'warn' | 'bad']>([
  ['reachable', { verdict: 'bad', reason: 'unreachable' }, 'unreachable', 'bad'],
  ['reachable', { verdict: 'bad', reason: 'not-trusted' }, 'not-trusted', 'bad'],
  ['reachable', { verdict: 'warn', measures: off('roundTrip') }, 'network-poor', 'warn'],
  ['identity', { verdict: 'bad', reason: 'not-trusted' }, 'not-trusted', 'bad'],
  ['identity', { verdict: 'warn', measures: off('certificate.daysLeft') }, 'certificate-ending', 'warn'],
  ['health', { verdict: 'bad', measures: off('temperature') }, 'overheating', 'bad'],
  ['health', { verdict: 'warn', measures: off('supply') }, 'supply-low', 'warn'],
  ['health', { verdict: 'warn', measures: off('freeMemory') }, 'values-out-of-range', 'warn'],
  ['health', { verdict: 'warn', measures: off('signal') }, 'network-poor', 'warn'],
  ['health', { verdict: 'warn', measures: off('link.up') }, 'network-poor', 'warn'],
  ['health', { verdict: 'bad', measures: off('clockSkew') }, 'clock-wrong', 'bad'],
  ['health', { verdict: 'warn', measures: off('clock.synchronised') }, 'clock-wrong', 'warn'],
  ['health', { verdict: 'unknown', reason: 'unreachable' }, 'unreachable', 'bad'],
  ['health', { verdict: 'unknown', reason: 'bad-answer' }, 'incomplete', 'warn'],
  ['log', { verdict: 'warn', measures: off('log.errors', 40) }, 'many-errors', 'warn'],
  ['log', { verdict: 'bad', measures: off('log.critical', 1) }, 'many-errors', 'bad'],
  ['firmware', { verdict: 'warn', reason: 'on-trial' }, 'firmware-on-trial', 'warn'],
  ['firmware', { verdict: 'warn', reason: 'bank-not-valid' }, 'values-out-of-range', 'warn'],
  ['self-test', { verdict: 'bad', measures: off('flash.wrongBlocks') }, 'flash-failing', 'bad'],
  ['self-test', { verdict: 'bad', measures: off('memory.wrongWords') }, 'memory-failing', 'bad'],
  ['self-test', { verdict: 'bad', measures: off('vendor.thing') }, 'values-out-of-range', 'bad'],
  ['memory', { verdict: 'bad' }, 'memory-failing', 'bad'],
  ['flash', { verdict: 'bad', reason: 'flash-differs' }, 'flash-failing', 'bad'],
  ['flash', { verdict: 'unknown', reason: 'no-space' }, 'incomplete', 'warn'],
  ['sensor', { verdict: 'bad', measures: off('sensor.temperatureSpread', 0) }, 'sensor-failing', 'bad'],
  ['ping', { verdict: 'warn', measures: off('ping.loss', 40) }, 'network-poor', 'warn'],
  ['ping', { verdict: 'bad', reason: 'unreachable' }, 'network-poor', 'bad'],
  ['dns', { verdict: 'bad', reason: 'unknown-host' }, 'name-service', 'bad'],
  ['path', { verdict: 'bad', reason: 'no-answer' }, 'network-poor', 'bad'],
  ['throughput', { verdict: 'warn', measures: off('throughput.rate', 0.2) }, 'network-poor', 'warn'],
  ['throughput', { verdict: 'unknown', reason: 'busy' }, 'incomplete', 'warn'],
  ['ping', { state: 'cancelled', verdict: undefined }, 'incomplete', 'warn'],
])('%s with %j', (test, change, finding, verdict) => {
  it(`is ${finding}, ${verdict}`, () => {
    expect(judgeCheck(checkWith({ [test]: change }))).toEqual({ verdict, findings: [{ finding, test }] })
  })
})

it('the worst comes first, each once, with the test that showed it first', () => {
  const { verdict, findings } = judgeCheck(
    checkWith({
      health: { verdict: 'warn', measures: [...off('clockSkew'), ...off('temperature')] },
      'self-test': { verdict: 'bad', measures: off('flash.wrongBlocks') },
      flash: { verdict: 'bad', measures: off('flash.wrongBlocks') },
      ping: { verdict: 'warn', measures: off('ping.loss') },
      path: { verdict: 'warn' },
    }),
  )
  expect(verdict).toBe('bad')
  expect(findings).toEqual([
    { finding: 'flash-failing', test: 'self-test' },
    { finding: 'overheating', test: 'health' },
    { finding: 'network-poor', test: 'ping' },
    { finding: 'clock-wrong', test: 'health' },
  ])
})

it('what is found is told in the order of the contract, whatever the order of the tests', () => {
  const all = keys({
    reachable: { verdict: 'bad', reason: 'unreachable' },
    identity: { verdict: 'bad', reason: 'not-trusted' },
    log: { verdict: 'warn' },
    dns: { verdict: 'bad' },
    throughput: { verdict: 'unknown', reason: 'busy' },
  })
  const ranks = all.map((key) => FINDINGS.indexOf(key))
  expect(ranks).toEqual([...ranks].sort((a, b) => a - b))
  expect(all).toHaveLength(5)
})
