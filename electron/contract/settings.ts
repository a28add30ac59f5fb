/** Settings of this laptop (electron-store) and their defaults. */
import { z } from 'zod'
import { policySchema } from './enrollment'
import { DEFAULT_THRESHOLDS, thresholdSchema } from './health'

const fields = {
  technician: z.string().max(63),
  siteName: z.string().max(63),
  setupDone: z.boolean(),
  language: z.enum(['system', 'en', 'de']),
  theme: z.enum(['system', 'light', 'dark']),
  /** Names of chosen interfaces; empty = all but loopback. */
  interfaces: z.array(z.string().max(64)).max(32),
  allowOffSubnet: z.boolean(),
  searchMxS: z.number().int().min(1).max(5),
  policy: policySchema,
  jobConcurrency: z.number().int().min(1).max(64),
  /** Limits that the health of every device is held to. */
  thresholds: z.array(thresholdSchema).max(32),
}

export const settingsSchema = z.object({
  technician: fields.technician.default(''),
  siteName: fields.siteName.default(''),
  setupDone: fields.setupDone.default(false),
  language: fields.language.default('system'),
  theme: fields.theme.default('system'),
  interfaces: fields.interfaces.default([]),
  allowOffSubnet: fields.allowOffSubnet.default(false),
  searchMxS: fields.searchMxS.default(3),
  policy: fields.policy.default({ mode: 'manual', defaultGroup: 'Default', rules: [] }),
  jobConcurrency: fields.jobConcurrency.default(8),
  thresholds: fields.thresholds.default([...DEFAULT_THRESHOLDS]),
})
export type Settings = z.infer<typeof settingsSchema>
export const DEFAULT_SETTINGS: Settings = settingsSchema.parse({})

/**
 * What is to change. It has no defaults: they would put back every setting that is not named. That the first run is over
 * is said by the first run alone.
 */
export const settingsChangeSchema = z.object(fields).omit({ setupDone: true }).partial()
