/** Jobs: what the technician asked for, owned and journalled by the main process. */
import { z } from 'zod'
import { ERROR_CODES } from './errors'
import { jobNoteSchema } from './job-notes'
import { CHECK_TESTS } from './self-test'

export const STEP_STATES = ['pending', 'running', 'done', 'failed', 'skipped'] as const
export const JOB_STATES = [
  'queued',
  'waiting',
  'running',
  'needs-you',
  'done',
  'failed',
  'cancelled',
  'interrupted',
] as const
/** waiting = held until the device is online; needs-you = a person has to approve; interrupted = the program was stopped. */
export type JobState = (typeof JOB_STATES)[number]

export const JOB_KINDS = [
  'commission',
  'inject',
  'provision',
  'update',
  'update-serial',
  'configure',
  'fetch-log',
  'check',
  'apply',
  'decommission',
] as const
export type JobKind = (typeof JOB_KINDS)[number]

/** Steps of each kind, in order. The names are keys of the text shown to people. */
export const JOB_STEPS = {
  commission: [
    'find',
    'verify-identity',
    'approve',
    'issue-certificate',
    'push-configuration',
    'device-confirms',
    'read-back',
  ],
  /** Identity into a blank device over serial; the subject is its serial number. */
  inject: [
    'connect',
    'reserve',
    'keygen',
    'check-request',
    'issue',
    'install',
    'read-back',
    'self-test',
    'lock',
    'complete',
  ],
  /** Network and site anchor into a device, over serial or with its setup code. */
  provision: ['connect', 'verify-identity', 'send-network', 'follow', 'read-back'],
  /** Firmware of a device on the network, as part of a rollout (docs/protocol.md §10). */
  update: [
    'find',
    'check-fit',
    'schedule',
    'download',
    'stage',
    'await-window',
    'activate',
    'restart',
    'probation',
    'read-back',
  ],
  /** Firmware over a cable; the subject is the port. */
  'update-serial': [
    'connect',
    'check-fit',
    'upload',
    'mark-for-test',
    'restart',
    'check-running',
    'confirm',
    'read-back',
  ],
  /** A change of configuration, or its way back, as part of a plan. */
  configure: ['find', 'compare', 'apply', 'read-back'],
  /** The log of a device into the store of this laptop; cleared on the device only through what is stored. */
  'fetch-log': ['find', 'retrieve', 'clear', 'read-back'],
  /** The guided health check: one step a test of CHECK_TESTS, then the finding. */
  check: [...CHECK_TESTS, 'finding'],
  /** One device brought to what the site plan says; its parts are jobs of their own. */
  apply: ['find', 'compare', 'commission', 'describe', 'assign-group', 'configure', 'update', 'read-back'],
  /** The end of a device's life here; after `revoke` it is refused everywhere, whatever happens later. */
  decommission: ['freeze', 'revoke', 'publish', 'find', 'wipe', 'prove', 'certify'],
} as const satisfies Record<JobKind, readonly string[]>
export type StepName = (typeof JOB_STEPS)[JobKind][number]

export const jobErrorSchema = z.object({
  code: z.enum(ERROR_CODES),
  subject: z.string().optional(),
  detail: z.string().optional(),
})
export type JobError = z.infer<typeof jobErrorSchema>

export const jobStepSchema = z.object({
  name: z.string(),
  state: z.enum(STEP_STATES),
  /** May the job be cancelled while this step runs? */
  cancellable: z.boolean(),
  startedAtMs: z.number().optional(),
  endedAtMs: z.number().optional(),
  /** One short technical fact for people: "LDevID 4F:…", "14 parameters". */
  note: z.string().optional(),
  /** The same as a code with values, where it has words of its own in each language. */
  told: jobNoteSchema.optional(),
  /** How far a long step is, in units of its own (bytes, parameters); gone when it ends. */
  progress: z.object({ done: z.number(), total: z.number() }).optional(),
})
export type JobStep = z.infer<typeof jobStepSchema>

export const jobSchema = z.object({
  id: z.string(),
  kind: z.enum(JOB_KINDS),
  /** UDN of the device; its serial number while it has no UDN yet (inject); its port for provisioning over serial. */
  subject: z.string(),
  /** Jobs asked for together share a batch. */
  batch: z.string(),
  params: z.record(z.string(), z.string()),
  state: z.enum(JOB_STATES),
  steps: z.array(jobStepSchema),
  attempt: z.number().int(),
  /** A cancel is asked for and takes effect when the running step, which can't be cancelled, has ended. */
  cancelAsked: z.boolean().optional(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
  error: jobErrorSchema.optional(),
})
export type Job = z.infer<typeof jobSchema>

/** Jobs that were asked for together. */
export const batchSchema = z.object({
  id: z.string().max(64),
  kind: z.enum(JOB_KINDS),
  createdAtMs: z.number(),
  /** Nothing new begins. */
  paused: z.boolean(),
  /** Jobs of it that run at once; absent = as many as the settings allow. */
  limit: z.number().int().min(1).max(64).optional(),
  counts: z.object({
    total: z.number().int(),
    queued: z.number().int(),
    /** running, needs-you */
    active: z.number().int(),
    waiting: z.number().int(),
    done: z.number().int(),
    failed: z.number().int(),
    cancelled: z.number().int(),
  }),
})
export type Batch = z.infer<typeof batchSchema>

/** Whether a job has ended and will not go on by itself. */
export const isEnded = (state: JobState): boolean =>
  state === 'done' || state === 'failed' || state === 'cancelled'
