/** Firmware over a cable, with MCUboot's manners: upload, mark for a test, restart, look, confirm. Each step is safe to repeat. */

import { IotmcError } from '../contract/errors'
import type { Job } from '../contract/job'
import { type JobNote, jobNote } from '../contract/job-notes'
import { IMAGE_RC, SMP_GROUP } from '../contract/smp'
import { delay } from '../net/clock'
import { imageCommands } from '../serial/image-group'
import { uploadImage } from '../serial/image-upload'
import { refusalOf } from '../serial/smp-session'
import type { StepContext, StepPlan } from './step'
import { ask, patiently } from './update-serial-ask'
import { readMode, readSlotBytes, type SerialSlot } from './update-serial-look'
import { restart } from './update-serial-restart'
import { boardTold, SerialRun, type Standing } from './update-serial-run'
import { SERIAL_SETTLE_MS, type UpdateSerialTools } from './update-serial-tools'

export { lookSerialFirmware } from './update-serial-look'
export type { SerialBundle, UpdateSerialTools } from './update-serial-tools'

/** The eight steps of `JOB_STEPS['update-serial']`. `job.params`: path, bundleId, and confirm and consent as `true` or `false`. */
export const updateSerialPlan = (tools: UpdateSerialTools, job: Job): readonly StepPlan[] => {
  const { path = job.subject, bundleId = '' } = job.params
  const run = new SerialRun(tools, path, bundleId)
  return [
    { name: 'connect', cancellable: true, run: (ctx) => connect(run, ctx) },
    { name: 'check-fit', cancellable: true, run: (ctx) => checkFit(run, ctx) },
    { name: 'upload', cancellable: true, run: (ctx) => upload(run, ctx) },
    { name: 'mark-for-test', cancellable: false, run: (ctx) => markForTest(run, ctx) },
    { name: 'restart', cancellable: false, run: (ctx) => restart(run, ctx) },
    { name: 'check-running', cancellable: true, run: (ctx) => checkRunning(run, ctx) },
    { name: 'confirm', cancellable: false, run: (ctx) => confirm(run, ctx) },
    { name: 'read-back', cancellable: true, run: (ctx) => readBack(run, ctx) },
  ]
}

const isYes = (ctx: StepContext, param: 'confirm' | 'consent'): boolean => ctx.job.params[param] === 'true'

const connect = async (run: SerialRun, ctx: StepContext): Promise<void> => {
  ctx.note(boardTold(await run.board(ctx)))
}

/** Everything that can be known to be wrong is found here, before a byte is sent. */
const checkFit = async (run: SerialRun, ctx: StepContext): Promise<void> => {
  const { manifest, bytes } = await run.checkedImage()
  const asking = await run.asking(ctx)
  const board = await run.board(ctx)
  const subject = run.path
  if (board && board.model !== manifest.model)
    throw new IotmcError('WRONG_MODEL', { subject, detail: `${board.model}, not ${manifest.model}` })
  if (board && !manifest.hardwareRevisions.includes(board.hardwareRevision))
    throw new IotmcError('WRONG_MODEL', { subject, detail: `hardware revision ${board.hardwareRevision}` })
  const { mode, rollback } = await readMode(asking)
  if (!isYes(ctx, 'consent')) {
    if (!rollback) throw new IotmcError('CONSENT_NEEDED', { subject, detail: MODE_WORDS[mode] })
    if (!board) throw new IotmcError('CONSENT_NEEDED', { subject, detail: 'it does not say its model' })
  }
  const room = await readSlotBytes(asking)
  if (room !== undefined && bytes.length > room)
    throw new IotmcError('NO_SPACE', { subject, detail: `${bytes.length} bytes, a slot has ${room}` })
  const standing = await run.standing(ctx)
  requireFree(run, standing)
  const { active } = standing
  ctx.note(
    active ? jobNote('runs-mode', { version: active.version, mode }) : jobNote('nothing-runs-mode', { mode }),
  )
}

const MODE_WORDS = {
  swap: 'it keeps both images',
  'overwrite-only': 'its bootloader overwrites the old image',
  'ram-load': 'its bootloader loads the newest image into memory',
  'direct-xip': 'its bootloader starts the newest image where it lies',
  unknown: 'its bootloader does not say what it keeps',
} as const

/** A trial of something else has to be ended by a person first: the upload would destroy its way back. */
const requireFree = ({ path: subject }: SerialRun, { slots, active, ours, runs }: Standing): void => {
  if (runs) return
  const other = slots.find((slot) => slot.pending && slot !== ours)
  if (other) throw new IotmcError('BUSY', { subject, detail: `${other.version} is marked for a test` })
  if (active && !active.confirmed)
    throw new IotmcError('BUSY', { subject, detail: `${active.version} is on trial` })
}

/** Sends the image from where the device has it already; nothing where the device has all of it and will start it. */
const upload = async (run: SerialRun, ctx: StepContext): Promise<void> => {
  const { ours, runs } = await run.standing(ctx)
  if (runs || ours?.pending) {
    ctx.skip()
    ctx.note(jobNote(runs ? 'it-runs-already' : 'it-is-there-already'))
    return
  }
  await send(run, ctx)
}

const send = async (run: SerialRun, ctx: StepContext): Promise<void> => {
  const { bytes, hash } = await run.checkedImage()
  const asking = await run.asking(ctx)
  // One part at a time: small devices drop bursts without a word, and the line is full all the same.
  const { resumedAt } = await patiently(asking, () =>
    uploadImage(asking.session, {
      image: bytes,
      signal: ctx.signal,
      onProgress: ({ bytes: done, total }) => ctx.progress(done, total),
    }),
  )
  const { ours } = await run.standing(ctx)
  if (!ours)
    throw new IotmcError('READ_BACK_DIFFERS', {
      subject: run.path,
      detail: `it does not list ${hash.slice(0, 12)}`,
    })
  ctx.note(
    resumedAt > 0
      ? jobNote('bytes-resumed', { bytes: bytes.length, at: resumedAt })
      : jobNote('bytes', { bytes: bytes.length }),
  )
}

/** Has the bootloader try the image at the next start. */
const markForTest = async (run: SerialRun, ctx: StepContext): Promise<void> => {
  const { ours, runs } = await run.standing(ctx)
  if (runs) {
    ctx.skip()
    ctx.note(jobNote('it-runs-already'))
    return
  }
  // Erased by somebody since: a step may be repeated much later than the one before it.
  if (!ours) await send(run, ctx)
  const { hash } = await run.checkedImage()
  if (!ours?.pending) {
    await setState(run, ctx, false)
    const marked = (await run.standing(ctx)).ours
    if (!marked?.pending)
      throw new IotmcError('READ_BACK_DIFFERS', { subject: run.path, detail: 'it does not mark the image' })
  }
  ctx.note(hash.slice(0, 12))
}

/** Errors: SECURITY_VERSION_TOO_LOW, those of the session. */
const setState = async (run: SerialRun, ctx: StepContext, confirm: boolean): Promise<void> => {
  const { hash } = await run.checkedImage()
  const asking = await run.asking(ctx)
  try {
    await ask(asking, imageCommands.setState, { hash: Buffer.from(hash, 'hex'), confirm })
  } catch (thrown) {
    const refusal = refusalOf(thrown)
    if (refusal?.group !== SMP_GROUP.image || refusal.rc !== IMAGE_RC.versionNotHigher) throw thrown
    throw new IotmcError('SECURITY_VERSION_TOO_LOW', { subject: run.path, cause: thrown })
  }
}

/** The device answers again; whether it runs what it was given is another matter. */
const checkRunning = async (run: SerialRun, ctx: StepContext): Promise<void> => {
  const first = await requireRunning(run, ctx)
  if (!first.active.confirmed) await delay(run.tools.clock, SERIAL_SETTLE_MS, ctx.signal)
  const { active } = await requireRunning(run, ctx)
  ctx.note(jobNote(active.confirmed ? 'runs' : 'runs-on-trial', { version: active.version }))
}

/** Errors: ROLLED_BACK when something else runs, BAD_ANSWER when nothing does. */
const requireRunning = async (
  run: SerialRun,
  ctx: StepContext,
): Promise<{ active: SerialSlot; slots: readonly SerialSlot[] }> => {
  const { active, slots, runs } = await run.standing(ctx)
  if (active && runs) return { active, slots }
  if (active) throw new IotmcError('ROLLED_BACK', { subject: run.path, detail: `${active.version} runs` })
  throw new IotmcError('BAD_ANSWER', { subject: run.path, detail: 'no image runs' })
}

const confirm = async (run: SerialRun, ctx: StepContext): Promise<void> => {
  const { active, slots } = await requireRunning(run, ctx)
  if (active.confirmed) {
    ctx.note(jobNote('kept'))
    return
  }
  if (!isYes(ctx, 'confirm')) {
    ctx.skip()
    ctx.note(trialNote(slots.find((slot) => slot !== active)?.version))
    return
  }
  await setState(run, ctx, true)
  ctx.note(jobNote('kept'))
}

const trialNote = (before: string | undefined, version?: string): JobNote => {
  if (before === undefined) return jobNote('on-trial-unknown')
  return version === undefined
    ? jobNote('on-trial', { before })
    : jobNote('on-trial-version', { before, version })
}

const readBack = async (run: SerialRun, ctx: StepContext): Promise<void> => {
  const { active, slots } = await requireRunning(run, ctx)
  if (isYes(ctx, 'confirm') && !active.confirmed)
    throw new IotmcError('READ_BACK_DIFFERS', { subject: run.path, detail: 'it is not confirmed' })
  const before = slots.find((slot) => slot !== active)?.version
  const { version } = active
  ctx.note(active.confirmed ? jobNote('kept-version', { version }) : trialNote(before, version))
}
