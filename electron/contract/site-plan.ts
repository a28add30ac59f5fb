/** The site plan beside reality, and the work that makes the difference go away (docs/site-plan.md). */
import { z } from 'zod'
import { udnSchema } from './device'
import { ERROR_CODES } from './errors'

/** What is compared; each is a key of text for people. */
export const PLAN_FIELDS = [
  'identity',
  'model',
  'enrolment',
  'name',
  'place',
  'note',
  'group',
  'configuration',
  'firmware',
] as const

export const planDifferenceSchema = z.object({
  field: z.enum(PLAN_FIELDS),
  /** Of a configuration: the parameter. */
  parameter: z.string().optional(),
  planned: z.string(),
  /** Absent where the device has not been asked or has none. */
  found: z.string().optional(),
  /** No work can make this go away (another model, another identity): a person has to decide. */
  manual: z.boolean(),
})
export type PlanDifference = z.infer<typeof planDifferenceSchema>

export const SITE_STANDS = ['present', 'different', 'missing', 'unexpected'] as const
export type SiteStand = (typeof SITE_STANDS)[number]

/** Stable over comparisons: `n` and what the plan names the device by, for one that is not planned its UDN. */
export const siteRowKeySchema = z.string().max(128)

export const siteRowSchema = z.object({
  key: siteRowKeySchema,
  udn: udnSchema.optional(),
  serialNumber: z.string().optional(),
  name: z.string(),
  model: z.string().optional(),
  place: z.string().optional(),
  group: z.string().optional(),
  stand: z.enum(SITE_STANDS),
  online: z.boolean(),
  differences: z.array(planDifferenceSchema),
})
export type SiteRow = z.infer<typeof siteRowSchema>

export const siteComparisonSchema = z.object({
  comparedAtMs: z.number(),
  /** When the device whose answer is the oldest was asked for its configuration; absent where none has been. */
  askedAtMs: z.number().optional(),
  counts: z.record(z.enum(SITE_STANDS), z.number().int()),
  rows: z.array(siteRowSchema),
})
export type SiteComparison = z.infer<typeof siteComparisonSchema>

/** What applying would do to one device, in the order in which it is done. */
export const WORK_KINDS = ['commission', 'describe', 'assign-group', 'configure', 'update'] as const
export type WorkKind = (typeof WORK_KINDS)[number]
/** none: nothing leaves this laptop; low: can be put back at once; restart: the device restarts; trial: it runs new firmware. */
export const RISKS = ['none', 'low', 'restart', 'trial'] as const
export type Risk = (typeof RISKS)[number]

export const siteTaskSchema = z.object({
  kind: z.enum(WORK_KINDS),
  differences: z.array(planDifferenceSchema),
  risk: z.enum(RISKS),
  /** Over the network. */
  bytes: z.number().int(),
  /** How long the device does not do its work. */
  downtimeS: z.number(),
  /** How long the task takes; a probation is told apart, since the device works in it. */
  durationS: z.number(),
  probationS: z.number().optional(),
})
export type SiteTask = z.infer<typeof siteTaskSchema>

export const siteWorkRowSchema = z.object({
  key: siteRowKeySchema,
  udn: udnSchema.optional(),
  name: z.string(),
  online: z.boolean(),
  tasks: z.array(siteTaskSchema),
  /** Why nothing is done with it. */
  problem: z.enum(ERROR_CODES).optional(),
  jobId: z.string().optional(),
  /** held: its job waits until it is there. */
  state: z.enum(['previewed', 'same', 'running', 'held', 'done', 'failed']),
  error: z.object({ code: z.enum(ERROR_CODES), detail: z.string().optional() }).optional(),
})
export type SiteWorkRow = z.infer<typeof siteWorkRowSchema>

/** Whether a job has the row in hand, or will. */
export const isRowUnderWay = ({ state }: SiteWorkRow): boolean => state === 'running' || state === 'held'

export const siteWorkSchema = z.object({
  id: z.string().max(64),
  createdAtMs: z.number(),
  /** plan: all or some rows of the plan; group: devices moved to a group. */
  what: z.enum(['plan', 'group']),
  appliedAtMs: z.number().optional(),
  rows: z.array(siteWorkRowSchema),
  totals: z.object({
    devices: z.number().int(),
    held: z.number().int(),
    tasks: z.number().int(),
    bytes: z.number(),
    /** The longest of one device. */
    downtimeS: z.number(),
    /** Of the whole, with as many jobs at once as the settings allow. */
    durationS: z.number(),
  }),
})
export type SiteWork = z.infer<typeof siteWorkSchema>

const udns = z.array(udnSchema).min(1).max(5000)
export const siteWorkAskSchema = z.discriminatedUnion('what', [
  /** Rows of the plan by their key; absent = all that differ or are missing. */
  z.object({ what: z.literal('plan'), keys: z.array(siteRowKeySchema).max(10_000).optional() }),
  z.object({ what: z.literal('group'), udns, group: z.string().max(63) }),
])
export type SiteWorkAsk = z.infer<typeof siteWorkAskSchema>

/** How a scanned label stands to the device that blinks. */
export const labelFindingSchema = z.object({
  atMs: z.number(),
  /** The device that was told to blink. */
  udn: udnSchema,
  name: z.string(),
  serialNumber: z.string().optional(),
  /** What the label says; without its UDN where only a serial number was scanned that no device here has. */
  labelUdn: udnSchema.optional(),
  labelSerialNumber: z.string(),
  /** Name of the device that the label belongs to, where it is of this site. */
  labelName: z.string().optional(),
  /** matches; swapped: both labels were scanned and belong to each other; other: it is another device's; foreign: of no device known here. */
  state: z.enum(['matches', 'swapped', 'other', 'foreign']),
})
export type LabelFinding = z.infer<typeof labelFindingSchema>
