/** Parameters, values and groups (docs/protocol.md §6). */
import { z } from 'zod'
import { udnSchema } from './device'
import { ERROR_CODES } from './errors'

export const parameterSchema = z.object({
  name: z.string().regex(/^[A-Za-z][A-Za-z0-9./-]{0,63}$/),
  type: z.enum(['string', 'integer', 'number', 'boolean']),
  access: z.enum(['readOnly', 'readWrite']),
  unit: z.string().max(16).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  maxLength: z.number().int().optional(),
  allowed: z.array(z.string()).optional(),
  default: z.string(),
})
export type Parameter = z.infer<typeof parameterSchema>

/** Parameter name → value in its text form (`true`, `21.5`, `eth`); types are checked against the parameter. */
export const valuesSchema = z.record(z.string().max(64), z.string().max(1024))
export type Values = z.infer<typeof valuesSchema>

export const groupSchema = z.object({
  name: z.string().trim().min(1).max(63),
  /** The initial configuration pushed to each new member. */
  values: valuesSchema,
  /** The group that this one lies in: its values count here too, unless this group has its own. */
  parent: z.string().min(1).max(63).optional(),
  /** Grows when its own values or those above it change. */
  version: z.number().int().min(1),
  members: z.number().int().optional(),
})
export type Group = z.infer<typeof groupSchema>

/** Which group gives a value, or `device` where the site plan gives it for this device alone. */
export const originSchema = z.discriminatedUnion('from', [
  z.object({ from: z.literal('group'), group: z.string() }),
  z.object({ from: z.literal('device') }),
])
export type Origin = z.infer<typeof originSchema>

/** Groups lie at most this deep in each other. */
export const GROUP_DEPTH_MAX = 8

/** What a device runs beside what it could be told, and beside its group's template. */
export const deviceConfigurationSchema = z.object({
  udn: udnSchema,
  version: z.number().int(),
  values: valuesSchema,
  parameters: z.array(parameterSchema),
  group: z.string().optional(),
  /** What is wanted of it: the values of its groups and its own of the site plan, as far as this model takes them. */
  template: valuesSchema,
  /** Where each value of `template` comes from; a parameter that is not in it runs what the device came with or was told by hand. */
  origins: z.record(z.string(), originSchema),
  /** Names whose value is not the template's. */
  differs: z.array(z.string()),
})
export type DeviceConfiguration = z.infer<typeof deviceConfigurationSchema>

/** What is wanted: the template of each device's group, the same values for all, or values for each (an import). */
export const configurationChangeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('template') }),
  z.object({ kind: z.literal('values'), values: valuesSchema }),
  z.object({ kind: z.literal('each'), devices: z.record(udnSchema, valuesSchema) }),
])
export type ConfigurationChange = z.infer<typeof configurationChangeSchema>

export const valueChangeSchema = z.object({
  name: z.string(),
  from: z.string().optional(),
  to: z.string(),
  unit: z.string().optional(),
  /** Why the device would refuse it; then nothing is sent to this device. */
  problem: z.enum(ERROR_CODES).optional(),
})
export type ValueChange = z.infer<typeof valueChangeSchema>

/** One device of a plan: what would change, before it is applied. */
export const planRowSchema = z.object({
  udn: udnSchema,
  name: z.string(),
  /** The version it ran when it was looked at: applying refuses (PLAN_STALE) where that has changed since. */
  version: z.number().int().optional(),
  changes: z.array(valueChangeSchema),
  /** Wanted, and not known to this model. */
  left: z.array(z.string()),
  /** Why nothing can be sent; absent = can be applied. */
  problem: z.enum(ERROR_CODES).optional(),
  jobId: z.string().optional(),
  /** What was last asked for; what failed is asked for again in the same direction. */
  direction: z.enum(['apply', 'rollback']).optional(),
  /** applied and rolled-back were read back. */
  state: z.enum(['previewed', 'same', 'applying', 'applied', 'failed', 'rolling-back', 'rolled-back']),
  error: z.object({ code: z.enum(ERROR_CODES), detail: z.string().optional() }).optional(),
})
export type PlanRow = z.infer<typeof planRowSchema>

export const configurationPlanSchema = z.object({
  id: z.string().max(64),
  createdAtMs: z.number(),
  /** work: values for each, as a part of a work on the whole site. */
  change: z.enum(['template', 'values', 'each', 'work']),
  rows: z.array(planRowSchema),
})
export type ConfigurationPlan = z.infer<typeof configurationPlanSchema>

export const CONFIGURATION_FORMATS = ['csv', 'yaml'] as const
export type ConfigurationFormat = (typeof CONFIGURATION_FORMATS)[number]
