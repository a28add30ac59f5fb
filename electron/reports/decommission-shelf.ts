/** The certificates of decommissioning of a site: made one after another, numbered without a gap, a folder each. */
import type { CertificatePart, DecommissionRecord } from '../contract/decommission'
import { wipeStatementSchema } from '../contract/decommission'
import { IotmcError } from '../contract/errors'
import { PRODUCT_VERSION } from '../contract/names'
import { zipBytes } from '../store/zip-write'
import { type CertificateContent, certificateContent, certificateContentSchema } from './decommission-content'
import { sealCertificate } from './decommission-seal'
import { CERTIFICATE_FORM, MANIFEST, manifestHash, readManifest } from './form'
import { ReportFolder } from './report-folder'
import type { ReportSigner } from './seal'
import { isoTime } from './times'

type Made = NonNullable<DecommissionRecord['certificate']>

export interface CertificateShelfOptions {
  readonly folder: string
  readonly now: () => number
  /** The controller's key and chain. */
  readonly signer: () => ReportSigner
  /** The site's anchor, PEM. */
  readonly siteCaPem: () => string
  readonly site: () => CertificateContent['site']
  readonly language: () => 'en' | 'de'
  readonly log: { error(facts: object, text: string): void }
}

export class CertificateShelf {
  private readonly folder: ReportFolder
  /** Made before a crash, and by the records not yet known; by the record's id. */
  private readonly found = new Map<string, Made>()
  private newest: { readonly sequence: number; readonly hash: string } | undefined
  private last: Promise<unknown> = Promise.resolve()

  /** `known`: what the records say was made. */
  constructor(
    private readonly o: CertificateShelfOptions,
    known: readonly Made[],
  ) {
    this.folder = new ReportFolder(o.folder)
    this.folder.clean()
    this.newest = known.reduce<Made | undefined>(
      (best, one) => (best && best.sequence > one.sequence ? best : one),
      undefined,
    )
    this.adopt()
  }

  /** Makes and keeps the certificate of a record with a proof, or gives the one that was made. Errors: FILE_INVALID, PROOF_INVALID. */
  make(record: DecommissionRecord): Promise<Made> {
    const made = this.last.then(() => this.found.get(record.id) ?? this.next(record))
    this.last = made.catch(() => undefined)
    return made
  }

  /** A part as a file to be saved. Errors: FILE_INVALID. */
  async file(made: Made, part: CertificatePart): Promise<{ name: string; data: Uint8Array }> {
    const { sequence, madeAtMs } = made
    const name = `decommissioning-${String(sequence).padStart(4, '0')}-${isoTime(madeAtMs).slice(0, 10)}.${part}`
    if (part !== 'zip') return { name, data: this.folder.read(sequence, `certificate.${part}`) }
    const entries = CERTIFICATE_FORM.files.map((file) => ({
      name: file,
      bytes: this.folder.read(sequence, file),
    }))
    return { name, data: await zipBytes(entries) }
  }

  private async next(record: DecommissionRecord): Promise<Made> {
    const { proof } = record
    if (!proof) throw new IotmcError('PROOF_INVALID', { subject: record.udn, detail: 'there is none' })
    const { now, site, language, signer, siteCaPem } = this.o
    const sequence = (this.newest?.sequence ?? 0) + 1
    const nowMs = now()
    const content = certificateContent({
      sequence,
      previous: this.newest?.hash,
      nowMs,
      program: `IoTMC Technician ${PRODUCT_VERSION}`,
      site: site(),
      language: language(),
      record: { ...record, proof },
      statement: wipeStatementSchema.parse(JSON.parse(proof.statement)),
    })
    const sealed = await sealCertificate(content, { signer: signer(), siteCaPem: siteCaPem() })
    this.folder.put(sequence, sealed)
    const made = { sequence, hash: sealed.hash, madeAtMs: nowMs }
    this.newest = made
    this.found.set(record.id, made)
    return made
  }

  private adopt(): void {
    const known = this.newest?.sequence ?? 0
    for (const sequence of this.folder.sequences().filter((number) => number > known)) {
      try {
        const { id, made } = this.read(sequence)
        this.found.set(id, made)
        this.newest = made
      } catch (cause) {
        // It was never handed out, and must not keep the site from opening.
        this.o.log.error(
          { sequence, err: cause },
          'a certificate in its folder can not be read and is set aside',
        )
        this.folder.setAside(sequence)
      }
    }
  }

  private read(sequence: number): { id: string; made: Made } {
    const bytes = this.folder.read(sequence, MANIFEST)
    const manifest = readManifest(bytes)
    const text = this.folder.read(sequence, CERTIFICATE_FORM.content).toString('utf8')
    const content = certificateContentSchema.parse(JSON.parse(text))
    if (manifest.sequence !== sequence || content.sequence !== sequence)
      throw new IotmcError('REPORT_INVALID', { detail: 'it has another number' })
    const made = { sequence, hash: manifestHash(bytes), madeAtMs: Date.parse(content.madeAt) }
    return { id: content.order.id, made }
  }
}
