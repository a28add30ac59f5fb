/** Devices taken out of an open site for good: previewed, ordered with a phrase, revoked, wiped, proven, certified. */
import { randomBytes } from 'node:crypto'
import {
  type CertificatePart,
  type DecommissionOrder,
  type DecommissionPreview,
  type DecommissionPreviewRow,
  type DecommissionRecord,
  type DecommissionView,
  decommissionOrderSchema,
  isPhrase,
  LEAVE_REASONS,
  wipePhrase,
} from '../contract/decommission'
import type { DecommissionState } from '../contract/decommission-states'
import type { Device } from '../contract/device'
import { type ErrorCode, IotmcError } from '../contract/errors'
import { isEnded, type Job, type JobKind } from '../contract/job'
import { readCertificate } from '../identity/certificate'
import { derBlocks } from '../identity/pem'
import { normalSerial } from '../identity/serial-number'
import { type DecommissionTools, decommissionPlan } from '../jobs/decommission'
import { checkProof, type WipeAnswer } from '../jobs/decommission-proof'
import type { JobRunner } from '../jobs/runner'
import type { StepPlan } from '../jobs/step'
import type { Clock } from '../net/clock'
import { CertificateShelf, type CertificateShelfOptions } from '../reports/decommission-shelf'
import type { Records } from '../store/records'
import type { KeptDecommission } from '../store/tables/decommissions'
import { DecommissionBook } from './decommission-book'
import { type CloseOrder, closedRecord, isOver, overAtMs, requireOpen } from './decommission-close'
import { able, lookAtAll, unrevoked } from './decommission-look'
import { orderedRecord, pairs, REVOKED_FROM } from './decommission-order'
import type { Log } from './events'
import type { CabledIdentity } from './frozen'
import type { RevocationDesk } from './revocation-desk'
import type { WipeLine } from './wipe-line'

export interface DecommissionDeskOptions {
  readonly clock: Clock
  readonly log: Log
  readonly records: Pick<
    Records,
    'decommissions' | 'certificates' | 'enrollments' | 'revocations' | 'factoryIdentities'
  >
  readonly runner: Pick<JobRunner, 'list' | 'get' | 'submit' | 'retry' | 'cancel' | 'on'>
  readonly revocations: Pick<RevocationDesk, 'revoke' | 'block' | 'serials'>
  readonly line: Pick<WipeLine, 'wipe' | 'see' | 'identityOf' | 'forget' | 'close'>
  readonly certificates: Omit<CertificateShelfOptions, 'now' | 'log'>
  readonly device: (udn: string) => Device | undefined
  readonly isOnline: (udn: string) => boolean
  /** Calls back when the presence of this device has changed, or an event of it has come. */
  readonly onWake: (udn: string, listener: () => void) => () => void
  /** Takes a device out of rollouts and calls off what is planned on it; waits for nothing. */
  readonly withdraw: (udn: string) => void
  /** The enrolment of this device has ended: what is cached of it is not true any more. */
  readonly enrollmentEnded: (udn: string) => void
  /** More devices are refused (`refuses`) than before: what is open has to be judged again. */
  readonly refusesMore: () => void
  /** Trusted factory roots, PEM. */
  readonly roots: () => readonly string[]
  /** Whether a device that was wiped may enrol like a new one. */
  readonly mayReturn: () => boolean
  /** Whoever is signed in, or the owner of this laptop. */
  readonly actor: () => string
  readonly audit: (action: string, subject: string, detail?: string) => void
  /** Hex digits of a new order; from the system unless told. */
  readonly newNonce?: () => string
}

export class DecommissionDesk {
  private readonly book: DecommissionBook
  private readonly shelf: CertificateShelf
  private readonly off: () => void

  constructor(private readonly o: DecommissionDeskOptions) {
    const { clock, records, certificates, log, runner } = o
    this.book = new DecommissionBook(clock, records.decommissions)
    for (const row of this.book.lost) log.error(row, 'a record of decommissioning can not be read')
    const made = this.book.records().flatMap(({ certificate }) => certificate ?? [])
    this.shelf = new CertificateShelf({ ...certificates, log, now: () => clock.now() }, made)
    this.off = runner.on('changed', (jobs) => this.follow(jobs))
  }

  /** Gives each unfinished job its record, where a kill came between the two; to be called before the runner starts. */
  begin(): void {
    const isLacking = ({ id, kind, state }: Job) =>
      kind === 'decommission' && !isEnded(state) && !this.book.get(id)
    this.recordAll(this.o.runner.list().filter(isLacking))
  }

  async preview(
    ask: Partial<DecommissionOrder> & Pick<DecommissionOrder, 'udns'>,
  ): Promise<DecommissionPreview> {
    const rows = this.lookAll(ask.udns)
    return { rows, phrase: wipePhrase(able(rows)) }
  }

  /**
   * Starts a job for each device that can be taken out; an earlier order that was cut off goes on in it. Their ids. Errors:
   * VALUE_INVALID, PHRASE_WRONG, the problem of the first device where none can be.
   */
  start(order: DecommissionOrder): string[] {
    const asked = decommissionOrderSchema.safeParse(order)
    if (!asked.success)
      throw new IotmcError('VALUE_INVALID', { detail: asked.error.issues[0]?.message ?? '' })
    const { udns, reason, note, revokeIdevid, phrase } = asked.data
    const rows = this.lookAll(udns)
    const wanted = able(rows)
    if (wanted.length === 0)
      throw new IotmcError(rows[0]?.problem ?? 'DEVICE_UNKNOWN', { subject: rows[0]?.udn ?? '' })
    if (!isPhrase(phrase, wipePhrase(wanted)))
      throw new IotmcError('PHRASE_WRONG', { detail: wipePhrase(wanted) })
    const { runner, actor, audit } = this.o
    const params = { reason, note, by: actor(), revokeIdevid: String(revokeIdevid) }
    for (const { udn } of wanted) audit('decommission-ordered', udn, reason)
    // Where an earlier order was cut off, its record becomes this one's, with what is said now.
    const jobs = runner.submit(
      'decommission',
      wanted.map(({ udn }) => udn),
      params,
    )
    this.recordAll(jobs)
    this.o.refusesMore()
    return jobs.map(({ id }) => id)
  }

  /** Ends one that can never be proven (closedRecord); the records, as `list`. Errors: PHRASE_WRONG, VALUE_INVALID. */
  closeUnproven(order: CloseOrder): DecommissionView[] {
    const record = closedRecord(this.book.get(order.id), order, this.o.actor(), this.o.clock.now())
    this.keep(record)
    const job = this.o.runner.get(record.id)
    if (job && !isEnded(job.state)) this.attempt(job, () => this.o.runner.cancel([job.id]))
    return this.list()
  }

  /** Newest first, at most DECOMMISSIONS_LISTED, without the proofs themselves. */
  list(): DecommissionView[] {
    return this.book.list()
  }

  /** All records of a device, oldest first, however many there are of others. */
  ofDevice(udn: string): DecommissionRecord[] {
    return this.book.ofDevice(udn)
  }

  /** Errors: VALUE_INVALID (no certificate under this id), FILE_INVALID. */
  async file(id: string, part: CertificatePart): Promise<{ name: string; data: Uint8Array }> {
    const made = this.book.get(id)?.certificate
    if (!made) throw new IotmcError('VALUE_INVALID', { subject: id, detail: 'no such certificate' })
    return this.shelf.file(made, part)
  }

  /** The steps of a job of the kind `decommission`. */
  plan(_job: Job): readonly StepPlan[] {
    return decommissionPlan(this.tools())
  }

  /** From the order on until the device comes back as new. */
  stateOf(udn: string): DecommissionState | undefined {
    const record = this.standing(udn)
    return record && !this.cameBack(record) ? record.state : undefined
  }

  /** Nothing else may begin on a device that is about to leave, or that was revoked and has not been wiped yet. */
  isFrozen(udn: string): boolean {
    const record = this.standing(udn)
    return record ? !isOver(record) : this.book.isLost(udn)
  }

  /** Errors: FROZEN with the first device on which no job of this kind may begin. */
  requireFree(kind: JobKind, udns: readonly string[]): void {
    const frozen = kind === 'decommission' ? undefined : udns.find((udn) => this.isFrozen(udn))
    if (frozen !== undefined) throw new IotmcError('FROZEN', { subject: frozen })
  }

  /** Likewise of the device at the end of a cable, whose jobs are named by the port. Errors: FROZEN. */
  requireFreeCable(who: CabledIdentity): void {
    this.requireFree('update-serial', this.book.udnsOf(who))
  }

  /** Whether a device, or whatever else shows its factory certificate, may be taken in. */
  mayEnroll(udn: string, identityFingerprint: string): boolean {
    const record = this.standing(udn) ?? this.byIdentity(identityFingerprint)
    if (!record) return !this.book.isLost(udn)
    return isOver(record) && (this.cameBack(record) || this.o.mayReturn())
  }

  refuses(udn: string, identityFingerprint: string): ErrorCode | undefined {
    return this.mayEnroll(udn, identityFingerprint) ? undefined : 'DECOMMISSIONED'
  }

  /** Hears of records that went on, at most twice a second. */
  onChange(listener: (records: readonly DecommissionView[]) => void): () => void {
    return this.book.onChange(listener)
  }

  /** After the jobs were stopped. */
  close(): void {
    this.off()
    this.book.close()
    this.o.line.close()
  }

  private lookAll(udns: readonly string[]): DecommissionPreviewRow[] {
    return lookAtAll(udns, {
      records: this.o.records,
      device: this.o.device,
      isOnline: this.o.isOnline,
      jobs: this.o.runner.list(),
      standing: (udn) => {
        const record = this.standing(udn)
        return record && { state: record.state, cameBack: this.cameBack(record) }
      },
    })
  }

  /** The newest record that counts: an order that was called off before anything was revoked does not. */
  private standing(udn: string): KeptDecommission | undefined {
    return this.book.ofDevice(udn).findLast((record) => !this.isCalledOff(record))
  }

  private isCalledOff({ id, state }: KeptDecommission): boolean {
    if (REVOKED_FROM.includes(state)) return false
    const job = this.o.runner.get(id)
    return !job || isEnded(job.state)
  }

  private byIdentity(fingerprint: string): KeptDecommission | undefined {
    const { udn } = this.o.records.enrollments.byIdentity(fingerprint) ?? {}
    return udn === undefined ? undefined : this.standing(udn)
  }

  private cameBack(record: KeptDecommission): boolean {
    const row = isOver(record) ? this.o.records.enrollments.byUdn(record.udn) : undefined
    return row !== undefined && row.rejectCode !== LEFT && row.requestedAtMs >= overAtMs(record)
  }

  private tools(): DecommissionTools {
    const { clock, isOnline, onWake, line } = this.o
    return {
      clock,
      isOnline,
      onWake,
      record: (job) => this.record(job),
      keep: (record) => this.keep(record),
      freeze: (job) => this.freeze(job),
      revoke: (job, record, signal) => this.revoke(job, record, signal),
      publish: async ({ udn, reason }, signal) =>
        // Once more: one that was being signed when the others were revoked.
        (await this.o.revocations.revoke(this.toRevoke(udn, reason), signal)).crlNumber,
      wipe: ({ udn, nonce }, signal) => line.wipe(udn, nonce, signal),
      hasIdentity: (record) => this.chainOf(record) !== undefined,
      see: ({ udn }, signal) => line.see(udn, signal),
      check: (record, answer) => this.check(record, answer),
      certify: (record) => this.shelf.make(record),
    }
  }

  private record(job: Job): KeptDecommission {
    const known = this.book.get(job.id)
    if (known) return requireOpen(known)
    this.recordAll([job])
    return this.book.get(job.id) ?? this.newRecord(job)
  }

  /** All or none, on the disk when it returns. */
  private recordAll(jobs: readonly Job[]): void {
    this.book.putAll(
      jobs.map((job) => {
        const before = this.book.newestOf(job.subject)
        const record = this.newRecord(job)
        if (!before || isOver(before)) return { record }
        if (this.isCalledOff(before)) return { record, instead: before.id }
        // The same order under another job: what the first has done stands.
        const { error: _, ...same } = before
        const { id, reason, note, orderedBy } = record
        return { record: { ...same, id, reason, note, orderedBy }, instead: before.id }
      }),
    )
  }

  private newRecord(job: Job): KeptDecommission {
    const device = this.o.device(job.subject)
    const enrollment = this.o.records.enrollments.byUdn(job.subject)
    return orderedRecord(job, device, enrollment, this.o.newNonce?.() ?? randomBytes(32).toString('hex'))
  }

  private keep(record: KeptDecommission): void {
    const before = this.book.get(record.id)?.state
    this.book.put(record)
    if (before === record.state) return
    if (AUDITED.has(record.state)) this.o.audit(`decommission-${record.state}`, record.udn, record.id)
    if (isOver(record)) this.o.line.forget(record.udn)
  }

  private freeze(job: Job): void {
    const others = this.o.runner
      .list()
      .filter((one) => one.subject === job.subject && one.id !== job.id && !isEnded(one.state))
    // What can't be ended in the middle comes to its end by itself: its connections close with the revocation.
    for (const { id } of others) this.attempt(job, () => this.o.runner.cancel([id]))
    this.attempt(job, () => this.o.withdraw(job.subject))
  }

  /** Nothing of it may hold up the revocation. */
  private attempt({ id, subject }: Job, work: () => void): void {
    try {
      work()
    } catch (err) {
      this.o.log.error({ job: id, udn: subject, err }, 'a device that leaves could not be freed of its work')
    }
  }

  private toRevoke(udn: string, reason: DecommissionRecord['reason']) {
    return unrevoked(this.o.records, udn).map(({ serialNumber }) => ({
      serialNumber,
      reason: LEAVE_REASONS[reason],
    }))
  }

  private async revoke(
    job: Job,
    record: KeptDecommission,
    signal: AbortSignal,
  ): Promise<DecommissionRecord['revoked']> {
    const { revocations, records, enrollmentEnded, clock } = this.o
    const { udn, idevid, reason } = record
    const ones = this.toRevoke(udn, reason)
    const published = revocations.revoke(ones, signal)
    published.catch(() => undefined)
    // On the disk and honoured by now; the list that says so is the next step's.
    const isDone = ones.every(({ serialNumber }) => revocations.serials().has(normalSerial(serialNumber)))
    if (!isDone) await published
    const row = records.enrollments.byUdn(udn)
    if (row && row.rejectCode !== LEFT) {
      records.enrollments.put({ ...row, state: 'rejected', rejectCode: LEFT, updatedAtMs: clock.now() })
      enrollmentEnded(udn)
    }
    if (job.params.revokeIdevid !== 'true' || idevid === undefined) return this.revokedOf(record)
    const [der] = this.chainOf(record) ?? []
    const serialNumber = der ? readCertificate(der).summary.serialNumber : ''
    revocations.block({ fingerprint: idevid, serialNumber, udn })
    const done = this.revokedOf(record)
    if (done.some(({ kind }) => kind === 'IDevID')) return done
    return [...done, { kind: 'IDevID', serialNumber, atMs: clock.now() }]
  }

  /** All that is revoked of the device and does not stand in an earlier record of it. */
  private revokedOf({ id, udn, revoked }: KeptDecommission): DecommissionRecord['revoked'] {
    const { certificates, revocations } = this.o.records
    const earlier = new Set(
      this.book
        .ofDevice(udn)
        .filter((one) => one.id !== id)
        .flatMap((one) => one.revoked.map(({ serialNumber }) => serialNumber)),
    )
    const ldevids = certificates.ofDevice(udn).flatMap((one) => {
      const serialNumber = normalSerial(one.serialNumber)
      const atMs = revocations.get(one.serialNumber)?.atMs
      const counts = one.kind === 'LDevID' && atMs !== undefined && !earlier.has(serialNumber)
      return counts ? [{ kind: 'LDevID' as const, serialNumber, atMs }] : []
    })
    return [...ldevids, ...revoked.filter(({ kind }) => kind === 'IDevID')]
  }

  /** As it was proven by TLS: now, or when the device enrolled. */
  private chainOf({ udn, idevid }: KeptDecommission): readonly Buffer[] | undefined {
    const seen = this.o.line.identityOf(udn)
    if (seen) return seen
    const pem = idevid && this.o.records.factoryIdentities.get(pairs(idevid))
    return pem ? derBlocks(pem, 'CERTIFICATE') : undefined
  }

  private check(record: KeptDecommission, answer: WipeAnswer) {
    const { udn, nonce, idevid } = record
    const chainDer = this.chainOf(record) ?? []
    const roots = this.o.roots()
    const proven = checkProof({ answer, udn, nonce, idevid, chainDer, roots })
    const proof = { ...answer, chainPem: proven.chainPem, provenAtMs: this.o.clock.now() }
    return { proof, idevid: proven.idevid }
  }

  private follow(jobs: readonly Job[]): void {
    for (const { id, kind, state, error } of jobs) {
      const record = kind === 'decommission' ? this.book.get(id) : undefined
      if (!record || isOver(record) || (state !== 'failed' && state !== 'cancelled')) continue
      const code = state === 'cancelled' ? 'CANCELLED' : (error?.code ?? 'DEFECT')
      if (record.error?.code === code) continue
      this.book.put({ ...record, error: { code, ...(error?.detail ? { detail: error.detail } : {}) } })
      this.o.audit('decommission-stopped', record.udn, code)
    }
  }
}

/** Why the enrolment of a device that left counts no more. */
const LEFT = 'DECOMMISSIONED'
const AUDITED: ReadonlySet<DecommissionState> = new Set(['revoked', 'wiped', 'proven', 'certified', 'closed'])
