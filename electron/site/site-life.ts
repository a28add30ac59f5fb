/** Whole sites and the end of life on an open site: groups, labels, the plan and its works, decommissioning, revocation. */
import { effectiveValues } from '../configuration/effective'
import type { Job } from '../contract/job'
import { compareVersions } from '../firmware/version'
import type { StepPlan } from '../jobs/step'
import { lookAt } from '../operation/configuration-look'
import { DecommissionDesk } from './decommission-desk'
import type { Words } from './device-list'
import type { FirmwareDesk } from './firmware-desk'
import { GroupDesk } from './group-desk'
import { LabelDesk } from './label-desk'
import type { OperationParts } from './operation-parts'
import { PlanDesk } from './plan-desk'
import type { RevocationDesk } from './revocation-desk'
import type { SiteJobs } from './site-jobs'
import type { SiteOperation } from './site-operation'
import { WipeLine } from './wipe-line'
import { WorkDesk } from './work-desk'

export interface LifeParts extends OperationParts {
  readonly revocations: RevocationDesk
  readonly operation: SiteOperation
  readonly work: SiteJobs
  readonly firmware: () => FirmwareDesk
  /** More devices are refused than before: what is open has to be judged again. */
  readonly refusesMore: () => void
  /** Trusted factory roots, PEM. */
  readonly roots: () => readonly string[]
  /** PEM of every root a device's certificate may end at. */
  readonly cas: () => readonly string[]
  /** What is cached of a device's enrolment is not true any more. */
  readonly enrollmentEnded: (udn: string) => void
  /** The plan has changed: who waits to be let in is judged anew. */
  readonly planChanged: () => void
  readonly audit: (action: string, subject: string, detail?: string) => void
}

export class SiteLife {
  readonly groups: GroupDesk
  readonly labels: LabelDesk
  readonly plan: PlanDesk
  readonly works: WorkDesk
  readonly decommissions: DecommissionDesk
  readonly revocations: RevocationDesk

  constructor(private readonly parts: LifeParts) {
    const { clock, records, options, list, runner, devices, touch, audit, revocations } = parts
    const device = (udn: string) => list.view(udn)
    this.revocations = revocations
    this.groups = new GroupDesk({
      records,
      policy: () => options.settings.get().policy,
      jobs: () => runner.list(),
      device,
      audit,
    })
    this.labels = new LabelDesk({
      clock,
      table: records.labelFindings,
      expected: records.expected,
      device,
      devices,
      changed: touch,
      audit,
    })
    this.plan = this.makePlan()
    this.works = this.makeWorks()
    this.decommissions = this.makeDecommissions()
    this.decommissions.onChange((records) => {
      options.emit('decommissions', records)
      touch(records.map(({ udn }) => udn))
    })
    this.works.onChange((work) => options.emit('works', work))
    this.revocations.onChange(() => options.emit('revocations', revocations.list()))
  }

  /** What people call a device; of this laptop, not of the device. Errors: DEVICE_UNKNOWN. */
  describe(udn: string, words: Words): void {
    this.parts.list.describe(udn, words)
    const said = Object.entries(words).flatMap(([field, text]) =>
      text === undefined ? [] : [`${field} ${text}`],
    )
    this.parts.audit('device-described', udn, said.join(', '))
  }

  /** The steps of a job of these kinds; undefined for others. */
  steps(job: Job): readonly StepPlan[] | undefined {
    if (job.kind === 'apply') return this.works.plan(job)
    return job.kind === 'decommission' ? this.decommissions.plan(job) : undefined
  }

  /** Goes on with what was begun; before the jobs go on. */
  begin(): void {
    this.revocations.begin()
    this.decommissions.begin()
    this.works.begin()
  }

  /** Devices were heard. */
  heard(udns: readonly string[]): void {
    this.revocations.heard(udns)
    for (const udn of udns) this.works.heard(udn)
  }

  /** After the jobs were stopped. */
  async close(): Promise<void> {
    this.works.close()
    this.plan.close()
    this.decommissions.close()
    await this.revocations.close()
  }

  private makePlan(): PlanDesk {
    const { clock, records, list, link, devices, planChanged, audit } = this.parts
    return new PlanDesk({
      clock,
      table: records.expected,
      devices,
      device: (udn) => list.view(udn),
      records: {
        // As they are kept in memory: they are asked for thousands of devices at once.
        known: (udn) => list.record(udn),
        enrollment: (udn) => list.enrollmentOf(udn),
        isEnrolled: (udn) => list.isEnrolled(udn),
      },
      groupExists: (name) => records.groups.get(name) !== undefined,
      // A group that is gone gives nothing: comparing goes on, applying tells of it.
      effective: (group, own) => effectiveValues(group === undefined ? [] : records.groups.chain(group), own),
      look: (udn, signal) => lookAt({ link, device: (each) => list.view(each), deadline: () => signal }, udn),
      isOlder: (version, running) => compareVersions(version, running) < 0,
      changed: planChanged,
      audit,
    })
  }

  private makeDecommissions(): DecommissionDesk {
    const { clock, records, options, identity, authority, list, finder, firmwareWatch, runner, audit } =
      this.parts
    const { operation, firmware, roots, cas, enrollmentEnded, refusesMore, revocations } = this.parts
    const { settings, log, paths } = options
    const line = new WipeLine({
      clock,
      identity: () => identity.controller,
      cas,
      sighting: (udn) => finder.get(udn),
      roots,
      siteCa: () => identity.anchorPem,
      issued: (udn) =>
        records.certificates.ofDevice(udn).flatMap((one) => (one.state === 'issued' ? one.pem : [])),
      knownIdentity: (udn) => records.enrollments.byUdn(udn)?.identityFingerprint,
    })
    return new DecommissionDesk({
      clock,
      log,
      records,
      runner,
      revocations,
      line,
      certificates: {
        folder: paths.certificatesFolder,
        signer: () => identity.controller,
        siteCaPem: () => identity.anchorPem,
        site: () => ({
          name: settings.get().siteName,
          controllerUdn: identity.udn,
          authority: authority.subject,
          authorityFingerprint: authority.fingerprint,
        }),
        language: () => (settings.get().language === 'de' ? 'de' : 'en'),
      },
      device: (udn) => list.view(udn),
      isOnline: (udn) => finder.get(udn)?.online ?? false,
      onWake: (udn, listener) => firmwareWatch.onWake(udn, listener),
      withdraw: (udn) => firmware().withdraw(udn),
      enrollmentEnded: (udn) => {
        // A wiped device has no list any more.
        revocations.told(udn, 0)
        enrollmentEnded(udn)
      },
      refusesMore,
      roots,
      mayReturn: () => settings.get().policy.readmit !== false,
      actor: () => operation.actorName(),
      audit,
    })
  }

  private makeWorks(): WorkDesk {
    const { clock, records, options, list, link, finder, firmwareWatch, runner, audit } = this.parts
    const { operation, work, firmware } = this.parts
    return new WorkDesk({
      clock,
      table: records.siteWorks,
      plan: this.plan,
      runner,
      link,
      log: options.log,
      isOnline: (udn) => finder.get(udn)?.online ?? false,
      onWake: (udn, listener) => firmwareWatch.onWake(udn, listener),
      groupExists: (name) => records.groups.get(name) !== undefined,
      defaultGroup: () => options.settings.get().policy.defaultGroup,
      configurations: () => operation.configurations,
      firmware,
      commission: (udns, group, approval, batch) => work.commission(udns, group, approval, batch),
      describe: (udn, words) => this.describe(udn, words),
      remember: (udn, known) => list.remember(udn, known),
      isFrozen: (udn) => this.decommissions.isFrozen(udn),
      concurrency: () => options.settings.get().jobConcurrency,
      audit,
    })
  }
}
