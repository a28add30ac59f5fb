/** Commissioning one device, step by step (docs/protocol.md §5). Each step is safe to repeat. */

import { pushConfiguration } from '../configuration/client'
import type { Group } from '../contract/configuration'
import type { Enrollment } from '../contract/enrollment'
import { IotmcError } from '../contract/errors'
import type { Job } from '../contract/job'
import { jobNote } from '../contract/job-notes'
import { ENROLLMENT_TIMINGS } from '../contract/timings'
import { type Clock, delay } from '../net/clock'
import type { DeviceLink } from './device-link'
import type { StepContext, StepPlan } from './runner'
import { waitFor } from './wait'

/** What commissioning needs of the site; each is one short sentence about the world, not about jobs. */
export interface CommissionTools {
  readonly clock: Clock
  readonly link: DeviceLink
  isOnline(udn: string): boolean
  /** Calls back whenever presence, the enrolment or the approval of this device may have changed. */
  onWake(udn: string, listener: () => void): () => void
  enrollmentOf(udn: string): Enrollment | undefined
  /** What has been said about this device: by a person, or by zero-touch; undefined while nobody has. */
  verdictOn(job: Job): { approved: true; group: string } | { approved: false } | undefined
  /** Remembers an approval durably, so that the Enrollment service lets the device in. */
  approve(udn: string, group: string): void
  /** A group, with the values that this device gets as its member. */
  group(name: string, udn: string): Group | undefined
  /** Records which configuration version this device must confirm. */
  expectVersion(udn: string, version: number): void
  /** Says hello on the network again, so that a waiting device hears of the controller. */
  announce(): void
  /** Keeps what was read back from the device. */
  remember(
    udn: string,
    known: {
      group: string
      ldevidSerial: string
      configurationVersion: number
      firmwareVersion: string
      model: string
      serialNumber: string
    },
  ): void
}

const ANNOUNCE_EVERY_MS = 5_000

/** The seven steps of `JOB_STEPS.commission`, bound to one job. */
export const commissionPlan = (tools: CommissionTools, job: Job): readonly StepPlan[] => {
  const udn = job.subject
  // After a restart the device has to be heard again before any step can speak to it.
  const present = (run: StepPlan['run']): StepPlan['run'] => {
    return async (ctx) => {
      await find(tools, udn, ctx)
      await run(ctx)
    }
  }
  return [
    { name: 'find', cancellable: true, run: (ctx) => find(tools, udn, ctx) },
    { name: 'verify-identity', cancellable: true, run: present((ctx) => verify(tools, udn, ctx)) },
    { name: 'approve', cancellable: true, run: (ctx) => approve(tools, job, ctx) },
    { name: 'issue-certificate', cancellable: true, run: present((ctx) => waitForIssue(tools, udn, ctx)) },
    { name: 'push-configuration', cancellable: false, run: present((ctx) => push(tools, udn, ctx)) },
    { name: 'device-confirms', cancellable: true, run: present((ctx) => waitForConfirm(tools, udn, ctx)) },
    { name: 'read-back', cancellable: true, run: present((ctx) => readBack(tools, udn, ctx)) },
  ]
}

const news =
  (tools: CommissionTools, udn: string) =>
  (listener: () => void): (() => void) =>
    tools.onWake(udn, listener)

const find = async (tools: CommissionTools, udn: string, ctx: StepContext): Promise<void> => {
  if (tools.isOnline(udn)) return
  ctx.waiting()
  await waitFor({
    ready: () => (tools.isOnline(udn) ? true : undefined),
    onChange: news(tools, udn),
    signal: ctx.signal,
  })
}

const verify = async (tools: CommissionTools, udn: string, ctx: StepContext): Promise<void> => {
  const check = await tools.link.verify(udn, ctx.signal)
  if (!check.trusted) {
    const detail = check.detail ?? 'the chain does not end at a trusted root'
    throw new IotmcError(isDistrust(check.code) ? check.code : 'IDENTITY_NOT_TRUSTED', {
      subject: udn,
      detail,
    })
  }
  if (
    check.phase === 'provisioning' ||
    check.phase === 'manufacturing' ||
    check.phase === 'decommissioning'
  ) {
    throw new IotmcError('WRONG_PHASE', { subject: udn, detail: check.phase })
  }
  ctx.note(`${check.kind ?? ''} ${check.chain.at(-1)?.fingerprint.slice(0, 23) ?? ''}`.trim())
}

const isDistrust = (
  code: string | undefined,
): code is 'IDENTITY_NOT_TRUSTED' | 'IDENTITY_REVOKED' | 'IDENTITY_EXPIRED' | 'UDN_MISMATCH' =>
  code === 'IDENTITY_NOT_TRUSTED' ||
  code === 'IDENTITY_REVOKED' ||
  code === 'IDENTITY_EXPIRED' ||
  code === 'UDN_MISMATCH'

const approve = async (tools: CommissionTools, job: Job, ctx: StepContext): Promise<void> => {
  const ready = () => tools.verdictOn(job)
  if (!ready()) ctx.needsYou()
  const verdict = await waitFor({ ready, onChange: news(tools, job.subject), signal: ctx.signal })
  if (!verdict.approved) throw new IotmcError('REJECTED', { subject: job.subject })
  if (!tools.group(verdict.group, job.subject)) {
    throw new IotmcError('GROUP_UNKNOWN', { subject: verdict.group, detail: verdict.group })
  }
  tools.approve(job.subject, verdict.group)
  ctx.note(verdict.group)
}

const waitForIssue = async (tools: CommissionTools, udn: string, ctx: StepContext): Promise<void> => {
  const issued = () => {
    const row = tools.enrollmentOf(udn)
    if (row?.state === 'rejected') throw new IotmcError('REJECTED', { subject: udn })
    return row?.state === 'issued' || row?.state === 'confirmed' ? row : undefined
  }
  const poke = new AbortController()
  const pokes = announceUntil(tools, AbortSignal.any([poke.signal, ctx.signal]))
  try {
    const timeoutMs = ENROLLMENT_TIMINGS.enrollWaitMs
    const row = await waitFor({
      ready: issued,
      onChange: news(tools, udn),
      signal: ctx.signal,
      clock: tools.clock,
      timeoutMs,
      subject: udn,
    })
    ctx.note(row.ldevidSerial ?? '')
  } finally {
    poke.abort()
    await pokes
  }
}

const announceUntil = async (tools: CommissionTools, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    tools.announce()
    await delay(tools.clock, ANNOUNCE_EVERY_MS, signal).catch(() => undefined)
  }
}

const RETRY_GAP_MS = 500
const RETRIES = 20

/** The device changes its certificate in these seconds, so a refused line is tried again for a while. */
const whileSwitching = async <T>(
  tools: CommissionTools,
  ctx: StepContext,
  attempt: () => Promise<T>,
): Promise<T> => {
  for (let left = RETRIES; ; left -= 1) {
    try {
      return await attempt()
    } catch (thrown) {
      const again = thrown instanceof IotmcError && TRANSIENT.has(thrown.code) && left > 0
      if (!again) throw thrown
      await delay(tools.clock, RETRY_GAP_MS, ctx.signal)
    }
  }
}

const TRANSIENT: ReadonlySet<string> = new Set([
  'DEVICE_UNREACHABLE',
  'DEVICE_OFFLINE',
  'TLS_REFUSED',
  'TIMED_OUT',
  'BUSY',
  'WRONG_PHASE',
])

const push = async (tools: CommissionTools, udn: string, ctx: StepContext): Promise<void> => {
  const row = tools.enrollmentOf(udn)
  const group = row?.group ? tools.group(row.group, udn) : undefined
  if (!row || !group) throw new IotmcError('GROUP_UNKNOWN', { subject: row?.group ?? udn })
  if (row.state === 'confirmed' && row.configurationVersion === group.version) {
    ctx.note(jobNote('version', { version: group.version }))
    return
  }
  tools.expectVersion(udn, group.version)
  const result = await whileSwitching(tools, ctx, () =>
    pushConfiguration(
      (service, action, args, signal) => tools.link.call(udn, service, action, args, signal),
      { version: group.version, values: group.values },
      ctx.signal,
    ),
  )
  const told = { count: result.applied.length, version: result.version }
  const left = result.left.length
  ctx.note(left > 0 ? jobNote('parameters-left', { ...told, left }) : jobNote('parameters-version', told))
}

const waitForConfirm = async (tools: CommissionTools, udn: string, ctx: StepContext): Promise<void> => {
  const confirmed = () => (tools.enrollmentOf(udn)?.state === 'confirmed' ? true : undefined)
  await waitFor({
    ready: confirmed,
    onChange: news(tools, udn),
    signal: ctx.signal,
    clock: tools.clock,
    timeoutMs: ENROLLMENT_TIMINGS.confirmWaitMs,
    timeoutCode: 'NOT_CONFIRMED',
    subject: udn,
  })
}

const readBack = async (tools: CommissionTools, udn: string, ctx: StepContext): Promise<void> => {
  const row = tools.enrollmentOf(udn)
  if (!row) throw new IotmcError('DEVICE_UNKNOWN', { subject: udn })
  const state = await whileSwitching(tools, ctx, async () => {
    const check = await tools.link.verify(udn, ctx.signal)
    if (!check.trusted)
      throw new IotmcError(isDistrust(check.code) ? check.code : 'IDENTITY_NOT_TRUSTED', { subject: udn })
    const read = await tools.link.state(udn, ctx.signal)
    if (read.phase === 'commissioning')
      throw new IotmcError('BUSY', { subject: udn, detail: 'still in commissioning' })
    if (check.kind !== 'LDevID')
      throw new IotmcError('BUSY', { subject: udn, detail: 'still shows its IDevID' })
    return read
  })
  const problems = [
    state.phase === 'operation' || state.phase === 'maintenance' ? '' : `phase ${state.phase}`,
    state.group === row.group ? '' : `group ${state.group}`,
    state.configurationVersion === (row.configurationVersion ?? 0)
      ? ''
      : `configuration ${state.configurationVersion}`,
    state.ldevidSerial.toLowerCase() === (row.ldevidSerial ?? '').toLowerCase() ? '' : 'another LDevID',
  ].filter((problem) => problem !== '')
  if (problems.length > 0)
    throw new IotmcError('READ_BACK_DIFFERS', { subject: udn, detail: problems.join(', ') })
  const { group, ldevidSerial, configurationVersion, firmwareVersion, model, serialNumber } = state
  tools.remember(udn, { group, ldevidSerial, configurationVersion, firmwareVersion, model, serialNumber })
  ctx.note('operation')
}
