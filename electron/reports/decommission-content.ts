/** What a certificate of decommissioning says: everything that is needed to check the device's proof without this program. */
import { z } from 'zod'
import {
  type DecommissionRecord,
  LEAVE_REASON_NAMES,
  type WipeStatement,
  wipeStatementSchema,
} from '../contract/decommission'
import { udnSchema } from '../contract/device'
import { isoTime } from './times'

/** `certificate.json`. Times are UTC in ISO form. */
export const certificateContentSchema = z.object({
  format: z.literal(1),
  kind: z.literal('decommissioning'),
  sequence: z.number().int().min(1),
  /** SHA-256 (hex) of the manifest of the certificate before; absent in the first. */
  previous: z.string().optional(),
  madeAt: z.string(),
  program: z.string(),
  site: z.object({
    name: z.string(),
    controllerUdn: z.string(),
    authority: z.string(),
    authorityFingerprint: z.string(),
  }),
  language: z.enum(['en', 'de']),
  device: z.object({
    udn: udnSchema,
    name: z.string(),
    model: z.string(),
    serialNumber: z.string(),
    place: z.string().optional(),
  }),
  order: z.object({
    /** Of the record at the site. */
    id: z.string(),
    at: z.string(),
    by: z.string(),
    reason: z.enum(LEAVE_REASON_NAMES),
    note: z.string(),
    nonce: z.string(),
  }),
  revoked: z.array(
    z.object({ kind: z.enum(['LDevID', 'IDevID']), serialNumber: z.string(), at: z.string() }),
  ),
  crlNumber: z.number().optional(),
  /** The statement's text as it was signed; `items` and `wipes` are read from it. */
  proof: z.object({
    statement: z.string(),
    /** ECDSA with SHA-256 over the bytes of `statement`; DER, base64. */
    signature: z.string(),
    /** The device's factory certificate first, then what stands above it. */
    chainPem: z.string(),
    /** SHA-256 of the factory certificate, hex. */
    idevid: z.string(),
    provenAt: z.string(),
  }),
  wiped: z.object({ wipes: z.number().int(), items: wipeStatementSchema.shape.items }),
})
export type CertificateContent = z.infer<typeof certificateContentSchema>

export interface CertificateFacts {
  readonly sequence: number
  readonly previous?: string | undefined
  readonly nowMs: number
  /** Name and version of this program. */
  readonly program: string
  readonly site: CertificateContent['site']
  readonly language: 'en' | 'de'
  readonly record: DecommissionRecord & { readonly proof: NonNullable<DecommissionRecord['proof']> }
  /** What the record's proof states. */
  readonly statement: WipeStatement
}

export const certificateContent = (facts: CertificateFacts): CertificateContent => {
  const { record, statement, sequence, previous, nowMs, program, site, language } = facts
  const { proof, place } = record
  return {
    format: 1,
    kind: 'decommissioning',
    sequence,
    ...(previous === undefined ? {} : { previous }),
    madeAt: isoTime(nowMs),
    program,
    site,
    language,
    device: {
      udn: record.udn,
      name: record.name,
      model: statement.model,
      serialNumber: statement.serialNumber,
      ...(place ? { place } : {}),
    },
    order: {
      id: record.id,
      at: isoTime(record.orderedAtMs),
      by: record.orderedBy,
      reason: record.reason,
      note: record.note,
      nonce: record.nonce,
    },
    revoked: record.revoked.map(({ kind, serialNumber, atMs }) => ({
      kind,
      serialNumber,
      at: isoTime(atMs),
    })),
    ...(record.crlNumber === undefined ? {} : { crlNumber: record.crlNumber }),
    proof: {
      statement: proof.statement,
      signature: proof.signature,
      chainPem: proof.chainPem,
      idevid: record.idevid ?? '',
      provenAt: isoTime(proof.provenAtMs),
    },
    wiped: { wipes: statement.wipes, items: statement.items },
  }
}
