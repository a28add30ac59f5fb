/** Whole sites and the end of life on an open site: groups, labels, the plan and its works, decommissioning, revocation. */
import type { Job } from '../contract/job'
import type { StepPlan } from '../jobs/step'
import type { Words } from './device-list'
import { GroupDesk } from './group-desk'
import { LabelDesk } from './label-desk'
import type { OperationParts } from './operation-parts'
import type { RevocationDesk } from './revocation-desk'

export interface LifeParts extends OperationParts {
  readonly revocations: RevocationDesk
  readonly audit: (action: string, subject: string, detail?: string) => void
}

export class SiteLife {
  readonly groups: GroupDesk
  readonly labels: LabelDesk
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
  steps(_job: Job): readonly StepPlan[] | undefined {
    return undefined
  }

  /** Goes on with what was begun; before the jobs go on. */
  begin(): void {
    this.revocations.begin()
  }

  /** Devices were heard. */
  heard(udns: readonly string[]): void {
    this.revocations.heard(udns)
  }

  /** After the jobs were stopped. */
  async close(): Promise<void> {
    await this.revocations.close()
  }
}
