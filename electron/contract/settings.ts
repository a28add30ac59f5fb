/** Settings of this laptop (electron-store) and their defaults. */
import { z } from 'zod'
import { policySchema } from './enrollment'

export const settingsSchema = z.object({
  technician: z.string().max(63).default(''),
  siteName: z.string().max(63).default(''),
  setupDone: z.boolean().default(false),
  language: z.enum(['system', 'en', 'de']).default('system'),
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** Names of chosen interfaces; empty = all but loopback. */
  interfaces: z.array(z.string().max(64)).max(32).default([]),
  allowOffSubnet: z.boolean().default(false),
  searchMxS: z.number().int().min(1).max(5).default(3),
  policy: policySchema.default({ mode: 'manual', defaultGroup: 'Default', rules: [] }),
  jobConcurrency: z.number().int().min(1).max(64).default(8),
})
export type Settings = z.infer<typeof settingsSchema>
export const DEFAULT_SETTINGS: Settings = settingsSchema.parse({})
