/** The bundle desk of an open site: where each part of a diagnostics bundle comes from. */
import { join } from 'node:path'
import { readConfiguration } from '../configuration/client'
import type { AuditLine } from '../contract/access'
import { PRODUCT_VERSION } from '../contract/names'
import { listInterfaces } from '../net/interfaces'
import type { CheckDesk } from '../operation/check-desk'
import type { HealthDesk } from '../operation/health-desk'
import type { LogDesk } from '../operation/log-desk'
import { publicEnrollment } from '../store/tables/enrollments'
import type { AuditDesk } from './audit-desk'
import { BundleDesk } from './bundle-desk'
import type { OperationParts } from './operation-parts'

interface Desks {
  readonly auditLog: AuditDesk
  readonly health: HealthDesk
  readonly logs: LogDesk
  readonly checks: CheckDesk
}

const AUDIT_PAGE = 500
const CHECKS_OF_DEVICE = 50

export const siteBundles = (
  parts: OperationParts,
  desks: Desks,
  audit: (action: string, subject: string, detail?: string) => void,
): BundleDesk => {
  const { clock, options, records, identity, link, finder, firmwareWatch, runner, devices } = parts
  const { paths, settings } = options
  return new BundleDesk({
    clock,
    folder: join(paths.root, 'bundles'),
    app: {
      program: `IoTMC Technician ${PRODUCT_VERSION}`,
      settings: () => settings.get(),
      interfaces: listInterfaces,
      listening: () => parts.listening(),
      databases: [paths.records, paths.diagnostics, paths.ledger],
      logsFolder: paths.logsFolder,
      jobs: () => runner.list(),
    },
    site: {
      devices,
      jobs: () => runner.list(),
      configuration: (udn, signal) => readConfiguration(link.call.bind(link, udn), signal),
      banks: (udn, signal) => firmwareWatch.status(udn, signal),
      log: (udn, signal) => desks.logs.export({ udns: [udn] }, 'jsonl', signal),
      series: (request, signal) => desks.health.series(request, signal),
      checks: (udn) => desks.checks.list({ udn, limit: CHECKS_OF_DEVICE }),
      audit: (udn) => desks.auditLog.list({ subject: udn, limit: AUDIT_PAGE }).lines,
      auditLines: () => allLines(desks),
      certificates: (udn) => [
        ...records.certificates.ofDevice(udn).flatMap((one) => (one.state === 'issued' ? one.chainPem : [])),
        identity.controller.chainPem,
        identity.anchorPem,
      ],
      records: () => ({
        groups: records.groups.list(),
        expected: records.expected.list(),
        enrolments: records.enrollments.list().map(publicEnrollment),
        heard: finder.report(),
      }),
    },
    secrets: parts.secrets,
    audit,
  })
}

/** Newest first, a page at a time. */
function* allLines({ auditLog }: Desks): Generator<AuditLine> {
  let beforeId: number | undefined
  for (;;) {
    const page = auditLog.list({ limit: AUDIT_PAGE, ...(beforeId === undefined ? {} : { beforeId }) })
    yield* page.lines
    beforeId = page.lines.at(-1)?.id
    if (!page.more || beforeId === undefined) return
  }
}
