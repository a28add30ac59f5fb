import { expect, test } from 'vitest'
import { dealt, inLanes, laneCount } from '../../build/lanes.mjs'
import { usesLocalElectron } from '../../build/package.mjs'
import { playwrightCounts, vitestCounts, withOutcome } from '../../build/stages.mjs'
import { selectStages } from '../../build/test.mjs'

test('a test file that could not be loaded is a failure, and every failure is named', () => {
  const testResults = [
    { name: 'a.test.ts', status: 'failed', assertionResults: [] },
    { name: 'b.test.ts', status: 'failed', assertionResults: [{ status: 'failed', fullName: 'b does' }] },
  ]
  expect(vitestCounts({ numPassedTests: 3, numFailedTests: 1, testResults })).toEqual({
    passed: 3,
    failed: 2,
    failures: ['b.test.ts: b does', 'a.test.ts: could not be loaded'],
  })
})

test('a flaky window test has passed, a broken configuration has failed', () => {
  const stats = { expected: 4, unexpected: 0, flaky: 1 }
  expect(playwrightCounts({ stats, errors: [] })).toMatchObject({ passed: 5, failed: 0 })
  expect(playwrightCounts({ stats, errors: [{}] })).toMatchObject({ passed: 5, failed: 1 })
  const specs = [{ ok: false, file: 'c.e2e.ts', line: 7, title: 'c does' }]
  expect(playwrightCounts({ stats, errors: [], suites: [{ suites: [{ specs }] }] }).failures).toEqual([
    'c.e2e.ts:7: c does',
  ])
})

test('a runner that fails silently is not counted as success', () => {
  expect(withOutcome({ passed: 2, failed: 0 }, false)).toMatchObject({ passed: 2, failed: 1 })
  expect(withOutcome({ passed: 2, failed: 0 }, true)).toEqual({ passed: 2, failed: 0 })
})

test('the whole test runs the unit tests once, inside the check', () => {
  expect(selectStages(undefined)).toContain('check')
  expect(selectStages(undefined)).not.toContain('unit')
  expect(selectStages('unit,e2e')).toEqual(['unit', 'e2e'])
})

test('pieces run side by side and print as a whole, in the order in which they end', async () => {
  let endFirst: () => void = () => undefined
  const second = new Promise<void>((done) => {
    endFirst = done
  })
  const printed: string[] = []
  const piece = (name: string, work: () => Promise<void>) => ({
    name,
    run: async (into: Buffer[]) => {
      into.push(Buffer.from(`${name} begins `))
      await work()
      into.push(Buffer.from(`${name} ends`))
      return name
    },
  })
  const pieces = [piece('first', () => second), piece('second', async () => undefined)]
  const print = (text: string) => {
    printed.push(text)
    endFirst()
  }
  expect(await inLanes(pieces, 2, { print })).toEqual(['first', 'second'])
  expect(printed.map((text) => text.trim().split('\n').at(-1))).toEqual([
    'second begins second ends',
    'first begins first ends',
  ])
})

test('pieces that wait for most of their time run beside the busy ones', async () => {
  const began: string[] = []
  const ends = new Map<string, () => void>()
  const piece = (name: string, waits?: boolean) => ({
    name,
    ...(waits ? { waits } : {}),
    run: async () => {
      began.push(name)
      await new Promise<void>((end) => ends.set(name, end))
    },
  })
  const turn = () => new Promise((done) => setImmediate(done))
  const all = [piece('busy 1'), piece('busy 2'), piece('wait 1', true), piece('wait 2', true)]
  const whole = inLanes(all, 2, { print: () => undefined })
  expect([...began].sort()).toEqual(['busy 1', 'wait 1'])
  ends.get('wait 1')?.()
  await turn()
  expect(began.at(-1)).toBe('wait 2')
  ends.get('wait 2')?.()
  await turn()
  expect(began.at(-1)).toBe('busy 2')
  for (const end of ends.values()) end()
  await whole
})

test('nothing new begins once the tests are to end', async () => {
  const ending = new AbortController()
  const run = async () => ending.abort('SIGTERM')
  const began: string[] = []
  const pieces = ['first', 'second'].map((name) => ({
    name,
    run: () => {
      began.push(name)
      return run()
    },
  }))
  await inLanes(pieces, 1, { print: () => undefined, ending: ending.signal })
  expect(began).toEqual(['first'])
})

test('pieces of one kind are not side by side as long as there are others', () => {
  expect(dealt([['a1', 'a2', 'a3'], ['b1', 'b2'], [], ['c1']])).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
})

test('there are as many lanes as asked for, else one for each processor', () => {
  expect(laneCount('1')).toBe(1)
  expect(laneCount('nonsense')).toBe(laneCount(''))
})

test('installers use the Electron that belongs to them, not the one at hand', () => {
  expect(usesLocalElectron([])).toBe(true)
  expect(usesLocalElectron(['--win'])).toBe(false)
})
