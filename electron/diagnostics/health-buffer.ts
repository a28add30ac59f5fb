/** Samples and gaps on their way to the disk; a disk that refuses them does not fill the memory. */
import type { HealthGap, MetricValues } from '../contract/health'

export interface BufferedSample {
  readonly udn: string
  readonly atMs: number
  readonly values: MetricValues
}

/** A full disk is made room on within minutes or not at all; 5,000 devices report 1,000 times a second at most. */
const BUFFERED_MAX = 50_000
const GAPS_MAX = 10_000

export class HealthBuffer {
  private waiting: BufferedSample[] = []
  private readonly waitingGaps = new Set<HealthGap>()
  /** What of a device was given up because it could not be written. */
  private readonly lost = new Map<string, HealthGap>()

  constructor(private readonly most = BUFFERED_MAX) {}

  get size(): number {
    return this.waiting.length
  }

  add(sample: BufferedSample): void {
    this.waiting.push(sample)
    if (this.waiting.length > this.most) this.giveUp(Math.ceil(this.most / 2))
  }

  /** Beyond the limit the newest are passed over. */
  addGap(gap: HealthGap): void {
    if (this.waitingGaps.size < GAPS_MAX) this.waitingGaps.add(gap)
  }

  newestOf(udn: string): number | undefined {
    return this.waiting.findLast((sample) => sample.udn === udn)?.atMs
  }

  /** Oldest first. */
  samples(): readonly BufferedSample[] {
    return this.waiting
  }

  gaps(): readonly HealthGap[] {
    return [...this.waitingGaps, ...this.lost.values()]
  }

  /** The oldest `count` are on the disk. */
  written(count: number): void {
    this.waiting = this.waiting.slice(count)
  }

  gapWritten(gap: HealthGap): void {
    this.waitingGaps.delete(gap)
    if (this.lost.get(gap.udn) === gap) this.lost.delete(gap.udn)
  }

  /** The oldest go; of each device a gap stands for them, up to the sample that follows. */
  private giveUp(count: number): void {
    const gone = this.waiting.slice(0, count)
    this.waiting = this.waiting.slice(count)
    const next = new Map<string, number>()
    for (const { udn, atMs } of this.waiting) if (!next.has(udn)) next.set(udn, atMs)
    for (const { udn, atMs } of gone) {
      const fromMs = this.lost.get(udn)?.fromMs ?? atMs
      this.lost.set(udn, { udn, fromMs, toMs: next.get(udn) ?? atMs, reason: 'missed' })
    }
  }
}
