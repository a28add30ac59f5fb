/** Provisioning over a serial cable. Who holds the cable needs no setup code. */
import { createHash } from 'node:crypto'
import { IotmcError } from '../contract/errors'
import type { IdentityCheck } from '../contract/identity'
import type { SerialDevice } from '../contract/provision'
import { PROVISION_TIMINGS } from '../contract/timings'
import { delay } from '../net/clock'
import { confirmOverTls, whereHeard } from './provision-confirm'
import { withoutSecrets } from './provision-secrets'
import {
  type CabledDevice,
  type CabledInfo,
  hasJoined,
  identityNote,
  type ProvisionTools,
  requireFactoryIdentity,
  requireNotFailed,
  searchUntil,
  ssidOf,
  verifiedNote,
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

/** The session with the device: opened when first needed, opened anew when it broke, closed when the run ends. */
class Cable {
  private opened: CabledDevice | undefined

  constructor(
    private readonly tools: ProvisionTools,
    private readonly path: string,
  ) {}

  async device({ signal }: StepContext): Promise<CabledDevice> {
    if (this.opened) return this.opened
    const device = await this.tools.openSerial(this.path, signal)
    this.opened = device
    const close = () => void device.session.close().catch(() => undefined)
    signal.addEventListener('abort', close, { once: true })
    if (signal.aborted) close()
    void Promise.resolve(device.session.closed).then(() => {
      signal.removeEventListener('abort', close)
      if (this.opened === device) this.opened = undefined
    })
    return device
  }

  async info(ctx: StepContext): Promise<CabledInfo> {
    return (await this.device(ctx)).info(ctx.signal)
  }

  /** What the device says now. Errors: OTHER_DEVICE when it is not the one that was verified. */
  async verified(ctx: StepContext): Promise<CabledInfo> {
    const info = await this.info(ctx)
    const verified = verifiedNote(ctx)
    if (verified === undefined || identityNote(fingerprintIn(info)) === verified) return info
    throw new IotmcError('OTHER_DEVICE', {
      subject: this.path,
      detail: `${info.serialNumber ?? 'a device without a number'} is connected now`,
    })
  }
}

const pairs = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString('hex').toUpperCase().match(/../g)?.join(':') ?? ''

/** SHA-256 of its certificate, as certificates are shown. */
const fingerprintIn = ({ certificate }: CabledInfo): string | undefined => certificate && pairs(certificate)

const connect = async (cable: Cable, path: string, ctx: StepContext): Promise<void> => {
  const { model, serialNumber, udn, locked, phase } = await cable.info(ctx)
  if (!locked || !udn) throw new IotmcError('WRONG_PHASE', { subject: path, detail: phase })
  ctx.note(`${model} ${serialNumber ?? ''}`.trim())
}

const verify = async (tools: ProvisionTools, cable: Cable, path: string, ctx: StepContext): Promise<void> => {
  const device = await cable.device(ctx)
  const info = await device.info(ctx.signal)
  const check = await judge(tools, device, info, ctx.signal)
  if (!check) throw new IotmcError('WRONG_PHASE', { subject: path, detail: info.phase })
  requireFactoryIdentity(check)
  if (info.phase !== 'provisioning')
    throw new IotmcError('WRONG_PHASE', { subject: check.udn, detail: info.phase })
  ctx.note(identityNote(check.chain.at(-1)?.fingerprint))
}

/** Chain and proof of possession; undefined for a device without a certificate. */
const judge = async (
  tools: ProvisionTools,
  device: CabledDevice,
  info: CabledInfo,
  signal: AbortSignal,
): Promise<IdentityCheck | undefined> => {
  const { udn, certificate, phase } = info
  if (!udn || !certificate) return undefined
  const chainDer = await device.readChain(signal)
  const [leaf] = chainDer
  const verdict = tools.trust.judge(chainDer, { udn, kind: 'IDevID' })
  const base = { udn, chain: [...verdict.chain], phase, checkedAtMs: tools.clock.now() }
  if (!verdict.ok) return { ...base, trusted: false, code: verdict.code, detail: verdict.detail }
  const shown = leaf && createHash('sha256').update(leaf).digest()
  if (!leaf || !shown?.equals(certificate))
    return { ...base, trusted: false, code: 'SELF_TEST_FAILED', detail: 'it names another certificate' }
  try {
    await device.challenge(leaf, udn, signal)
  } catch (thrown) {
    if (!(thrown instanceof IotmcError) || thrown.code !== 'SELF_TEST_FAILED') throw thrown
    const detail = thrown.detail ?? 'it does not hold the key of its certificate'
    return { ...base, trusted: false, code: 'SELF_TEST_FAILED', detail }
  }
  return { ...base, trusted: true, kind: verdict.kind }
}

const send = async (tools: ProvisionTools, cable: Cable, path: string, ctx: StepContext): Promise<void> => {
  await cable.verified(ctx)
  const secret = tools.secretOf(ctx.job.id)
  if (!secret) throw new IotmcError('SECRET_NEEDED', { subject: path })
  const ssid = ssidOf(ctx)
  const { credential } = secret
  const device = await cable.device(ctx)
  const request = { ssid, credential, anchorPem: tools.anchorPem() }
  await withoutSecrets([credential], () => device.network(request, ctx.signal))
  ctx.note(ssid || 'wired')
}

/** Until the device says over the cable how joining came out; then whether this laptop hears it, which it need not. */
const follow = async (tools: ProvisionTools, cable: Cable, path: string, ctx: StepContext): Promise<void> => {
  let udn: string | undefined
  for (let leftMs: number = PROVISION_TIMINGS.followMs; ; leftMs -= PROVISION_TIMINGS.askEveryMs) {
    const info = await cable.verified(ctx)
    udn = info.udn
    if (hasJoined(info.phase)) break
    requireNotFailed(udn ?? path, info.networkStatus)
    if (leftMs <= 0) {
      const detail = `still in ${info.phase} after ${PROVISION_TIMINGS.followMs / 1000} s`
      throw new IotmcError('NETWORK_NOT_JOINED', { subject: udn ?? path, detail })
    }
    await delay(tools.clock, PROVISION_TIMINGS.askEveryMs, ctx.signal)
  }
  const { hearAfterCableMs } = PROVISION_TIMINGS
  const there = udn
  if (there && (await searchUntil(tools, () => isHeard(tools, there), hearAfterCableMs, ctx.signal))) {
    ctx.note(whereHeard(tools, there))
    return
  }
  ctx.skip()
  ctx.note('joined, by its word over the cable; this laptop does not hear it there')
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
  else ctx.note(`${phase}, read over the cable`)
}

/** Asks a device at the end of a cable who it is, for the wizard. Errors: those of the port, SERIAL_SILENT, NOT_SMP. */
export const lookSerial = async (
  tools: ProvisionTools,
  path: string,
  signal: AbortSignal,
): Promise<SerialDevice> => {
  const device = await tools.openSerial(path, signal)
  try {
    const info = await device.info(signal)
    const check = await judge(tools, device, info, signal)
    const { model, hardwareRevision, firmwareVersion, phase, locked, serialNumber, udn } = info
    return {
      ...{ path, model, hardwareRevision, firmwareVersion, phase, locked },
      ...(serialNumber ? { serialNumber } : {}),
      ...(udn ? { udn } : {}),
      ...(check ? { check } : {}),
    }
  } finally {
    await device.session.close()
  }
}
