/** The parts of one device in a bundle: what is stored of it here, and what it answered. */
import { stringify } from 'csv-stringify/sync'
import type { AuditLine } from '../contract/access'
import type { Device } from '../contract/device'
import { HEALTH_METRICS, METRIC_UNITS, type SeriesAnswer, type SeriesRequest } from '../contract/health'
import type { Job } from '../contract/job'
import type { HealthCheck } from '../contract/self-test'
import { derBlocks, toPem } from '../identity/pem'
import type { BundlePart } from './bundle'
import { isoTime } from './times'

export interface DeviceSources {
  /** Lines of JSON, one a record. */
  readonly log: (udn: string, signal: AbortSignal) => AsyncIterable<string>
  readonly series: (request: SeriesRequest, signal: AbortSignal) => Promise<SeriesAnswer>
  readonly checks: (udn: string) => readonly HealthCheck[]
  readonly jobs: () => readonly Job[]
  /** Lines about one device, newest first. */
  readonly audit: (udn: string) => readonly AuditLine[]
  /** PEM of what the device and this site have shown each other; whatever else stands there is left out. */
  readonly certificates: (udn: string) => readonly string[]
}

/** What a device answered when the bundle was made; absent where it could not be asked. */
export interface DeviceAnswers {
  readonly configuration?: unknown
  readonly banks?: unknown
}

const WEEK_MS = 7 * 24 * 3600_000
const POINTS = 2000

export const deviceParts = (
  device: Device,
  answers: DeviceAnswers,
  sources: DeviceSources,
  nowMs: number,
): BundlePart[] => {
  const { udn } = device
  const folder = `devices/${udn.replace(/^uuid:/, '')}`
  const pem = sources
    .certificates(udn)
    .flatMap((text) => derBlocks(text, 'CERTIFICATE'))
    .map((der) => toPem('CERTIFICATE', der))
  return [
    { name: `${folder}/device.json`, json: () => device },
    ...('configuration' in answers
      ? [{ name: `${folder}/configuration.json`, json: () => answers.configuration }]
      : []),
    ...('banks' in answers ? [{ name: `${folder}/banks.json`, json: () => answers.banks }] : []),
    ...(pem.length > 0 ? [{ name: `${folder}/certificates.pem`, text: () => [...new Set(pem)] }] : []),
    { name: `${folder}/timeline.json`, json: () => timeline(jobsOf(sources, udn), sources.audit(udn)) },
    { name: `${folder}/checks.json`, json: () => sources.checks(udn) },
    { name: `${folder}/health.csv`, text: (signal) => healthCsv(udn, sources, nowMs, signal) },
    { name: `${folder}/log.jsonl`, jsonLines: (signal) => sources.log(udn, signal) },
  ]
}

const jobsOf = ({ jobs }: DeviceSources, udn: string): Job[] =>
  jobs().filter(({ subject }) => subject === udn)

/** What was done, oldest first: whole jobs, and the lines of the audit. */
export const timeline = (jobs: readonly Job[], audit: readonly AuditLine[]) =>
  [
    ...jobs.map((job) => ({ atMs: job.updatedAtMs, at: isoTime(job.updatedAtMs), what: 'job', job })),
    ...audit.map((line) => ({ atMs: line.atMs, at: isoTime(line.atMs), what: 'audit', line })),
  ]
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs: _, ...rest }) => rest)

/** Least, mean and greatest of each stretch of the last week. */
async function* healthCsv(
  udn: string,
  { series }: DeviceSources,
  nowMs: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  yield 'metric,unit,at,min,mean,max\n'
  for (const metric of HEALTH_METRICS) {
    const request = { udns: [udn], metric, fromMs: nowMs - WEEK_MS, toMs: nowMs, points: POINTS }
    const { series: answers } = await series(request, signal)
    const rows = answers.flatMap(({ atMs, min, mean, max }) =>
      atMs.map((at, i) => [metric, METRIC_UNITS[metric], isoTime(at), min[i], mean[i], max[i]]),
    )
    yield stringify(rows)
  }
}
