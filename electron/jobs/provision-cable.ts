/** Provisioning over a serial cable. Who holds the cable needs no setup code. */

import { IotmcError } from '../contract/errors'
import { jobNote } from '../contract/job-notes'
import { PROVISION_TIMINGS } from '../contract/timings'
import { delay } from '../net/clock'
import { confirmOverTls, whereHeard } from './provision-confirm'
import { withoutSecrets } from './provision-secrets'
import { Cable, judge } from './provision-session'
import {
  type CabledInfo,
  hasJoined,
  identityNote,
  type ProvisionTools,
  requireFactoryIdentity,
  requireNotFailed,
  searchUntil,
  ssidOf,
} from './provision-tools'
import type { StepContext, StepPlan } from './step'

/** The five steps for a device at the end of the cable in `path`. One session serves all of one run. */
export const cableSteps = (tools: ProvisionTools, path: string): readonly StepPlan[] => {
  const cable = new Cable(tools, path)
  return [
    { name: 'connect', cancellable: true, run: (ctx) => connect(cable, path, ctx) },
    { name: 'verify-identity', cancellable: true, run: (ctx) => verify(tools, cable, path, ctx) },
    {
      name: 'send-network',
      cancellable: false,
      run: (ctx) => send(tools, cable, path, ctx),
      reconcile: async (ctx) => {
        const { phase, networkStatus } = await cable.verified(ctx)
        return hasJoined(phase) || networkStatus === 'joining' ? 'done' : 'again'
      },
    },
    { name: 'follow', cancellable: true, run: (ctx) => follow(tools, cable, path, ctx) },
    { name: 'read-back', cancellable: true, run: (ctx) => readBack(tools, cable, ctx) },
  ]
}

const connect = async (cable: Cable, path: string, ctx: StepContext): Promise<void> => {
  const { model, serialNumber, udn, locked, phase } = await cable.info(ctx)
  if (!locked || !udn) throw new IotmcError('WRONG_PHASE', { subject: path, detail: phase })
  ctx.note(`${model} ${serialNumber ?? ''}`.trim())
}

const verify = async (tools: ProvisionTools, cable: Cable, path: string, ctx: StepContext): Promise<void> => {
  const device = await cable.device(ctx)
  const info = await cable.info(ctx)
  const check = await judge(tools, device, info, ctx.signal)
  if (!check) throw new IotmcError('WRONG_PHASE', { subject: path, detail: info.phase })
  requireFactoryIdentity(check)
  if (info.phase !== 'provisioning')
    throw new IotmcError('WRONG_PHASE', { subject: check.udn, detail: info.phase })
  ctx.note(identityNote(check.chain.at(-1)?.fingerprint))
}

const send = async (tools: ProvisionTools, cable: Cable, path: string, ctx: StepContext): Promise<void> => {
  await cable.verified(ctx)
  const secret = tools.secretOf(ctx.job.id)
  if (!secret) throw new IotmcError('SECRET_NEEDED', { subject: path })
  // Again, however long ago it was: the cable may have been plugged into something else since.
  await verify(tools, cable, path, ctx)
  const ssid = ssidOf(ctx)
  const { credential } = secret
  const device = await cable.device(ctx)
  const request = { ssid, credential, anchorPem: tools.anchorPem() }
  await withoutSecrets([credential], () => device.network(request, ctx.signal))
  ctx.note(ssid || jobNote('wired'))
}

/** Until the device says over the cable how joining came out; then whether this laptop hears it, which it need not. */
const follow = async (tools: ProvisionTools, cable: Cable, path: string, ctx: StepContext): Promise<void> => {
  const { hearAfterCableMs } = PROVISION_TIMINGS
  const udn = await joinedByCable(tools, cable, path, ctx)
  if (udn && (await searchUntil(tools, () => isHeard(tools, udn), hearAfterCableMs, ctx.signal))) {
    ctx.note(whereHeard(tools, udn))
    return
  }
  ctx.skip()
  ctx.note(jobNote('joined-unheard'))
}

/** A device that restarts may take its port away with it, or not answer there for a moment. */
const AWAY_TRIES = 5
const AWAY: ReadonlySet<string> = new Set(['SERIAL_UNPLUGGED', 'SERIAL_SILENT', 'NOT_SMP', 'TIMED_OUT'])

/** Asks until the device has joined; its UDN. Errors: NETWORK_NOT_JOINED, OTHER_DEVICE, SERIAL_UNPLUGGED after some 10 s. */
const joinedByCable = async (
  tools: ProvisionTools,
  cable: Cable,
  path: string,
  ctx: StepContext,
): Promise<string | undefined> => {
  const { followMs, askEveryMs } = PROVISION_TIMINGS
  let away = 0
  const ask = async (): Promise<CabledInfo | undefined> => {
    try {
      const info = await cable.verified(ctx)
      away = 0
      return info
    } catch (thrown) {
      away += 1
      if (!(thrown instanceof IotmcError) || !AWAY.has(thrown.code) || away > AWAY_TRIES) throw thrown
      return undefined
    }
  }
  for (let leftMs: number = followMs; ; leftMs -= askEveryMs) {
    const { udn, phase, networkStatus } = (await ask()) ?? {}
    if (hasJoined(phase)) return udn
    requireNotFailed(udn ?? path, networkStatus)
    if (leftMs <= 0 && phase) {
      const detail = `still in ${phase} after ${followMs / 1000} s`
      throw new IotmcError('NETWORK_NOT_JOINED', { subject: udn ?? path, detail })
    }
    await delay(tools.clock, askEveryMs, ctx.signal)
  }
}

const isHeard = (tools: ProvisionTools, udn: string): boolean => {
  const seen = tools.sighting(udn)
  return seen?.online === true && hasJoined(seen.claim?.phase)
}

const readBack = async (tools: ProvisionTools, cable: Cable, ctx: StepContext): Promise<void> => {
  const { udn, phase } = await cable.verified(ctx)
  if (!hasJoined(phase))
    throw new IotmcError('READ_BACK_DIFFERS', { subject: udn ?? '', detail: `phase ${phase}` })
  if (udn && isHeard(tools, udn)) await confirmOverTls(tools, udn, ctx)
  else ctx.note(jobNote('read-over-cable', { phase }))
}
