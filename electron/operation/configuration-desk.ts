/** Configuration on an open site: read, previewed as a plan, applied by one job a device, read back, put back. */
import { randomUUID } from 'node:crypto'
import type { RunningConfiguration } from '../configuration/client'
import { type Effective, NOTHING_WANTED } from '../configuration/effective'
import { readConfigurationFile, writeConfigurationFile } from '../configuration/file'
import { compareWithTemplate } from '../configuration/plan'
import type {
  ConfigurationChange,
  ConfigurationFormat,
  ConfigurationPlan,
  DeviceConfiguration,
  PlanRow,
  Values,
} from '../contract/configuration'
import type { Device } from '../contract/device'
import { asIotmcError, IotmcError } from '../contract/errors'
import type { Job } from '../contract/job'
import { HTTP_LIMITS } from '../contract/timings'
import { type ConfigureDirection, configureParams, configurePlan } from '../jobs/configure'
import type { DeviceLink } from '../jobs/device-link'
import type { JobRunner } from '../jobs/runner'
import type { StepPlan } from '../jobs/step'
import type { Clock } from '../net/clock'
import type { ConfigurationPlanTable } from '../store/tables/configuration-plans'
import { ConfigurationBook, type PlanListener } from './configuration-book'
import { fileDevices, type LookTools, lookAt, planRows, requireSame, type Wanted } from './configuration-look'
import { askedRow, endedRow, failedRow, isMeant, isUnderWay, mayAsk, rowOf } from './configuration-rows'

type Wishes = Effective & { readonly group?: string }

export interface ConfigurationDeskOptions {
  readonly clock: Clock
  readonly link: Pick<DeviceLink, 'call'>
  readonly runner: Pick<JobRunner, 'submit' | 'list' | 'on'>
  /** `Records.configurationPlans`. */
  readonly table: ConfigurationPlanTable
  readonly log: { error(facts: object, message: string): void }
  readonly devices: () => readonly Device[]
  /** Instead of going through `devices`, where one can be had at once. */
  readonly device?: (udn: string) => Device | undefined
  /** What its groups and the site plan want of it, and its group where that is on record. */
  readonly wanted: (device: Device) => Wishes
  readonly isOnline: (udn: string) => boolean
  /** Calls back when an event of this device has come, or its presence has changed. */
  readonly onWake: (udn: string, listener: () => void) => () => void
  /** Keeps the version that was read back. */
  readonly remember: (udn: string, known: { readonly configurationVersion: number }) => void
  readonly audit: (action: string, subject: string, detail?: string) => void
}

export class ConfigurationDesk {
  private readonly book: ConfigurationBook
  private readonly closing = new AbortController()
  private readonly off: () => void

  constructor(private readonly options: ConfigurationDeskOptions) {
    this.book = new ConfigurationBook(options.clock, options.table)
    this.off = options.runner.on('changed', (jobs) => this.follow(jobs))
  }

  /** Brings rows to where their jobs are; to be called before the runner starts. */
  begin(): void {
    // By plan and device, not by id: a kill may have come before the id was written here.
    const jobs = new Map<string, Job>()
    for (const job of this.options.runner.list())
      if (job.kind === 'configure') jobs.set(`${job.params.plan} ${job.subject}`, job)
    const open = new Map<string, PlanRow[]>()
    for (const { planId, row } of this.book.unfinished()) {
      const job = jobs.get(`${planId} ${row.udn}`)
      const next = job ? rowOf({ ...row, jobId: job.id }, job) : failedRow(row, new IotmcError('INTERRUPTED'))
      const rows = open.get(planId)
      if (rows) rows.push(next)
      else open.set(planId, [next])
    }
    // Thousands of rows are one commit, not thousands.
    for (const [planId, rows] of open) this.book.put(planId, rows)
  }

  /** What a device runs, what it could be told, and what is wanted of it. Errors: those of the link, BAD_ANSWER. */
  async read(udn: string): Promise<DeviceConfiguration> {
    const looked = await lookAt(this.look(), udn)
    const device = this.device(udn)
    const { group, ...wanted }: Wishes = device ? this.options.wanted(device) : NOTHING_WANTED
    return compareWithTemplate(udn, looked, wanted, group)
  }

  /** Asks every device and keeps what would change as a plan; one that can't be asked is a row with its problem. */
  preview(udns: readonly string[], change: ConfigurationChange): Promise<ConfigurationPlan> {
    return this.newPlan(udns, change.kind, (device) => this.wantedOf(device, change))
  }

  /** As `preview`, with values for each device, as a part of a work on the site: kept apart from what people asked for. */
  previewForWork(values: ReadonlyMap<string, Values>): Promise<ConfigurationPlan> {
    return this.newPlan([...values.keys()], 'work', (device) => ({
      values: values.get(device.udn) ?? {},
      whole: false,
    }))
  }

  /**
   * Starts a job for each of the named rows that can be changed; without names, for all that were not applied yet.
   * At most `limit` of them run at once, within what the settings allow.
   * Rows that a job has in hand are left alone. `batch`: which the jobs join. Errors: PLAN_UNKNOWN, INTERRUPTED.
   */
  apply(planId: string, udns?: readonly string[], limit?: number, batch?: string): ConfigurationPlan {
    return this.ask('apply', planId, udns, limit, batch)
  }

  /** Likewise on the way back: without names, for all that were applied. Errors: PLAN_UNKNOWN, INTERRUPTED. */
  rollback(planId: string, udns?: readonly string[], limit?: number): ConfigurationPlan {
    return this.ask('rollback', planId, udns, limit)
  }

  /** Newest first. */
  plans(): ConfigurationPlan[] {
    return this.book.list()
  }

  /**
   * What devices run, as a file; one that can't be asked stands there without values. Errors: what the first device
   * answered, when none could be asked.
   */
  async exportText(udns: readonly string[], format: ConfigurationFormat): Promise<string> {
    return writeConfigurationFile(format, await fileDevices(this.look(), udns))
  }

  /** A preview of what the file says. Errors: FILE_INVALID. */
  async importText(format: ConfigurationFormat, text: string): Promise<ConfigurationPlan> {
    const file = new Map((await readConfigurationFile(format, text)).map((entry) => [entry.udn, entry]))
    return this.newPlan([...file.keys()], 'each', (device) => {
      const entry = file.get(device.udn)
      if (entry) requireSame(device, entry)
      return { values: entry?.values ?? {}, whole: false }
    })
  }

  /** The steps of a job of the kind `configure`. */
  plan(job: Job): readonly StepPlan[] {
    const { clock, link, isOnline, onWake } = this.options
    const orderOf = (each: Job) => this.book.order(each.params.plan ?? '', each.subject)
    const succeeded = (each: Job, running: RunningConfiguration) => this.succeeded(each, running)
    return configurePlan({ clock, link, isOnline, onWake, orderOf, succeeded }, job)
  }

  /** Hears of rows that went on, as their plan with those rows only, at most ten times a second; the result ends it. */
  onChange(listener: PlanListener): () => void {
    return this.book.onChange(listener)
  }

  /** Jobs are the runner's. */
  close(): void {
    this.closing.abort(new IotmcError('INTERRUPTED'))
    this.off()
    this.book.close()
  }

  private async newPlan(
    udns: readonly string[],
    change: ConfigurationPlan['change'],
    wantedOf: (device: Device) => Wanted,
  ): Promise<ConfigurationPlan> {
    const rows = await planRows(this.look(), udns, wantedOf)
    this.closing.signal.throwIfAborted()
    return this.book.add({ id: randomUUID(), createdAtMs: this.options.clock.now(), change }, rows)
  }

  private wantedOf(device: Device, change: ConfigurationChange): Wanted {
    if (change.kind === 'values') return { values: change.values, whole: false }
    if (change.kind === 'each') return { values: change.devices[device.udn] ?? {}, whole: false }
    const { group, values } = this.options.wanted(device)
    if (group === undefined) throw new IotmcError('GROUP_UNKNOWN', { subject: device.group ?? device.udn })
    return { values, whole: true }
  }

  private ask(
    direction: ConfigureDirection,
    planId: string,
    udns?: readonly string[],
    limit?: number,
    batch?: string,
  ): ConfigurationPlan {
    const named = udns && new Set(udns)
    const wanted = this.book
      .view(planId)
      .rows.filter((row) => (named ? named.has(row.udn) && mayAsk(row, direction) : isMeant(row, direction)))
    if (wanted.length > 0) {
      this.book.put(
        planId,
        wanted.map((row) => askedRow(row, direction)),
      )
      for (const { udn } of wanted) this.options.audit(`configuration.${direction}`, udn, `plan ${planId}`)
      this.submit(direction, planId, wanted, limit, batch)
    }
    return this.book.view(planId)
  }

  /** A device that has a job of another plan, or of the other direction, keeps that one. */
  private submit(
    direction: ConfigureDirection,
    planId: string,
    before: readonly PlanRow[],
    limit: number | undefined,
    batch: string | undefined,
  ): void {
    const { runner } = this.options
    const subjects = before.map((row) => row.udn)
    try {
      const atOnce = limit === undefined ? undefined : { limit }
      const jobs = runner.submit('configure', subjects, configureParams(planId, direction), batch, atOnce)
      const rows = jobs.flatMap((job): PlanRow[] => {
        const row = this.book.row(planId, job.subject)
        if (!row) return []
        const ours = job.params.plan === planId && job.params.direction === direction
        if (ours) return [{ ...row, jobId: job.id }]
        return [failedRow(row, { code: 'BUSY', detail: 'another change of its configuration is under way' })]
      })
      this.book.put(planId, rows)
    } catch (thrown) {
      // Nothing was asked for: the rows are what they were.
      this.book.put(planId, before)
      throw asIotmcError(thrown)
    }
  }

  private follow(jobs: readonly Job[]): void {
    const changed = new Map<string, PlanRow[]>()
    for (const job of jobs) {
      const planId = job.params.plan
      if (job.kind !== 'configure' || planId === undefined) continue
      const row = this.book.row(planId, job.subject)
      if (!row || row.jobId !== job.id) continue
      const next = rowOf(row, job)
      if (next === row) continue
      changed.set(planId, [...(changed.get(planId) ?? []), next])
      if (next.state === 'failed')
        this.options.audit('configuration.failed', job.subject, next.error?.code ?? 'DEFECT')
    }
    for (const [planId, rows] of changed) {
      try {
        this.book.put(planId, rows)
      } catch (thrown) {
        // The jobs know better; the rows follow them at the next start.
        const { code, detail } = asIotmcError(thrown)
        this.options.log.error({ plan: planId, code, detail }, 'rows of a plan could not be kept')
      }
    }
  }

  private succeeded(job: Job, running: RunningConfiguration): void {
    const planId = job.params.plan ?? ''
    const row = this.book.row(planId, job.subject)
    if (row) this.book.put(planId, [endedRow({ ...row, jobId: job.id }, job)])
    const { remember, audit } = this.options
    remember(job.subject, { configurationVersion: running.version })
    const names = row?.changes.map(({ name }) => name).slice(0, 10) ?? []
    const ended = row && isUnderWay(row)
    const action = job.params.direction === 'rollback' ? 'configuration.rolled-back' : 'configuration.applied'
    // A read-back that is repeated after a kill is not a second change.
    if (ended) audit(action, job.subject, `version ${running.version}: ${names.join(', ')}`)
  }

  private look(): LookTools {
    return {
      link: this.options.link,
      device: (udn) => this.device(udn),
      deadline: () =>
        AbortSignal.any([this.closing.signal, AbortSignal.timeout(HTTP_LIMITS.requestTimeoutMs)]),
    }
  }

  private device(udn: string): Device | undefined {
    const { device, devices } = this.options
    return device ? device(udn) : devices().find((entry) => entry.udn === udn)
  }
}
