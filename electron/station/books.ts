/** What the station is accountable for: its ledger, its authority, and the counts of the day. */
import { mkdirSync } from 'node:fs'
import { asIotmcError, IotmcError } from '../contract/errors'
import type { AuthorityView, LedgerCheck, StationCounts } from '../contract/factory'
import {
  openStationAuthority,
  pendingStation,
  type RootFacts,
  rootOf,
  type StationAuthority,
} from '../factory/authority'
import { Ledger } from '../factory/ledger'
import type { Vault } from '../identity/vault'
import type { Log } from '../log'
import type { Clock } from '../net/clock'
import type { DataPaths } from '../store/paths'
import { Tally } from './counts'

export interface BooksOptions {
  readonly clock: Clock
  readonly vault: Vault
  readonly paths: DataPaths
  readonly stationName: string
  readonly log: Pick<Log, 'warn' | 'error'>
  /** Told when the check of a long ledger, which goes on while work does, has found something. */
  readonly found: () => void
}

/** Name of the vault's secret that holds the ledger's head, so that a ledger cut short is found. */
const HEAD = 'ledger-head'
/** Up to here the ledger is checked before the station opens, within a quarter of a second; a longer one meanwhile. */
const CHECKED_FIRST_ENTRIES = 5_000
/** More devices than a line makes in a day. */
const UNITS_READ = 50_000

export class Books {
  private opened: Ledger | undefined
  private problemText: string | undefined
  private current: StationAuthority | undefined
  private requestPem: string | undefined
  private rootHere: RootFacts | undefined
  private readonly tally = new Tally()
  private readonly closing = new AbortController()
  private checking: Promise<void> | undefined

  constructor(private readonly options: BooksOptions) {}

  /** Opens and checks the ledger; what is wrong with it is kept as `problem`. An authority that can't be read is none. */
  async open(): Promise<void> {
    const { clock, vault, paths, stationName, log } = this.options
    await this.loadAuthority().catch((err: unknown) => {
      log.error({ err }, 'the authority of the station can not be read')
    })
    try {
      mkdirSync(paths.factoryFolder, { recursive: true, mode: 0o700 })
      this.opened = Ledger.open(paths.ledger, {
        clock,
        station: stationName,
        signer: () => this.current?.signer,
        head: {
          read: () => vault.get(HEAD)?.toString('utf8'),
          write: (text) => vault.put(HEAD, Buffer.from(text)),
        },
      })
      await this.check(this.opened)
      for (const unit of this.opened.units({ search: '', limit: UNITS_READ })) this.tally.put(unit)
    } catch (thrown) {
      const { code, detail } = asIotmcError(thrown)
      this.problemText = detail ? `${code}: ${detail}` : code
    }
    if (this.problemText) log.error({ problem: this.problemText }, 'the ledger does not verify')
  }

  private async check(ledger: Ledger): Promise<void> {
    const take = ({ ok, problem }: LedgerCheck): void => {
      if (!ok) this.problemText = problem ?? 'it does not verify'
    }
    if (ledger.summary().entries <= CHECKED_FIRST_ENTRIES) {
      take(ledger.verify())
      return
    }
    this.checking = ledger.verifyAside(this.closing.signal).then(
      (result) => {
        take(result)
        if (!result.ok) this.options.log.error({ problem: result.problem }, 'the ledger does not verify')
        if (!result.ok) this.options.found()
      },
      (err: unknown) => {
        if (!this.closing.signal.aborted) this.options.log.error({ err }, 'the ledger could not be checked')
      },
    )
  }

  /** Waits for signatures that are under way. */
  async close(): Promise<void> {
    const { opened } = this
    this.closing.abort()
    await this.checking
    this.opened = undefined
    await opened?.settled()
    opened?.close()
  }

  /** Reads the station's authority again; call it when one was asked for or installed. Errors: DATA_DAMAGED. */
  async loadAuthority(): Promise<void> {
    const { vault } = this.options
    this.current = await openStationAuthority(vault)
    this.requestPem = pendingStation(vault)
  }

  get authority(): StationAuthority | undefined {
    return this.current
  }

  /** Why the ledger may not be written. */
  get problem(): string | undefined {
    return this.problemText
  }

  /** For looking. Errors: LEDGER_INVALID when it could not even be opened. */
  get ledger(): Ledger {
    if (this.opened) return this.opened
    throw this.invalid()
  }

  /** For work. Errors: LEDGER_INVALID when its check failed. */
  writable(): Ledger {
    if (this.problemText !== undefined) throw this.invalid()
    return this.ledger
  }

  /** Errors: LEDGER_INVALID, AUTHORITY_MISSING, AUTHORITY_EXPIRED, QUOTA_EXHAUSTED: nothing is begun then. */
  requireReady(): void {
    this.writable()
    const { state, commonName, quota } = this.authorityView()
    const subject = commonName === undefined ? {} : { subject: commonName }
    if (state === 'missing' || state === 'requested') throw new IotmcError('AUTHORITY_MISSING', subject)
    if (state === 'expired') throw new IotmcError('AUTHORITY_EXPIRED', subject)
    if (state === 'exhausted')
      throw new IotmcError('QUOTA_EXHAUSTED', { ...subject, detail: `${quota} issued` })
  }

  authorityView(): AuthorityView {
    const { current, requestPem } = this
    // A root is made while the program runs, and never goes away.
    this.rootHere ??= rootOf(this.options.paths.factoryRoot)
    const { rootHere } = this
    const more = { ...(requestPem ? { requestPem } : {}), ...(rootHere ? { rootHere } : {}) }
    if (!current) return { state: requestPem ? 'requested' : 'missing', issued: 0, ...more }
    const { commonName, fingerprint, rootName, rootFingerprint, notAfterMs, quota } = current
    const issued = this.opened?.issuedBy(fingerprint) ?? 0
    return {
      state: this.isExpired(current)
        ? 'expired'
        : quota !== undefined && issued >= quota
          ? 'exhausted'
          : 'ready',
      commonName,
      fingerprint,
      rootName,
      rootFingerprint,
      notAfter: new Date(notAfterMs).toISOString(),
      ...(quota === undefined ? {} : { quota }),
      issued,
      ...more,
    }
  }

  /** What counting up would take, past numbers that are on record or held by a lane; undefined when none is left. */
  nextSerialNumber(model: string, held: ReadonlySet<string>): string | undefined {
    return this.opened?.nextSerialNumber(model, held)
  }

  counts(): StationCounts {
    return this.tally.counts(this.options.clock.now())
  }

  /** Looks at a unit again that was written to. */
  noteUnit(serialNumber: string): void {
    const unit = this.opened?.unit(serialNumber)
    if (unit) this.tally.put(unit)
  }

  /** The job of a unit that is on record has failed. */
  noteFailure(serialNumber: string): void {
    if (this.opened?.unit(serialNumber)) this.tally.fail(serialNumber, this.options.clock.now())
  }

  private isExpired({ notBeforeMs, notAfterMs }: StationAuthority): boolean {
    const nowMs = this.options.clock.now()
    return nowMs > notAfterMs || nowMs < notBeforeMs
  }

  private invalid(): IotmcError {
    const detail = this.problemText
    return new IotmcError('LEDGER_INVALID', {
      subject: this.options.paths.ledger,
      ...(detail === undefined ? {} : { detail }),
    })
  }
}
