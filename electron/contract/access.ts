/** Who may do what in this program, and the record of who did it. No secret in any shape but a request. */
import { z } from 'zod'

/** Each contains the one before. viewer looks; technician works on devices; supervisor sets rules, people and trust. */
export const ACCOUNT_ROLES = ['viewer', 'technician', 'supervisor'] as const
export type AccountRole = (typeof ACCOUNT_ROLES)[number]
export const accountNameSchema = z.string().trim().min(1).max(40)
export const accountSchema = z.object({ name: accountNameSchema, role: z.enum(ACCOUNT_ROLES) })
export type Account = z.infer<typeof accountSchema>
/** A PIN of 6 to 12 digits, or a passphrase of at least 8 characters. */
export const accountSecretSchema = z
  .string()
  .max(256)
  .refine(
    (text) => /^\d{6,12}$/.test(text) || (text.length >= 8 && !/^\d+$/.test(text)),
    'a PIN of 6 to 12 digits or a passphrase',
  )

export const accountsViewSchema = z.object({
  accounts: z.array(accountSchema),
  signedIn: accountSchema.optional(),
  /** Seconds until another try is taken; 0 = now. */
  waitS: z.number(),
  /** Signed out after so many minutes without a key or a click; 0 = never. */
  idleMinutes: z.number().int().min(0).max(480),
})
export type AccountsView = z.infer<typeof accountsViewSchema>

/** Whether `role` contains `needed`. */
export const roleSuffices = (role: AccountRole, needed: AccountRole): boolean =>
  ACCOUNT_ROLES.indexOf(role) >= ACCOUNT_ROLES.indexOf(needed)

export const auditLineSchema = z.object({
  id: z.number().int(),
  atMs: z.number(),
  actor: z.string(),
  role: z.string().optional(),
  action: z.string(),
  subject: z.string().optional(),
  detail: z.string().optional(),
  /** SHA-256 in hex over this line and the hash of the one before; absent on lines older than the chain. */
  hash: z.string().optional(),
})
export type AuditLine = z.infer<typeof auditLineSchema>

export const auditQuerySchema = z.object({
  beforeId: z.number().int().optional(),
  limit: z.number().int().min(1).max(500),
  actor: z.string().max(63).optional(),
  subject: z.string().max(64).optional(),
  action: z.string().max(64).optional(),
})
export type AuditQuery = z.infer<typeof auditQuerySchema>
export const auditPageSchema = z.object({ lines: z.array(auditLineSchema), more: z.boolean() })
export type AuditPage = z.infer<typeof auditPageSchema>
/** `firstWrong` is the id of the first line that does not fit. */
export const auditCheckSchema = z.object({
  ok: z.boolean(),
  lines: z.number().int(),
  head: z.string().optional(),
  firstWrong: z.number().int().optional(),
  reason: z.enum(['changed', 'missing', 'head-missing']).optional(),
})
export type AuditCheck = z.infer<typeof auditCheckSchema>
