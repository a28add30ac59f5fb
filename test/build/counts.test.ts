import { expect, test } from 'vitest'
import { usesLocalElectron } from '../../build/package.mjs'
import { playwrightCounts, vitestCounts, withOutcome } from '../../build/stages.mjs'
import { selectStages } from '../../build/test.mjs'

test('a test file that could not be loaded is a failure', () => {
  const testResults = [{ status: 'failed', assertionResults: [] }]
  expect(vitestCounts({ numPassedTests: 3, numFailedTests: 1, testResults })).toEqual({
    passed: 3,
    failed: 2,
  })
})

test('a flaky window test has passed, a broken configuration has failed', () => {
  const stats = { expected: 4, unexpected: 0, flaky: 1 }
  expect(playwrightCounts({ stats, errors: [] })).toEqual({ passed: 5, failed: 0 })
  expect(playwrightCounts({ stats, errors: [{}] })).toEqual({ passed: 5, failed: 1 })
})

test('a runner that fails silently is not counted as success', () => {
  expect(withOutcome({ passed: 2, failed: 0 }, false)).toEqual({ passed: 2, failed: 1 })
  expect(withOutcome({ passed: 2, failed: 0 }, true)).toEqual({ passed: 2, failed: 0 })
})

test('the whole test runs the unit tests once, inside the check', () => {
  expect(selectStages(undefined)).toContain('check')
  expect(selectStages(undefined)).not.toContain('unit')
  expect(selectStages('unit,e2e')).toEqual(['unit', 'e2e'])
})

test('installers use the Electron that belongs to them, not the one at hand', () => {
  expect(usesLocalElectron([])).toBe(true)
  expect(usesLocalElectron(['--win'])).toBe(false)
})
