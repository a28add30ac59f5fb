/** Who is at the station: signed in by PIN, and out again by hand or after a time without a touch. */
import type { Person } from '../contract/factory'
import type { Clock } from '../net/clock'

const MINUTE_MS = 60_000

export interface DutyOptions {
  readonly clock: Clock
  /** 0 = never. */
  readonly idleMinutes: () => number
  /** The time without a touch is over; nobody is signed in any more. */
  readonly idle: (person: Person) => void
}

export class Duty {
  private person: Person | undefined
  private touchedMs = 0
  private cancelTimer: (() => void) | undefined

  constructor(private readonly options: DutyOptions) {}

  get signedIn(): Person | undefined {
    return this.person
  }

  signIn(person: Person): void {
    this.person = person
    this.touched()
  }

  signOut(): void {
    this.person = undefined
    this.cancelTimer?.()
    this.cancelTimer = undefined
  }

  /** A key, a scan: the time begins anew. */
  touched(): void {
    this.touchedMs = this.options.clock.now()
    if (this.person) this.arm()
  }

  private arm(): void {
    this.cancelTimer?.()
    this.cancelTimer = undefined
    const { clock, idleMinutes, idle } = this.options
    const limitMs = idleMinutes() * MINUTE_MS
    if (limitMs === 0) return
    const leftMs = Math.min(limitMs, this.touchedMs + limitMs - clock.now())
    this.cancelTimer = clock.setTimer(() => {
      const { person } = this
      // The clock may have jumped meanwhile: only time that has passed counts.
      if (clock.now() - this.touchedMs < limitMs) return this.arm()
      this.signOut()
      if (person) idle(person)
    }, leftMs)
  }
}
