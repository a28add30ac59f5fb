/** The five tests of a check that ask the device and look: nothing runs on it for them. */
import { IotmcError } from '../contract/errors'
import {
  DEFAULT_THRESHOLDS,
  type HealthMetric,
  type HealthReport,
  healthReportSchema,
  METRIC_UNITS,
} from '../contract/health'
import type { CheckTest, Measure } from '../contract/self-test'
import { HEALTH_TIMINGS, LOG_LIMITS } from '../contract/timings'
import type { Ended } from './check-book'
import { countErrors } from './check-log'
import { CHECK_RANGES, type CheckTools } from './check-tools'

/** Asks once; errors are those of the link and of the device. */
export type Look = (tools: CheckTools, udn: string, signal: AbortSignal) => Promise<Ended>

export const LOOKS = {
  reachable: async ({ link, clock }, udn, signal) => {
    await link.state(udn, signal)
    // The first call opened the line; the second is the way there and back.
    const beganMs = clock.now()
    const state = await link.state(udn, signal)
    const ms = Math.max(0, clock.now() - beganMs)
    const high = CHECK_RANGES.roundTripHighMs
    const measures = [{ name: 'roundTrip', value: ms, unit: 'ms', high, ok: ms <= high }]
    return { verdict: ms <= high ? 'ok' : 'warn', detail: `${state.model} in ${state.phase}`, measures }
  },

  identity: async ({ link, clock }, udn, signal) => {
    const { trusted, code, kind, chain } = await link.verify(udn, signal)
    if (!trusted) return { verdict: 'bad', reason: 'not-trusted', detail: code ?? 'not trusted' }
    const leaf = chain.at(-1)
    if (!leaf) throw new IotmcError('BAD_ANSWER', { subject: udn, detail: 'no certificate' })
    const days = Math.floor((Date.parse(leaf.notAfter) - clock.now()) / 86_400_000)
    const low = HEALTH_TIMINGS.certificateWarnDays
    const measures = [
      { name: 'certificate.daysLeft', value: days, unit: 'd', low, ok: days >= low },
      { name: 'certificate.chain', value: chain.length, unit: '', ok: true },
    ]
    return {
      verdict: days >= low ? 'ok' : 'warn',
      detail: `${kind} ${leaf.serialNumber}`.slice(0, 200),
      measures,
    }
  },

  health: async (tools, udn, signal) => {
    const beganMs = tools.clock.now()
    const answer = await tools.link.call(udn, 'Diagnostics', 'GetHealth', {}, signal)
    const report = readHealth(udn, answer.Health ?? '')
    const skewS = (Date.parse(report.time) - (beganMs + tools.clock.now()) / 2) / 1000
    return judgeHealth(report, Math.abs(skewS), tools.thresholds?.() ?? DEFAULT_THRESHOLDS)
  },

  log: async (tools, udn, signal) => {
    const { critical, error, more } = await countErrors(tools, udn, signal)
    const high = CHECK_RANGES.errorsHigh
    const measures: Measure[] = [
      { name: 'log.critical', value: critical, unit: '', high: 0, ok: critical === 0 },
      { name: 'log.errors', value: error, unit: '', high, ok: error <= high },
    ]
    const detail = more ? `more than ${critical + error} in a day` : `${critical + error} in a day`
    return { verdict: critical > 0 ? 'bad' : error > high ? 'warn' : 'ok', detail, measures }
  },

  firmware: async (tools, udn, signal) => {
    const { activeBank, banks, update } = await tools.bankStatus(udn, signal)
    const active = banks.find((bank) => bank.slot === activeBank)
    const invalid = banks.filter((bank) => bank.state === 'invalid').length
    const measures: Measure[] = [
      { name: 'firmware.invalidBanks', value: invalid, unit: '', high: 0, ok: invalid === 0 },
    ]
    const detail = `${active?.version ?? '?'} in bank ${activeBank}`
    if (update?.state === 'probation') return { verdict: 'warn', reason: 'on-trial', detail, measures }
    if (active?.state !== 'valid') return { verdict: 'bad', reason: 'bank-not-valid', detail, measures }
    return invalid > 0
      ? { verdict: 'warn', reason: 'bank-not-valid', detail, measures }
      : { verdict: 'ok', detail, measures }
  },
} as const satisfies Partial<Record<CheckTest, Look>>
export type LookName = keyof typeof LOOKS
export const isLook = (test: CheckTest): test is LookName => Object.hasOwn(LOOKS, test)

const readHealth = (udn: string, text: string): HealthReport => {
  const bad = (cause: unknown) =>
    new IotmcError('BAD_ANSWER', { subject: udn, detail: 'Health is not in its documented form', cause })
  if (text.length > LOG_LIMITS.answerMaxChars) throw bad(undefined)
  try {
    return healthReportSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw bad(cause)
  }
}

const metricsOf = (
  report: HealthReport,
  skewS: number,
): Partial<Record<HealthMetric, number | undefined>> => {
  const { temperatureC, supplyV, memoryFreeBytes, memoryTotalBytes, link } = report
  const memory =
    memoryFreeBytes !== undefined && memoryTotalBytes ? (memoryFreeBytes / memoryTotalBytes) * 100 : undefined
  return { temperature: temperatureC, supply: supplyV, memory, signal: link?.signalDbm, clockSkew: skewS }
}

/** A report held against thresholds as they are at this moment: no waiting out, no way back. */
export const judgeHealth = (
  report: HealthReport,
  skewS: number,
  thresholds: typeof DEFAULT_THRESHOLDS,
): Ended => {
  const values = metricsOf(report, skewS)
  const measures: Measure[] = []
  let verdict: 'ok' | 'warn' | 'bad' = 'ok'
  const worse = (level: 'warn' | 'bad'): void => {
    if (verdict !== 'bad') verdict = level
  }
  for (const { metric, direction, warn, bad } of thresholds) {
    const value = values[metric]
    if (value === undefined) continue
    const beyond = (limit: number | undefined): boolean =>
      limit !== undefined && (direction === 'above' ? value > limit : value < limit)
    const limit = warn?.raise ?? bad?.raise
    const ok = !beyond(warn?.raise) && !beyond(bad?.raise)
    if (!ok) worse(beyond(bad?.raise) ? 'bad' : 'warn')
    const range = limit === undefined ? {} : direction === 'above' ? { high: limit } : { low: limit }
    measures.push({
      // "clock" and "free memory" have findings of their own, apart from the memory test.
      name: metric === 'memory' ? 'freeMemory' : metric,
      value: Number(value.toPrecision(6)),
      unit: METRIC_UNITS[metric],
      ...range,
      ok,
    })
  }
  const { link, clockSynchronised } = report
  if (link) measures.push({ name: 'link.up', value: Number(link.up), unit: '', low: 1, ok: link.up })
  measures.push({
    name: 'clock.synchronised',
    value: Number(clockSynchronised),
    unit: '',
    low: 1,
    ok: clockSynchronised,
  })
  if (measures.some(({ ok }) => !ok)) worse('warn')
  return { verdict, measures }
}
