/** Whole sites and the end of life on an open site: groups, labels, the plan and its works, decommissioning, revocation. */
import { effectiveValues } from '../configuration/effective'
import type { Job } from '../contract/job'
import { compareVersions } from '../firmware/version'
import type { StepPlan } from '../jobs/step'
import { lookAt } from '../operation/configuration-look'
import type { Words } from './device-list'
import type { FirmwareDesk } from './firmware-desk'
import { GroupDesk } from './group-desk'
import { LabelDesk } from './label-desk'
import type { OperationParts } from './operation-parts'
import { PlanDesk } from './plan-desk'
import type { RevocationDesk } from './revocation-desk'
import type { SiteJobs } from './site-jobs'
import type { SiteOperation } from './site-operation'
import { WorkDesk } from './work-desk'

export interface LifeParts extends OperationParts {
  readonly revocations: RevocationDesk
  readonly operation: SiteOperation
  readonly work: SiteJobs
  readonly firmware: () => FirmwareDesk
  /** The plan has changed: who waits to be let in is judged anew. */
  readonly planChanged: () => void
  readonly audit: (action: string, subject: string, detail?: string) => void
}

export class SiteLife {
  readonly groups: GroupDesk
  readonly labels: LabelDesk
  readonly plan: PlanDesk
  readonly works: WorkDesk
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
    return job.kind === 'apply' ? this.works.plan(job) : undefined
  }

  /** Goes on with what was begun; before the jobs go on. */
  begin(): void {
    this.revocations.begin()
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
        known: (udn) => records.devices.get(udn),
        enrollment: (udn) => records.enrollments.byUdn(udn),
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
      commission: (udns, group, approval) => work.commission(udns, group, approval),
      describe: (udn, words) => this.describe(udn, words),
      remember: (udn, known) => list.remember(udn, known),
      isFrozen: () => false,
      concurrency: () => options.settings.get().jobConcurrency,
      audit,
    })
  }
}
