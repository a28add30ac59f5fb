import { expect, it } from 'vitest'
import { CHECK_TESTS, type HealthCheck } from '../../electron/contract/self-test'
import { Records } from '../../electron/store/records'

const UDN_A = 'uuid:00000000-0000-4000-8000-00000000000a'
const UDN_B = 'uuid:00000000-0000-4000-8000-00000000000b'

const check = (
  id: string,
  udn: string,
  startedAtMs: number,
  more: Partial<HealthCheck> = {},
): HealthCheck => ({
  id,
  udn,
  startedAtMs,
  entries: CHECK_TESTS.map((test) => ({ test, state: 'pending', measures: [] })),
  findings: [],
  ...more,
})

it('checks come back as they were written, newest first, of one device or of all', () => {
  const { checks } = Records.open(':memory:')
  checks.save({ check: check('1', UDN_A, 10) })
  checks.save({ check: check('2', UDN_B, 20) })
  checks.save({ check: check('3', UDN_A, 30), running: { test: 'ping', testId: 7 } })
  const ids = (query: { udn?: string; limit: number }) => checks.list(query).map((record) => record.check.id)
  expect(ids({ limit: 10 })).toEqual(['3', '2', '1'])
  expect(ids({ limit: 2 })).toEqual(['3', '2'])
  expect(ids({ udn: UDN_A, limit: 10 })).toEqual(['3', '1'])
  expect(checks.get('3')).toEqual({ check: check('3', UDN_A, 30), running: { test: 'ping', testId: 7 } })
  expect(checks.get('4')).toBeUndefined()
})

it('a check that is written again takes its own place, and is open until it has an end', () => {
  const { checks } = Records.open(':memory:')
  checks.save({ check: check('1', UDN_A, 10), running: { test: 'ping', testId: 7 } })
  checks.save({ check: check('2', UDN_B, 20) })
  const ended = check('1', UDN_A, 10, { endedAtMs: 50, verdict: 'ok', findings: [{ finding: 'all-well' }] })
  checks.save({ check: ended })
  expect(checks.get('1')).toEqual({ check: ended })
  expect(checks.list({ limit: 9 })).toHaveLength(2)
  expect(checks.open().map((record) => record.check.id)).toEqual(['2'])
})
