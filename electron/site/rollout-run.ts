/** One rollout in memory: its record, its members, and what of them has to be written and told. No I/O of its own. */
import type { BoardRow, BoardState, RolloutView, WaveView } from '../contract/firmware'
import { isEnded, type Job, type JobError } from '../contract/job'
import { decideRollout, type RolloutDecision } from '../firmware/rollout'
import type { UpdateNews } from '../jobs/update'
import type { RolloutMember, RolloutRecord } from '../store/tables/rollouts'
import { ByteRate } from './rollout-rate'

/** States that a member does not leave by itself. */
const FINAL: ReadonlySet<BoardState> = new Set(['confirmed', 'rolledBack', 'failed', 'stopped'])
const AHEAD: ReadonlySet<BoardState> = new Set([
  'staged',
  'switching',
  'probation',
  'confirmed',
  'rolledBack',
])

export const isFinal = (state: BoardState): boolean => FINAL.has(state)

type Changing = Pick<RolloutRecord, 'state' | 'wave' | 'pauseReason' | 'resumedAtMs' | 'endedAtMs'>
export type RolloutChange = { readonly [K in keyof Changing]?: Changing[K] | undefined }

export class RolloutRun {
  private readonly rows: Map<string, RolloutMember>
  private readonly rates = new Map<number, ByteRate>()
  private readonly changed = new Set<string>()
  /** The record has changed since it was last told. */
  dirty = false

  constructor(
    private now: RolloutRecord,
    members: readonly RolloutMember[],
  ) {
    this.rows = new Map(members.map((row) => [row.udn, row]))
  }

  get record(): RolloutRecord {
    return this.now
  }

  /** Whether it may still do something by itself. */
  get lives(): boolean {
    return this.now.state !== 'done' && this.now.state !== 'stopped'
  }

  members(): RolloutMember[] {
    return [...this.rows.values()]
  }

  member(udn: string): RolloutMember | undefined {
    return this.rows.get(udn)
  }

  /** `undefined` clears a field. */
  update(change: RolloutChange): RolloutRecord {
    this.now = { ...this.now, ...change }
    this.dirty = true
    return this.now
  }

  put(row: RolloutMember, atMs: number): void {
    const sameState = this.rows.get(row.udn)?.state === row.state
    this.rows.set(row.udn, sameState ? row : { ...row, changedAtMs: atMs })
    this.changed.add(row.udn)
    this.dirty = true
  }

  /** What a job has told of its device; a job that is not the member's any more is not heard. */
  told(job: Job, news: UpdateNews, atMs: number): void {
    const row = this.rows.get(job.subject)
    if (!row || row.jobId !== job.id || isFinal(row.state)) return
    const { status, deadlineMs, state } = news
    const { deadlineMs: _, ...rest } = row
    const heard = status ? { status, statusAtMs: atMs } : {}
    this.put({ ...rest, state, ...(deadlineMs === undefined ? {} : { deadlineMs }), ...heard }, atMs)
  }

  /** How a member's job stands now. True when the member has reached its end by it. */
  followed(job: Job, atMs: number): boolean {
    const row = this.rows.get(job.subject)
    if (!row) return false
    if (row.jobId !== undefined && row.jobId !== job.id) return false
    if (!isEnded(job.state)) return false
    const state = endOf(job)
    if (row.state === state) return false
    const { deadlineMs: _, error: __, ...rest } = row
    this.put({ ...rest, jobId: job.id, state, ...(job.error ? { error: job.error } : {}) }, atMs)
    return true
  }

  fail(udn: string, error: JobError, atMs: number): void {
    const row = this.rows.get(udn)
    if (row) this.put({ ...opened(row), state: 'failed', error }, atMs)
  }

  /** Rows that have changed since the last call. */
  takeChanged(): RolloutMember[] {
    const rows = [...this.changed].flatMap((udn) => this.rows.get(udn) ?? [])
    this.changed.clear()
    return rows
  }

  /** What it does next. A deadline is its job's to judge: a device is asked once more when it passes. */
  judge(nowMs: number, bundleProblem: boolean): RolloutDecision {
    const { plan, state, pauseReason, wave, resumedAtMs } = this.now
    const devices = this.members().map((row) => ({
      udn: row.udn,
      wave: row.wave,
      state: row.state,
      changedAtMs: row.changedAtMs,
      // A device that has fallen silent does not soak.
      ranS: row.status?.update?.probation?.ranS,
    }))
    return decideRollout({ plan, nowMs, state, pauseReason, wave, devices, resumedAtMs, bundleProblem })
  }

  view(states: readonly WaveView['state'][], nowMs: number): RolloutView {
    const { id, plan, manifest, state, pauseReason, createdAtMs, endedAtMs } = this.now
    const { waves: _, askedBy: ___, ...rest } = plan
    const waves = plan.waves.map((__, index) => this.wave(index, states[index] ?? 'waits', nowMs))
    return {
      id,
      bundleId: plan.bundleId,
      model: manifest.model,
      version: manifest.version,
      state,
      plan: rest,
      waves,
      createdAtMs,
      ...(pauseReason ? { pauseReason } : {}),
      ...(endedAtMs === undefined ? {} : { endedAtMs }),
    }
  }

  private wave(index: number, state: WaveView['state'], nowMs: number): WaveView {
    const rows = this.members().filter((row) => row.wave === index)
    const count = (...states: readonly BoardState[]) =>
      rows.filter((row) => states.includes(row.state)).length
    const receivedBytes = rows.reduce((sum, row) => sum + this.received(row), 0)
    const rate = this.rates.get(index) ?? new ByteRate()
    this.rates.set(index, rate)
    return {
      state,
      total: rows.length,
      waiting: count('waiting', 'held'),
      working: count('downloading', 'staged', 'switching'),
      probation: count('probation'),
      confirmed: count('confirmed'),
      rolledBack: count('rolledBack'),
      failed: count('failed', 'stopped'),
      receivedBytes,
      totalBytes: rows.length * this.now.manifest.image.size,
      bytesPerS: rate.at(nowMs, receivedBytes),
    }
  }

  private received(row: RolloutMember): number {
    const { size } = this.now.manifest.image
    if (AHEAD.has(row.state)) return size
    const update = row.status?.update
    return update?.version === this.now.manifest.version ? Math.min(update.receivedBytes, size) : 0
  }
}

/** A member that begins anew: what an earlier attempt has left is gone, what the device said stays. */
export const opened = (row: RolloutMember): RolloutMember => {
  const { jobId: _, error: __, deadlineMs: ___, ...rest } = row
  return { ...rest, state: 'waiting' }
}

/** As it travels: without what only the records need. */
export const rowView = ({ changedAtMs: _, ...row }: RolloutMember): BoardRow => row

const endOf = (job: Job): BoardState => {
  if (job.state === 'done') return 'confirmed'
  if (job.state === 'cancelled') return 'stopped'
  return job.error?.code === 'ROLLED_BACK' ? 'rolledBack' : 'failed'
}
