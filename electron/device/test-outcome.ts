/** What a test gives, and small words for it. */
import type { Measure, TestResult } from '../contract/self-test'

/** In-arguments of the action, checked against the service description. */
export type TestArguments = Readonly<Record<string, string>>
export type TestOutcome = Omit<TestResult, 'durationMs'>
/** The work of one test; once `signal` is aborted it ends what it started and may reject. */
export type TestWork = (args: TestArguments, signal: AbortSignal) => Promise<TestOutcome>

/** A measured value held against its range. */
export const measure = (
  name: string,
  value: number,
  unit: string,
  range: { readonly low?: number; readonly high?: number } = {},
): Measure => {
  const { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY } = range
  // More digits than anybody reads, and none that JSON could not carry.
  const exact = Number.isInteger(value) ? value : Number(value.toPrecision(6))
  const rounded = Number.isFinite(value) ? exact : 0
  return { name, value: rounded, unit, ...range, ok: Number.isFinite(value) && value >= low && value <= high }
}

/** `ok`, or `failed` for `reason` where a measure is out of its range. */
export const judged = (measures: readonly Measure[], reason: string, detail?: string): TestOutcome => {
  const ok = measures.every((entry) => entry.ok)
  return {
    status: ok ? 'ok' : 'failed',
    ...(ok ? {} : { reason }),
    ...(detail ? { detail: detail.slice(0, 200) } : {}),
    measures: [...measures],
  }
}

/** Could not be measured. */
export const unmeasured = (
  reason: string,
  detail?: string,
  measures: readonly Measure[] = [],
): TestOutcome => ({
  status: 'error',
  reason,
  ...(detail ? { detail: detail.slice(0, 200) } : {}),
  measures: [...measures],
})
