/** Certificates as people see them; private keys never appear in any of these shapes. */
import { z } from 'zod'

export const certificateSummarySchema = z.object({
  subject: z.string(),
  issuer: z.string(),
  serialNumber: z.string(),
  /** SHA-256 of the DER, upper-case hex pairs joined by colons. */
  fingerprint: z.string(),
  notBefore: z.string(),
  notAfter: z.string(),
  isCa: z.boolean(),
  udn: z.string().optional(),
  /** Subject attribute serialNumber (2.5.4.5): the device's serial number. */
  deviceSerial: z.string().optional(),
  role: z.string().optional(),
})
export type CertificateSummary = z.infer<typeof certificateSummarySchema>

export const trustRootSchema = certificateSummarySchema.extend({
  name: z.string(),
  addedAtMs: z.number(),
  practice: z.boolean(),
})
export type TrustRoot = z.infer<typeof trustRootSchema>

/** Root first, device last, as drawn. `trusted` false says why in `code`. */
export const identityCheckSchema = z.object({
  udn: z.string(),
  trusted: z.boolean(),
  code: z.string().optional(),
  detail: z.string().optional(),
  kind: z.enum(['IDevID', 'LDevID']).optional(),
  chain: z.array(certificateSummarySchema),
  phase: z.string().optional(),
  checkedAtMs: z.number(),
})
export type IdentityCheck = z.infer<typeof identityCheckSchema>
