/** Reading back over TLS what provisioning has made of a device. */
import { IotmcError } from '../contract/errors'
import { PROVISION_TIMINGS } from '../contract/timings'
import { delay } from '../net/clock'
import {
  hasJoined,
  identityNote,
  isOnline,
  type ProvisionTools,
  requireFactoryIdentity,
  searchUntil,
  verifiedNote,
} from './provision-tools'
import type { StepContext } from './step'

const TRIES = 20
const TRY_GAP_MS = 500

const PASSING: ReadonlySet<string> = new Set([
  'DEVICE_UNKNOWN',
  'DEVICE_OFFLINE',
  'DEVICE_UNREACHABLE',
  'TLS_REFUSED',
  'TIMED_OUT',
  'BUSY',
])

/** Whether an error may be gone in a moment, as while a device changes its network or its certificate. */
export const isPassing = (thrown: unknown): boolean => {
  if (!(thrown instanceof IotmcError)) return false
  return PASSING.has(thrown.code) || (thrown.code === 'BAD_ANSWER' && thrown.detail === 'cut short')
}

/** Where a device was heard, for people: `192.168.7.4 (eth0), BOOTID 12`. */
export const whereHeard = (tools: ProvisionTools, udn: string): string => {
  const { addresses = [], bootId } = tools.sighting(udn) ?? {}
  const isIpv6 = (text: string): number => Number(text.includes(':'))
  const [last] = [...addresses].sort(
    (a, b) => isIpv6(a.address) - isIpv6(b.address) || b.lastSeenMs - a.lastSeenMs,
  )
  if (!last) return ''
  return `${last.address} (${last.interfaceName})${bootId === undefined ? '' : `, BOOTID ${bootId}`}`
}

/**
 * In commissioning or later, the same device as was verified, and it knows this site. Errors: READ_BACK_DIFFERS, those of
 * identity, and of the connection when it does not come about in some 10 s.
 */
export const confirmOverTls = async (tools: ProvisionTools, udn: string, ctx: StepContext): Promise<void> => {
  // After a restart it may not have been heard yet.
  await searchUntil(tools, () => isOnline(tools, udn), PROVISION_TIMINGS.hearAgainMs, ctx.signal)
  for (let left = TRIES; ; left -= 1) {
    try {
      const phase = await confirm(tools, udn, ctx)
      ctx.note(`${phase}, ${whereHeard(tools, udn)}`)
      return
    } catch (thrown) {
      if (!isPassing(thrown) || left === 0) throw thrown
      await delay(tools.clock, TRY_GAP_MS, ctx.signal)
    }
  }
}

const confirm = async (tools: ProvisionTools, udn: string, ctx: StepContext): Promise<string> => {
  const check = await tools.link.verify(udn, ctx.signal)
  // Enrolment may be ahead of us: a certificate of our own site is as good.
  if (!check.trusted || check.kind !== 'LDevID') requireFactoryIdentity(check)
  const verified = verifiedNote(ctx)
  const differs = (detail: string) => new IotmcError('READ_BACK_DIFFERS', { subject: udn, detail })
  if (check.kind === 'IDevID' && verified && identityNote(check.chain.at(-1)?.fingerprint) !== verified)
    throw differs('another factory certificate than the one that was verified')
  if (!hasJoined(check.phase)) throw differs(`phase ${check.phase}`)
  await requireOurAnchor(tools, udn, ctx)
  return check.phase ?? ''
}

/** An action that a device allows only to its own site: one that had another anchor, or none, would refuse it. */
const requireOurAnchor = async (tools: ProvisionTools, udn: string, ctx: StepContext): Promise<void> => {
  try {
    await tools.link.call(udn, 'Configuration', 'GetSupportedParameters', {}, ctx.signal)
  } catch (thrown) {
    if (!(thrown instanceof IotmcError) || thrown.code !== 'NOT_AUTHORIZED') throw thrown
    throw new IotmcError('READ_BACK_DIFFERS', { subject: udn, detail: 'it does not know this site' })
  }
}
