/** The tests of a check that run on the device: ordered, followed to their end, called off when they are not wanted any more. */
import { asIotmcError, IotmcError } from '../contract/errors'
import { jobNote } from '../contract/job-notes'
import {
  type CheckOptions,
  type CheckTest,
  TEST_STATES,
  type TestResult,
  type TestType,
  testResultSchema,
} from '../contract/self-test'
import { LOG_LIMITS, TEST_LIMITS } from '../contract/timings'
import { delay } from '../net/clock'
import type { CheckBook, Ended } from './check-book'
import type { LookName } from './check-looks'
import { ask, type Unasked } from './check-reach'
import { CHECK_RANGES, CHECK_TIMINGS, type CheckTools } from './check-tools'
import type { StepContext } from './step'

type DeviceTest = Exclude<CheckTest, LookName>
interface Order {
  readonly type: TestType
  readonly args: Readonly<Record<string, string>>
}

const HARDWARE: Partial<Record<CheckTest, string>> = {
  'self-test': 'All',
  memory: 'Memory',
  flash: 'Flash',
  sensor: 'Sensor',
}

/** What the device is told; undefined where the choice lacks something. */
const orderOf = (test: DeviceTest, options: CheckOptions): Order | undefined => {
  const { host = '', dnsName, dnsServer = '', bytes = TEST_LIMITS.bandwidthBytes } = options
  const timeout = String(TEST_LIMITS.pingTimeoutMs)
  const repeat = (times: number) => ({ NumberOfRepetitions: String(times) })
  switch (test) {
    case 'ping':
      return { type: 'Ping', args: { Host: host, ...repeat(CHECK_RANGES.pingRepetitions), Timeout: timeout } }
    case 'dns': {
      if (!dnsName) return undefined
      const Timeout = String(CHECK_RANGES.lookupTimeoutMs)
      const times = repeat(CHECK_RANGES.lookupRepetitions)
      return { type: 'NSLookup', args: { HostName: dnsName, DNSServer: dnsServer, ...times, Timeout } }
    }
    case 'path': {
      const hops = String(TEST_LIMITS.hopsMax)
      return { type: 'Traceroute', args: { Host: host, Timeout: timeout, MaxHopCount: hops } }
    }
    case 'throughput':
      return { type: 'BandwidthTest', args: { Bytes: String(bytes) } }
    default:
      return { type: 'SelfTest', args: { Component: HARDWARE[test] ?? 'All' } }
  }
}

/** Times that a test is ordered again because the device knows nothing of it any more: it was restarted. */
const ORDERS_MAX = 2

const readAnswer = (udn: string, answer: Readonly<Record<string, string>>) => {
  const state = TEST_STATES.find((entry) => entry === answer.State)
  const text = answer.Result ?? ''
  try {
    if (!state || text.length > LOG_LIMITS.answerMaxChars) throw new Error('State')
    return { state, result: text ? testResultSchema.parse(JSON.parse(text)) : undefined }
  } catch (cause) {
    throw new IotmcError('BAD_ANSWER', { subject: udn, detail: 'GetTestResult', cause })
  }
}

/** What a result means for a check: broken hardware is bad, a slow network a warning, and no answer from it bad again. */
export const verdictOf = (test: CheckTest, { status, reason }: TestResult): Ended['verdict'] => {
  if (status === 'ok') return 'ok'
  const hardware = HARDWARE[test] !== undefined
  if (status === 'failed') return hardware ? 'bad' : 'warn'
  if (reason === 'not-supported') return 'skipped'
  if (hardware || reason === 'busy' || reason === 'no-controller') return 'unknown'
  return 'bad'
}

/** Runs one test on the device. `Unasked` = the device can't be asked. Errors: CANCELLED. */
export const runOnDevice = async (
  tools: CheckTools,
  book: CheckBook,
  ctx: StepContext,
  test: DeviceTest,
  options: CheckOptions,
): Promise<Ended | Unasked> => {
  const order = orderOf(test, options)
  if (!order) return { verdict: 'skipped', reason: 'no-name' }
  const { clock, link } = tools
  const { job } = ctx
  const udn = job.subject
  const call = (action: string, args: Readonly<Record<string, string>>) =>
    ask(tools, ctx, (signal) => link.call(udn, 'Diagnostics', action, args, signal))

  const untilMs = clock.now() + TEST_LIMITS.giveUpMs
  let testId = book.running(job, test)
  for (let orders = 0; ; ) {
    if (testId === undefined) {
      if (orders++ >= ORDERS_MAX) return { verdict: 'unknown', reason: 'lost' }
      const begun = await begin(order)
      if (!('value' in begun)) return begun
      testId = begun.value
      book.setRunning(job, test, testId)
    }
    ctx.note(jobNote('test-runs', { id: testId }))
    const ended = await followed(testId)
    if (ended) return ended
    testId = undefined
  }

  /** Orders the test, again while the device has too many of them. */
  async function begin({ type, args }: Order): Promise<{ readonly value: number } | Unasked> {
    for (;;) {
      const asked = await call(type, args)
      if ('value' in asked) {
        const id = Number(asked.value.TestID)
        if (Number.isInteger(id)) return { value: id }
        return { reason: 'bad-answer', code: 'BAD_ANSWER', detail: type }
      }
      if (asked.code !== 'BUSY' || clock.now() >= untilMs) return asked
      await delay(clock, CHECK_TIMINGS.askAgainMs, ctx.signal)
    }
  }

  /** The end of a test; undefined when the device does not know it. */
  async function followed(id: number): Promise<Ended | Unasked | undefined> {
    const args = { TestID: String(id) }
    try {
      for (;;) {
        const asked = await call('GetTestResult', args)
        if (!('value' in asked)) return asked.code === 'TEST_UNKNOWN' ? undefined : asked
        const { state, result } = readAnswer(udn, asked.value)
        if (state === 'Canceled') return { verdict: 'unknown', reason: 'canceled' }
        if (state === 'Completed' && result) return { verdict: verdictOf(test, result), ...factsOf(result) }
        if (clock.now() >= untilMs) {
          await callOff(tools, udn, id)
          return { verdict: 'unknown', reason: 'no-end' }
        }
        await delay(clock, TEST_LIMITS.askEveryMs, ctx.signal)
      }
    } catch (thrown) {
      // A program that ends comes back and asks; a technician who cancels does not.
      const { signal } = ctx
      if (signal.aborted && asIotmcError(signal.reason).code === 'CANCELLED') await callOff(tools, udn, id)
      const error = asIotmcError(thrown)
      if (error.code === 'BAD_ANSWER') return { reason: 'bad-answer', code: 'BAD_ANSWER' }
      throw thrown
    }
  }
}

const factsOf = ({ reason, detail, measures, durationMs }: TestResult) => ({
  ...(reason ? { reason } : {}),
  ...(detail ? { detail } : {}),
  measures,
  durationMs,
})

/** Tells the device that a test is not wanted any more; a device that can't be told ends it by itself. */
const callOff = async (tools: CheckTools, udn: string, id: number): Promise<void> => {
  const limit = new AbortController()
  const cancelTimer = tools.clock.setTimer(() => limit.abort(), CHECK_TIMINGS.cancelMs)
  try {
    await tools.link.call(udn, 'Diagnostics', 'CancelTest', { TestID: String(id) }, limit.signal)
  } catch {
    // Nobody waits for it any more.
  } finally {
    cancelTimer()
  }
}
