/** The rollouts of a site: written before any job, gone on with after a restart, decided anew after all news. */
import { randomUUID } from 'node:crypto'
import { IotmcError } from '../contract/errors'
import type { BoardRow, FirmwareBundle, RolloutPlan, RolloutView } from '../contract/firmware'
import type { Job } from '../contract/job'
import type { RolloutDecision } from '../firmware/rollout'
import { isInWindow } from '../firmware/window'
import type { JobRunner } from '../jobs/runner'
import type { UpdateGate, UpdateNews, UpdateOrder } from '../jobs/update'
import type { RolloutRecord, RolloutTable } from '../store/tables/rollouts'
import { haltMembers, type MemberWork, submitMembers } from './rollout-jobs'
import { isFinal, opened, type RolloutChange, RolloutRun, rowView } from './rollout-run'

export interface RolloutsOptions extends MemberWork {
  readonly table: RolloutTable
  readonly runner: Pick<JobRunner, 'submit' | 'cancel' | 'get' | 'list' | 'on'>
  /** As judged last; undefined when the library has it no more. */
  bundle(id: string): FirmwareBundle | undefined
  /** Ids of the bundles that live rollouts need have changed. */
  offered(ids: readonly string[]): void
  readonly tell: {
    rollouts(views: readonly RolloutView[]): void
    rows(rows: readonly BoardRow[]): void
  }
}

/** A member of a rollout, why that one is paused, and the attempt of the job for which it was begun. */
export interface MemberStanding extends BoardRow {
  readonly paused?: RolloutView['pauseReason']
  readonly askedBy?: string
}

interface Live {
  readonly run: RolloutRun
  decision: RolloutDecision
  readonly may: { download: ReadonlySet<string>; activate: ReadonlySet<string>; confirm: ReadonlySet<string> }
}

/** Rows and views are written and told at most so often. */
const TELL_EVERY_MS = 500
const BAD: readonly BoardRow['state'][] = ['failed', 'rolledBack', 'stopped']
const SWITCHED: readonly BoardRow['state'][] = ['switching', 'probation']

export class Rollouts implements UpdateGate {
  private readonly all = new Map<string, Live>()
  private readonly listeners = new Set<() => void>()
  private readonly stopListening: () => void
  private cancelFlush: (() => void) | undefined
  private cancelWake: (() => void) | undefined
  private state: 'new' | 'running' | 'closed' = 'new'

  constructor(private readonly options: RolloutsOptions) {
    const { table, runner } = options
    for (const record of table.list()) this.keep(new RolloutRun(record, table.members(record.id)))
    this.stopListening = runner.on('changed', (jobs) => this.followed(jobs))
  }

  /** Goes on with what lives; to be called before the runner starts. */
  begin(): void {
    this.state = 'running'
    const { clock, runner } = this.options
    const jobs = runner.list().filter((job) => job.kind === 'update')
    // The journal is ahead of the rows where the program was killed between the two.
    for (const job of jobs) {
      const live = this.all.get(job.params.rollout ?? '')
      const row = live?.run.member(job.subject)
      if (!row || isFinal(row.state)) continue
      live?.run.put({ ...row, jobId: job.id }, clock.now())
      live?.run.followed(job, clock.now())
    }
    const known = new Set(jobs.map((job) => job.id))
    for (const { run } of this.lives())
      for (const row of run.members())
        if (!isFinal(row.state) && row.jobId && !known.has(row.jobId)) run.put(opened(row), clock.now())
    this.options.offered(this.needed())
    this.decideAll()
  }

  /** Writes the rollout, then begins it; its id. `askedBy`: the attempt of a job behind each device. Errors: BUNDLE_UNKNOWN, what is wrong with the bundle, BUSY, VALUE_INVALID. */
  start(plan: RolloutPlan, askedBy?: RolloutRecord['plan']['askedBy']): string {
    const { clock, table } = this.options
    const bundle = this.soundBundle(plan.bundleId)
    const udns = plan.waves.flatMap((wave) => wave.udns)
    if (new Set(udns).size !== udns.length)
      throw new IotmcError('VALUE_INVALID', { detail: 'a device is in two waves' })
    this.requireFree(udns)
    const now = clock.now()
    const record = {
      id: randomUUID(),
      plan: { ...plan, ...(askedBy ? { askedBy } : {}) },
      manifest: bundle.manifest,
      state: 'running' as const,
      wave: -1,
      createdAtMs: now,
    }
    const members = plan.waves.flatMap((entry, wave) =>
      entry.udns.map((udn) => ({
        rolloutId: record.id,
        udn,
        wave,
        state: 'waiting' as const,
        changedAtMs: now,
      })),
    )
    table.insert(record, members)
    const live = this.keep(new RolloutRun(record, members))
    this.options.offered(this.needed())
    this.decide(live)
    this.soon()
    return record.id
  }

  views(): RolloutView[] {
    const now = this.options.clock.now()
    return [...this.all.values()].map(({ run, decision }) => run.view(decision.waves, now))
  }

  /** Errors: ROLLOUT_UNKNOWN. */
  board(id: string): BoardRow[] {
    return this.live(id).run.members().map(rowView)
  }

  /** No further download or activation begins; what has begun goes on. Errors: ROLLOUT_UNKNOWN. */
  pause(id: string): void {
    const live = this.live(id)
    if (live.run.record.state !== 'running') return
    this.save(live, { state: 'paused', pauseReason: 'person' })
    this.decide(live)
  }

  /** What has failed so far is accepted. Errors: ROLLOUT_UNKNOWN, BUNDLE_UNKNOWN, what is wrong with the bundle. */
  resume(id: string): void {
    const live = this.live(id)
    if (live.run.record.state !== 'paused') return
    this.soundBundle(live.run.record.plan.bundleId)
    this.save(live, { state: 'running', pauseReason: undefined, resumedAtMs: this.options.clock.now() })
    this.decide(live)
  }

  /** `now`: devices that have not switched banks do not any more. Errors: ROLLOUT_UNKNOWN. */
  stop(id: string, when: 'after-wave' | 'now'): void {
    const live = this.live(id)
    if (!live.run.lives) return
    this.save(live, { state: when === 'now' ? 'stopped' : 'stopping', pauseReason: undefined })
    this.decide(live)
  }

  /** Only devices that failed, came back or were stopped begin again (of `udns`), each asked where it stands. Errors as `start`. */
  retry(id: string, udns?: readonly string[]): void {
    const { clock, table } = this.options
    const live = this.live(id)
    const { run } = live
    this.soundBundle(run.record.plan.bundleId)
    const again = run
      .members()
      .filter((row) => BAD.includes(row.state) && (udns === undefined || udns.includes(row.udn)))
    this.requireFree(
      again.map((row) => row.udn),
      id,
    )
    for (const row of again) run.put(opened(row), clock.now())
    table.saveMembers(run.takeChanged())
    this.save(live, { state: 'running', pauseReason: undefined, endedAtMs: undefined })
    this.options.offered(this.needed())
    this.options.tell.rows(again.map((row) => rowView(run.member(row.udn) ?? row)))
    this.decide(live)
  }

  /** A device leaves the site: it is updated by no rollout any more, and what is planned on it is called off. */
  withdraw(udn: string): void {
    for (const live of this.lives()) {
      if (live.run.member(udn) === undefined) continue
      haltMembers(live.run, [udn], this.options)
      this.decide(live)
    }
    this.soon()
  }

  /** Bundles of rollouts that live: they are offered, and stay in the library. */
  needed(): string[] {
    return [...new Set(this.lives().map(({ run }) => run.record.plan.bundleId))]
  }

  /** The live rollout that a device is a member of and not through with. */
  busyWith(udn: string): string | undefined {
    return this.lives().find(({ run }) => {
      const row = run.member(udn)
      return row !== undefined && !isFinal(row.state)
    })?.run.record.id
  }

  /** How a device stands in the newest rollout that it is, or was, a member of. */
  standing(udn: string): MemberStanding | undefined {
    const run = [...this.all.values()].findLast((live) => live.run.member(udn))?.run
    const row = run?.member(udn)
    if (!run || !row) return undefined
    const { state, pauseReason, plan } = run.record
    const askedBy = plan.askedBy?.[udn]
    return {
      ...rowView(row),
      ...(state === 'paused' ? { paused: pauseReason ?? 'person' } : {}),
      ...(askedBy ? { askedBy } : {}),
    }
  }

  /** After the library or the trust in signers has changed. */
  bundlesChanged(): void {
    this.decideAll()
  }

  mayDownload(job: Job): boolean {
    const live = this.of(job)
    const state = live?.run.member(job.subject)?.state
    // What has begun goes on.
    if (state === 'downloading' || state === 'staged') return true
    return live?.may.download.has(job.subject) ?? false
  }

  mayActivate(job: Job): boolean {
    const live = this.of(job)
    // The window is looked at now: the laptop may have slept through its end.
    if (!live || !isInWindow(live.run.record.plan.window, this.options.clock.now())) return false
    return live.may.activate.has(job.subject)
  }

  mayConfirm(job: Job): boolean {
    return this.of(job)?.may.confirm.has(job.subject) ?? false
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Errors: ROLLOUT_UNKNOWN. */
  orderOf(job: Job): UpdateOrder {
    const { manifest, plan } = this.live(job.params.rollout ?? '').run.record
    return { manifest, confirm: plan.confirm, soakMinutes: plan.soakMinutes }
  }

  /** Where a device of a rollout stands, as its job has it from the device. */
  heard(job: Job, news: UpdateNews): void {
    const live = this.of(job)
    if (!live) return
    const before = live.run.member(job.subject)?.state
    live.run.told(job, news, this.options.clock.now())
    if (live.run.member(job.subject)?.state !== before) this.decide(live)
    this.soon()
  }

  /** Writes what is not written yet. */
  close(): void {
    if (this.state === 'closed') return
    this.flush()
    this.state = 'closed'
    this.stopListening()
    this.cancelFlush?.()
    this.cancelWake?.()
  }

  private followed(jobs: readonly Job[]): void {
    if (this.state !== 'running') return
    const touched = new Set<Live>()
    for (const job of jobs) {
      const live = job.kind === 'update' ? this.of(job) : undefined
      if (!live) continue
      const before = live.run.member(job.subject)?.state ?? 'waiting'
      const ended = live.run.followed(job, this.options.clock.now())
      if (ended && job.state === 'cancelled' && !SWITCHED.includes(before)) this.options.unplan(job)
      touched.add(live)
    }
    for (const live of touched) this.decide(live)
    if (touched.size > 0) this.soon()
  }

  private decideAll(): void {
    for (const live of this.all.values()) this.decide(live)
    this.soon()
  }

  /** One decision and what follows from it; written before anything is begun on the strength of it. */
  private decide(live: Live): void {
    const { run } = live
    const before = run.record
    const decision = this.judge(run)
    live.decision = decision
    const { state, pauseReason, wave } = decision
    const ended = (state === 'done' || state === 'stopped') && before.endedAtMs === undefined
    if (state !== before.state || pauseReason !== before.pauseReason || wave !== before.wave || ended) {
      const endedAtMs = ended ? this.options.clock.now() : before.endedAtMs
      this.save(live, { state, pauseReason, wave, endedAtMs })
    }
    live.may.activate = new Set(decision.mayActivate)
    live.may.confirm = new Set(decision.mayConfirm)
    live.may.download = new Set(decision.startDownload)
    haltMembers(run, decision.stop, this.options)
    if (this.state === 'running') submitMembers(run, decision.startDownload, this.options)
    if (ended) this.options.offered(this.needed())
    this.wakeLater()
    if (run.dirty) this.soon()
    for (const listener of [...this.listeners]) listener()
  }

  private judge(run: RolloutRun): RolloutDecision {
    const bundle = this.options.bundle(run.record.plan.bundleId)
    return run.judge(this.options.clock.now(), bundle === undefined || bundle.problem !== undefined)
  }

  private keep(run: RolloutRun): Live {
    const none: ReadonlySet<string> = new Set()
    const may = { download: none, activate: none, confirm: none }
    const live: Live = { run, decision: this.judge(run), may }
    this.all.set(run.record.id, live)
    return live
  }

  private save(live: Live, change: RolloutChange): void {
    live.run.update(change)
    this.options.table.save(live.run.record)
    this.soon()
  }

  private lives(): Live[] {
    return [...this.all.values()].filter(({ run }) => run.lives)
  }

  private live(id: string): Live {
    const live = this.all.get(id)
    if (!live) throw new IotmcError('ROLLOUT_UNKNOWN', { subject: id })
    return live
  }

  private of(job: Job): Live | undefined {
    return this.all.get(job.params.rollout ?? '')
  }

  private soundBundle(id: string): FirmwareBundle {
    const bundle = this.options.bundle(id)
    if (!bundle) throw new IotmcError('BUNDLE_UNKNOWN', { subject: id })
    if (bundle.problem) throw new IotmcError(bundle.problem.code, { subject: id })
    return bundle
  }

  /** A device takes part in one rollout at a time. */
  private requireFree(udns: readonly string[], but?: string): void {
    for (const udn of udns) {
      const other = this.busyWith(udn)
      if (other && other !== but)
        throw new IotmcError('BUSY', { subject: udn, detail: 'it is part of another rollout' })
    }
  }

  private wakeLater(): void {
    this.cancelWake?.()
    const moments = [...this.all.values()].flatMap(({ decision }) => decision.wakeAtMs ?? [])
    if (moments.length === 0 || this.state !== 'running') return
    const inMs = Math.min(...moments) - this.options.clock.now()
    this.cancelWake = this.options.clock.setTimer(() => this.decideAll(), Math.max(0, inMs))
  }

  private soon(): void {
    if (this.state === 'closed') return
    this.cancelFlush ??= this.options.clock.setTimer(() => this.flush(), TELL_EVERY_MS)
  }

  private flush(): void {
    this.cancelFlush?.()
    this.cancelFlush = undefined
    const { table, tell } = this.options
    const rows = [...this.all.values()].flatMap(({ run }) => run.takeChanged())
    if (rows.length > 0) {
      table.saveMembers(rows)
      tell.rows(rows.map(rowView))
    }
    const dirty = [...this.all.values()].filter(({ run }) => run.dirty)
    if (dirty.length === 0) return
    for (const { run } of dirty) run.dirty = false
    tell.rollouts(this.views())
  }
}
