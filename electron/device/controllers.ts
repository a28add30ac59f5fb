/** Which controllers were heard, and which of them to ask next. Pure but for the clock it is given. */
import { parsePeerUrl } from '../net/http-url'
import type { ControllerSighting } from './controller-link'

/** How long a controller is left alone that turned out to be another site's, or nobody's. */
const STRANGER_MS = 60_000
const KEPT_MAX = 64

interface Row {
  readonly sighting: ControllerSighting
  readonly heardMs: number
  readonly strangerUntilMs: number
  readonly failures: number
}

export class Controllers {
  private readonly rows = new Map<string, Row>()
  constructor(private readonly now: () => number) {}

  /** True when this is news: a controller not known before, at another address, or started again. */
  heard(sighting: ControllerSighting): boolean {
    const old = this.rows.get(sighting.udn)
    const same =
      old?.sighting.secureLocation === sighting.secureLocation && old.sighting.bootId === sighting.bootId
    const fresh = { strangerUntilMs: 0, failures: 0 }
    this.rows.set(sighting.udn, { ...(same ? old : fresh), sighting, heardMs: this.now() })
    if (this.rows.size > KEPT_MAX) this.dropOldest()
    return !same
  }

  gone(udn: string): void {
    this.rows.delete(udn)
  }

  /** It answered, but is not this site's: left alone for a while. */
  stranger(udn: string): void {
    this.change(udn, { strangerUntilMs: this.now() + STRANGER_MS })
  }

  failed(udn: string): void {
    this.change(udn, { failures: (this.rows.get(udn)?.failures ?? 0) + 1 })
  }

  worked(udn: string): void {
    this.change(udn, { failures: 0 })
  }

  /** The one that failed least, and of those the one heard last; undefined where nobody is worth asking. */
  best(): ControllerSighting | undefined {
    const nowMs = this.now()
    const [best] = [...this.rows.values()]
      // A stranger's time that lies further ahead than it can means that the clock was set back.
      .filter((row) => row.strangerUntilMs <= nowMs || row.strangerUntilMs > nowMs + STRANGER_MS)
      .sort((a, b) => a.failures - b.failures || b.heardMs - a.heardMs)
    return best?.sighting
  }

  /** Host of that one. */
  host(): string | undefined {
    const best = this.best()
    return best && parsePeerUrl(best.secureLocation).host
  }

  private change(udn: string, part: Partial<Row>): void {
    const row = this.rows.get(udn)
    if (row) this.rows.set(udn, { ...row, ...part })
  }

  private dropOldest(): void {
    const [oldest] = [...this.rows.values()].sort((a, b) => a.heardMs - b.heardMs)
    if (oldest) this.rows.delete(oldest.sighting.udn)
  }
}
