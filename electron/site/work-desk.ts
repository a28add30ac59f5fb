/** Works on the whole site: previewed, applied by one job a device, held for who is not there, taken up after a restart. */
import { randomUUID } from 'node:crypto'
import { totalsOf } from '../configuration/site-plan-work'
import { asIotmcError, IotmcError } from '../contract/errors'
import { isEnded, type Job, type JobKind } from '../contract/job'
import { isRowUnderWay, type SiteWork, type SiteWorkAsk, type SiteWorkRow } from '../contract/site-plan'
import { SITE_PLAN_LIMITS } from '../contract/timings'
import { type ApplyOrder, type ApplyTools, applyParams, applyPlan, attemptOf, workOf } from '../jobs/apply'
import type { DeviceLink } from '../jobs/device-link'
import type { JobRunner } from '../jobs/runner'
import type { StepPlan } from '../jobs/step'
import type { Clock } from '../net/clock'
import type { ConfigurationDesk } from '../operation/configuration-desk'
import type { SiteWorkTable, WorkOrder } from '../store/tables/site-works'
import type { FirmwareDesk } from './firmware-desk'
import type { PlanDesk } from './plan-desk'
import { AwaitedRows, awaitedBy, calledFor } from './work-desk-awaited'
import { WorkBook, type WorkListener } from './work-desk-book'
import { gatheredConfigurations, gatheredUpdates, updateStand } from './work-desk-children'
import { groupRows, planRows, previewFacts, wordsOf } from './work-desk-preview'
import { askedRow, failedRow, mayApply, rowOf } from './work-desk-rows'
import { isStaleOrder } from './work-desk-stale'

export interface WorkDeskOptions {
  readonly clock: Clock
  /** `Records.siteWorks`. */
  readonly table: SiteWorkTable
  readonly plan: PlanDesk
  readonly runner: Pick<JobRunner, 'submit' | 'get' | 'list' | 'on' | 'cancel'>
  readonly link: ApplyTools['link'] & Pick<DeviceLink, 'call'>
  readonly log: { error(facts: object, message: string): void }
  readonly isOnline: (udn: string) => boolean
  /** Calls back when an event of this device has come, or its presence has changed. */
  readonly onWake: (udn: string, listener: () => void) => () => void
  readonly groupExists: (name: string) => boolean
  /** The group of who is let in without one in the plan. */
  readonly defaultGroup: () => string
  readonly configurations: () => Pick<ConfigurationDesk, 'previewForWork' | 'apply'>
  readonly firmware: () => Pick<FirmwareDesk, 'bundles' | 'start' | 'standing' | 'withdraw' | 'onRollouts'>
  /** `SiteJobs.commission`. */
  readonly commission: (
    udns: readonly string[],
    group: string,
    approval: 'ask' | 'given',
    batch: string,
  ) => string[]
  readonly describe: (udn: string, words: { name?: string; place?: string; note?: string }) => void
  readonly remember: (
    udn: string,
    known: { group?: string; firmwareVersion?: string; configurationVersion?: number },
  ) => void
  /** Whether a device is being decommissioned. */
  readonly isFrozen: (udn: string) => boolean
  /** As many jobs at once as the settings allow. */
  readonly concurrency: () => number
  readonly audit: (action: string, subject: string, detail?: string) => void
}

export class WorkDesk {
  private readonly book: WorkBook
  private readonly off: () => void
  private offRollouts: (() => void) | undefined
  private cancelWake: (() => void) | undefined
  private readonly tools: ApplyTools
  private readonly wakers = new Map<string, Set<() => void>>()
  /** The newest job of each kind that works are made of, by kind and device. */
  private readonly newest = new Map<string, string>()
  private readonly awaited = new AwaitedRows()

  constructor(private readonly options: WorkDeskOptions) {
    const { clock, table, runner } = options
    this.book = new WorkBook(clock, table)
    this.tools = this.makeTools()
    this.note(runner.list())
    this.off = runner.on('changed', (jobs) => this.follow(jobs))
  }

  /** Asks who is online, and keeps what would be done as a work. Errors: GROUP_UNKNOWN, DEVICE_UNKNOWN. */
  async preview(ask: SiteWorkAsk): Promise<SiteWork> {
    const rows = ask.what === 'plan' ? await this.ofPlan(ask.keys) : await this.ofGroup(ask.udns, ask.group)
    const { clock, concurrency } = this.options
    const totals = totalsOf(
      rows.map(({ row }) => row),
      concurrency(),
    )
    return this.book.add({ id: randomUUID(), createdAtMs: clock.now(), what: ask.what, totals }, rows)
  }

  /**
   * Starts a job for each of the named rows, without names for all that are to be done or have failed; a device that was
   * never heard gets its job as soon as it is. Rows under way are left alone. Errors: PLAN_UNKNOWN, INTERRUPTED.
   */
  apply(workId: string, keys?: readonly string[]): SiteWork {
    const named = keys && new Set(keys)
    const work = this.book.view(workId)
    const asked = work.rows.filter((row) => mayApply(row) && (!named || named.has(row.key)))
    if (asked.length === 0) return work
    this.options.audit('site-work.applied', workId, `${asked.length} devices`)
    this.book.applied(workId)
    const known = asked.every(({ udn }) => udn) ? new Map<string, string>() : this.byName()
    this.book.put(
      workId,
      asked.map((row) => {
        const udn = this.udnFor(workId, row, known)
        return askedRow(row, udn, udn !== undefined && this.options.isOnline(udn))
      }),
    )
    try {
      this.submit(
        workId,
        asked.map(({ key }) => key),
      )
    } catch (thrown) {
      // Nothing was asked for: the rows are what they were.
      this.book.put(workId, asked)
      throw asIotmcError(thrown)
    }
    return this.book.view(workId)
  }

  /**
   * Calls off rows under way, or the named ones of them: those with a job as the runner cancels it, the others at once.
   * Errors: PLAN_UNKNOWN.
   */
  cancel(workId: string, keys?: readonly string[]): SiteWork {
    const named = keys && new Set(keys)
    const asked = this.book
      .view(workId)
      .rows.filter((row) => isRowUnderWay(row) && (!named || named.has(row.key)))
    if (asked.length === 0) return this.book.view(workId)
    this.options.audit('site-work.cancelled', workId, `${asked.length} devices`)
    const jobless = asked.filter(({ jobId }) => jobId === undefined)
    this.book.put(
      workId,
      jobless.map((row) => failedRow(row, 'CANCELLED')),
    )
    this.awaited.drop(workId, new Set(jobless.map(({ key }) => key)))
    this.options.runner.cancel(asked.flatMap(({ jobId }) => jobId ?? []))
    return this.book.view(workId)
  }

  /** Newest first. */
  list(): SiteWork[] {
    return this.book.list()
  }

  /** The steps of a job of the kind `apply`. */
  plan(_job: Job): readonly StepPlan[] {
    return applyPlan(this.tools)
  }

  /** A device was heard: who has waited for it gets a job. */
  heard(udn: string): void {
    if (this.awaited.size === 0) return
    const device = this.options.plan.device(udn)
    const names = device ? calledFor(device) : []
    const waiting = this.awaited.of(names)
    if (!device || waiting.length === 0 || this.options.isFrozen(udn)) return
    this.awaited.remove(names)
    for (const { workId, key } of waiting) {
      const row = this.book.entry(workId, key)?.row
      if (row?.state !== 'held' || row.udn) continue
      try {
        if (!this.isOfOther(workId, key, udn)) this.book.put(workId, [askedRow(row, udn, device.online)])
        this.submit(workId, [key])
      } catch (thrown) {
        // Whoever else hears of the device is not to miss it; the next start takes the row up again.
        const { code, detail } = asIotmcError(thrown)
        this.options.log.error({ work: workId, code, detail }, 'a device that was heard got no job')
      }
    }
  }

  /** Brings rows to where their jobs are, and gives a job to who lost it to a kill; before the runner starts. */
  begin(): void {
    this.offRollouts = this.options.firmware().onRollouts(() => this.rolloutsSoon())
    const jobs = new Map<string, Job>()
    for (const job of this.options.runner.list())
      if (job.kind === 'apply') jobs.set(`${workOf(job)} ${job.subject}`, job)
    for (const workId of this.book.unfinished()) {
      const open = this.book.view(workId).rows.filter(isRowUnderWay)
      const jobOf = ({ udn }: SiteWorkRow) => (udn ? jobs.get(`${workId} ${udn}`) : undefined)
      const known = open.flatMap((row) => {
        const job = jobOf(row)
        // An older job of this row has ended before it was asked for again.
        if (!job || (row.jobId === undefined && isEnded(job.state) && job.state !== 'done')) return []
        const linked = row.jobId === job.id ? row : { ...row, jobId: job.id }
        return [rowOf(linked, job, this.options.isOnline(job.subject))]
      })
      const before = new Set(open)
      this.book.put(
        workId,
        known.filter((row) => !before.has(row)),
      )
      const found = new Set(known.map(({ key }) => key))
      const lost = open.filter(({ key }) => !found.has(key)).map(({ key }) => key)
      if (lost.length > 0) this.submit(workId, lost)
    }
    // Those that are awaited may have been heard while the site was opened.
    if (this.awaited.size === 0) return
    for (const { udn, online } of this.options.plan.devices()) if (online) this.heard(udn)
  }

  /** Hears of rows that went on, as their work with those rows only, at most ten times a second; the result ends it. */
  onChange(listener: WorkListener): () => void {
    return this.book.onChange(listener)
  }

  /** Jobs are the runner's. */
  close(): void {
    this.off()
    this.offRollouts?.()
    this.cancelWake?.()
    this.book.close()
  }

  private async ofPlan(keys: readonly string[] | undefined) {
    const { plan } = this.options
    const { rows, looked } = await plan.look()
    const facts = await previewFacts(this.options, looked, plan.wishes())
    return planRows(rows, keys && new Set(keys), facts)
  }

  private async ofGroup(udns: readonly string[], group: string) {
    const { plan, groupExists } = this.options
    if (!groupExists(group)) throw new IotmcError('GROUP_UNKNOWN', { subject: group })
    const byUdn = new Map(plan.devices().map((device) => [device.udn, device]))
    const devices = [...new Set(udns)].map((udn) => {
      const device = byUdn.get(udn)
      if (!device) throw new IotmcError('DEVICE_UNKNOWN', { subject: udn })
      return device
    })
    const answers = await plan.ask(devices.filter(({ enrolled }) => enrolled))
    const facts = await previewFacts(this.options, (udn) => answers.get(udn), plan.wishes())
    const own = plan.ownValues(devices)
    return groupRows(devices, group, ({ udn }) => own.get(udn), facts)
  }

  /** Jobs for rows that have a device; the others are awaited. */
  private submit(workId: string, keys: readonly string[]): void {
    const rows = keys.flatMap((key) => this.book.entry(workId, key) ?? [])
    this.awaited.addAll(workId, rows)
    const there = rows.flatMap(({ row }) => (row.udn ? [{ ...row, udn: row.udn }] : []))
    const frozen = there.filter(({ udn }) => this.options.isFrozen(udn))
    this.book.put(
      workId,
      frozen.map((row) => failedRow(row, 'FROZEN')),
    )
    const udns = there.filter((row) => !frozen.includes(row)).map(({ udn }) => udn)
    if (udns.length === 0) return
    const jobs = this.options.runner.submit('apply', udns, applyParams(workId), workId)
    this.note(jobs)
    this.book.put(
      workId,
      jobs.flatMap((job): SiteWorkRow[] => {
        const row = this.book.ofDevice(workId, job.subject)?.row
        if (!row) return []
        if (workOf(job) === workId) return [{ ...row, jobId: job.id }]
        return [failedRow(row, 'BUSY', 'another work on it is under way')]
      }),
    )
  }

  /** A planned serial number or certificate may belong to another device than it did when the work was previewed. */
  private udnFor(workId: string, row: SiteWorkRow, known: ReadonlyMap<string, string>): string | undefined {
    const entry = this.book.entry(workId, row.key)?.order?.entry
    const name = entry && awaitedBy(entry)
    if (!name) return row.udn ?? entry?.udn
    if (row.error?.code === 'OTHER_DEVICE') return undefined
    const udn = row.udn ?? known.get(name)
    return udn && this.isOfOther(workId, row.key, udn) ? undefined : udn
  }

  /** Whether another row of the work means this device: anybody may claim a serial number. */
  private isOfOther(workId: string, key: string, udn: string): boolean {
    const other = this.book.ofDevice(workId, udn)?.row
    return other !== undefined && other.key !== key && other.udn === udn
  }

  private byName(): ReadonlyMap<string, string> {
    return new Map(
      this.options.plan.devices().flatMap((one) => calledFor(one).map((name) => [name, one.udn] as const)),
    )
  }

  private note(jobs: readonly Job[]): void {
    for (const { id, kind, subject } of jobs) this.newest.set(`${kind} ${subject}`, id)
  }

  private follow(jobs: readonly Job[]): void {
    this.note(jobs)
    const changed = new Map<string, SiteWorkRow[]>()
    for (const job of jobs) {
      if (job.kind !== 'apply') continue
      const workId = workOf(job)
      const row = this.book.ofDevice(workId, job.subject)?.row
      if (!row || row.jobId !== job.id) continue
      const next = rowOf(row, job, this.options.isOnline(job.subject))
      if (next === row) continue
      const rows = changed.get(workId) ?? []
      rows.push(next)
      changed.set(workId, rows)
      if (next.state === 'failed')
        this.options.audit('site-work.failed', job.subject, next.error?.code ?? 'DEFECT')
    }
    for (const [workId, rows] of changed) {
      try {
        this.book.put(workId, rows)
      } catch (thrown) {
        // The jobs know better; the rows follow them at the next start.
        const { code, detail } = asIotmcError(thrown)
        this.options.log.error({ work: workId, code, detail }, 'rows of a work could not be kept')
      }
    }
    // After the others who hear of jobs: a rollout's row follows its job.
    queueMicrotask(() => {
      for (const udn of new Set(jobs.map(({ subject }) => subject)))
        for (const wake of [...(this.wakers.get(udn) ?? [])]) wake()
    })
  }

  private activeJob(kind: JobKind, udn: string): string | undefined {
    const id = this.newest.get(`${kind} ${udn}`)
    const job = id === undefined ? undefined : this.options.runner.get(id)
    return job && !isEnded(job.state) ? id : undefined
  }

  private orderOf(job: Job): WorkOrder & Pick<ApplyOrder, 'what'> {
    const workId = workOf(job)
    const order = this.book.ofDevice(workId, job.subject)?.order
    if (!order) throw new IotmcError('PLAN_UNKNOWN', { subject: workId.slice(0, 8), detail: job.subject })
    return { ...order, what: this.book.what(workId) }
  }

  /** A rollout pauses, goes on or ends without any job of the devices that wait in it; it decides often. */
  private rolloutsSoon(): void {
    this.cancelWake ??= this.options.clock.setTimer(() => {
      this.cancelWake = undefined
      for (const set of [...this.wakers.values()]) for (const wake of [...set]) wake()
    }, SITE_PLAN_LIMITS.gatherMs)
  }

  private wake(udn: string, listener: () => void): () => void {
    const set = this.wakers.get(udn) ?? new Set()
    this.wakers.set(udn, set.add(listener))
    const off = this.options.onWake(udn, listener)
    return () => {
      off()
      set.delete(listener)
      if (set.size === 0 && this.wakers.get(udn) === set) this.wakers.delete(udn)
    }
  }

  private makeTools(): ApplyTools {
    const { clock, link, isOnline, runner, firmware, configurations, plan, ...site } = this.options
    const configuring = gatheredConfigurations(clock, configurations)
    const updating = gatheredUpdates(clock, firmware)
    return {
      clock,
      link,
      isOnline,
      onWake: (udn, listener) => this.wake(udn, listener),
      orderOf: (job) => this.orderOf(job),
      isStale: (job) => isStaleOrder(this.orderOf(job), job.subject, this.options),
      identityOf: (udn) => plan.identityOf(udn),
      job: (id) => runner.get(id),
      cancel: (id) => runner.cancel([id]),
      activeJob: (kind, udn) => this.activeJob(kind, udn),
      commission: ({ subject: udn, batch }, { entry }) => {
        // Who is planned for a group is approved by applying the plan; anybody else waits for a person.
        const { group } = entry
        const [id] = site.commission([udn], group ?? site.defaultGroup(), group ? 'given' : 'ask', batch)
        if (!id) throw new IotmcError('DEFECT', { detail: 'no job was made' })
        return id
      },
      wordsOf: (udn) => wordsOf(plan.device(udn)) ?? {},
      describe: site.describe,
      moved: (udn, group) => site.remember(udn, { group }),
      configure: ({ subject, batch }, values, signal) => configuring.ask(subject, { values, batch }, signal),
      update: async (job, image, signal) => {
        const udn = job.subject
        const hardwareRevision = plan.hardwareOf(udn)
        await updating.ask(udn, { ...image, hardwareRevision, askedBy: attemptOf(job) }, signal)
      },
      leaveRollout: (udn) => firmware().withdraw(udn),
      updateOf: (udn) => updateStand(firmware(), udn),
      succeeded: (job, known, looked) => {
        site.remember(job.subject, known)
        if (looked) plan.learned(job.subject, looked)
        const workId = workOf(job)
        const row = this.book.ofDevice(workId, job.subject)?.row
        if (!row) return
        const { error: _, ...rest } = row
        this.book.put(workId, [{ ...rest, jobId: job.id, state: 'done' }])
        if (isRowUnderWay(row)) site.audit('site-work.done', job.subject, workId)
      },
    }
  }
}
