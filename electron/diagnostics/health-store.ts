/** Health of devices on this laptop: samples of two days, then the least, greatest and mean of minutes and of hours. */
import type { HealthGap, MetricValues, Series, SeriesAnswer, SeriesRequest } from '../contract/health'
import type { Clock } from '../net/clock'
import type { Database } from '../store/database'
import { Gate } from './gate'
import { HealthBuffer } from './health-buffer'
import { HealthWriter } from './health-writer'
import { deviceId } from './log-books'
import type { StoreLog } from './log-store'
import type { Reader } from './reader'
import { planSeries, type SeriesPlan } from './series'
import { samplesAsTheyAre, samplesInColumns, spansInColumns } from './series-sql'

export interface HealthStoreOptions {
  readonly clock: Clock
  readonly log: StoreLog
  readonly database: Database
  readonly reader: Reader
  /** Samples that wait for a disk that refuses them; beyond that the oldest become a gap. */
  readonly bufferedMax?: number
}

const FLUSH_MS = 1_000
/** So many are written at once, without waiting for the second to pass. */
const WRITTEN_AT = 2_000
/** Each flush looks after one device, so that what is too old goes little by little; more of it where its turn comes seldom. */
const PRUNED_A_FLUSH = 500
const SAMPLES_A_SECOND = 2
const GAPS_EVERY_FLUSHES = 3600
const CHARTS = 2
const CHARTS_WAITING = 40

export class HealthStore {
  private readonly writer: HealthWriter
  private readonly newest: ReturnType<Database['prepare']>
  private readonly ids = new Map<string, number>()
  private readonly gate = new Gate(CHARTS, CHARTS_WAITING)
  private readonly buffer: HealthBuffer
  private cancelTimer: (() => void) | undefined
  private turn = 0
  private closed = false

  constructor(private readonly options: HealthStoreOptions) {
    this.writer = new HealthWriter(options.database)
    this.buffer = new HealthBuffer(options.bufferedMax)
    this.newest = options.database.prepare('SELECT max(at_ms) AS atMs FROM samples WHERE device = ?')
    for (const row of options.database.prepare('SELECT id, udn FROM devices').all()) {
      const { id, udn } = row as unknown as { id: number; udn: string }
      this.ids.set(udn, id)
    }
  }

  /**
   * Takes a sample; written within a second, together with others. A second one of the same moment is dropped. What the disk
   * refuses waits, and never throws.
   */
  record(udn: string, atMs: number, values: MetricValues): void {
    if (this.closed) return
    this.buffer.add({ udn, atMs: Math.round(atMs), values })
    if (this.buffer.size % WRITTEN_AT === 0) this.tryToFlush()
    this.cancelTimer ??= this.options.clock.setTimer(() => this.onTimer(), FLUSH_MS)
  }

  /** When the newest sample of a device was taken that is still kept, in this run or an earlier one. */
  lastAtMs(udn: string): number | undefined {
    const buffered = this.buffer.newestOf(udn)
    const id = this.ids.get(udn)
    if (buffered !== undefined || id === undefined) return buffered
    let row: { atMs: number | null } | undefined
    this.tryTo(() => {
      row = this.newest.get(id) as typeof row
    }, 'health could not be read')
    return row?.atMs ?? undefined
  }

  /**
   * Nothing is known of the time between; a gap that begins at the same moment for the same reason is prolonged. What the
   * disk refuses waits, and never throws.
   */
  gap(udn: string, fromMs: number, toMs: number, reason: HealthGap['reason']): void {
    if (this.closed || toMs <= fromMs) return
    this.buffer.addGap({ udn, fromMs: Math.round(fromMs), toMs: Math.round(toMs), reason })
    this.tryTo(() => this.writeGaps())
  }

  /**
   * From `fromMs` on, up to `toMs` without it, widened to whole minutes or hours where the columns are made of them. Each
   * column stands at its beginning. Errors: CANCELLED, BUSY, INTERRUPTED (the store closes).
   */
  series(request: SeriesRequest, signal?: AbortSignal): Promise<SeriesAnswer> {
    this.tryToFlush()
    const plan = planSeries(request, this.options.clock.now())
    return this.gate.pass(async () => {
      const series: Series[] = []
      for (const udn of request.udns) series.push(await this.columns(udn, request, plan, signal))
      return { from: plan.from, series, gaps: await this.gaps(request, plan, signal) }
    }, signal)
  }

  /** Drops what is older than is kept (HEALTH_KEPT), all at once; little by little it goes by itself. */
  prune(nowMs: number): void {
    for (const id of this.ids.values()) this.writer.prune(id, nowMs)
    this.writer.pruneGaps(nowMs)
  }

  /** Writes what is buffered, now; what can't be written stays buffered. */
  flush(): void {
    const samples = this.buffer.samples()
    if (samples.length > 0) {
      this.writer.write(samples.map(({ udn, ...sample }) => ({ ...sample, device: this.id(udn) })))
      this.buffer.written(samples.length)
    }
    this.writeGaps()
  }

  private writeGaps(): void {
    for (const gap of this.buffer.gaps()) {
      this.writer.gap(this.id(gap.udn), gap.fromMs, gap.toMs, gap.reason)
      this.buffer.gapWritten(gap)
    }
  }

  /** Writes what is buffered and takes nothing more. */
  close(): void {
    if (this.closed) return
    this.cancelTimer?.()
    this.tryToFlush()
    this.closed = true
  }

  private onTimer(): void {
    this.cancelTimer = undefined
    this.tryTo(() => {
      this.flush()
      this.pruneNext()
    })
  }

  private tryToFlush(): void {
    this.tryTo(() => this.flush())
  }

  /** What a disk refuses is told in the log: who brings a report, asks or closes has no part in it. */
  private tryTo(work: () => void, text = 'health could not be written'): void {
    try {
      work()
    } catch (thrown) {
      this.options.log.warn({ err: thrown }, text)
    }
  }

  private pruneNext(): void {
    const ids = [...this.ids.values()]
    const id = ids[this.turn % Math.max(1, ids.length)]
    const nowMs = this.options.clock.now()
    if (this.turn % GAPS_EVERY_FLUSHES === 0) this.writer.pruneGaps(nowMs)
    this.turn += 1
    const most = Math.max(PRUNED_A_FLUSH, SAMPLES_A_SECOND * ids.length)
    if (id !== undefined) this.writer.prune(id, nowMs, most)
  }

  private id(udn: string): number {
    const known = this.ids.get(udn)
    if (known !== undefined) return known
    const id = deviceId(this.options.database, udn)
    this.ids.set(udn, id)
    return id
  }

  private async columns(
    udn: string,
    { metric, points }: SeriesRequest,
    plan: SeriesPlan,
    signal?: AbortSignal,
  ): Promise<Series> {
    const device = this.ids.get(udn)
    if (device === undefined) return seriesOf(udn, new Float64Array())
    const ask = ({ sql, params }: { readonly sql: string; readonly params: readonly number[] }) =>
      this.options.reader.numbers(sql, params, signal)
    if (plan.from !== 'samples') return seriesOf(udn, await ask(spansInColumns(device, metric, plan)))
    const few = await ask(samplesAsTheyAre(device, metric, plan, points))
    if (few.length <= points * CELLS) return seriesOf(udn, few)
    return seriesOf(udn, await ask(samplesInColumns(device, metric, plan)))
  }

  private async gaps(
    { udns }: SeriesRequest,
    { fromMs, toMs }: SeriesPlan,
    signal?: AbortSignal,
  ): Promise<HealthGap[]> {
    const sql = `SELECT d.udn, g.from_ms, g.to_ms, g.reason FROM gaps g JOIN devices d ON d.id = g.device
      WHERE g.device IN (SELECT value FROM json_each(?)) AND g.from_ms < ? AND g.to_ms > ? ORDER BY g.from_ms, d.udn`
    const ids = udns.flatMap((udn) => this.ids.get(udn) ?? [])
    const rows = await this.options.reader.rows(sql, [JSON.stringify(ids), toMs, fromMs], signal)
    return rows.map(([udn, from, to, reason]) => ({
      udn: String(udn),
      fromMs: Number(from),
      toMs: Number(to),
      reason: String(reason) as HealthGap['reason'],
    }))
  }
}

/** Numbers a column: start, least, greatest, mean. */
const CELLS = 4

/** Columns in which nothing was measured are left out. */
const seriesOf = (udn: string, cells: Float64Array): Series => {
  const series: Series = { udn, atMs: [], min: [], max: [], mean: [] }
  for (let at = 0; at < cells.length; at += CELLS) {
    const [start = 0, min = Number.NaN, max = 0, mean = 0] = cells.subarray(at, at + CELLS)
    if (Number.isNaN(min)) continue
    series.atMs.push(start)
    series.min.push(min)
    series.max.push(max)
    series.mean.push(mean)
  }
  return series
}
