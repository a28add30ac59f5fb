/** Channels about whole sites and the end of life: plan, groups, names, labels, batches, decommissioning, revocation. Part of `CALLS` and `EVENTS`. */
import { z } from 'zod'
import { groupSchema } from './configuration'
import {
  CERTIFICATE_PARTS,
  DECOMMISSIONS_LISTED,
  decommissionAskSchema,
  decommissionOrderSchema,
  decommissionPreviewSchema,
  decommissionViewSchema,
  issuedCertificateSchema,
  REVOCATION_REASON_NAMES,
  revocationListSchema,
} from './decommission'
import { udnSchema } from './device'
import { expectedDeviceSchema } from './enrollment'
import { savedSchema } from './ipc-operation'
import { batchSchema } from './job'
import {
  labelFindingSchema,
  siteComparisonSchema,
  siteRowKeySchema,
  siteWorkAskSchema,
  siteWorkSchema,
} from './site-plan'
import { SITE_PLAN_LIMITS } from './timings'

const none = z.undefined()
const batch = z.object({ batch: z.string().max(64) })
const decommissionViews = z.array(decommissionViewSchema).max(DECOMMISSIONS_LISTED)
const workRows = z.object({
  workId: z.string().max(64),
  keys: z.array(siteRowKeySchema).max(10_000).optional(),
})

export const SITE_CALLS = {
  /** What a person calls the device and where it is; an empty text takes it away. Of this laptop, not of the device. */
  'devices.describe': {
    request: z.object({
      udn: udnSchema,
      name: z.string().trim().max(63).optional(),
      place: z.string().trim().max(63).optional(),
      note: z.string().trim().max(400).optional(),
    }),
    answer: none,
  },
  /** The label on the device that blinks, from a scanner. */
  'labels.scan': {
    request: z.object({ udn: udnSchema, text: z.string().max(400) }),
    answer: labelFindingSchema,
  },
  /** Open findings, newest first; one is gone when its label is scanned right. */
  'labels.findings': { request: none, answer: z.array(labelFindingSchema) },
  /** A group without members and without groups below it. */
  'groups.remove': { request: z.object({ name: z.string().max(63) }), answer: z.array(groupSchema) },
  /** CSV text of a plan; nothing is kept when one line is wrong. */
  'plan.import': {
    request: z.object({
      text: z.string().max(SITE_PLAN_LIMITS.fileMaxChars),
      mode: z.enum(['replace', 'add']),
    }),
    answer: z.array(expectedDeviceSchema),
  },
  /** Lines of a scanner: label texts or serial numbers. Those that are planned already are left alone. */
  'plan.scan': {
    request: z.object({ text: z.string().max(200_000), group: z.string().max(63).optional() }),
    answer: z.object({
      plan: z.array(expectedDeviceSchema),
      added: z.number().int(),
      known: z.number().int(),
    }),
  },
  'plan.export': { request: z.object({ from: z.enum(['plan', 'site']) }), answer: savedSchema },
  /** Asks the devices what they run where the plan says something about it. */
  /** From what is known; no device is asked. */
  'plan.compare': { request: none, answer: siteComparisonSchema },
  /** The same, after asking who is online what it runs. */
  'plan.look': { request: none, answer: siteComparisonSchema },
  'work.preview': { request: siteWorkAskSchema, answer: siteWorkSchema },
  /** Starts a job for each row that has something to do (or the named ones). PLAN_STALE where reality is not what was previewed. */
  'work.apply': {
    request: workRows,
    answer: siteWorkSchema,
  },
  /** Calls off the rows under way, or the named ones of them: who was never heard is awaited no longer. */
  'work.cancel': { request: workRows, answer: siteWorkSchema },
  /** Newest first. */
  'work.list': { request: none, answer: z.array(siteWorkSchema) },
  'jobs.batches': { request: none, answer: z.array(batchSchema) },
  /** What runs ends its step; nothing new begins, also after a restart. */
  'jobs.pause': { request: batch, answer: none },
  'jobs.resume': { request: batch, answer: none },
  'decommission.preview': { request: decommissionAskSchema, answer: decommissionPreviewSchema },
  /** Starts the jobs; answers their ids. */
  'decommission.start': { request: decommissionOrderSchema, answer: z.array(z.string()) },
  /** Newest first, at most DECOMMISSIONS_LISTED. */
  'decommission.list': { request: none, answer: decommissionViews },
  /** Ends one that can never be proven, without certificate: revoked, and whether it was wiped is not known. */
  'decommission.close': {
    request: z.object({
      id: z.string().max(64),
      note: z.string().trim().min(1).max(400),
      phrase: z.string().max(120),
    }),
    answer: decommissionViews,
  },
  'decommission.save': {
    request: z.object({ id: z.string().max(64), part: z.enum(CERTIFICATE_PARTS) }),
    answer: savedSchema,
  },
  'revocation.list': { request: none, answer: revocationListSchema },
  /** Newest first; `search` in name, UDN and serial number. */
  'revocation.certificates': {
    request: z.object({ search: z.string().max(64), limit: z.number().int().min(1).max(500) }),
    answer: z.array(issuedCertificateSchema),
  },
  'revocation.revoke': {
    request: z.object({
      serialNumber: z.string().max(64),
      reason: z.enum(REVOCATION_REASON_NAMES),
      phrase: z.string().max(120),
    }),
    answer: revocationListSchema,
  },
  'revocation.save': { request: z.object({ format: z.enum(['pem', 'der']) }), answer: savedSchema },
} as const

export const SITE_EVENTS = {
  /** Rows of a work went on: the work with those rows only. */
  'work.changed': siteWorkSchema,
  /** Batches that changed, at most twice a second. */
  'batches.changed': z.array(batchSchema),
  'decommission.changed': decommissionViews,
  'revocation.changed': revocationListSchema,
} as const
