/** Provisioning over the device's setup network: its setup code inside TLS, then heard again on its own network. */

import { IotmcError } from '../contract/errors'
import { jobNote } from '../contract/job-notes'
import { PROVISION_TIMINGS } from '../contract/timings'
import { delay } from '../net/clock'
import { confirmOverTls, isPassing, whereHeard } from './provision-confirm'
import { setupCodeToSend, withoutSecrets } from './provision-secrets'
import {
  changeOr,
  hasJoined,
  identityNote,
  isOnline,
  type ProvisionTools,
  requireFactoryIdentity,
  requireNotFailed,
  searchUntil,
  ssidOf,
} from './provision-tools'
import type { StepContext, StepPlan } from './step'

/** The five steps for a device that is heard. */
export const networkSteps = (tools: ProvisionTools, udn: string): readonly StepPlan[] => [
  { name: 'connect', cancellable: true, run: (ctx) => connect(tools, udn, ctx) },
  { name: 'verify-identity', cancellable: true, run: (ctx) => verify(tools, udn, ctx) },
  {
    name: 'send-network',
    cancellable: false,
    run: (ctx) => send(tools, udn, ctx),
    reconcile: (ctx) => ask(tools, udn, ctx),
  },
  { name: 'follow', cancellable: true, run: (ctx) => follow(tools, udn, ctx) },
  { name: 'read-back', cancellable: true, run: (ctx) => confirmOverTls(tools, udn, ctx) },
]

const connect = async (tools: ProvisionTools, udn: string, ctx: StepContext): Promise<void> => {
  await present(tools, udn, ctx)
  ctx.note(whereHeard(tools, udn))
}

/** Waits, without holding others up, until the device is heard. */
const present = async (tools: ProvisionTools, udn: string, ctx: StepContext): Promise<void> => {
  if (isOnline(tools, udn)) return
  await ctx.hold('waiting', async () => {
    while (!isOnline(tools, udn)) {
      tools.search()
      await changeOr(tools, PROVISION_TIMINGS.searchEveryMs, ctx.signal)
    }
  })
}

const verify = async (tools: ProvisionTools, udn: string, ctx: StepContext): Promise<void> => {
  await present(tools, udn, ctx)
  await verifyNow(tools, udn, ctx)
}

/** The setup code goes to nobody but a device that has proven its factory identity. */
const verifyNow = async (tools: ProvisionTools, udn: string, ctx: StepContext): Promise<void> => {
  const check = await tools.link.verify(udn, ctx.signal)
  requireFactoryIdentity(check)
  if (check.phase !== 'provisioning')
    throw new IotmcError('WRONG_PHASE', { subject: udn, detail: check.phase ?? '' })
  ctx.note(identityNote(check.chain.at(-1)?.fingerprint))
}

const send = async (tools: ProvisionTools, udn: string, ctx: StepContext): Promise<void> => {
  const secret = tools.secretOf(ctx.job.id)
  if (!secret) throw new IotmcError('SECRET_NEEDED', { subject: udn })
  const code = setupCodeToSend(secret.setupCode ?? '', udn)
  // This step can't be cancelled, so it waits for nobody.
  const { hearAgainMs } = PROVISION_TIMINGS
  if (!(await searchUntil(tools, () => isOnline(tools, udn), hearAgainMs, ctx.signal)))
    throw new IotmcError('DEVICE_OFFLINE', { subject: udn })
  // Again, however long ago it was: what follows goes over the connection that this judges.
  await verifyNow(tools, udn, ctx)
  const ssid = ssidOf(ctx)
  const args = {
    SetupCode: code,
    Ssid: ssid,
    Credential: secret.credential,
    SiteTrustAnchor: tools.anchorPem(),
  }
  try {
    await withoutSecrets([code, secret.credential], () =>
      tools.link.call(udn, 'Lifecycle', 'ProvisionNetwork', args, ctx.signal),
    )
  } catch (thrown) {
    if (!isPassing(thrown) || !(await tookIt(tools, udn, ctx.signal))) throw thrown
  }
  ctx.note(ssid || jobNote('wired'))
}

const SETTLE_TRIES = 5

/** The answer was lost: asks the device. One that can't be asked any more is on its way, and `follow` finds out. */
const tookIt = async (tools: ProvisionTools, udn: string, signal: AbortSignal): Promise<boolean> => {
  for (let left = SETTLE_TRIES; left > 0; left -= 1) {
    try {
      return await isUnderWay(tools, udn, signal)
    } catch (thrown) {
      if (!isPassing(thrown)) throw thrown
      await delay(tools.clock, PROVISION_TIMINGS.askEveryMs, signal)
    }
  }
  return true
}

/** The step was begun before, and perhaps the secret is gone since: the device knows whether there is more to do. */
const ask = async (tools: ProvisionTools, udn: string, ctx: StepContext): Promise<'done' | 'again'> => {
  const { followMs } = PROVISION_TIMINGS
  const heard = () => searchUntil(tools, () => isOnline(tools, udn), followMs, ctx.signal)
  if (!isOnline(tools, udn) && !(await ctx.hold('waiting', heard))) return 'again'
  for (let left = SETTLE_TRIES; ; left -= 1) {
    try {
      return (await isUnderWay(tools, udn, ctx.signal)) ? 'done' : 'again'
    } catch (thrown) {
      if (!isPassing(thrown) || left === 0) throw thrown
      await delay(tools.clock, PROVISION_TIMINGS.askEveryMs, ctx.signal)
    }
  }
}

/** Whether the device has accepted a network, by its own word over TLS. Errors as `DeviceLink.state`. */
const isUnderWay = async (tools: ProvisionTools, udn: string, signal: AbortSignal): Promise<boolean> => {
  if (hasJoined((await tools.link.state(udn, signal)).phase)) return true
  return (await networkStatus(tools, udn, signal)) === 'joining'
}

/** What the device says of its network; undefined where it does not know the action. */
const networkStatus = async (
  tools: ProvisionTools,
  udn: string,
  signal: AbortSignal,
): Promise<string | undefined> => {
  try {
    return (await tools.link.call(udn, 'Lifecycle', 'GetNetworkStatus', {}, signal)).NetworkStatus
  } catch (thrown) {
    if (thrown instanceof IotmcError && UNKNOWN_ACTION.has(thrown.code)) return undefined
    throw thrown
  }
}

const UNKNOWN_ACTION: ReadonlySet<string> = new Set(['INVALID_ACTION', 'ACTION_FAILED'])

/** Until the device says, on whichever of its networks this laptop hears it, how joining came out. */
const follow = async (tools: ProvisionTools, udn: string, ctx: StepContext): Promise<void> => {
  const { followMs, askEveryMs } = PROVISION_TIMINGS
  const over = new AbortController()
  const cancel = tools.clock.setTimer(() => over.abort(), followMs)
  const signal = AbortSignal.any([ctx.signal, over.signal])
  try {
    while (!(await hasArrived(tools, udn, signal))) {
      tools.search()
      await delay(tools.clock, askEveryMs, signal)
    }
  } catch (thrown) {
    if (!over.signal.aborted || ctx.signal.aborted) throw thrown
    const detail = `not heard on a network of this laptop within ${followMs / 1000} s`
    throw new IotmcError('NETWORK_NOT_JOINED', { subject: udn, detail })
  } finally {
    cancel()
  }
  ctx.note(whereHeard(tools, udn))
}

/** Its advertisement says where to ask; only what TLS says counts. Errors: NETWORK_NOT_JOINED, CANCELLED. */
const hasArrived = async (tools: ProvisionTools, udn: string, signal: AbortSignal): Promise<boolean> => {
  if (!isOnline(tools, udn)) return false
  try {
    if (hasJoined((await tools.link.state(udn, signal)).phase)) return true
    requireNotFailed(udn, await networkStatus(tools, udn, signal))
    return false
  } catch (thrown) {
    if (isPassing(thrown)) return false
    throw thrown
  }
}
