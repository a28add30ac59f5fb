/** Who was not listed, and why: counted, bounded, latest first. */
import type { RefusedDevice } from '../contract/discovery'
import { DISCOVERY_LIMITS } from '../contract/timings'

export class Refusals {
  private readonly rows = new Map<string, RefusedDevice>()

  add(refused: Omit<RefusedDevice, 'count' | 'lastMs'>, nowMs: number): void {
    const key = `${refused.from}|${refused.usn ?? ''}|${refused.reason}`
    const count = (this.rows.get(key)?.count ?? 0) + 1
    // Put at the end again, so that the first key is always the longest unheard.
    this.rows.delete(key)
    this.rows.set(key, { ...refused, count, lastMs: nowMs })
    if (this.rows.size <= DISCOVERY_LIMITS.refusedKept) return
    const [oldest] = this.rows.keys()
    if (oldest !== undefined) this.rows.delete(oldest)
  }

  /** Forgets everything about a device that is fine now. */
  clear(usn: string): void {
    for (const [key, row] of this.rows) if (row.usn === usn) this.rows.delete(key)
  }

  list(): RefusedDevice[] {
    return [...this.rows.values()].reverse()
  }
}
