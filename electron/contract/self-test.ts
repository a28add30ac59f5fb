/** Self-tests of a device in BasicManagement's words, and the guided health check made of them (docs/protocol.md §12). */
import { z } from 'zod'
import { udnSchema } from './device'

/** Types as GetTestInfo names them. */
export const TEST_TYPES = ['SelfTest', 'Ping', 'NSLookup', 'Traceroute', 'BandwidthTest'] as const
export type TestType = (typeof TEST_TYPES)[number]
export const TEST_STATES = ['Requested', 'InProgress', 'Canceled', 'Completed'] as const
export type TestState = (typeof TEST_STATES)[number]
/** What SelfTest can be asked to look at. */
export const SELF_TEST_COMPONENTS = ['All', 'Memory', 'Flash', 'Sensor'] as const
export type SelfTestComponent = (typeof SELF_TEST_COMPONENTS)[number]

/** One measured value and the range it has to lie in. */
export const measureSchema = z.object({
  name: z.string().max(48),
  value: z.number(),
  unit: z.string().max(16),
  low: z.number().optional(),
  high: z.number().optional(),
  ok: z.boolean(),
})
export type Measure = z.infer<typeof measureSchema>

/** Result of GetTestResult, JSON; empty text while there is none. */
export const testResultSchema = z.object({
  /** ok; failed = measured and out of range; error = could not be measured (`reason` says why). */
  status: z.enum(['ok', 'failed', 'error']),
  /** Machine-readable: `no-answer`, `unknown-host`, `not-supported`, `unreachable`, `io` … */
  reason: z.string().max(48).optional(),
  /** One technical phrase. */
  detail: z.string().max(200).optional(),
  measures: z.array(measureSchema).max(64),
  durationMs: z.number().min(0),
})
export type TestResult = z.infer<typeof testResultSchema>

/** What a guided health check runs, in this order. The first five ask and look; the others are tests on the device. */
export const CHECK_TESTS = [
  'reachable',
  'identity',
  'health',
  'log',
  'firmware',
  'self-test',
  'memory',
  'flash',
  'sensor',
  'ping',
  'dns',
  'path',
  'throughput',
] as const
export type CheckTest = (typeof CHECK_TESTS)[number]
export const DEFAULT_CHECK: readonly CheckTest[] = [...CHECK_TESTS]

export const checkOptionsSchema = z.object({
  tests: z.array(z.enum(CHECK_TESTS)).min(1),
  /** For ping and path; absent = this controller, as the device reaches it. */
  host: z.string().trim().min(1).max(253).optional(),
  /** For dns; absent: the test is skipped. */
  dnsName: z.string().trim().min(1).max(253).optional(),
  dnsServer: z.string().trim().max(64).optional(),
  bytes: z.number().int().min(65_536).max(67_108_864).optional(),
})
export type CheckOptions = z.infer<typeof checkOptionsSchema>

export const VERDICTS = ['ok', 'warn', 'bad', 'unknown', 'skipped'] as const
export type Verdict = (typeof VERDICTS)[number]
export const checkEntrySchema = z.object({
  test: z.enum(CHECK_TESTS),
  state: z.enum(['pending', 'running', 'done', 'cancelled']),
  verdict: z.enum(VERDICTS).optional(),
  reason: z.string().max(48).optional(),
  detail: z.string().max(200).optional(),
  measures: z.array(measureSchema).max(64),
  durationMs: z.number().optional(),
})
export type CheckEntry = z.infer<typeof checkEntrySchema>

/** Why a test gave no value or a bad one, as far as there are words for it; a device may name others (docs/protocol.md §12). */
export const CHECK_REASONS = [
  'bad-answer',
  'bad-host',
  'bank-not-valid',
  'busy',
  'canceled',
  'cut-short',
  'flash-differs',
  'flash-slow',
  'io',
  'loss',
  'lost',
  'memory-differs',
  'no-answer',
  'no-controller',
  'no-end',
  'no-name',
  'no-space',
  'not-authorized',
  'not-chosen',
  'not-supported',
  'not-trusted',
  'on-trial',
  'sensor-range',
  'sensor-stuck',
  'server-failed',
  'server-refused',
  'slow',
  'timed-out',
  'unknown-host',
  'unknown-server',
  'unreachable',
] as const

/** Keys of the plain finding; the words for them stand in the texts. Worst first: the first that applies is the finding. */
export const FINDINGS = [
  'unreachable',
  'not-trusted',
  'flash-failing',
  'memory-failing',
  'sensor-failing',
  'supply-low',
  'overheating',
  'firmware-on-trial',
  'many-errors',
  'network-poor',
  'name-service',
  'certificate-ending',
  'clock-wrong',
  'values-out-of-range',
  'incomplete',
  'all-well',
] as const
export type Finding = (typeof FINDINGS)[number]

export const healthCheckSchema = z.object({
  /** The job's id. */
  id: z.string().max(64),
  udn: udnSchema,
  startedAtMs: z.number(),
  endedAtMs: z.number().optional(),
  entries: z.array(checkEntrySchema),
  verdict: z.enum(['ok', 'warn', 'bad']).optional(),
  /** Worst first; the first is the headline. Empty until the end. */
  findings: z.array(z.object({ finding: z.enum(FINDINGS), test: z.enum(CHECK_TESTS).optional() })),
})
export type HealthCheck = z.infer<typeof healthCheckSchema>
