/** The records of one site: one field per table, and transactions over all of them. */
import { type Database, openDatabase, transaction } from './database'
import { type AuditTable, auditTable } from './tables/audit'
import { type BatchTable, batchTable } from './tables/batches'
import { type BlockedIdentityTable, blockedIdentityTable } from './tables/blocked-identities'
import { type CertificateTable, certificateTable } from './tables/certificates'
import { type CheckTable, checkTable } from './tables/checks'
import { type ConfigurationPlanTable, configurationPlanTable } from './tables/configuration-plans'
import { type CrlTable, crlTable } from './tables/crls'
import { type DecommissionTable, decommissionTable } from './tables/decommissions'
import { type DeviceTable, deviceTable } from './tables/devices'
import { type EnrollmentTable, enrollmentTable } from './tables/enrollments'
import { type ExpectedTable, expectedTable } from './tables/expected'
import { type FactoryIdentityTable, factoryIdentityTable } from './tables/factory-identities'
import { type FactTable, factTable } from './tables/facts'
import { type FailureTable, failureTable } from './tables/failures'
import { type GroupTable, groupTable } from './tables/groups'
import { type JobTable, jobTable } from './tables/jobs'
import { type LabelFindingTable, labelFindingTable } from './tables/label-findings'
import { type ReportTable, reportTable } from './tables/reports'
import { type RevocationTable, revocationTable } from './tables/revocations'
import { type RolloutTable, rolloutTable } from './tables/rollouts'
import { type SiteWorkTable, siteWorkTable } from './tables/site-works'
import { type TrustTable, trustTable } from './tables/trust'

/** Everything this laptop has on record about a site. A write survives a kill when it returns. */
export class Records {
  readonly facts: FactTable
  readonly devices: DeviceTable
  readonly enrollments: EnrollmentTable
  readonly certificates: CertificateTable
  readonly revocations: RevocationTable
  /** Factory identities that this site keeps out. */
  readonly blockedIdentities: BlockedIdentityTable
  /** Factory certificates of devices that have enrolled. */
  readonly factoryIdentities: FactoryIdentityTable
  readonly trust: TrustTable
  readonly crls: CrlTable
  readonly groups: GroupTable
  readonly labelFindings: LabelFindingTable
  readonly expected: ExpectedTable
  readonly audit: AuditTable
  /** The journal that JobRunner writes. */
  readonly jobs: JobTable
  /** What holds up jobs that were asked for together. */
  readonly batches: BatchTable
  /** Failures that nothing has answered, for longer than their jobs are listed. */
  readonly failures: FailureTable
  readonly rollouts: RolloutTable
  /** Guided health checks, as they go and as they ended. */
  readonly checks: CheckTable
  readonly configurationPlans: ConfigurationPlanTable
  readonly reports: ReportTable
  /** Devices that leave, or have left. */
  readonly decommissions: DecommissionTable
  /** Works on the whole site, and their rows. */
  readonly siteWorks: SiteWorkTable

  constructor(private readonly database: Database) {
    this.facts = factTable(database)
    this.devices = deviceTable(database)
    this.enrollments = enrollmentTable(database)
    this.certificates = certificateTable(database)
    this.revocations = revocationTable(database)
    this.blockedIdentities = blockedIdentityTable(database)
    this.factoryIdentities = factoryIdentityTable(database)
    this.trust = trustTable(database)
    this.crls = crlTable(database)
    this.groups = groupTable(database)
    this.labelFindings = labelFindingTable(database)
    this.expected = expectedTable(database, (udn) => this.enrollments.byUdn(udn)?.identityFingerprint)
    this.audit = auditTable(database)
    this.jobs = jobTable(database)
    this.batches = batchTable(database)
    this.failures = failureTable(database)
    this.rollouts = rolloutTable(database)
    this.checks = checkTable(database)
    this.configurationPlans = configurationPlanTable(database)
    this.reports = reportTable(database)
    this.decommissions = decommissionTable(database)
    this.siteWorks = siteWorkTable(database)
  }

  /** Opens the database at `path` (`:memory:` in tests). Errors: DATA_DAMAGED, DATA_IN_USE. */
  static open(path: string): Records {
    return new Records(openDatabase(path))
  }

  /** Runs synchronous work over any tables as one commit: all of it, or none. */
  transaction<T>(work: () => T): T {
    return transaction(this.database, work)
  }

  /** Ends use; a second call does nothing. */
  close(): void {
    if (this.database.isOpen) this.database.close()
  }
}
