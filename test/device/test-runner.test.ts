import { describe, expect, it } from 'vitest'
import type { TestType } from '../../electron/contract/self-test'
import { TEST_LIMITS } from '../../electron/contract/timings'
import { testActions } from '../../electron/device/test-actions'
import { judged, measure, type TestOutcome, type TestWork } from '../../electron/device/test-outcome'
import { TestRunner } from '../../electron/device/test-runner'
import { systemRandom } from '../../electron/net/clock'
import { VirtualClock } from '../helpers/virtual-clock'

const fine: TestOutcome = judged([measure('ping.mean', 3, 'ms')], 'slow')

/** A runner whose tests end when they are told to, or when they are aborted. */
const makeBench = () => {
  const clock = new VirtualClock()
  const logged: string[] = []
  const running: { end(outcome: TestOutcome): void; fail(cause: unknown): void; signal: AbortSignal }[] = []
  const work: TestWork = (_, signal) =>
    new Promise((resolve, reject) => {
      running.push({ end: resolve, fail: reject, signal })
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
  const types: TestType[] = ['SelfTest', 'Ping', 'NSLookup', 'Traceroute', 'BandwidthTest']
  const tests = Object.fromEntries(types.map((type) => [type, work])) as Record<TestType, TestWork>
  const runner = new TestRunner({ clock, random: systemRandom, log: (event) => logged.push(event), tests })
  const begun = () => clock.advanceAsync(1)
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
  return { clock, runner, running, logged, begun, settled }
}

describe('a test', () => {
  it('is Requested, then InProgress, then Completed with its result and how long it took', async () => {
    const { clock, runner, running, begun, settled } = makeBench()
    const id = runner.start('Ping', {})
    expect(runner.info(id)).toEqual({ type: 'Ping', state: 'Requested' })
    expect(running).toHaveLength(0)
    await begun()
    expect(runner.result(id)).toEqual({ state: 'InProgress' })
    clock.advance(250)
    running[0]?.end(fine)
    await settled()
    expect(runner.result(id)).toEqual({ state: 'Completed', result: { ...fine, durationMs: 250 } })
    expect(runner.activeIds()).toEqual([])
  })

  it('that breaks has an error as its result, and no other test is the worse for it', async () => {
    const { runner, running, begun, settled } = makeBench()
    const [first, second] = [runner.start('Ping', {}), runner.start('SelfTest', {})]
    await begun()
    running[0]?.fail(new Error('broken'))
    running[1]?.end(fine)
    await settled()
    expect(runner.result(first)).toMatchObject({ state: 'Completed', result: { status: 'error' } })
    expect(runner.result(second)).toMatchObject({ state: 'Completed', result: { status: 'ok' } })
  })

  it('that is cancelled is aborted, has no result, and may be cancelled again', async () => {
    const { runner, running, begun, settled } = makeBench()
    const id = runner.start('BandwidthTest', { Bytes: '65536' })
    await begun()
    runner.cancel(id)
    expect(running[0]?.signal.aborted).toBe(true)
    await settled()
    runner.cancel(id)
    expect(runner.result(id)).toEqual({ state: 'Canceled' })
    expect(runner.activeIds()).toEqual([])
  })

  it('that is cancelled before it began never begins', async () => {
    const { runner, running, begun } = makeBench()
    const id = runner.start('Ping', {})
    runner.cancel(id)
    await begun()
    expect(running).toHaveLength(0)
    expect(runner.info(id).state).toBe('Canceled')
  })

  it('that has ended stays as it ended when it is cancelled then', async () => {
    const { runner, running, begun, settled } = makeBench()
    const id = runner.start('Ping', {})
    await begun()
    running[0]?.end(fine)
    await settled()
    runner.cancel(id)
    expect(runner.info(id).state).toBe('Completed')
  })
})

describe('the runner', () => {
  it('takes no more than its limit at once, and the next as soon as one has ended', async () => {
    const { runner, running, begun, settled } = makeBench()
    const ids = Array.from({ length: TEST_LIMITS.activeMax }, () => runner.start('Ping', {}))
    expect(runner.activeIds()).toEqual(ids)
    expect(() => runner.start('Ping', {})).toThrowError(expect.objectContaining({ code: 'BUSY' }))
    await begun()
    running[0]?.end(fine)
    await settled()
    expect(runner.activeIds()).toHaveLength(TEST_LIMITS.activeMax - 1)
    runner.start('Ping', {})
    expect(() => runner.start('Ping', {})).toThrowError(expect.objectContaining({ code: 'BUSY' }))
  })

  it('keeps the newest results and knows nothing of others', async () => {
    const { runner, running, begun, settled } = makeBench()
    const ids: number[] = []
    for (let i = 0; i < TEST_LIMITS.keptResults + 3; i++) {
      ids.push(runner.start('Ping', {}))
      await begun()
      running[i]?.end(fine)
      await settled()
    }
    // One more is asked for, which is when the oldest are forgotten.
    runner.start('Ping', {})
    const known = ids.filter((id) => {
      try {
        return runner.info(id).state === 'Completed'
      } catch {
        return false
      }
    })
    expect(known).toEqual(ids.slice(-TEST_LIMITS.keptResults))
    for (const ask of [() => runner.info(ids[0] ?? 0), () => runner.result(7), () => runner.cancel(7)])
      expect(ask).toThrowError(expect.objectContaining({ code: 'TEST_UNKNOWN' }))
  })

  it('tells whoever listens of each change, until they have heard enough', async () => {
    const { runner, running, begun, settled } = makeBench()
    const heard: number[] = []
    const off = runner.onChanged(() => heard.push(runner.activeIds().length))
    runner.start('Ping', {})
    await begun()
    running[0]?.end(fine)
    await settled()
    expect(heard).toEqual([1, 1, 0])
    off()
    runner.start('Ping', {})
    expect(heard).toHaveLength(3)
  })

  it('ends everything when it is stopped, and has forgotten it then', async () => {
    const { runner, running, begun } = makeBench()
    const id = runner.start('Ping', {})
    await begun()
    await runner.stop()
    expect(running[0]?.signal.aborted).toBe(true)
    expect(() => runner.info(id)).toThrowError(expect.objectContaining({ code: 'TEST_UNKNOWN' }))
    expect(runner.start('Ping', {})).not.toBe(id)
  })
})

it('the actions carry numbers, states and results as texts', async () => {
  const { runner, running, begun, settled } = makeBench()
  const actions = testActions(runner)
  const context = {
    role: 'Admin',
    peer: undefined,
    remoteAddress: '',
    signal: new AbortController().signal,
  } as const
  const act = async (name: string, args: Record<string, string> = {}) => actions[name]?.(args, context)
  const { TestID = '' } = (await act('Ping', { Host: 'h' })) ?? {}
  expect(await act('GetActiveTestIDs')).toEqual({ TestIDs: `[${TestID}]` })
  await begun()
  expect(await act('GetTestInfo', { TestID })).toEqual({ Type: 'Ping', State: 'InProgress' })
  expect(await act('GetTestResult', { TestID })).toEqual({ State: 'InProgress', Result: '' })
  running[0]?.end(fine)
  await settled()
  const { Result = '' } = (await act('GetTestResult', { TestID })) ?? {}
  expect(JSON.parse(Result)).toEqual({ ...fine, durationMs: 0 })
  expect(await act('CancelTest', { TestID })).toEqual({})
})
