/** The later steps of an update: the device fetches, stages, switches and proves itself; each step asks where it stands. */
import { asIotmcError, IotmcError } from '../contract/errors'
import type { BankStatus, BoardState } from '../contract/firmware'
import { UPDATE_DEADLINES } from '../contract/timings'
import type { StepContext } from './step'
import { passGate } from './update-begin'
import { follow, insist } from './update-follow'
import {
  activeBankOf,
  endedBadly,
  isAtLeast,
  plannedUpdate,
  type Stage,
  stageOf,
  type Wanted,
} from './update-state'
import type { UpdateTools } from './update-tools'

const SHOWN: Readonly<Record<Stage, BoardState>> = {
  none: 'waiting',
  busy: 'waiting',
  scheduled: 'downloading',
  downloading: 'downloading',
  verifying: 'downloading',
  staged: 'staged',
  rebooting: 'switching',
  trial: 'probation',
  confirmed: 'probation',
  rolledBack: 'switching',
  failed: 'downloading',
}

/** What is the same in all steps of one job: how a status is judged and shown. */
const view = (wanted: Wanted, ctx: StepContext, silent: BoardState) => {
  const stage = (status: BankStatus) => stageOf(status, wanted, plannedUpdate(ctx.job))
  return {
    state: (status: BankStatus | undefined) => (status ? SHOWN[stage(status)] : silent),
    /** The stage, if it is at least this far. Errors: those of the device's own account, UPDATE_UNKNOWN. */
    reached: (status: BankStatus, least: Stage): Stage | undefined => {
      const now = stage(status)
      if (isAtLeast(now, least)) return now
      if (isAtLeast(now, 'scheduled')) return undefined
      if (now === 'failed' || now === 'rolledBack') throw endedBadly(ctx.job.subject, status.update)
      throw new IotmcError('UPDATE_UNKNOWN', {
        subject: ctx.job.subject,
        detail: 'the device does not know of this update any more',
      })
    },
  }
}

/** Until every byte is there; patience lasts as long as bytes come. */
export const download = async (tools: UpdateTools, wanted: Wanted, ctx: StepContext): Promise<void> => {
  const { state, reached } = view(wanted, ctx, 'downloading')
  let received = -1
  await follow(tools, ctx, {
    limitMs: UPDATE_DEADLINES.downloadStallMs,
    everyMs: (status) => (status ? UPDATE_DEADLINES.progressEveryMs : UPDATE_DEADLINES.askEveryMs),
    state,
    renew: ({ update }) => {
      if (!update || update.receivedBytes <= received) return undefined
      received = update.receivedBytes
      return UPDATE_DEADLINES.downloadStallMs
    },
    judge: (status) => {
      const { update } = status
      if (update && update.totalBytes > 0) ctx.progress(update.receivedBytes, update.totalBytes)
      return reached(status, 'verifying')
    },
  })
}

/** Until the device has checked the image and keeps it ready. */
export const stage = async (tools: UpdateTools, wanted: Wanted, ctx: StepContext): Promise<void> => {
  const { state, reached } = view(wanted, ctx, 'downloading')
  await follow(tools, ctx, {
    limitMs: UPDATE_DEADLINES.stageMs,
    everyMs: () =>
      tools.isHeard(ctx.job.subject) ? UPDATE_DEADLINES.askEveryMs : UPDATE_DEADLINES.progressEveryMs,
    state,
    judge: (status) => reached(status, 'staged'),
  })
}

/** Starts the staged image, inside the window only: the program may have stood still since the gate was passed. */
export const activate = async (tools: UpdateTools, wanted: Wanted, ctx: StepContext): Promise<void> => {
  const udn = ctx.job.subject
  const { reached } = view(wanted, ctx, 'staged')
  await insist(tools, ctx, UPDATE_DEADLINES.scheduleMs, async () => {
    const status = await tools.status(udn, ctx.signal)
    tools.tell(ctx.job, { state: 'staged', status })
    const now = reached(status, 'staged')
    if (now === undefined || isAtLeast(now, 'rebooting')) return
    await passGate(tools, ctx, 'mayActivate')
    tools.tell(ctx.job, { state: 'switching' })
    const UpdateId = status.update?.updateId ?? ''
    await tools.call(udn, 'ActivateFirmware', { UpdateId, ActivationTime: '' }, ctx.signal)
  })
}

/** Until the device is back with the new image running. */
export const restart = async (tools: UpdateTools, wanted: Wanted, ctx: StepContext): Promise<void> => {
  const { reached } = view(wanted, ctx, 'switching')
  await ctx.hold('waiting', () =>
    follow(tools, ctx, {
      limitMs: UPDATE_DEADLINES.restartMs,
      everyMs: () => UPDATE_DEADLINES.progressEveryMs,
      state: () => 'switching',
      judge: (status) => reached(status, 'trial'),
    }),
  )
  ctx.note(wanted.version)
}

/** Until it is kept for good, by the device itself or, where the plan says so, by a word from here. */
export const probation = async (tools: UpdateTools, wanted: Wanted, ctx: StepContext): Promise<void> => {
  const order = tools.orderOf(ctx.job)
  const { reached } = view(wanted, ctx, 'probation')
  const soakS = order.soakMinutes * 60
  const fullS = order.manifest.probationHours * 3600
  const leftMs = (ranS: number, neededS: number) =>
    Math.max(0, neededS - ranS) * 1000 + UPDATE_DEADLINES.probationGraceMs
  let ran = -1
  let toldToConfirm = false
  const confirm = async (): Promise<void> => {
    toldToConfirm = true
    try {
      await tools.call(ctx.job.subject, 'ConfirmFirmware', {}, ctx.signal)
    } catch (thrown) {
      // It may be repeated: the next answer of the device shows whether it was heard.
      const { code } = asIotmcError(thrown)
      if (ctx.signal.aborted || code === 'DEFECT') throw thrown
      ctx.note(`ConfirmFirmware: ${code}`)
    }
  }
  await ctx.hold('waiting', () =>
    follow(tools, ctx, {
      limitMs: leftMs(0, fullS),
      everyMs: (status) => {
        if (toldToConfirm) return UPDATE_DEADLINES.progressEveryMs
        return nextAskMs(
          tools.isHeard(ctx.job.subject),
          status,
          order.confirm === 'after-soak' ? soakS : undefined,
        )
      },
      state: () => 'probation',
      renew: ({ update }) => {
        const { ranS, neededS } = update?.probation ?? { ranS: 0, neededS: fullS }
        if (ranS <= ran) return undefined
        ran = ranS
        return leftMs(ranS, neededS)
      },
      judge: async (status) => {
        toldToConfirm = false
        const done = reached(status, 'confirmed')
        if (done) return done
        const soaked = (status.update?.probation?.ranS ?? 0) >= soakS
        const trial = reached(status, 'trial') === 'trial'
        if (order.confirm === 'after-soak' && soaked && trial && tools.gate.mayConfirm(ctx.job))
          await confirm()
        return undefined
      },
    }),
  )
}

/** Events tell of the end; without them, and for the uptime that no event tells, it is asked when something is due. */
const nextAskMs = (heard: boolean, status: BankStatus | undefined, soakS: number | undefined): number => {
  const usual = heard ? UPDATE_DEADLINES.probationEveryMs : UPDATE_DEADLINES.askEveryMs
  const trial = status?.update?.probation
  if (!trial) return UPDATE_DEADLINES.askEveryMs
  const due = [trial.neededS, soakS ?? trial.neededS].filter((atS) => atS > trial.ranS)
  const soonest = Math.min(...due.map((atS) => (atS - trial.ranS) * 1000))
  return Math.min(usual, Math.max(soonest, UPDATE_DEADLINES.progressEveryMs))
}

/** Reads version, hash and standing of the active bank back. Errors: READ_BACK_DIFFERS. */
export const readBack = async (tools: UpdateTools, wanted: Wanted, ctx: StepContext): Promise<void> => {
  const udn = ctx.job.subject
  await insist(tools, ctx, UPDATE_DEADLINES.scheduleMs, async () => {
    const status = await tools.status(udn, ctx.signal)
    const { firmwareVersion } = await tools.state(udn, ctx.signal)
    const active = activeBankOf(status)
    const problems = [
      active?.version === wanted.version
        ? ''
        : `bank ${status.activeBank} has ${active?.version ?? 'nothing'}`,
      active?.sha256 === wanted.sha256 ? '' : 'another image',
      stageOf(status, wanted) === 'confirmed' ? '' : 'not confirmed',
      firmwareVersion === wanted.version ? '' : `the device says ${firmwareVersion}`,
    ].filter((problem) => problem !== '')
    tools.tell(ctx.job, { state: 'probation', status })
    if (problems.length > 0)
      throw new IotmcError('READ_BACK_DIFFERS', { subject: udn, detail: problems.join(', ') })
    tools.remember(udn, { firmwareVersion })
    ctx.note(`${wanted.version}, bank ${status.activeBank}`)
  })
}
