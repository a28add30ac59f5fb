/** The site's revocation list: made at most once a second, kept, made anew in time, numbered so that it only grows. */
import { z } from 'zod'
import { IotmcError } from '../contract/errors'
import type { Authority } from '../identity/authority'
import { NEXT_UPDATE_MS } from '../identity/crl'
import { derBlocks, sha256Hex } from '../identity/pem'
import { type Clock, delay } from '../net/clock'
import type { Records } from '../store/records'
import type { Revocation } from '../store/tables/revocations'

interface PublisherOptions {
  readonly clock: Clock
  readonly records: Pick<Records, 'facts'>
  readonly authority: Pick<Authority, 'issueCrl' | 'certificatePem'>
  /** All that is revoked now; it only grows, and each stays the same object. */
  readonly revoked: readonly Revocation[]
  /** Told of each new list. */
  readonly published: () => void
}

const FACT = 'revocationList'
const EVERY_MS = 1_000
const LOOK_EVERY_MS = 60_000
/** A device that was away for half of a list's time still finds one in date. */
const RENEW_MS = NEXT_UPDATE_MS / 2

const keptSchema = z.object({
  /** SHA-256 of the authority's certificate: another authority makes another list. */
  authority: z.string(),
  number: z.number().int(),
  entries: z.number().int(),
  thisUpdateMs: z.number(),
  pem: z.string(),
})
type Kept = z.infer<typeof keptSchema>

export class RevocationPublisher {
  private kept: Kept | undefined
  private bytes: Buffer = Buffer.alloc(0)
  private soon: Promise<void> | undefined
  private madeAtMs: number | undefined
  private readonly closing = new AbortController()
  private cancelLook: (() => void) | undefined
  constructor(private readonly o: PublisherOptions) {}

  /** Takes the list that was published last, or makes one where that does not say everything. */
  async open(): Promise<void> {
    const kept = this.stored()
    if (kept) this.take(kept)
    if (!kept || this.isStale()) await this.make()
  }

  get number(): number {
    return this.current().number
  }
  get pem(): string {
    return this.current().pem
  }
  get der(): Buffer {
    return this.bytes
  }
  get entries(): number {
    return this.current().entries
  }
  get thisUpdateMs(): number {
    return this.current().thisUpdateMs
  }
  get nextUpdateMs(): number {
    return this.thisUpdateMs + NEXT_UPDATE_MS
  }

  /** Resolves with the number of a list that has everything that is revoked at the call. */
  async include(signal?: AbortSignal): Promise<number> {
    const wanted = this.o.revoked.length
    while (this.entries < wanted) await (signal ? unlessAborted(this.makeSoon(), signal) : this.makeSoon())
    return this.number
  }

  /** Looks from now on whether the list is due, or was not made when it should have been. */
  begin(): void {
    this.cancelLook = this.o.clock.setTimer(() => {
      if (this.isStale()) this.makeSoon().catch(() => undefined)
      this.begin()
    }, LOOK_EVERY_MS)
  }

  async close(): Promise<void> {
    this.closing.abort()
    this.cancelLook?.()
    await this.soon?.catch(() => undefined)
  }

  private current(): Kept {
    if (!this.kept) throw new IotmcError('DEFECT', { detail: 'no revocation list yet' })
    return this.kept
  }

  private makeSoon(): Promise<void> {
    this.soon ??= this.gather().finally(() => {
      this.soon = undefined
    })
    return this.soon
  }

  private async gather(): Promise<void> {
    const { clock } = this.o
    const sinceMs = this.madeAtMs === undefined ? EVERY_MS : Math.max(0, clock.now() - this.madeAtMs)
    if (sinceMs < EVERY_MS) await delay(clock, EVERY_MS - sinceMs, this.closing.signal)
    if (this.closing.signal.aborted) throw new IotmcError('CANCELLED')
    await this.make()
  }

  private async make(): Promise<void> {
    const { clock, records, authority, revoked, published } = this.o
    const nowMs = clock.now()
    const rows = [...revoked]
    const number = Math.max(nowMs, (this.kept?.number ?? 0) + 1)
    const pem = await authority.issueCrl(rows, new Date(nowMs), number)
    const kept = { authority: this.authorityHash(), number, entries: rows.length, thisUpdateMs: nowMs, pem }
    // On record before anybody sees it: its number is never given to another list.
    records.facts.set(FACT, JSON.stringify(kept))
    this.madeAtMs = clock.now()
    this.take(kept)
    published()
  }

  private take(kept: Kept): void {
    this.kept = kept
    this.bytes = derBlocks(kept.pem, 'X509 CRL')[0] ?? Buffer.alloc(0)
  }

  /** The kept list, its number even where the list itself is of no use any more. */
  private stored(): Kept | undefined {
    const text = this.o.records.facts.get(FACT)
    if (text === undefined) return undefined
    try {
      return keptSchema.parse(JSON.parse(text))
    } catch (cause) {
      throw new IotmcError('DATA_DAMAGED', { subject: 'facts', detail: FACT, cause })
    }
  }

  private isStale(): boolean {
    const { authority, entries, thisUpdateMs } = this.current()
    const ageMs = this.o.clock.now() - thisUpdateMs
    return (
      entries !== this.o.revoked.length || authority !== this.authorityHash() || ageMs > RENEW_MS || ageMs < 0
    )
  }

  private authorityHash(): string {
    return sha256Hex(Buffer.from(this.o.authority.certificatePem))
  }
}

/** Errors: CANCELLED; the work itself goes on for the others who wait for it. */
const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const fail = (): void => reject(new IotmcError('CANCELLED', { cause: signal.reason }))
    if (signal.aborted) fail()
    signal.addEventListener('abort', fail, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', fail))
  })
