/** The Enrollment service of this site: its records, its policy, and what people said. */
import type { ErrorCode } from '../contract/errors'
import type { Settings } from '../contract/settings'
import { EnrollmentService } from '../enrollment/service'
import type { Authority } from '../identity/authority'
import type { TrustStore } from '../identity/trust'
import type { Records } from '../store/records'
import { enrollmentStore } from './enrollment-store'
import type { SiteJobs } from './site-jobs'

export interface SiteEnrollmentOptions {
  readonly records: Records
  readonly trust: TrustStore
  readonly authority: Authority
  readonly now: () => number
  readonly settings: () => Settings
  readonly jobs: () => SiteJobs
  /** Why a device is not taken in: it leaves, or has left. */
  readonly refuses?: (udn: string, identityFingerprint: string) => ErrorCode | undefined
  readonly audit: (action: string, subject: string, detail: string | undefined) => void
}

/** Asked at each request, so that a change of policy or plan counts at once. */
export const createEnrollment = (o: SiteEnrollmentOptions): EnrollmentService =>
  new EnrollmentService({
    trust: o.trust,
    store: enrollmentStore(o.records, o.authority, o.now),
    now: o.now,
    policy: () => o.settings().policy,
    expected: () => o.records.expected.list(),
    verdict: (udn) =>
      o.jobs().verdicts.forService(udn, o.jobs().active(udn), o.records.devices.get(udn)?.group),
    groupVersion: (name) => o.records.groups.get(name)?.version,
    ...(o.refuses ? { refuses: o.refuses } : {}),
    audit: o.audit,
  })
