import type { Extension, RelativeDistinguishedNames } from 'pkijs'
import { IotmcError } from '../contract/errors'
import { REPORT_SIGNER_URI, ROLE_URI_PREFIX, type Role } from '../contract/names'
import { toArrayBuffer } from './asn1'
import { checkAuthorityChain, readAuthority, type StoredAuthority } from './authority-file'
import type { CertificateFacts } from './certificate'
import { type Revocation, signCrl } from './crl'
import {
  authorityKeyIdentifier,
  caConstraints,
  clientAndServer,
  codeSigning,
  KEY_USAGE,
  keyIdentifier,
  keyUsage,
  subjectAltName,
  subjectKeyIdentifier,
} from './extensions'
import { type CertificateBody, newSerial, reservedSerial, signCertificate } from './issue'
import { curveOf, generateKeyPem, keySigner, readPublicKey, type Signer } from './keys'
import { deviceSubject, encodedName, simpleSubject, udnToUri } from './names'
import { OID } from './oids'
import { fingerprintOf, toPem } from './pem'
import { quotaExtension } from './quota'
import type { AuthorityRequest, CheckedRequest } from './request'
import { normalSerial } from './serial-number'
import type { Vault } from './vault'

const DAY_MS = 24 * 3600_000
/** A device whose clock is a little late must not find its new certificate "not yet valid". */
const CLOCK_SKEW_MS = 5 * 60_000
const NO_EXPIRY_MS = Date.UTC(9999, 11, 31, 23, 59, 59)

export interface NewAuthority {
  readonly commonName: string
  readonly years: number
  readonly pathLen: number
  readonly now?: Date
}

export interface IssuedCertificate {
  readonly pem: string
  /** Leaf first, then the issuing CA and what stands above it, without a self-signed root. */
  readonly chainPem: string
  /** Upper-case hex. */
  readonly serialNumber: string
  /** ISO 8601. */
  readonly notAfter: string
  readonly fingerprint: string
}

interface DeviceRequest {
  readonly csr: CheckedRequest
  readonly udn: string
  readonly serialNumber: string
  readonly model: string
  readonly now: Date
  /** Serial number of the certificate (hex) where it was reserved before signing; random otherwise. */
  readonly certificateSerial?: string
}

/** A certificate authority: a CA certificate, what stands above it, and a signer for its key. */
export class Authority {
  readonly certificatePem: string
  /** The CA certificate first, then its issuers as far as known. */
  readonly chainPem: string
  readonly #ca: CertificateFacts
  readonly #above: string
  readonly #name: RelativeDistinguishedNames
  readonly #keyId: Buffer
  readonly #signer: Signer
  /** What every certificate of this authority has in common, built once. */
  readonly #leafExtensions: readonly Extension[]

  private constructor(chain: readonly CertificateFacts[], signer: Signer) {
    const [ca] = chain
    if (!ca) throw new IotmcError('CERTIFICATE_INVALID', { detail: 'no CA certificate' })
    const pems = chain.map(({ der }) => toPem('CERTIFICATE', der))
    this.#ca = ca
    this.#signer = signer
    this.certificatePem = pems[0] ?? ''
    this.chainPem = pems.join('')
    this.#above = pems.filter((_, i) => !isSelfIssued(chain[i])).join('')
    this.#name = encodedName(toArrayBuffer(ca.subjectDer))
    this.#keyId = ca.subjectKeyId ? Buffer.from(ca.subjectKeyId, 'hex') : keyIdentifier(ca.publicKeySpki)
    this.#leafExtensions = [
      keyUsage(KEY_USAGE.digitalSignature | KEY_USAGE.keyAgreement),
      clientAndServer(),
      authorityKeyIdentifier(this.#keyId),
    ]
  }

  /** Makes a new self-signed authority and keeps it in the vault under `name`. Throws REQUEST_REFUSED if it exists. */
  static async create(vault: Vault, name: string, o: NewAuthority): Promise<Authority> {
    const keyPem = generateKeyPem()
    const signer = keySigner(keyPem)
    const nowMs = (o.now ?? new Date()).getTime()
    const keyId = keyIdentifier(signer.publicKeySpki)
    const subject = simpleSubject(o.commonName)
    const der = await signCertificate(
      {
        serial: newSerial(),
        issuer: subject,
        subject,
        publicKeySpki: signer.publicKeySpki,
        notBeforeMs: nowMs - DAY_MS,
        notAfterMs: addYears(nowMs, o.years),
        extensions: [
          caConstraints(o.pathLen),
          keyUsage(KEY_USAGE.keyCertSign | KEY_USAGE.cRLSign),
          subjectKeyIdentifier(keyId),
          authorityKeyIdentifier(keyId),
        ],
      },
      signer,
    )
    return Authority.#keep(vault, name, { keyPem, chainPem: toPem('CERTIFICATE', der) })
  }

  /** The authority kept under `name`, or undefined. Throws DATA_DAMAGED. */
  static async open(vault: Vault, name: string): Promise<Authority | undefined> {
    const secret = vault.get(secretName(name))
    if (!secret) return undefined
    const { keyPem, chainPem } = readAuthority(secret)
    return new Authority(checkAuthorityChain(chainPem, keyPem), keySigner(keyPem))
  }

  /** Keeps an authority made elsewhere (CA first). Throws CERTIFICATE_INVALID, REQUEST_REFUSED if `name` is another. */
  static async import(vault: Vault, name: string, material: StoredAuthority): Promise<Authority> {
    return Authority.#keep(vault, name, material)
  }

  /** An authority whose key stays outside (PKCS#11). Throws CERTIFICATE_INVALID if the signer has another key. */
  static withSigner(signer: Signer, chainPem: string): Authority {
    return new Authority(checkAuthorityChain(chainPem, signer.publicKeySpki), signer)
  }

  static async #keep(vault: Vault, name: string, { keyPem, chainPem }: StoredAuthority): Promise<Authority> {
    const authority = new Authority(checkAuthorityChain(chainPem, keyPem), keySigner(keyPem))
    const kept = await Authority.open(vault, name)
    // The same again is no error: a first run that was cut short is repeated.
    if (kept?.chainPem === authority.chainPem) return kept
    if (kept)
      throw new IotmcError('REQUEST_REFUSED', { subject: name, detail: 'this authority exists already' })
    // Key and chain in one secret: a crash can not leave one without the other.
    vault.put(
      secretName(name),
      Buffer.from(JSON.stringify({ version: 1, keyPem, chainPem: authority.chainPem })),
    )
    return authority
  }

  /** A site certificate for a device (LDevID, docs/protocol.md §3). Only the request's key is used, never its wishes. */
  issueLdevid(req: DeviceRequest & { readonly validityDays: number }): Promise<IssuedCertificate> {
    return this.#issue({
      subject: deviceSubject(req.model, req.serialNumber),
      publicKeySpki: req.csr.publicKeySpki,
      uris: [udnToUri(req.udn)],
      now: req.now,
      notAfterMs: req.now.getTime() + req.validityDays * DAY_MS,
      serial: req.certificateSerial,
    })
  }

  /** A factory certificate for a device (IDevID, 802.1AR): no expiry, hardwareModuleName. */
  issueIdevid(req: DeviceRequest & { readonly hardwareType?: string }): Promise<IssuedCertificate> {
    return this.#issue({
      subject: deviceSubject(req.model, req.serialNumber),
      publicKeySpki: req.csr.publicKeySpki,
      uris: [udnToUri(req.udn)],
      hardware: { type: req.hardwareType ?? OID.practiceHardware, serial: req.serialNumber },
      now: req.now,
      notAfterMs: NO_EXPIRY_MS,
      serial: req.certificateSerial,
    })
  }

  /** A certificate for a controller or another client of the site, with its role (default: as long as the CA lives). */
  async issueController(req: {
    readonly publicKeySpki: Buffer
    readonly udn: string
    readonly role: Exclude<Role, 'Public'>
    readonly name: string
    readonly now: Date
    readonly validityDays?: number
    /** For the controller of the site itself; never for other programs. */
    readonly signsReports?: boolean
    /** Serial number (hex) where it was reserved before signing; random otherwise. */
    readonly certificateSerial?: string
  }): Promise<IssuedCertificate> {
    // Device keys were checked with their request (CheckedRequest); this one comes bare.
    if (curveOf(req.publicKeySpki) !== 'P-256')
      throw new IotmcError('REQUEST_INVALID', { detail: 'the key is not P-256' })
    readPublicKey(req.publicKeySpki)
    return this.#issue({
      subject: simpleSubject(req.name),
      publicKeySpki: req.publicKeySpki,
      uris: [
        udnToUri(req.udn),
        `${ROLE_URI_PREFIX}${req.role}`,
        ...(req.signsReports ? [REPORT_SIGNER_URI] : []),
      ],
      now: req.now,
      notAfterMs: req.validityDays === undefined ? Infinity : req.now.getTime() + req.validityDays * DAY_MS,
      serial: req.certificateSerial,
    })
  }

  /** A certificate that signs firmware and does nothing else; it has no UDN. */
  async issueFirmwareSigner(req: {
    readonly publicKeySpki: Buffer
    readonly name: string
    readonly now: Date
    readonly validityDays: number
  }): Promise<IssuedCertificate> {
    const nowMs = this.#checkedNow(req.now)
    readPublicKey(req.publicKeySpki)
    return this.#sign({
      serial: newSerial(),
      issuer: this.#name,
      subject: simpleSubject(req.name),
      publicKeySpki: req.publicKeySpki,
      notBeforeMs: Math.max(nowMs - CLOCK_SKEW_MS, this.#ca.notBeforeMs),
      notAfterMs: Math.min(nowMs + req.validityDays * DAY_MS, this.#ca.notAfterMs),
      extensions: [
        keyUsage(KEY_USAGE.digitalSignature),
        codeSigning(),
        authorityKeyIdentifier(this.#keyId),
        subjectKeyIdentifier(keyIdentifier(req.publicKeySpki)),
      ],
    })
  }

  /**
   * An authority below this one that issues to devices only (path length 0), for the key of a checked request. `quota`
   * is how many certificates it may issue; both stand in the certificate. It never outlives this authority.
   */
  async issueAuthority(req: {
    readonly csr: AuthorityRequest
    readonly days: number
    readonly quota?: number | undefined
    readonly now: Date
  }): Promise<IssuedCertificate> {
    const nowMs = this.#checkedNow(req.now)
    if (this.#ca.pathLen === 0)
      throw new IotmcError('REQUEST_REFUSED', { detail: 'this authority may have no authority below it' })
    const { publicKeySpki, commonName } = req.csr
    return this.#sign({
      serial: newSerial(),
      issuer: this.#name,
      subject: simpleSubject(commonName),
      publicKeySpki,
      notBeforeMs: Math.max(nowMs - CLOCK_SKEW_MS, this.#ca.notBeforeMs),
      notAfterMs: Math.min(nowMs + req.days * DAY_MS, this.#ca.notAfterMs),
      extensions: [
        caConstraints(0),
        // Beside certificates and lists it signs statements of its own.
        keyUsage(KEY_USAGE.keyCertSign | KEY_USAGE.cRLSign | KEY_USAGE.digitalSignature),
        subjectKeyIdentifier(keyIdentifier(publicKeySpki)),
        authorityKeyIdentifier(this.#keyId),
        ...(req.quota === undefined ? [] : [quotaExtension(req.quota)]),
      ],
    })
  }

  /** The signed list of everything revoked so far; PEM. `number` as in signCrl. */
  issueCrl(revoked: readonly Revocation[], now: Date, number?: number): Promise<string> {
    return signCrl({ issuer: this.#name, issuerKeyId: this.#keyId, revoked, now, number }, this.#signer)
  }

  async #issue(o: {
    subject: RelativeDistinguishedNames
    publicKeySpki: Buffer
    uris: string[]
    hardware?: { type: string; serial: string }
    now: Date
    notAfterMs: number
    serial?: string | undefined
  }): Promise<IssuedCertificate> {
    const ca = this.#ca
    const nowMs = this.#checkedNow(o.now)
    // An IDevID outlives its authority by design (802.1AR); all else ends with it.
    const notAfterMs = o.hardware ? o.notAfterMs : Math.min(o.notAfterMs, ca.notAfterMs)
    return this.#sign({
      serial: o.serial === undefined ? newSerial() : reservedSerial(o.serial),
      issuer: this.#name,
      subject: o.subject,
      publicKeySpki: o.publicKeySpki,
      notBeforeMs: Math.max(nowMs - CLOCK_SKEW_MS, ca.notBeforeMs),
      notAfterMs,
      extensions: [
        ...this.#leafExtensions,
        subjectKeyIdentifier(keyIdentifier(o.publicKeySpki)),
        subjectAltName(o.uris, o.hardware),
      ],
    })
  }

  #checkedNow(now: Date): number {
    const { notBeforeMs, notAfterMs, summary } = this.#ca
    const nowMs = now.getTime()
    if (nowMs < notBeforeMs || nowMs > notAfterMs)
      throw new IotmcError('IDENTITY_EXPIRED', {
        subject: summary.subject,
        detail: 'the authority is not valid now',
      })
    return nowMs
  }

  async #sign(body: CertificateBody): Promise<IssuedCertificate> {
    const der = await signCertificate(body, this.#signer)
    const pem = toPem('CERTIFICATE', der)
    return {
      pem,
      chainPem: pem + this.#above,
      serialNumber: normalSerial(body.serial.toString('hex')),
      notAfter: new Date(body.notAfterMs - (body.notAfterMs % 1000)).toISOString(),
      fingerprint: fingerprintOf(der),
    }
  }
}

const secretName = (name: string): string => `authority-${name}`

const isSelfIssued = (facts: CertificateFacts | undefined): boolean =>
  facts?.subjectDer.equals(facts.issuerDer) ?? false

const addYears = (ms: number, years: number): number => {
  const date = new Date(ms)
  date.setUTCFullYear(date.getUTCFullYear() + years)
  return date.getTime()
}
