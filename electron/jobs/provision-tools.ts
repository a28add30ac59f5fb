/** What provisioning needs of the world, and what both of its roads share. */
import { IotmcError } from '../contract/errors'
import type { IdentityCheck } from '../contract/identity'
import type { Phase } from '../contract/phases'
import { PROVISION_TIMINGS } from '../contract/timings'
import type { TrustStore } from '../identity/trust'
import type { Clock } from '../net/clock'
import type { DeviceLink, Sighting } from './device-link'
import type { StepContext } from './step'

/** What discovery knows of a device: `claim` is its management header. */
export interface ProvisionSighting extends Sighting {
  readonly claim?: { readonly phase?: Phase | undefined } | undefined
}

/** What a device says of itself over the cable, as far as it matters here. */
export interface CabledInfo {
  readonly model: string
  readonly hardwareRevision: string
  readonly firmwareVersion: string
  readonly phase: string
  readonly locked: boolean
  readonly serialNumber?: string | undefined
  readonly udn?: string | undefined
  /** SHA-256 of its certificate's DER. */
  readonly certificate?: Uint8Array | undefined
  readonly networkStatus?: string | undefined
}

/** A device at the end of a cable; `FactoryDevice` is one. */
export interface CabledDevice {
  readonly session: { readonly closed: Promise<unknown>; close(): Promise<void> }
  info(signal: AbortSignal): Promise<CabledInfo>
  /** Its certificates, DER, leaf first. */
  readChain(signal: AbortSignal): Promise<readonly Buffer[]>
  /** Errors: SELF_TEST_FAILED when it does not hold the key of this certificate. */
  challenge(leafDer: Buffer, udn: string, signal: AbortSignal): Promise<void>
  network(
    request: { readonly ssid: string; readonly credential: string; readonly anchorPem: string },
    signal: AbortSignal,
  ): Promise<unknown>
}

export interface ProvisionTools {
  readonly clock: Clock
  readonly link: Pick<DeviceLink, 'call' | 'state' | 'verify'>
  readonly trust: Pick<TrustStore, 'judge'>
  /** Certificate of the site CA, which the device is to trust. */
  anchorPem(): string
  sighting(udn: string): ProvisionSighting | undefined
  /** Calls back whenever presence may have changed. */
  onChange(listener: () => void): () => void
  search(): void
  openSerial(path: string, signal: AbortSignal): Promise<CabledDevice>
  /** Errors: FROZEN where the device with this identity is leaving the site. */
  requireFree(who: { readonly udn?: string | undefined; readonly serialNumber?: string | undefined }): void
  /** Held in memory by who started the job; undefined after a restart. */
  secretOf(jobId: string): { readonly setupCode?: string; readonly credential: string } | undefined
}

const BEHIND: ReadonlySet<string> = new Set<Phase>(['commissioning', 'operation', 'maintenance'])

/** Whether a device in this phase has its network and its anchor. */
export const hasJoined = (phase: string | undefined): boolean => phase !== undefined && BEHIND.has(phase)

/** Resolves at the next change, or after `ms`. Errors: CANCELLED. */
export const changeOr = (
  tools: Pick<ProvisionTools, 'clock' | 'onChange'>,
  ms: number,
  signal: AbortSignal,
): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new IotmcError('CANCELLED'))
    const end = (finish: () => void) => () => {
      cancelTimer()
      off()
      signal.removeEventListener('abort', onAbort)
      finish()
    }
    const onAbort = end(() => reject(new IotmcError('CANCELLED')))
    const cancelTimer = tools.clock.setTimer(end(resolve), ms)
    const off = tools.onChange(end(resolve))
    signal.addEventListener('abort', onAbort, { once: true })
  })

/** Searches until `ready`, at most for `ms`; false when the time is over. Errors: CANCELLED. */
export const searchUntil = async (
  tools: Pick<ProvisionTools, 'clock' | 'onChange' | 'search'>,
  ready: () => boolean,
  ms: number,
  signal: AbortSignal,
): Promise<boolean> => {
  const over = new AbortController()
  const cancel = tools.clock.setTimer(() => over.abort(), ms)
  const either = AbortSignal.any([signal, over.signal])
  try {
    while (!ready()) {
      tools.search()
      await changeOr(tools, PROVISION_TIMINGS.searchEveryMs, either)
    }
    return true
  } catch (thrown) {
    if (signal.aborted || !over.signal.aborted) throw thrown
    return false
  } finally {
    cancel()
  }
}

export const isOnline = (tools: Pick<ProvisionTools, 'sighting'>, udn: string): boolean =>
  tools.sighting(udn)?.online ?? false

/** Throws what is wrong with an identity that is not trusted, or is not the factory's. */
export const requireFactoryIdentity = (check: IdentityCheck): void => {
  const { udn: subject, code, detail = 'the chain does not end at a trusted root' } = check
  if (!check.trusted) throw new IotmcError(isCause(code) ? code : 'IDENTITY_NOT_TRUSTED', { subject, detail })
  if (check.kind === 'IDevID') return
  throw new IotmcError('IDENTITY_NOT_TRUSTED', { subject, detail: 'not its factory certificate' })
}

const CAUSES = [
  'IDENTITY_NOT_TRUSTED',
  'IDENTITY_REVOKED',
  'IDENTITY_EXPIRED',
  'UDN_MISMATCH',
  'SELF_TEST_FAILED',
] as const
const isCause = (code: string | undefined): code is (typeof CAUSES)[number] =>
  CAUSES.some((cause) => cause === code)

/** How the journal names a factory certificate: enough to find that a later step speaks to another one. */
export const identityNote = (fingerprint: string | undefined): string =>
  `IDevID ${fingerprint?.slice(0, 23) ?? ''}`

/** The note that `verify-identity` left in the journal. */
export const verifiedNote = (ctx: StepContext): string | undefined =>
  ctx.job.steps.find(({ name }) => name === 'verify-identity')?.note

/** Network and credential of a job, as a person may read them: the name alone. */
export const ssidOf = (ctx: StepContext): string => ctx.job.params.ssid ?? ''

const FAILURES: Readonly<Record<string, string>> = {
  'failed:not-found': 'the device does not find a network of this name',
  'failed:refused': 'the network refused the credential',
  'failed:no-address': 'the network gave the device no address',
}

/** Throws NETWORK_NOT_JOINED with the device's own reason where it says that it failed. */
export const requireNotFailed = (subject: string, status: string | undefined): void => {
  if (!status?.startsWith('failed:')) return
  throw new IotmcError('NETWORK_NOT_JOINED', { subject, detail: FAILURES[status] ?? status.slice(0, 60) })
}
