/** Enrollment:1 as the controller serves it (docs/protocol.md §5): every action gives the same answer when repeated. */
import { createHash } from 'node:crypto'
import {
  type Enrollment,
  type EnrollmentPolicy,
  type ExpectedDevice,
  REVOKED_BY_HAND,
} from '../contract/enrollment'
import { type ErrorCode, IotmcError } from '../contract/errors'
import { ENROLLMENT_TIMINGS } from '../contract/timings'
import type { CheckedRequest } from '../identity/request'
import { checkRequest } from '../identity/request'
import type { TrustStore } from '../identity/trust'
import { type Applicant, decide, type Standing } from './policy'

/** Rows of enrolments, and certificates that are signed once for one request whatever happens in between. */
export interface EnrollmentStore {
  byId(enrollmentId: string): Enrollment | undefined
  /** The newest enrolment of a device. */
  byUdn(udn: string): Enrollment | undefined
  /** Writes a row that exists. */
  put(row: Enrollment): void
  /** Makes the row of a new request; it takes the place of an older one of the same identity, whose chain (DER) is kept. */
  begin(row: Enrollment, request: CheckedRequest, chainDer: readonly Buffer[]): void
  /** UDN of the device that this public key was certified for, if any. */
  keyHolder(publicKeySha256: string): string | undefined
  /** DER of the request a row came with. */
  request(enrollmentId: string): Buffer | undefined
  /** Signs at most once per request; afterwards gives the kept certificate. */
  certificateFor(
    request: CheckedRequest,
    subject: { udn: string; serialNumber: string; model: string },
  ): Promise<{ chainPem: string; serialNumber: string; notAfter: string }>
}

export interface EnrollmentSite {
  readonly trust: TrustStore
  readonly store: EnrollmentStore
  now(): number
  policy(): EnrollmentPolicy
  expected(): readonly ExpectedDevice[]
  /** What a person has said about a device in the job that commissions it. */
  verdict(udn: string): Standing['verdict']
  groupVersion(group: string): number | undefined
  /** Why a device is not taken in whoever vouches for it: it leaves, or has left. */
  refuses?(udn: string, identityFingerprint: string): ErrorCode | undefined
  /** One line for the audit; no secrets in it. */
  audit(action: string, subject: string, detail: string): void
}

/** Who calls: what TLS has proven. */
export interface Caller {
  readonly chainDer: readonly Buffer[]
}

export interface EnrollRequest extends Pick<Applicant, 'udn' | 'model'> {
  readonly hardwareRevision: string
  readonly firmwareVersion: string
  /** Base64 of the DER. */
  readonly certificateRequest: string
}

export interface EnrollAnswer {
  readonly enrollmentId: string
  readonly status: 'Approved' | 'Pending' | 'Rejected'
  readonly retryAfterS: number
}

const sha256 = (...parts: readonly (string | Buffer)[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

/** The service. Holds no state but listeners: what it knows is in the store before it answers. */
export class EnrollmentService {
  private readonly listeners = new Set<(udn: string) => void>()
  constructor(private readonly site: EnrollmentSite) {}

  /** Called after each change of a row. */
  onChange(listener: (udn: string) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Errors: IDENTITY_*, UDN_MISMATCH, DECOMMISSIONED, REQUEST_INVALID, KEY_REUSED. */
  async enroll(request: EnrollRequest, caller: Caller): Promise<EnrollAnswer> {
    const { store, trust } = this.site
    const verdict = trust.judge(caller.chainDer, { udn: request.udn, kind: 'IDevID' })
    if (!verdict.ok)
      throw new IotmcError(verdict.code, { subject: request.udn, detail: verdict.detail ?? '' })
    const serialNumber = verdict.deviceSerial ?? ''
    const identityFingerprint = verdict.chain.at(-1)?.fingerprint ?? ''
    this.requireWelcome({ udn: request.udn, identityFingerprint })
    const checked = await checkRequest(request.certificateRequest, { udn: request.udn, serialNumber })
    const holder = store.keyHolder(checked.publicKeySha256)
    if (holder && holder !== request.udn) {
      throw new IotmcError('KEY_REUSED', { subject: request.udn, detail: `the key of ${holder}` })
    }
    const enrollmentId = sha256(identityFingerprint, checked.der).slice(0, 32)
    const known = store.byId(enrollmentId)
    const row: Enrollment = known ?? {
      enrollmentId,
      udn: request.udn,
      model: request.model,
      hardwareRevision: request.hardwareRevision,
      firmwareVersion: request.firmwareVersion,
      serialNumber,
      identityFingerprint,
      state: 'pending',
      requestedAtMs: this.site.now(),
      updatedAtMs: this.site.now(),
      // A new request changes nothing about that.
      ...(isRevoked(store.byUdn(request.udn)) ? { rejectCode: REVOKED_BY_HAND } : {}),
    }
    if (!known) {
      // Reading the request takes its time: who was ordered out meanwhile stays out.
      this.requireWelcome(row)
      store.begin(row, checked, caller.chainDer)
      this.tell(row.udn)
      this.site.audit('enroll-requested', row.udn, `${row.model} ${serialNumber}`)
    }
    return answerOf(this.settle(row))
  }

  /** Why a factory identity gets nothing from this site but an answer to its asking to be let in. */
  notWelcome(udn: string, identityFingerprint: string): ErrorCode | undefined {
    const refused = this.site.refuses?.(udn, identityFingerprint)
    return refused ?? (isRevoked(this.site.store.byUdn(udn)) ? REVOKED_BY_HAND : undefined)
  }

  /** Decides again what is still open; called when policy, expected list or a person's word has changed. */
  reconsider(udn: string): void {
    const row = this.site.store.byUdn(udn)
    if (row) this.settle(row)
  }

  /**
   * A rejected device may be approved after all: its row waits again. Nothing for one that is not taken in whoever vouches for
   * it; one whose certificate a person revoked waits for a person whatever the policy is.
   */
  reopen(udn: string): void {
    const row = this.site.store.byUdn(udn)
    if (row?.state !== 'rejected') return
    const refused = this.site.refuses?.(udn, row.identityFingerprint)
    if (refused) {
      this.site.audit('enrollment-not-reopened', udn, refused)
      return
    }
    this.save({ ...row, state: 'pending', rejectCode: isRevoked(row) ? REVOKED_BY_HAND : undefined })
  }

  /** Errors: DEVICE_UNKNOWN, UDN_MISMATCH, PENDING, REJECTED. */
  async result(
    enrollmentId: string,
    caller: Caller,
  ): Promise<{ chainPem: string; group: string; configurationVersion: number }> {
    const row = this.settle(this.owned(enrollmentId, caller))
    if (row.state === 'rejected') throw new IotmcError('REJECTED', { subject: row.udn })
    if (row.state === 'pending') throw new IotmcError('PENDING', { subject: row.udn })
    const der = this.site.store.request(enrollmentId)
    if (!der)
      throw new IotmcError('DATA_DAMAGED', { subject: row.udn, detail: 'the certificate request is missing' })
    const checked = await checkRequest(der, { udn: row.udn, serialNumber: row.serialNumber })
    const certificate = await this.site.store.certificateFor(checked, row)
    // Signing takes its time: who was revoked meanwhile gets nothing.
    this.owned(enrollmentId, caller)
    const current = this.site.store.byId(enrollmentId) ?? row
    if (current.state === 'rejected') throw new IotmcError('REJECTED', { subject: row.udn })
    const configurationVersion = current.configurationVersion ?? this.site.groupVersion(row.group ?? '') ?? 0
    if (current.state === 'approved') {
      const { serialNumber: ldevidSerial, notAfter: ldevidNotAfter } = certificate
      this.save({ ...current, state: 'issued', ldevidSerial, ldevidNotAfter, configurationVersion })
      this.site.audit('certificate-issued', row.udn, ldevidSerial)
    }
    return { chainPem: certificate.chainPem, group: row.group ?? '', configurationVersion }
  }

  /** The version that a device has to confirm, set before it is pushed. */
  expectVersion(udn: string, configurationVersion: number): void {
    const row = this.site.store.byUdn(udn)
    if (row && row.configurationVersion !== configurationVersion) this.save({ ...row, configurationVersion })
  }

  /** Errors: DEVICE_UNKNOWN, UDN_MISMATCH, PENDING while the version is another one. */
  confirm(enrollmentId: string, configurationVersion: number, caller: Caller): boolean {
    const row = this.owned(enrollmentId, caller)
    if (row.state === 'confirmed') return true
    if (row.state !== 'issued' || row.configurationVersion !== configurationVersion) {
      throw new IotmcError('PENDING', {
        subject: row.udn,
        detail: `version ${row.configurationVersion ?? 0} is expected`,
      })
    }
    this.save({ ...row, state: 'confirmed' })
    this.site.audit('enrollment-confirmed', row.udn, `version ${configurationVersion}`)
    return true
  }

  /** A new LDevID for an enrolled device; same request, same certificate. Errors: IDENTITY_*, REQUEST_INVALID, REJECTED. */
  async renew(certificateRequest: string, caller: Caller): Promise<{ chainPem: string }> {
    const verdict = this.site.trust.judge(caller.chainDer, { kind: 'LDevID' })
    if (!verdict.ok) throw new IotmcError(verdict.code, { detail: verdict.detail ?? '' })
    const row = verdict.udn ? this.site.store.byUdn(verdict.udn) : undefined
    if (row?.state !== 'confirmed') throw new IotmcError('REJECTED', { subject: verdict.udn ?? '' })
    this.requireWelcome(row)
    const { udn, serialNumber } = row
    const checked = await checkRequest(certificateRequest, { udn, serialNumber })
    const holder = this.site.store.keyHolder(checked.publicKeySha256)
    if (holder && holder !== udn) throw new IotmcError('KEY_REUSED', { subject: udn })
    const certificate = await this.site.store.certificateFor(checked, row)
    // Signing takes its time: who was revoked meanwhile gets nothing, and the new certificate is not its.
    const still = this.site.trust.judge(caller.chainDer, { udn, kind: 'LDevID' })
    if (!still.ok) throw new IotmcError(still.code, { subject: udn, detail: still.detail })
    this.requireWelcome(row)
    if (row.ldevidSerial !== certificate.serialNumber) {
      const { serialNumber: ldevidSerial, notAfter: ldevidNotAfter } = certificate
      this.save({ ...row, ldevidSerial, ldevidNotAfter })
      this.site.audit('certificate-renewed', udn, ldevidSerial)
    }
    return { chainPem: certificate.chainPem }
  }

  private settle(row: Enrollment): Enrollment {
    if (row.state !== 'pending') return row
    const { site } = this
    const policy = site.policy()
    const decision = decide(row, {
      policy: isRevoked(row) ? { ...policy, mode: 'manual' } : policy,
      expected: site.expected(),
      verdict: site.verdict(row.udn),
    })
    if (decision.status === 'Pending') return row
    if (decision.status === 'Rejected') {
      site.audit('enrollment-rejected', row.udn, row.serialNumber)
      return this.save({
        ...row,
        state: 'rejected',
        rejectCode: isRevoked(row) ? REVOKED_BY_HAND : 'REJECTED',
      })
    }
    site.audit('enrollment-approved', row.udn, `${decision.because}: ${decision.group}`)
    return this.save({ ...row, state: 'approved', group: decision.group, rejectCode: undefined })
  }

  private owned(enrollmentId: string, caller: Caller): Enrollment {
    const row = this.site.store.byId(enrollmentId)
    if (!row) throw new IotmcError('DEVICE_UNKNOWN', { subject: enrollmentId.slice(0, 32) })
    const verdict = this.site.trust.judge(caller.chainDer, { udn: row.udn })
    if (!verdict.ok) throw new IotmcError(verdict.code, { subject: row.udn, detail: verdict.detail ?? '' })
    this.requireWelcome(row)
    return row
  }

  private requireWelcome({
    udn,
    identityFingerprint,
  }: Pick<Enrollment, 'udn' | 'identityFingerprint'>): void {
    const code = this.site.refuses?.(udn, identityFingerprint)
    if (code) throw new IotmcError(code, { subject: udn })
  }

  private save(row: Enrollment): Enrollment {
    const saved = { ...row, updatedAtMs: this.site.now() }
    this.site.store.put(saved)
    this.tell(saved.udn)
    return saved
  }

  private tell(udn: string): void {
    for (const listener of this.listeners) listener(udn)
  }
}

const isRevoked = (row: Enrollment | undefined): boolean => row?.rejectCode === REVOKED_BY_HAND

const answerOf = (row: Enrollment): EnrollAnswer => {
  const { enrollmentId } = row
  if (row.state === 'rejected') return { enrollmentId, status: 'Rejected', retryAfterS: 0 }
  if (row.state === 'pending') {
    return { enrollmentId, status: 'Pending', retryAfterS: ENROLLMENT_TIMINGS.retryAfterS }
  }
  return { enrollmentId, status: 'Approved', retryAfterS: 0 }
}
