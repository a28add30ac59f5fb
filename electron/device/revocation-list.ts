/**
 * The site's list of revoked certificates as a device keeps it: only what its anchor has signed, and never an older list
 * than it has had (docs/protocol.md §3).
 */
import { join } from 'node:path'
import { IotmcError } from '../contract/errors'
import { readCertificate } from '../identity/certificate'
import { type CrlFacts, readCrl } from '../identity/crl'
import { derBlocks, toPem } from '../identity/pem'
import { readFileBounded, writeFileAtomic } from './atomic-file'
import type { DeviceLog } from './log'

export const REVOCATION_FILE = 'site-crl.pem'
/** Of the list as it travels. */
export const REVOCATION_MAX_BYTES = 4 * 1024 * 1024
const LABEL = 'X509 CRL'
const NOBODY: ReadonlySet<string> = new Set()

/** A list that may be used, with its number. */
type Checked = CrlFacts & { readonly number: number }

export interface RevocationTools {
  readonly folder: string
  /** The site's authority, which must have signed; undefined = there is no site, and so no list. */
  readonly anchor: () => string | undefined
  readonly log: DeviceLog
}

/** A list as it came. FILE_INVALID (no list, no number), SIGNATURE_INVALID (not signed by this anchor). */
const check = (der: Buffer, anchorPem: string): Checked => {
  const list = readCrl(der)
  const { number } = list
  if (number === undefined) throw new IotmcError('FILE_INVALID', { detail: 'a list without a CRLNumber' })
  const anchor = readCertificate(anchorPem)
  if (!list.issuerDer.equals(anchor.subjectDer) || !list.signedBy(anchor))
    throw new IotmcError('SIGNATURE_INVALID', { detail: 'the list is not signed by the site' })
  return { ...list, number }
}

export class RevocationList {
  #kept: { readonly anchorPem: string; readonly list: Checked } | undefined

  /** A file that can't be used is as good as none: the list is fetched again. */
  constructor(private readonly tools: RevocationTools) {
    const anchorPem = tools.anchor()
    if (anchorPem === undefined) return
    try {
      const text = readFileBounded(this.path, 2 * REVOCATION_MAX_BYTES)
      const [der] = text === undefined ? [] : derBlocks(text, LABEL)
      if (der) this.#kept = { anchorPem, list: check(der, anchorPem) }
    } catch {
      tools.log('revocation-list-damaged')
    }
  }

  /** CRLNumber of the list in force; undefined without one. */
  get number(): number | undefined {
    return this.current?.number
  }

  /** Serial numbers, in normal form, of certificates that the site has revoked. */
  get serials(): ReadonlySet<string> {
    return this.current?.serials ?? NOBODY
  }

  /**
   * Takes a list (DER) when it is a later one; true when it is in force now and was not before. A list that is older than
   * the one in force is not taken, nor is an error. Errors: FILE_INVALID, SIGNATURE_INVALID, ACTION_FAILED.
   */
  take(der: Buffer): boolean {
    const { log, anchor } = this.tools
    const anchorPem = anchor()
    if (anchorPem === undefined) return false
    const list = check(der, anchorPem)
    const { number } = this
    if (number !== undefined && list.number <= number) {
      if (list.number < number) log('revocation-list-older', { number: list.number, kept: number })
      return false
    }
    writeFileAtomic(this.path, toPem(LABEL, der))
    this.#kept = { anchorPem, list }
    log('revocation-list', { number: list.number, entries: list.serials.size })
    return true
  }

  /** Another site, or none: what the last one has revoked says nothing. */
  private get current(): Checked | undefined {
    const kept = this.#kept
    return kept && kept.anchorPem === this.tools.anchor() ? kept.list : undefined
  }

  private get path(): string {
    return join(this.tools.folder, REVOCATION_FILE)
  }
}
