/** Replaces an LDevID in time: with less than a third of its life left, at each try with the same request. */
import { asIotmcError, IotmcError } from '../contract/errors'
import { ENROLLMENT_TIMINGS } from '../contract/timings'
import type { EnrollmentTools } from './enrollment-driver'
import { backoffMs } from './enrollment-machine'
import { Inbox, throwIfStopped } from './inbox'
import { checkIssued, lifeOf, requestForWire } from './issued-certificate'

const LOOK_EVERY_MS = 3600_000

/** Whether a certificate should be replaced now. */
export const isRenewalDue = (life: { fromMs: number; untilMs: number }, nowMs: number): boolean =>
  life.untilMs - nowMs < (life.untilMs - life.fromMs) * ENROLLMENT_TIMINGS.renewWhenLeft

type Wake = 'look'

export class Renewal {
  private readonly inbox: Inbox<Wake>
  private readonly stopping = new AbortController()
  private running: Promise<void> = Promise.resolve()

  constructor(private readonly tools: EnrollmentTools) {
    this.inbox = new Inbox(tools.clock)
  }

  start(): void {
    this.running = this.run(this.stopping.signal)
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await this.running
  }

  /** A controller was heard: a due renewal need not wait any longer. */
  heard(): void {
    this.inbox.offer('look')
  }

  private async run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      try {
        if (this.isDue() && this.tools.hasController()) await this.renew(signal)
        failures = 0
      } catch (thrown) {
        if (signal.aborted) return
        failures += 1
        this.tools.log('renewal-problem', { code: asIotmcError(thrown).code })
      }
      const timeoutMs = failures > 0 ? backoffMs(failures + 3) : LOOK_EVERY_MS
      await this.inbox.next({ timeoutMs, otherwise: 'look', signal }).catch(() => undefined)
    }
  }

  private isDue(): boolean {
    const { store, keys, clock } = this.tools
    const { ldevidGeneration, phase } = store.current
    if (ldevidGeneration === undefined || phase === 'commissioning') return false
    const life = lifeOf(keys.ldevid(ldevidGeneration).chainPem)
    // With a certificate whose time is over nobody lets the device in: it enrols again instead.
    return life.untilMs > clock.now() && isRenewalDue(life, clock.now())
  }

  /** After a wait: stopped, or wiped meanwhile, means that nothing may be stored. */
  private check(signal: AbortSignal): void {
    throwIfStopped(signal)
    if (this.tools.store.current.ldevidGeneration === undefined) throw new IotmcError('CANCELLED')
  }

  private async generation(signal: AbortSignal): Promise<number> {
    const { store, keys } = this.tools
    const { renewal, lastGeneration, udn, serialNumber, model } = store.current
    if (renewal) return renewal.generation
    const generation = lastGeneration + 1
    store.update({ lastGeneration: generation })
    await keys.makeRequest(generation, { udn, serialNumber, model })
    this.check(signal)
    store.update({ renewal: { generation } })
    return generation
  }

  private async renew(signal: AbortSignal): Promise<void> {
    const { store, keys, access, clock, log } = this.tools
    const generation = await this.generation(signal)
    const { udn, anchorPem = '', ldevidGeneration = 0 } = store.current
    const request = requestForWire(keys.request(generation))
    const answer = await access.use(keys.ldevid(ldevidGeneration), signal, (link) =>
      link.renew(request, signal),
    )
    this.check(signal)
    const keyPem = keys.keyOf(generation)
    keys.saveLdevid(generation, checkIssued(answer, { udn, keyPem, anchorPem, now: () => clock.now() }))
    store.update({ ldevidGeneration: generation, renewal: undefined })
    keys.removeExcept([generation])
    log('renewed')
    this.tools.onInstalled()
  }
}
