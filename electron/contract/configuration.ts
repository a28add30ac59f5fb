/** Parameters, values and groups (docs/protocol.md §6). */
import { z } from 'zod'

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
  version: z.number().int().min(1),
  members: z.number().int().optional(),
})
export type Group = z.infer<typeof groupSchema>
