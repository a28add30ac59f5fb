/** Bytes per second over the last seconds, from sums looked at now and then. */
const SPAN_MS = 10_000

export class ByteRate {
  private readonly samples: { readonly atMs: number; readonly bytes: number }[] = []

  /** The rate at `nowMs`, with `bytes` received so far; 0 where nothing came in this span. */
  at(nowMs: number, bytes: number): number {
    const last = this.samples.at(-1)
    if (!last || nowMs > last.atMs) this.samples.push({ atMs: nowMs, bytes })
    // One sample from before the span stays, so that the span is always covered.
    while (this.samples.length > 2 && (this.samples[1]?.atMs ?? nowMs) <= nowMs - SPAN_MS)
      this.samples.shift()
    const first = this.samples[0]
    if (!first || nowMs <= first.atMs) return 0
    return Math.max(0, ((bytes - first.bytes) * 1000) / (nowMs - first.atMs))
  }
}
