/** Health checks as people read them: order of cards, counts, ranges of measures. Pure. */

import type { Device } from '../../electron/contract/device'
import {
  CHECK_TESTS,
  type CheckEntry,
  type CheckTest,
  type HealthCheck,
  type Measure,
  type Verdict,
} from '../../electron/contract/self-test'
import type { Tone } from './device-facts'

export const VERDICT_TONE: Readonly<Record<Verdict, Tone>> = {
  ok: 'ok',
  warn: 'warn',
  bad: 'bad',
  unknown: 'neutral',
  skipped: 'neutral',
}

/** Tests that ask and look, and tests that the device runs. */
export const TEST_GROUPS = {
  look: ['reachable', 'identity', 'health', 'log', 'firmware'],
  device: ['self-test', 'memory', 'flash', 'sensor'],
  network: ['ping', 'dns', 'path', 'throughput'],
} as const satisfies Readonly<Record<string, readonly CheckTest[]>>

const RANK = { bad: 0, warn: 1, ok: 3 } as const

/** Worst first; those that still run stand between what is bad and what is well. */
export const worstFirst = (checks: readonly HealthCheck[]): readonly HealthCheck[] =>
  checks.toSorted(
    (a, b) =>
      (a.verdict ? RANK[a.verdict] : 2) - (b.verdict ? RANK[b.verdict] : 2) ||
      a.startedAtMs - b.startedAtMs ||
      (a.id < b.id ? -1 : 1),
  )

export interface CheckCounts {
  readonly ok: number
  readonly warn: number
  readonly bad: number
  readonly running: number
}

export const countChecks = (checks: readonly HealthCheck[]): CheckCounts => {
  const counts = { ok: 0, warn: 0, bad: 0, running: 0 }
  for (const { verdict } of checks) counts[verdict ?? 'running'] += 1
  return counts
}

/** Share of the tests that have ended, 0…1. */
export const checkShare = ({ entries }: HealthCheck): number =>
  entries.length === 0
    ? 0
    : entries.filter(({ state }) => state === 'done' || state === 'cancelled').length / entries.length

/** What is running now. */
export const runningTest = ({ entries }: HealthCheck): CheckTest | undefined =>
  entries.find(({ state }) => state === 'running')?.test

export type CheckBlock = 'not-managed' | 'not-enrolled' | 'no-diagnostics'
/** Why a device cannot be checked; one that is offline can: that is what the check finds. */
export const checkBlock = (device: Device): CheckBlock | undefined => {
  if (!device.managed) return 'not-managed'
  if (device.phase !== 'operation' && device.phase !== 'maintenance') return 'not-enrolled'
  return device.capabilities.includes('diag') ? undefined : 'no-diagnostics'
}

const number = (value: number, language: string) =>
  new Intl.NumberFormat(language, { maximumFractionDigits: Math.abs(value) < 100 ? 2 : 0 }).format(value)

/** "41.3 °C". */
export const measureValue = ({ value, unit }: Measure, language: string): string =>
  unit ? `${number(value, language)}\u00a0${unit}` : number(value, language)

/** "−20 … 70", "≤ 70", "≥ 10"; empty where there is no range. */
export const measureRange = ({ low, high }: Measure, language: string): string => {
  if (low !== undefined && high !== undefined) return `${number(low, language)} … ${number(high, language)}`
  if (high !== undefined) return `≤ ${number(high, language)}`
  return low !== undefined ? `≥ ${number(low, language)}` : ''
}

/** Entries in the order of the check. */
export const inOrder = (entries: readonly CheckEntry[]): readonly CheckEntry[] =>
  entries.toSorted((a, b) => CHECK_TESTS.indexOf(a.test) - CHECK_TESTS.indexOf(b.test))
