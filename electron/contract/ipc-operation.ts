/** Channels about operation and diagnostics: health, logs, checks, configuration, reports, accounts. Part of `CALLS` and `EVENTS`. */
import { z } from 'zod'
import {
  ACCOUNT_ROLES,
  accountNameSchema,
  accountSchema,
  accountSecretSchema,
  accountsViewSchema,
  auditCheckSchema,
  auditPageSchema,
  auditQuerySchema,
} from './access'
import {
  CONFIGURATION_FORMATS,
  configurationChangeSchema,
  configurationPlanSchema,
  deviceConfigurationSchema,
} from './configuration'
import { udnSchema } from './device'
import {
  exportTargetSchema,
  LOG_FORMATS,
  logFilterSchema,
  logPageSchema,
  logQuerySchema,
  logStandSchema,
} from './device-log'
import { deviceHealthSchema, seriesAnswerSchema, seriesRequestSchema } from './health'
import {
  bundleScopeSchema,
  REPORT_PARTS,
  reportRequestSchema,
  reportVerdictSchema,
  reportViewSchema,
} from './report'
import { checkOptionsSchema, healthCheckSchema } from './self-test'

const none = z.undefined()
const udns = z.array(udnSchema).min(1).max(5000)
const jobIdsAnswer = z.array(z.string())
const planId = z.object({ planId: z.string().max(64) })
/** Whether a file was written; false = the person closed the dialog. */
export const savedSchema = z.object({ saved: z.boolean(), path: z.string().optional() })
export type Saved = z.infer<typeof savedSchema>

export const OPERATION_CALLS = {
  /** How every device of the site is; later changes come as `health.changed`. */
  'health.open': { request: none, answer: z.array(deviceHealthSchema) },
  'health.series': { request: seriesRequestSchema, answer: seriesAnswerSchema },
  'log.query': { request: logQuerySchema, answer: logPageSchema },
  'log.stand': { request: none, answer: z.array(logStandSchema) },
  /** Starts the jobs; `clear` also clears on the device what is stored here then. Answers their ids. */
  'log.fetch': { request: z.object({ udns, clear: z.boolean() }), answer: jobIdsAnswer },
  /** Follows a device's log while it is on; what comes is stored, and told as `log.stored`. */
  'log.tail': { request: z.object({ udn: udnSchema, on: z.boolean() }), answer: none },
  'log.export': {
    request: z.object({ filter: logFilterSchema, format: z.enum(LOG_FORMATS) }),
    answer: savedSchema,
  },
  /** The device writes its log to a storage that is plugged in there. */
  'log.exportOnDevice': {
    request: z.object({ udn: udnSchema, target: exportTargetSchema }),
    answer: z.object({ file: z.string(), written: z.number().int() }),
  },
  /** Starts the jobs; answers their ids, which are the checks' too. */
  'check.start': { request: z.object({ udns, options: checkOptionsSchema }), answer: jobIdsAnswer },
  /** Newest first; of one device or of all. */
  'check.list': {
    request: z.object({ udn: udnSchema.optional(), limit: z.number().int().min(1).max(500) }),
    answer: z.array(healthCheckSchema),
  },
  'configuration.read': { request: z.object({ udn: udnSchema }), answer: deviceConfigurationSchema },
  /** Asks every device and says what would change; the plan is kept under its id. */
  'configuration.preview': {
    request: z.object({ udns, change: configurationChangeSchema }),
    answer: configurationPlanSchema,
  },
  /** Starts a job for each device of the plan that can be changed (or the named ones). */
  'configuration.apply': {
    /** `limit`: how many at once, within what the settings allow. */
    request: planId.extend({ udns: udns.optional(), limit: z.number().int().min(1).max(64).optional() }),
    answer: configurationPlanSchema,
  },
  /** Puts back what the plan changed, on devices that still run it. */
  'configuration.rollback': {
    request: planId.extend({ udns: udns.optional(), limit: z.number().int().min(1).max(64).optional() }),
    answer: configurationPlanSchema,
  },
  /** Newest first. */
  'configuration.plans': { request: none, answer: z.array(configurationPlanSchema) },
  'configuration.export': {
    request: z.object({ udns, format: z.enum(CONFIGURATION_FORMATS) }),
    answer: savedSchema,
  },
  /** Reads a file of the same form; a preview of it is the answer. */
  'configuration.import': {
    request: z.object({ format: z.enum(CONFIGURATION_FORMATS), text: z.string().max(4_000_000) }),
    answer: configurationPlanSchema,
  },
  'report.make': { request: reportRequestSchema, answer: reportViewSchema },
  'report.list': { request: none, answer: z.array(reportViewSchema) },
  'report.save': {
    request: z.object({ sequence: z.number().int().min(1), part: z.enum(REPORT_PARTS) }),
    answer: savedSchema,
  },
  /** A dialog asks for the file. undefined = closed. */
  'report.verify': { request: none, answer: reportVerdictSchema.optional() },
  'bundle.make': { request: bundleScopeSchema, answer: savedSchema },
  'app.signIn': {
    request: z.object({ name: accountNameSchema, secret: z.string().max(256) }),
    answer: accountsViewSchema,
  },
  'app.signOut': { request: none, answer: accountsViewSchema },
  /** Names to choose from, before anybody is signed in. */
  'accounts.view': { request: none, answer: accountsViewSchema },
  'accounts.add': {
    request: accountSchema.extend({ secret: accountSecretSchema }),
    answer: accountsViewSchema,
  },
  'accounts.change': {
    request: z.object({
      name: accountNameSchema,
      role: z.enum(ACCOUNT_ROLES).optional(),
      secret: accountSecretSchema.optional(),
    }),
    answer: accountsViewSchema,
  },
  'accounts.remove': { request: z.object({ name: accountNameSchema }), answer: accountsViewSchema },
  'accounts.setIdle': {
    request: z.object({ minutes: z.number().int().min(0).max(480) }),
    answer: accountsViewSchema,
  },
  'audit.list': { request: auditQuerySchema, answer: auditPageSchema },
  'audit.verify': { request: none, answer: auditCheckSchema },
  'audit.export': { request: none, answer: savedSchema },
} as const

export const OPERATION_EVENTS = {
  /** Devices whose health changed, at most ten times a second. */
  'health.changed': z.array(deviceHealthSchema),
  /** Records of one device were stored; the newest of them, at most 200 at a time, and the new stand. */
  'log.stored': z.object({ stand: logStandSchema, records: logPageSchema.shape.records }),
  /** A check went on. */
  'check.changed': healthCheckSchema,
  /** Rows of a plan went on: the plan with those rows only. */
  'configuration.changed': configurationPlanSchema,
  'accounts.changed': accountsViewSchema,
} as const
