/** Tells the devices that there is a newer revocation list: a few at once, again when one is heard that has an older one. */
import type { Clock } from '../net/clock'
import type { RevocationTable } from '../store/tables/revocations'

interface SpreadOptions {
  readonly clock: Clock
  readonly table: Pick<RevocationTable, 'behind' | 'isBehind'>
  /** CRLNumber of the published list. */
  readonly number: () => number
  readonly online: (udn: string) => boolean
  readonly refresh: (udn: string, signal: AbortSignal) => Promise<number>
  readonly told: (udn: string, crlNumber: number) => void
}

const AT_ONCE = 16
/** Lists that follow each other quickly are told as one. */
const SETTLE_MS = 1_000
const ASK_MS = 30_000
/** A device that did not take the list is not asked at each of its announcements. */
const AGAIN_MS = 60_000
const SWEEP_MS = 5 * 60_000

export class RevocationSpread {
  private readonly queue = new Set<string>()
  private readonly running = new Map<string, Promise<void>>()
  /** When a device was asked about the list `askedFor`. */
  private readonly asked = new Map<string, number>()
  private askedFor = 0
  private readonly closing = new AbortController()
  private begun = false
  private cancelSettle: (() => void) | undefined
  private cancelSweep: (() => void) | undefined
  constructor(private readonly o: SpreadOptions) {}

  begin(): void {
    this.begun = true
    this.changed()
    this.sweepLater()
  }

  /** There is another list. */
  changed(): void {
    if (!this.begun || this.closing.signal.aborted) return
    this.cancelSettle ??= this.o.clock.setTimer(() => {
      this.cancelSettle = undefined
      this.askAll()
    }, SETTLE_MS)
  }

  heard(udns: readonly string[]): void {
    if (!this.begun || this.closing.signal.aborted) return
    const number = this.o.number()
    for (const udn of udns)
      if (!this.wasAsked(udn, number) && this.o.table.isBehind(udn, number)) this.enqueue(udn)
    this.pump()
  }

  async close(): Promise<void> {
    this.closing.abort()
    this.cancelSettle?.()
    this.cancelSweep?.()
    this.queue.clear()
    await Promise.all(this.running.values())
  }

  private sweepLater(): void {
    this.cancelSweep = this.o.clock.setTimer(() => {
      this.askAll()
      this.sweepLater()
    }, SWEEP_MS)
  }

  private askAll(): void {
    for (const udn of this.o.table.behind(this.o.number())) this.enqueue(udn)
    this.pump()
  }

  private enqueue(udn: string): void {
    if (this.o.online(udn)) this.queue.add(udn)
  }

  private wasAsked(udn: string, number: number): boolean {
    if (this.askedFor !== number) {
      this.askedFor = number
      this.asked.clear()
    }
    const atMs = this.asked.get(udn)
    return atMs !== undefined && Math.abs(this.o.clock.now() - atMs) < AGAIN_MS
  }

  private pump(): void {
    for (const udn of this.queue) {
      if (this.running.size >= AT_ONCE) return
      // One that is being asked now stays in the queue: it may have fetched the list before the newest.
      if (this.running.has(udn)) continue
      this.queue.delete(udn)
      const work = this.ask(udn).finally(() => {
        this.running.delete(udn)
        if (!this.closing.signal.aborted) this.pump()
      })
      this.running.set(udn, work)
    }
  }

  private async ask(udn: string): Promise<void> {
    const { clock, number, table, refresh, told } = this.o
    const wanted = number()
    // What has come to know of the list meanwhile, or was revoked itself, is left alone.
    if (!table.isBehind(udn, wanted)) return
    this.wasAsked(udn, wanted)
    this.asked.set(udn, clock.now())
    const timeout = new AbortController()
    const cancel = clock.setTimer(() => timeout.abort(), ASK_MS)
    try {
      const has = await refresh(udn, AbortSignal.any([this.closing.signal, timeout.signal]))
      if (!this.closing.signal.aborted) told(udn, has)
    } catch {
      // Asked again when it is heard, and now and then.
    } finally {
      cancel()
    }
  }
}
