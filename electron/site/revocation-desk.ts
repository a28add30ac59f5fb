/** What this site has revoked: durable first, honoured at once, then in its published list, then spread to the devices. */
import { createHash } from 'node:crypto'
import {
  type IssuedCertificateView,
  REVOCATION_REASONS,
  type RevocationListView,
  type RevocationReason,
  reasonName,
} from '../contract/decommission'
import { IotmcError } from '../contract/errors'
import type { Authority } from '../identity/authority'
import { type CertificateFacts, readCertificate } from '../identity/certificate'
import { normalSerial } from '../identity/serial-number'
import type { Clock } from '../net/clock'
import type { Records } from '../store/records'
import type { Revocation } from '../store/tables/revocations'
import { type RevokeOrder, revokeByHand } from './revocation-by-hand'
import { listIssued } from './revocation-certificates'
import { type FactoryIssuer, FactoryList } from './revocation-factory'
import { RevocationPublisher } from './revocation-publisher'
import { RevocationSpread } from './revocation-spread'

export interface RevocationDeskOptions {
  readonly clock: Clock
  readonly records: Records
  readonly authority: Pick<Authority, 'issueCrl' | 'certificatePem'>
  /** The controller's own certificate, leaf first; it can't be revoked here. */
  readonly ownChainPem: () => string
  /** What people call a device. */
  readonly nameOf: (udn: string) => string | undefined
  readonly online: (udn: string) => boolean
  /** Access.RefreshRevocationList on a device: the CRLNumber that it has then. */
  readonly refresh: (udn: string, signal: AbortSignal) => Promise<number>
  /** Told as soon as something more is refused: what is open has to be judged again. */
  readonly trustChanged: () => void
  /** The enrolment of this device has ended: what is cached of it, or said of it by a person, is not true any more. */
  readonly enrollmentEnded: (udn: string) => void
  readonly audit: (action: string, subject: string, detail?: string) => void
  /** This laptop's factory authority and the certificate (PEM) that it issued under a fingerprint, where there is one. */
  readonly factory?: FactoryIssuer
}

export interface RevocationFile {
  readonly name: string
  readonly data: Buffer
}

export class RevocationDesk {
  /** Opens with the list as it was published last, or makes it. Errors: DATA_DAMAGED. */
  static async open(options: RevocationDeskOptions): Promise<RevocationDesk> {
    const desk = new RevocationDesk(options)
    await desk.publisher.open()
    return desk
  }

  private readonly revoked: Revocation[]
  private readonly revokedSerials: Set<string>
  private readonly blockedPrints: Set<string>
  private readonly publisher: RevocationPublisher
  private readonly factoryList: FactoryList
  private readonly spread: RevocationSpread
  private readonly listeners = new Set<() => void>()
  private cancelTelling: (() => void) | undefined
  private closed = false

  private constructor(private readonly o: RevocationDeskOptions) {
    const { clock, records, authority } = o
    this.revoked = records.revocations.list()
    this.revokedSerials = new Set(this.revoked.map((one) => normalSerial(one.serialNumber)))
    this.blockedPrints = new Set(records.blockedIdentities.list().map((one) => one.fingerprint))
    this.publisher = new RevocationPublisher({
      clock,
      records,
      authority,
      revoked: this.revoked,
      published: () => {
        this.spread.changed()
        this.tell()
      },
    })
    this.factoryList = new FactoryList({ clock, records, ...(o.factory ? { factory: o.factory } : {}) })
    this.spread = new RevocationSpread({
      clock,
      table: records.revocations,
      number: () => this.publisher.number,
      online: o.online,
      refresh: o.refresh,
      told: (udn, number) => this.told(udn, number),
    })
  }

  /** The published list. */
  pem(): string {
    return this.publisher.pem
  }

  der(): Buffer {
    return this.publisher.der
  }

  get number(): number {
    return this.publisher.number
  }

  /** Serial numbers (normal form) of what is revoked, the published list or not. */
  serials(): ReadonlySet<string> {
    return this.revokedSerials
  }

  /** Fingerprints of factory identities that this site keeps out. */
  blocked(): ReadonlySet<string> {
    return this.blockedPrints
  }

  list(): RevocationListView {
    const { records } = this.o
    const { number, thisUpdateMs, nextUpdateMs, entries, der } = this.publisher
    return {
      number,
      thisUpdate: new Date(thisUpdateMs).toISOString(),
      nextUpdate: new Date(nextUpdateMs).toISOString(),
      entries,
      bytes: der.length,
      sha256: createHash('sha256').update(der).digest('hex'),
      blocked: records.blockedIdentities.list().map(({ fingerprint, serialNumber, atMs }) => ({
        fingerprint,
        serialNumber,
        atMs,
      })),
      spread: records.revocations.spread(number),
    }
  }

  /** Devices' and other programs' certificates and the controller's own, newest first. */
  certificates(query: { readonly search: string; readonly limit: number }): IssuedCertificateView[] {
    const { records, nameOf } = this.o
    return listIssued({ records, nameOf, own: this.own() }, query)
  }

  /**
   * On the disk and honoured here when the call returns; resolves when they stand in the published list, with its number.
   * Those that are revoked already stay as they are. Errors: REQUEST_REFUSED (the controller's own), VALUE_INVALID.
   */
  async revoke(
    ones: readonly { readonly serialNumber: string; readonly reason: RevocationReason }[],
    signal?: AbortSignal,
  ): Promise<{ crlNumber: number }> {
    if (this.closed) throw new IotmcError('CANCELLED')
    const own = this.ownSerial()
    const atMs = this.o.clock.now()
    const rows = ones.map(({ serialNumber, reason }) => {
      const serial = normalSerial(serialNumber)
      if (serial === own)
        throw new IotmcError('REQUEST_REFUSED', { detail: "the controller's own certificate" })
      return { serialNumber: serial, atMs, reason: REVOCATION_REASONS[reason] }
    })
    const added = this.o.records.revocations.addAll(rows)
    this.revoked.push(...added)
    for (const { serialNumber } of added) this.revokedSerials.add(serialNumber)
    // Refused first, then told.
    if (added.length > 0) this.o.trustChanged()
    for (const { serialNumber, reason } of added)
      this.o.audit('certificate-revoked', serialNumber, reasonName(reason))
    return { crlNumber: await this.publisher.include(signal) }
  }

  /** Keeps a factory identity out of this site for good; on the disk and honoured here when it returns. */
  block(identity: {
    readonly fingerprint: string
    readonly serialNumber: string
    readonly udn: string
  }): void {
    const fingerprint = pairs(identity.fingerprint)
    if (this.blockedPrints.has(fingerprint)) return
    const serialNumber = identity.serialNumber && normalSerial(identity.serialNumber)
    const { udn } = identity
    this.o.records.blockedIdentities.add({ fingerprint, serialNumber, udn, atMs: this.o.clock.now() })
    this.blockedPrints.add(fingerprint)
    // Refused first, then told.
    this.o.trustChanged()
    this.o.audit('identity-blocked', udn, fingerprint)
    this.tell()
  }

  /** See `revokeByHand`. Errors: CERTIFICATE_UNKNOWN, PHRASE_WRONG, REQUEST_REFUSED (the controller's own). */
  async revokeByHand(order: RevokeOrder): Promise<RevocationListView> {
    const { clock, records, enrollmentEnded, audit } = this.o
    const revoke: RevocationDesk['revoke'] = (ones) => this.revoke(ones)
    const own = this.ownSerial()
    await revokeByHand({ clock, records, own, revoke, enrollmentEnded, audit }, order)
    return this.list()
  }

  /** A device has said which list it has. */
  told(udn: string, crlNumber: number): void {
    this.o.records.revocations.told(udn, crlNumber)
    this.tell()
  }

  /** Devices were heard: who has an older list is told of the newer one. Cheap. */
  heard(udns: readonly string[]): void {
    this.spread.heard(udns)
  }

  /** Begins to spread the list, and to make it anew before it is out of date. */
  begin(): void {
    this.publisher.begin()
    this.spread.begin()
  }

  /** The published list as a file. */
  text(format: 'pem' | 'der'): RevocationFile {
    const { pem, der } = this.publisher
    return format === 'pem'
      ? { name: 'site-crl.pem', data: Buffer.from(pem) }
      : { name: 'site.crl', data: der }
  }

  /** The list of this laptop's factory authority, made now, where it issued an identity that this site keeps out. */
  async factoryText(format: 'pem' | 'der'): Promise<RevocationFile | undefined> {
    const pem = await this.factoryList.make()
    return pem === undefined ? undefined : FactoryList.file(pem, format)
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.closed = true
    this.cancelTelling?.()
    this.listeners.clear()
    await Promise.all([this.spread.close(), this.publisher.close()])
  }

  private own(): CertificateFacts {
    return readCertificate(this.o.ownChainPem())
  }

  private ownSerial(): string {
    return this.own().summary.serialNumber
  }

  /** At most twice a second, however many devices tell something. */
  private tell(): void {
    if (this.closed) return
    this.cancelTelling ??= this.o.clock.setTimer(() => {
      this.cancelTelling = undefined
      for (const listener of [...this.listeners]) listener()
    }, TELL_EVERY_MS)
  }
}

const TELL_EVERY_MS = 500

/** A SHA-256 in any usual form → upper-case pairs joined by colons. Errors: VALUE_INVALID. */
const pairs = (fingerprint: string): string => {
  const digits = fingerprint.replace(/[:\s]/g, '').toUpperCase()
  if (!/^[0-9A-F]{64}$/.test(digits)) throw new IotmcError('VALUE_INVALID', { detail: 'not a SHA-256' })
  return (digits.match(/../g) ?? []).join(':')
}
