import type { Job } from '../contract/job'
import type { ReportVerdict } from '../contract/report'
import type { Settings } from '../contract/settings'
import { DiagnosticsStore } from '../diagnostics/diagnostics-store'
import type { StepPlan } from '../jobs/step'
import { systemRandom } from '../net/clock'
import { CheckDesk } from '../operation/check-desk'
import { ConfigurationDesk } from '../operation/configuration-desk'
import { HealthDesk } from '../operation/health-desk'
import { LogDesk } from '../operation/log-desk'
import { verifyReport } from '../reports/verify'
import { publicEnrollment } from '../store/tables/enrollments'
import { type AccountActor, type AccountDesk, openAccounts } from './account-desk'
import { actorOf } from './audit-actors'
import { type AuditDesk, openAudit } from './audit-desk'
import type { BundleDesk } from './bundle-desk'
import { type ClientIdentity, type ClientRequest, issueClient } from './client-certificates'
import { DeviceWatch } from './device-watch'
import { wantedOf } from './group-desk'
import type { Hosted } from './hosted'
import type { OperationParts } from './operation-parts'
import { ReportDesk } from './report-desk'
import { siteBundles } from './site-bundles'

export class SiteOperation {
  readonly accounts: AccountDesk
  readonly auditLog: AuditDesk
  readonly health: HealthDesk
  readonly logs: LogDesk
  readonly checks: CheckDesk
  readonly configurations: ConfigurationDesk
  readonly reports: ReportDesk
  readonly bundles: BundleDesk
  private readonly store: DiagnosticsStore

  /** Errors: DATA_DAMAGED, DATA_IN_USE. */
  constructor(private readonly parts: OperationParts) {
    const { clock, options, records, link, finder, firmwareWatch, list, runner } = parts
    const { log, paths, vault, settings } = options
    const audit = this.audit.bind(this)
    const common = {
      clock,
      link,
      runner,
      log,
      audit,
      isOnline: (udn: string): boolean => finder.get(udn)?.online ?? false,
      onWake: (udn: string, listener: () => void): (() => void) => firmwareWatch.onWake(udn, listener),
    }
    this.auditLog = openAudit({ table: records.audit, vault, clock, random: systemRandom })
    this.accounts = openAccounts({
      vault,
      facts: records.facts,
      clock,
      random: systemRandom,
      audit: (by, action, subject, detail) =>
        this.auditLog.add(by ?? { name: this.owner() }, action, subject, detail),
    })
    this.store = DiagnosticsStore.open(paths.diagnostics, { clock, log })
    this.health = new HealthDesk({
      clock,
      store: this.store.health,
      thresholds: settings.get().thresholds,
      udns: () => list.udns().filter((udn) => list.isEnrolled(udn)),
      isOurs: (udn) => list.isEnrolled(udn),
      certificateEnd: (udn) => list.certificateEnd(udn),
      isWorkedOn: (udn) => list.isWorkedOn(udn),
    })
    this.logs = new LogDesk({ ...common, store: this.store.logs })
    this.checks = new CheckDesk({
      ...common,
      table: records.checks,
      bankStatus: (udn, signal) => firmwareWatch.status(udn, signal),
      thresholds: () => settings.get().thresholds,
    })
    this.configurations = new ConfigurationDesk({
      ...common,
      table: records.configurationPlans,
      devices: parts.devices,
      device: (udn) => list.view(udn),
      wanted: (device) => wantedOf(records, device),
      remember: (udn, known) => list.remember(udn, known),
    })
    this.reports = new ReportDesk({
      clock,
      log,
      audit,
      folder: paths.reportsFolder,
      table: records.reports,
      signer: () => parts.identity.controller,
      siteCaPem: () => parts.identity.anchorPem,
      site: () => ({
        name: settings.get().siteName,
        controllerUdn: parts.identity.udn,
        authority: parts.authority.subject,
        authorityFingerprint: parts.authority.fingerprint,
      }),
      technician: () => this.actor(),
      devices: parts.devices,
      enrollments: () => records.enrollments.list().map(publicEnrollment),
      expected: () => records.expected.list(),
      jobs: () => runner.list(),
      failures: () => records.failures.list(),
      // More than one: the newest may still run.
      checks: (udn) => this.checks.list({ udn, limit: 5 }),
      auditHead: () => this.auditLog.head(),
    })
    this.bundles = siteBundles(parts, this, audit)
    this.tell()
  }

  /** Begins to hear the events of the site's devices. */
  watch(hosted: Hosted): DeviceWatch {
    const { clock, link, finder, list, firmwareWatch, options } = this.parts
    return new DeviceWatch({
      ...{ clock, link, finder, hosted, log: options.log, health: this.health },
      isOurs: (udn) => list.isEnrolled(udn),
      newSequence: (udn, sequence) => this.logs.newSequence(udn, sequence),
      told: (udn, told) => {
        list.told(udn, told)
        firmwareWatch.heardOf(udn, told)
      },
    })
  }

  /** Brings plans to where their jobs are; before the jobs go on. */
  begin(): void {
    this.configurations.begin()
  }

  /** Judges a report by this site's own authority. Errors: FILE_INVALID. */
  verifyReport(path: string): Promise<ReportVerdict> {
    return verifyReport(path, { ca: this.parts.identity.anchorPem })
  }

  /** The steps of a job of operation; undefined for other kinds. */
  plan(job: Job): readonly StepPlan[] | undefined {
    switch (job.kind) {
      case 'configure':
        return this.configurations.plan(job)
      case 'fetch-log':
        return this.logs.plan(job)
      case 'check':
        return this.checks.plan(job)
      default:
        return undefined
    }
  }

  /** One line in the name of whoever is signed in, of the owner of the laptop, or of `by`. */
  audit(action: string, subject: string, detail?: string, by?: string): void {
    const who = by === undefined ? actorOf(action, subject, this.actor(), detail) : { name: by }
    this.auditLog.add(who, action, subject, detail)
  }

  /** A key and certificate for another program of this site; the key is kept nowhere. */
  issueClient(request: ClientRequest): Promise<ClientIdentity> {
    const { clock, records, identity } = this.parts
    const { authority } = identity
    const audit = this.audit.bind(this)
    return issueClient({ authority, certificates: records.certificates, clock, audit }, request)
  }

  applySettings(settings: Settings): void {
    this.health.setThresholds(settings.thresholds)
  }

  /** After the jobs were stopped. */
  async close(): Promise<void> {
    this.logs.close()
    this.checks.close()
    this.configurations.close()
    this.health.close()
    this.accounts.close()
    this.auditLog.close()
    await this.store.close()
  }

  /** Whoever is signed in, or the owner of this laptop. */
  actorName(): string {
    return this.actor().name
  }

  private actor(): AccountActor {
    return this.accounts.actor(this.owner())
  }

  private owner(): string {
    return this.parts.options.settings.get().technician || 'site'
  }

  private tell(): void {
    const { emit } = this.parts.options
    this.health.onChange((changed) => emit('health', changed))
    this.health.onStanding((udns) => this.parts.touch(udns))
    this.logs.onStored((stored) => emit('logStored', stored))
    this.checks.onChange((checks) => {
      for (const check of checks) emit('check', check)
    })
    this.configurations.onChange((plan) => emit('configuration', plan))
    this.accounts.onChange(() => emit('accounts', this.accounts.view()))
  }
}
