/** Closing the program: asks while jobs run, then closes in order, within a time limit. Free of Electron. */
import type { EventPayload } from '../contract/ipc'
import type { Clock } from '../net/clock'

export type RunningJobs = EventPayload<'app.quitAsked'>

export interface QuitGuardOptions {
  readonly clock: Clock
  readonly running: () => RunningJobs
  /** Shows the guard with the running jobs; false = the window cannot show anything (gone, crashed, not loaded). */
  readonly ask: (jobs: RunningJobs) => boolean
  /** Says byebye, stops jobs at their next safe point, closes the journal. */
  readonly close: () => Promise<void>
  /** Ends the process. Called once. */
  readonly exit: () => void
  readonly limitMs: number
}

type State = 'open' | 'asked' | 'closing' | 'closed'

export class QuitGuard {
  #state: State = 'open'
  readonly #o: QuitGuardOptions
  constructor(options: QuitGuardOptions) {
    this.#o = options
  }

  /** True once everything is closed: the window may really go. */
  get closed(): boolean {
    return this.#state === 'closed'
  }

  /** True from the decision to close on. */
  get leaving(): boolean {
    return this.#state === 'closing' || this.#state === 'closed'
  }

  /** `ask`: a person closes the window. `now`: the system ends the session, or a signal came; nobody can be asked. */
  request(how: 'ask' | 'now'): void {
    if (this.leaving) return
    const jobs = how === 'ask' ? this.#o.running() : []
    if (jobs.length > 0 && this.#o.ask(jobs)) {
      this.#state = 'asked'
      return
    }
    this.#close()
  }

  /** The person's answer. An answer that nobody asked for is ignored. */
  answer(quit: boolean): void {
    if (this.#state !== 'asked') return
    if (quit) this.#close()
    else this.#state = 'open'
  }

  #close(): void {
    this.#state = 'closing'
    const end = (): void => {
      if (this.#state === 'closed') return
      this.#state = 'closed'
      cancel()
      this.#o.exit()
    }
    const cancel = this.#o.clock.setTimer(end, this.#o.limitMs)
    this.#o.close().then(end, end)
  }
}
