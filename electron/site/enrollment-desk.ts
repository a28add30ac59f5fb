/** Enrolments of an open site and the plan that they are judged by: told to the window, adopted as jobs, ended. */
import type { Enrollment, ExpectedDevice } from '../contract/enrollment'
import { IPC_LIMITS } from '../contract/timings'
import type { EnrollmentService } from '../enrollment/service'
import type { Clock } from '../net/clock'
import type { Records } from '../store/records'
import { publicEnrollment } from '../store/tables/enrollments'
import type { DeviceList } from './device-list'
import type { Emit } from './events'
import type { SiteJobs } from './site-jobs'

export interface EnrollmentDeskOptions {
  readonly clock: Clock
  readonly records: Pick<Records, 'enrollments' | 'expected'>
  readonly service: Pick<EnrollmentService, 'onChange' | 'reconsider'>
  readonly list: Pick<DeviceList, 'forgetEnrollment' | 'remember' | 'udns'>
  readonly work: Pick<SiteJobs, 'adopt' | 'withdraw'>
  readonly emit: Emit
  /** Devices whose row may look different now. */
  readonly touch: (udns: readonly string[]) => void
  /** Whoever waits for something of this device looks again. */
  readonly changed: (udn: string) => void
}

export class EnrollmentDesk {
  private cancelTelling: (() => void) | undefined

  constructor(private readonly o: EnrollmentDeskOptions) {}

  /** Hears the service from now on. */
  begin(): void {
    this.o.service.onChange((udn) => this.changed(udn))
  }

  list(): Enrollment[] {
    return this.o.records.enrollments.list().map(publicEnrollment)
  }

  expected(): ExpectedDevice[] {
    return this.o.records.expected.list()
  }

  /** Errors: VALUE_INVALID for an entry that names no device. */
  setExpected(plan: readonly ExpectedDevice[]): ExpectedDevice[] {
    this.o.records.expected.replace(plan)
    this.planChanged()
    return this.expected()
  }

  /** Who waits is judged anew, and devices may have other names. */
  planChanged(): void {
    this.reconsiderAll()
    this.o.touch(this.o.list.udns())
  }

  /** Who waits is judged anew. */
  reconsiderAll(): void {
    for (const row of this.list()) if (row.state === 'pending') this.o.service.reconsider(row.udn)
  }

  /** A device has left, or was put out: it is no member of anything any more, and what was said for it does not count. */
  ended(udn: string): void {
    const { list, work } = this.o
    work.withdraw(udn)
    list.forgetEnrollment(udn)
    const nothing = { group: undefined, ldevidSerial: undefined, ldevidNotAfter: undefined }
    list.remember(udn, { ...nothing, configurationVersion: undefined })
    this.tellSoon()
  }

  close(): void {
    this.cancelTelling?.()
  }

  private changed(udn: string): void {
    const { list, records, work } = this.o
    list.forgetEnrollment(udn)
    this.o.touch([udn])
    const row = records.enrollments.byUdn(udn)
    if (row?.state === 'approved' && row.group) work.adopt(udn, row.group)
    this.tellSoon()
    this.o.changed(udn)
  }

  /** The whole list, at most ten times a second however many devices enrol. */
  private tellSoon(): void {
    this.cancelTelling ??= this.o.clock.setTimer(() => {
      this.cancelTelling = undefined
      this.o.emit('enrollments', this.list())
    }, IPC_LIMITS.deltaIntervalMs)
  }
}
