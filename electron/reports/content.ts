/** What a report says: a pure function of what was read back from devices, proven by them, or is on record here. */
import type { Device } from '../contract/device'
import type { Enrollment, ExpectedDevice } from '../contract/enrollment'
import { plainFingerprint } from '../contract/fingerprint'
import type { Job } from '../contract/job'
import type { ReportContent, ReportDevice } from '../contract/report'
import type { HealthCheck } from '../contract/self-test'
import { type KeptFailure, unansweredJobs } from './answered-jobs'
import { openItems } from './open-items'
import { reportDevice } from './report-device'
import { isoTime } from './times'

export interface ReportFacts {
  readonly sequence: number
  /** SHA-256 of the manifest of the report before. */
  readonly previous?: string | undefined
  readonly nowMs: number
  /** Name and version of this program. */
  readonly program: string
  readonly site: ReportContent['site']
  readonly technician: { readonly name: string; readonly role?: string | undefined }
  readonly request: {
    readonly customer: string
    readonly place: string
    readonly notes: string
    readonly language: 'en' | 'de'
  }
  /** Chosen devices only, not the whole site: then nothing is said of others, nor of what is missing. */
  readonly chosen?: readonly string[] | undefined
  readonly devices: readonly Device[]
  readonly enrollments: readonly Enrollment[]
  readonly expected: readonly ExpectedDevice[]
  readonly jobs: readonly Job[]
  /** Failures of devices, for longer than their jobs are listed. */
  readonly failures: readonly KeptFailure[]
  /** The last guided check that has ended. */
  readonly check: (udn: string) => HealthCheck | undefined
  readonly audit: { readonly lines: number; readonly head?: string | undefined }
}

/** All of `report.json`. Every device, every job and every expected device that is missing is in it. */
export const reportContent = (facts: ReportFacts): ReportContent => {
  const { chosen, request } = facts
  const isMeant = (udn: string): boolean => chosen === undefined || chosen.includes(udn)
  const devices = siteDevices(facts).filter(({ udn }) => isMeant(udn))
  const jobs = facts.jobs.filter(({ subject }) => isMeant(subject))
  // A device that is not of the site any more has taken its failures along.
  const ofSite = new Set(devices.map(({ udn }) => udn))
  const unanswered = unansweredJobs(
    jobs,
    facts.failures.filter(({ subject }) => ofSite.has(subject)),
  )
  const enrolled = new Map(facts.enrollments.map((one) => [one.udn, one]))
  const rows = devices
    .map((device) =>
      reportDevice({
        device,
        enrollment: enrolled.get(device.udn),
        check: facts.check(device.udn),
        failed: unanswered.find(({ job }) => job.subject === device.udn && job.state === 'failed')?.job,
      }),
    )
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }) || (a.udn < b.udn ? -1 : 1))
  const open = openItems({
    rows,
    unanswered,
    expected: chosen === undefined ? facts.expected : [],
    identities: new Set(facts.enrollments.map((one) => plainFingerprint(one.identityFingerprint))),
    nowMs: facts.nowMs,
  })
  return {
    format: 1,
    kind: 'site-handover',
    sequence: facts.sequence,
    ...(facts.previous === undefined ? {} : { previous: facts.previous }),
    madeAt: isoTime(facts.nowMs),
    program: facts.program,
    site: facts.site,
    technician: {
      name: facts.technician.name,
      ...(facts.technician.role === undefined ? {} : { role: facts.technician.role }),
    },
    customer: request.customer,
    place: request.place,
    notes: request.notes,
    language: request.language,
    counts: countsOf(rows, open),
    devices: rows,
    open,
    jobs: jobs.map(({ kind, subject, state, updatedAtMs, error }) => ({
      kind,
      subject,
      state,
      at: isoTime(updatedAtMs),
      ...(error ? { code: error.code } : {}),
    })),
    audit: {
      lines: facts.audit.lines,
      ...(facts.audit.head === undefined ? {} : { head: facts.audit.head }),
    },
  }
}

/** Managed devices, and those that are enrolled and in no list any more. A neighbour's printer is not of the site. */
const siteDevices = ({ devices, enrollments, chosen }: ReportFacts): Device[] => {
  const managed = devices.filter(({ managed, udn }) => managed || chosen?.includes(udn))
  const known = new Set(managed.map(({ udn }) => udn))
  const lost = enrollments.filter(({ udn }) => !known.has(udn))
  return [...managed, ...new Map(lost.map((one) => [one.udn, asDevice(one)])).values()]
}

const asDevice = (enrollment: Enrollment): Device => ({
  udn: enrollment.udn,
  name: enrollment.serialNumber || enrollment.udn,
  model: enrollment.model,
  serialNumber: enrollment.serialNumber,
  managed: true,
  capabilities: [],
  addresses: [],
  online: false,
  lastSeenMs: 0,
  state: 'offline',
  warnings: [],
})

/** In which of the four kinds a device counts: exactly one, so that the counts add up. */
export const standOf = (device: ReportDevice): 'failed' | 'offline' | 'inOperation' | 'other' => {
  if (device.failed || FAILED_STATES.has(device.state)) return 'failed'
  if (!device.online) return 'offline'
  return device.phase === 'operation' ? 'inOperation' : 'other'
}

const FAILED_STATES: ReadonlySet<string> = new Set(['failed', 'not-trusted', 'unhealthy'])

const countsOf = (rows: readonly ReportDevice[], open: ReportContent['open']): ReportContent['counts'] => {
  const count = (stand: ReturnType<typeof standOf>): number =>
    rows.filter((row) => standOf(row) === stand).length
  return {
    devices: rows.length,
    inOperation: count('inOperation'),
    failed: count('failed'),
    offline: count('offline'),
    expectedMissing: open.filter(({ what }) => what === 'missing').length,
    alarms: rows.reduce((sum, { health }) => sum + (health?.alarms.length ?? 0), 0),
  }
}
