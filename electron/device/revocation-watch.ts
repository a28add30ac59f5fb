/** Keeps the site's revocation list fresh: at each start, when a controller begins anew, every six hours, and when told. */
import { asIotmcError } from '../contract/errors'
import { type Clock, delay } from '../net/clock'
import type { TlsIdentity } from '../net/tls'
import type { ControllerAccess } from './controller-access'
import type { ControllerSighting } from './controller-link'
import { Inbox, throwIfStopped } from './inbox'
import type { DeviceLog } from './log'
import type { RevocationList } from './revocation-list'

export interface RevocationWatchTools {
  readonly clock: Clock
  readonly log: DeviceLog
  readonly list: RevocationList
  readonly access: ControllerAccess
  readonly identity: () => TlsIdentity
  /** Whom to ask now; undefined where there is nobody, or the device is no member of a site. */
  readonly controller: () => ControllerSighting | undefined
  /** Another list is in force. */
  readonly onChanged: () => void
}

const EVERY_MS = 6 * 3600_000
const RETRY_MS = 60_000

export class RevocationWatch {
  private readonly inbox: Inbox<'look'>
  private readonly stopping = new AbortController()
  private running: Promise<void> = Promise.resolve()
  private fetching: Promise<string> | undefined
  /** Which start of which controller the list in force was asked of. */
  private asked = ''

  constructor(private readonly tools: RevocationWatchTools) {
    this.inbox = new Inbox(tools.clock)
  }

  start(): void {
    this.running = this.run(this.stopping.signal)
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await Promise.allSettled([this.running, this.fetching])
  }

  /** A controller was heard, or the phase has changed. */
  heard(): void {
    this.inbox.offer('look')
  }

  /** CRLNumber in force, decimal; empty without a list. */
  number(): string {
    return String(this.tools.list.number ?? '')
  }

  /**
   * Asks the controller now and gives the number in force afterwards; who asks meanwhile gets the same answer. Errors:
   * DEVICE_UNKNOWN (no controller), those of the connection, FILE_INVALID, SIGNATURE_INVALID, BAD_ANSWER.
   */
  refresh(): Promise<string> {
    this.fetching ??= this.fetch().finally(() => {
      this.fetching = undefined
    })
    return this.fetching
  }

  private async fetch(): Promise<string> {
    const { access, list, identity, onChanged } = this.tools
    const { signal } = this.stopping
    const der = await access.use(identity(), signal, (link) => link.revocationList(signal))
    throwIfStopped(signal)
    // One that has none: what is kept stays in force.
    if (der && list.take(der)) onChanged()
    return this.number()
  }

  private async run(signal: AbortSignal): Promise<void> {
    for (let leftMs = EVERY_MS; !signal.aborted; ) {
      const key = keyOf(this.tools.controller())
      // Heard again after it was gone, it is asked again.
      if (key === '') this.asked = ''
      if (key !== '' && (key !== this.asked || leftMs <= 0)) {
        try {
          await this.refresh()
          this.asked = key
          leftMs = EVERY_MS
        } catch (thrown) {
          if (signal.aborted) return
          const { code, detail } = asIotmcError(thrown)
          this.tools.log('revocation-list-problem', { code, ...(detail ? { detail } : {}) })
          // Not at once, however often a controller speaks up.
          await delay(this.tools.clock, RETRY_MS, signal).catch(() => undefined)
          continue
        }
      }
      const beganMs = this.tools.clock.now()
      await this.inbox
        .next({ timeoutMs: Math.max(1, leftMs), otherwise: 'look', signal })
        .catch(() => undefined)
      // A clock that was set back must not hold the next look off.
      leftMs -= Math.max(0, this.tools.clock.now() - beganMs)
    }
  }
}

const keyOf = (sighting: ControllerSighting | undefined): string =>
  sighting ? [sighting.udn, sighting.secureLocation, sighting.bootId ?? ''].join(' ') : ''
