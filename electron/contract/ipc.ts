/** Every channel between window and main process, once: request and answer shapes, and pushed events. */

import { z } from 'zod'
import { accountSchema } from './access'
import { groupSchema } from './configuration'
import { deviceDeltaSchema, udnSchema } from './device'
import { missingReportSchema, networkInterfaceSchema } from './discovery'
import { enrollmentSchema, expectedDeviceSchema } from './enrollment'
import { ERROR_CODES } from './errors'
import {
  authorityViewSchema,
  ledgerCheckSchema,
  ledgerSummarySchema,
  newRangeSchema,
  personSchema,
  pinSchema,
  serialNumberSchema,
  stationConfigSchema,
  stationViewSchema,
  unitSchema,
} from './factory'
import {
  bankStatusSchema,
  boardRowSchema,
  bundleSchema,
  fitSchema,
  librarySchema,
  rolloutPlanSchema,
  rolloutViewSchema,
  serialFirmwareSchema,
  serialUpdateSchema,
  sha256Schema,
} from './firmware'
import { identityCheckSchema, trustRootSchema } from './identity'
import { OPERATION_CALLS, OPERATION_EVENTS, savedSchema } from './ipc-operation'
import { SITE_CALLS, SITE_EVENTS } from './ipc-site'
import { JOB_KINDS, jobSchema } from './job'
import { provisionRequestSchema, serialDeviceSchema } from './provision'
import { serialPortListSchema } from './serial'
import { settingsChangeSchema, settingsSchema } from './settings'
import { wrongLineSchema } from './wrong-lines'

const none = z.undefined()
const udns = z.array(udnSchema).min(1).max(5000)
const jobIds = z.array(z.string().max(64)).min(1).max(5000)

export const statusSchema = z.object({
  /** setup: first run not finished; locked: vault needs its passphrase; sign-in: an account has to sign in; ready. */
  stage: z.enum(['setup', 'locked', 'sign-in', 'ready']),
  /** Who is signed in; absent where the site has no accounts (everything is allowed then). */
  account: accountSchema.optional(),
  practice: z.boolean(),
  /** Station mode: full screen, locked by PIN; only `station.*` and `app.*` calls are answered. */
  station: z.boolean(),
  /** Whether the operating system's key store can keep the vault's key, so that no passphrase is needed. */
  osKeyStore: z.boolean(),
  siteName: z.string(),
  technician: z.string(),
  listening: z.array(z.string()),
  controllerUdn: z.string().optional(),
  /** The authority that devices of this site learn as their anchor; absent until the vault is open. */
  siteAuthority: z.object({ subject: z.string(), fingerprint: z.string() }).optional(),
  version: z.string(),
})
export type Status = z.infer<typeof statusSchema>

export const setupRequestSchema = z.object({
  technician: z.string().trim().min(1).max(63),
  siteName: z.string().trim().min(1).max(63),
  interfaces: z.array(z.string().max(64)).max(32),
  /** Needed where the operating system has no key store. Never stored, never logged. */
  passphrase: z.string().min(8).max(256).optional(),
  /** Import of an existing site CA instead of making one. */
  pkcs12: z.object({ base64: z.string().max(400_000), passphrase: z.string().max(256) }).optional(),
})
export type SetupRequest = z.infer<typeof setupRequestSchema>

const laneNumber = z.object({ lane: z.number().int().min(1).max(16) })
const portPath = z.string().min(1).max(260)
const pem = z.string().max(200_000)
const passphrase = z.string().min(8).max(256)

/** Channel → request and answer. An answer always travels inside {ok:true,value} | {ok:false,error}. */
export const CALLS = {
  'app.status': { request: none, answer: statusSchema },
  'app.setup': { request: setupRequestSchema, answer: statusSchema },
  'app.unlock': { request: z.object({ passphrase: z.string().max(256) }), answer: statusSchema },
  'app.quitAnswer': { request: z.object({ quit: z.boolean() }), answer: none },
  'network.interfaces': { request: none, answer: z.array(networkInterfaceSchema) },
  'settings.get': { request: none, answer: settingsSchema },
  'settings.set': { request: settingsChangeSchema, answer: settingsSchema },
  'devices.open': { request: none, answer: none },
  'devices.search': { request: none, answer: none },
  'devices.identify': {
    request: z.object({ udn: udnSchema, seconds: z.number().int().min(1).max(300) }),
    answer: none,
  },
  'devices.verify': { request: z.object({ udn: udnSchema }), answer: identityCheckSchema },
  'discovery.missing': { request: none, answer: missingReportSchema },
  'enrollment.list': { request: none, answer: z.array(enrollmentSchema) },
  'enrollment.approve': { request: z.object({ udns, group: z.string().max(63) }), answer: none },
  'enrollment.reject': { request: z.object({ udns }), answer: none },
  'enrollment.expected': { request: none, answer: z.array(expectedDeviceSchema) },
  'enrollment.setExpected': {
    request: z.array(expectedDeviceSchema).max(10_000),
    answer: z.array(expectedDeviceSchema),
  },
  'groups.list': { request: none, answer: z.array(groupSchema) },
  'groups.save': {
    request: groupSchema.pick({ name: true, values: true, parent: true }),
    answer: z.array(groupSchema),
  },
  'jobs.open': { request: none, answer: z.array(jobSchema) },
  'jobs.commission': {
    request: z.object({ udns, group: z.string().max(63), approval: z.enum(['ask', 'given']) }),
    answer: z.array(z.string()),
  },
  'jobs.cancel': { request: z.object({ ids: jobIds }), answer: none },
  'jobs.retry': { request: z.object({ ids: jobIds }), answer: none },
  'jobs.clear': { request: none, answer: none },
  'trust.list': { request: none, answer: z.array(trustRootSchema) },
  'trust.add': { request: z.object({ pem: z.string().max(200_000) }), answer: z.array(trustRootSchema) },
  'trust.remove': {
    request: z.object({ fingerprint: z.string().max(128) }),
    answer: z.array(trustRootSchema),
  },
  'serial.ports': { request: none, answer: serialPortListSchema },
  'station.open': { request: none, answer: stationViewSchema },
  'station.configure': { request: stationConfigSchema.partial(), answer: stationViewSchema },
  /** Full screen and locked: from here on only `station.*` and `app.*` are answered. */
  'station.enter': { request: none, answer: stationViewSchema },
  /** Back to the whole program; a supervisor's PIN. */
  'station.leave': { request: z.object({ pin: pinSchema }), answer: stationViewSchema },
  'station.signIn': { request: z.object({ pin: pinSchema }), answer: stationViewSchema },
  'station.signOut': { request: none, answer: stationViewSchema },
  'station.addPerson': { request: personSchema.extend({ pin: pinSchema }), answer: stationViewSchema },
  'station.removePerson': { request: personSchema.pick({ name: true }), answer: stationViewSchema },
  /** A serial number from scanner or keyboard for the next lane; empty = count up. */
  'station.scan': { request: z.object({ text: z.string().max(200) }), answer: stationViewSchema },
  'station.chooseLane': { request: laneNumber, answer: stationViewSchema },
  'station.start': { request: laneNumber, answer: stationViewSchema },
  'station.unlockLane': { request: laneNumber, answer: stationViewSchema },
  /** Console lines of the lane's device, oldest first. */
  'station.log': { request: laneNumber, answer: z.array(z.string()) },
  /** The label of the finished device in the lane, to the printer or (after a dialog) to a PDF. */
  'station.label': {
    request: laneNumber.extend({ to: z.enum(['printer', 'pdf']), copies: z.number().int().min(1).max(100) }),
    answer: savedSchema,
  },
  'station.printers': { request: none, answer: z.array(z.string()) },
  'ledger.summary': { request: none, answer: ledgerSummarySchema },
  'ledger.units': {
    request: z.object({ search: z.string().max(64), limit: z.number().int().min(1).max(500) }),
    answer: z.array(unitSchema),
  },
  'ledger.addRange': { request: newRangeSchema, answer: ledgerSummarySchema },
  'ledger.burn': {
    request: z.object({ serialNumber: serialNumberSchema, reason: z.string().trim().min(1).max(200) }),
    answer: ledgerSummarySchema,
  },
  'ledger.scrap': {
    request: z.object({ serialNumber: serialNumberSchema, reason: z.string().trim().min(1).max(200) }),
    answer: ledgerSummarySchema,
  },
  'ledger.verify': { request: none, answer: ledgerCheckSchema },
  'ledger.export': { request: z.object({ format: z.enum(['csv', 'jsonl']) }), answer: savedSchema },
  'authority.get': { request: none, answer: authorityViewSchema },
  'authority.createRoot': {
    request: z.object({ commonName: z.string().trim().min(1).max(64), passphrase }),
    answer: authorityViewSchema,
  },
  'authority.request': {
    request: z.object({ commonName: z.string().trim().min(1).max(64) }),
    answer: authorityViewSchema,
  },
  /** The root of this laptop signs a station's request; the answer is the chain to install there, PEM. */
  'authority.sign': {
    request: z.object({
      requestPem: pem,
      passphrase: z.string().max(256),
      quota: z.number().int().min(1).max(10_000_000),
      days: z.number().int().min(1).max(7300),
    }),
    answer: z.object({ chainPem: z.string(), subject: z.string(), fingerprint: z.string() }),
  },
  'authority.install': { request: z.object({ chainPem: pem }), answer: authorityViewSchema },
  /** What speaks at the end of a cable. */
  'provision.look': { request: z.object({ path: portPath }), answer: serialDeviceSchema },
  /** Starts the job; answers its id. */
  'provision.start': { request: provisionRequestSchema, answer: z.string() },
  'firmware.library': { request: none, answer: librarySchema },
  /** Takes a bundle file into the library after every check; the path comes from a drop, or from the dialog when absent. */
  'firmware.add': {
    request: z.object({ path: z.string().min(1).max(4096).optional() }),
    answer: z.object({ added: bundleSchema.optional(), library: librarySchema }),
  },
  'firmware.remove': { request: z.object({ bundleId: sha256Schema }), answer: librarySchema },
  /** Which of the site's devices the bundle fits, and why not the others. */
  'firmware.fits': { request: z.object({ bundleId: sha256Schema }), answer: z.array(fitSchema) },
  /** Starts a rollout; answers its id. */
  'firmware.start': { request: rolloutPlanSchema, answer: z.string() },
  'firmware.rollouts': { request: none, answer: z.array(rolloutViewSchema) },
  'firmware.board': { request: z.object({ rolloutId: z.string().max(64) }), answer: z.array(boardRowSchema) },
  'firmware.pause': { request: z.object({ rolloutId: z.string().max(64) }), answer: none },
  'firmware.resume': { request: z.object({ rolloutId: z.string().max(64) }), answer: none },
  /** after-wave lets the running wave end; now ends every job that can still be ended. */
  'firmware.stop': {
    request: z.object({ rolloutId: z.string().max(64), when: z.enum(['after-wave', 'now']) }),
    answer: none,
  },
  /** Only devices that failed, rolled back or were stopped begin again. */
  'firmware.retry': { request: z.object({ rolloutId: z.string().max(64) }), answer: none },
  'firmware.status': { request: z.object({ udn: udnSchema }), answer: bankStatusSchema },
  'firmware.confirm': { request: z.object({ udns }), answer: none },
  'firmware.revert': { request: z.object({ udns }), answer: none },
  'firmware.lookSerial': { request: z.object({ path: portPath }), answer: serialFirmwareSchema },
  /** Starts the job; answers its id. */
  'firmware.updateSerial': { request: serialUpdateSchema, answer: z.string() },
  /** Saves public text (a request, a chain, a certificate) where a dialog says. */
  'file.save': {
    request: z.object({ name: z.string().regex(/^[A-Za-z0-9 ._-]{1,80}$/), text: z.string().max(400_000) }),
    answer: savedSchema,
  },
  'practice.start': { request: none, answer: statusSchema },
  ...OPERATION_CALLS,
  ...SITE_CALLS,
} as const
export type CallName = keyof typeof CALLS
export type CallRequest<N extends CallName> = z.input<(typeof CALLS)[N]['request']>
export type CallAnswer<N extends CallName> = z.output<(typeof CALLS)[N]['answer']>

/** Events pushed by the main process. */
export const EVENTS = {
  'app.status': statusSchema,
  'settings.changed': settingsSchema,
  'devices.delta': deviceDeltaSchema,
  'jobs.changed': z.array(jobSchema),
  /** Ids of jobs that are listed no longer. */
  'jobs.gone': z.array(z.string()),
  'enrollment.changed': z.array(enrollmentSchema),
  'station.changed': stationViewSchema,
  'firmware.library': librarySchema,
  'firmware.rollouts': z.array(rolloutViewSchema),
  /** Rows that changed, of any rollout, at most twice a second. */
  'firmware.rows': z.array(boardRowSchema),
  ...OPERATION_EVENTS,
  ...SITE_EVENTS,
  /** The window was asked to close while jobs run; the window shows the guard and answers app.quitAnswer. */
  'app.quitAsked': z.array(z.object({ id: z.string(), kind: z.enum(JOB_KINDS), subject: z.string() })),
} as const
export type EventName = keyof typeof EVENTS
export type EventPayload<N extends EventName> = z.output<(typeof EVENTS)[N]>

export const ipcErrorSchema = z.object({
  code: z.enum(ERROR_CODES),
  subject: z.string().optional(),
  detail: z.string().optional(),
  lines: z.array(wrongLineSchema).optional(),
})
export type IpcError = z.infer<typeof ipcErrorSchema>
export type IpcResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: IpcError }

/** What the preload script exposes as window.iotmc; everything else stays out of the page. */
export interface Bridge {
  call<N extends CallName>(name: N, request?: CallRequest<N>): Promise<IpcResult<CallAnswer<N>>>
  /** The path of a file that was dropped on the window or chosen in it. */
  pathOf(file: unknown): string
  /** The payload as JSON text: what crosses into the page as an object is copied field by field, many times slower. */
  on(name: EventName, listener: (json: string) => void): () => void
}
