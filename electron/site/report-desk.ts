/** Site hand-over reports: made from what is known of the site, signed, numbered without a gap, kept, handed out. */
import type { Device } from '../contract/device'
import type { Enrollment, ExpectedDevice } from '../contract/enrollment'
import { IotmcError } from '../contract/errors'
import type { Job } from '../contract/job'
import { PRODUCT_VERSION } from '../contract/names'
import {
  type ReportContent,
  type ReportPart,
  type ReportRequest,
  type ReportView,
  reportRequestSchema,
} from '../contract/report'
import type { HealthCheck } from '../contract/self-test'
import type { Clock } from '../net/clock'
import type { KeptFailure } from '../reports/answered-jobs'
import { reportContent } from '../reports/content'
import { REPORT_FILES } from '../reports/form'
import { ReportFolder } from '../reports/report-folder'
import { type ReportSigner, sealReport } from '../reports/seal'
import { isoTime } from '../reports/times'
import type { ReportTable } from '../store/tables/reports'
import { zipBytes } from '../store/zip-write'
import type { Log } from './events'

export interface ReportDeskOptions {
  readonly clock: Clock
  readonly log: Log
  /** `paths.reportsFolder`. */
  readonly folder: string
  readonly table: ReportTable
  /** The controller's key and chain. */
  readonly signer: () => ReportSigner
  /** The site's anchor, PEM. */
  readonly siteCaPem: () => string
  readonly site: () => ReportContent['site']
  /** Whoever is signed in, or the owner of this laptop. */
  readonly technician: () => { readonly name: string; readonly role?: string | undefined }
  readonly devices: () => readonly Device[]
  readonly enrollments: () => readonly Enrollment[]
  readonly expected: () => readonly ExpectedDevice[]
  readonly jobs: () => readonly Job[]
  /** `Records.failures`. */
  readonly failures: () => readonly KeptFailure[]
  /** Of one device, newest first. */
  readonly checks: (udn: string) => readonly HealthCheck[]
  readonly auditHead: () => { readonly lines: number; readonly head?: string | undefined }
  readonly audit: (action: string, subject: string, detail?: string) => void
}

export class ReportDesk {
  private readonly folder: ReportFolder
  private last: Promise<unknown> = Promise.resolve()

  /** Takes up what a crash left: a report that lies in its place without its line in the records gets it. */
  constructor(private readonly o: ReportDeskOptions) {
    this.folder = new ReportFolder(o.folder)
    this.folder.clean()
    this.adopt()
  }

  /** Makes and keeps the next report; one after another. Errors: VALUE_INVALID, DEVICE_UNKNOWN, FILE_INVALID. */
  make(request: ReportRequest): Promise<ReportView> {
    const made = this.last.then(() => this.makeNext(request))
    this.last = made.catch(() => undefined)
    return made
  }

  /** Newest first. */
  list(): ReportView[] {
    return this.o.table.list()
  }

  /** A part of a report as a file to be saved. Errors: VALUE_INVALID (no such report), FILE_INVALID. */
  async file(sequence: number, part: ReportPart): Promise<{ name: string; data: Uint8Array }> {
    const view = this.o.table.get(sequence)
    if (!view) throw new IotmcError('VALUE_INVALID', { subject: String(sequence), detail: 'no such report' })
    const name = `report-${String(sequence).padStart(4, '0')}-${isoTime(view.madeAtMs).slice(0, 10)}.${part}`
    if (part !== 'zip') return { name, data: this.folder.read(sequence, `report.${part}`) }
    const entries = REPORT_FILES.map((file) => ({ name: file, bytes: this.folder.read(sequence, file) }))
    return { name, data: await zipBytes(entries) }
  }

  private async makeNext(request: ReportRequest): Promise<ReportView> {
    const asked = reportRequestSchema.safeParse(request)
    if (!asked.success)
      throw new IotmcError('VALUE_INVALID', {
        detail: asked.error.issues[0]?.message ?? '',
        cause: asked.error,
      })
    const { o } = this
    const before = o.table.newest()
    const sequence = (before?.sequence ?? 0) + 1
    const devices = o.devices()
    const { udns } = asked.data
    const stranger = udns?.find((udn) => !devices.some((device) => device.udn === udn))
    if (stranger !== undefined) throw new IotmcError('DEVICE_UNKNOWN', { subject: stranger })
    const content = reportContent({
      sequence,
      previous: before?.hash,
      nowMs: o.clock.now(),
      program: `IoTMC Technician ${PRODUCT_VERSION}`,
      site: o.site(),
      technician: o.technician(),
      request: asked.data,
      chosen: udns,
      devices,
      enrollments: o.enrollments(),
      expected: o.expected(),
      jobs: o.jobs(),
      failures: o.failures(),
      check: (udn) => o.checks(udn).find(({ verdict }) => verdict !== undefined),
      audit: o.auditHead(),
    })
    const sealed = await sealReport(content, { signer: o.signer(), siteCaPem: o.siteCaPem() })
    this.folder.put(sequence, sealed)
    const view = this.folder.view(sequence)
    o.table.add(view)
    o.audit('report-made', `report ${sequence}`, view.hash)
    return view
  }

  private adopt(): void {
    const { table, log } = this.o
    const newest = table.newest()?.sequence ?? 0
    for (const sequence of this.folder.sequences().filter((number) => number > newest)) {
      try {
        table.add(this.folder.view(sequence))
      } catch (cause) {
        // Whatever lies there never got its line: it was not handed out, and must not keep the site from opening.
        log.error({ sequence, err: cause }, 'a report in its folder can not be read and is set aside')
        this.folder.setAside(sequence)
      }
    }
  }
}
