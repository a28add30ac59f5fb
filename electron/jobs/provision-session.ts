/** The session with a device at the end of a cable, and what its identity is worth. */
import { createHash } from 'node:crypto'
import { IotmcError } from '../contract/errors'
import type { IdentityCheck } from '../contract/identity'
import type { SerialDevice } from '../contract/provision'
import {
  type CabledDevice,
  type CabledInfo,
  identityNote,
  type ProvisionTools,
  verifiedNote,
} from './provision-tools'
import type { StepContext } from './step'

/** The session with the device: opened when first needed, opened anew when it broke, closed when the run ends. */
export class Cable {
  private opened: CabledDevice | undefined
  private wasOpen = false

  constructor(
    private readonly tools: ProvisionTools,
    private readonly path: string,
  ) {}

  async device({ signal }: StepContext): Promise<CabledDevice> {
    if (this.opened) return this.opened
    const device = await this.tools.openSerial(this.path, signal).catch((thrown: unknown) => {
      if (this.wasOpen && thrown instanceof IotmcError && thrown.code === 'SERIAL_PORT_MISSING')
        throw new IotmcError('SERIAL_UNPLUGGED', { subject: this.path, cause: thrown })
      throw thrown
    })
    this.opened = device
    this.wasOpen = true
    const close = () => void device.session.close().catch(() => undefined)
    signal.addEventListener('abort', close, { once: true })
    if (signal.aborted) close()
    void Promise.resolve(device.session.closed).then(() => {
      signal.removeEventListener('abort', close)
      if (this.opened === device) this.opened = undefined
    })
    return device
  }

  /** What the device says that it is. Errors: FROZEN. */
  async info(ctx: StepContext): Promise<CabledInfo> {
    const info = await (await this.device(ctx)).info(ctx.signal)
    this.tools.requireFree(info)
    return info
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

/** Chain and proof of possession; undefined for a device without a certificate. */
export const judge = async (
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
