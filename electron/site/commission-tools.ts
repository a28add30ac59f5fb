/** Commissioning's tools, made of the parts of an open site. */

import type { Discovery } from '../discovery/discovery'
import type { EnrollmentService } from '../enrollment/service'
import type { CommissionTools } from '../jobs/commission'
import type { DeviceLink } from '../jobs/device-link'
import type { Clock } from '../net/clock'
import type { Records } from '../store/records'
import type { DeviceList } from './device-list'
import { enrolledWith } from './group-desk'
import type { Verdicts } from './verdicts'

export interface SiteParts {
  readonly clock: Clock
  readonly enrollment: EnrollmentService
  readonly link: DeviceLink
  readonly verdicts: Verdicts
  readonly records: Records
  readonly finder: Discovery
  readonly list: DeviceList
  readonly onWake: (udn: string, listener: () => void) => () => void
  readonly announce: () => void
}

export const commissionTools = (parts: SiteParts): CommissionTools => {
  const { clock, enrollment, link, verdicts, records, finder, list, onWake, announce } = parts
  // As it is kept in memory: jobs look at each change.
  const enrollmentOf = (udn: string) => list.enrollmentOf(udn)
  return {
    clock,
    link,
    onWake,
    announce,
    enrollmentOf,
    isOnline: (udn) => finder.get(udn)?.online ?? false,
    verdictOn: (job) => verdicts.forJob(job, () => enrollmentOf(job.subject)),
    approve: (udn, group) => {
      list.remember(udn, { group })
      verdicts.forget(udn)
    },
    group: (name, udn) => {
      const serialNumber = enrollmentOf(udn)?.serialNumber
      return enrolledWith(records, name, { udn, ...(serialNumber ? { serialNumber } : {}) })
    },
    expectVersion: (udn, version) => enrollment.expectVersion(udn, version),
    remember: (udn, known) => {
      const notAfter = enrollmentOf(udn)?.ldevidNotAfter
      list.remember(udn, { ...known, ...(notAfter ? { ldevidNotAfter: notAfter } : {}) })
    },
  }
}
