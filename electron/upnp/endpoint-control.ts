/** One SOAP call, from bytes to bytes: role, phase, arguments, handler, answer or fault (UDA 2.0 §3). */
import { asIotmcError, type ErrorCode, IotmcError } from '../contract/errors'
import { ROLES, type Role, type ServiceName, serviceType } from '../contract/names'
import { HTTP_LIMITS } from '../contract/timings'
import type { PeerCertificate } from '../net/tls'
import type { Caller } from './endpoint-caller'
import { actionOf, checkArguments } from './scpd'
import { loadScpd } from './scpd-files'
import { decodeCall, encodeAnswer, encodeFault, faultOf, type SoapCall } from './soap-message'

export interface ActionContext {
  readonly role: Role
  readonly peerUdn?: string
  readonly peer: PeerCertificate | undefined
  /** SHA-256 of the client certificate, lower-case hex. */
  readonly peerFingerprint?: string
  readonly remoteAddress: string
  /** Aborted when the caller goes away, the endpoint closes, or the time for the answer is over. */
  readonly signal: AbortSignal
}

/** Checked arguments in, out-arguments out. What it throws becomes a fault: an IotmcError as itself, else 501. */
export type ActionHandler = (
  args: Record<string, string>,
  context: ActionContext,
) => Promise<Record<string, string>> | Record<string, string>

/** Throws where an action may not run now. */
export type ActionGuard = (service: ServiceName, action: string) => void
export type HandlerTable = Map<ServiceName, Map<string, ActionHandler>>

export interface ControlRequest {
  readonly service: ServiceName
  readonly soapAction: string | undefined
  readonly body: Buffer
  readonly caller: Caller
  readonly handlers: HandlerTable
  readonly guard: ActionGuard | undefined
  readonly signal: AbortSignal
  onDefect(thrown: unknown): void
  /** Told of a known action that this caller may not call, or not now. */
  onRefused?(action: string, code: ErrorCode): void
}

export interface ControlAnswer {
  readonly status: 200 | 500
  readonly body: string
}

const NOT_IMPLEMENTED = { number: 602, description: 'Optional Action Not Implemented' }
/** UDA asks for an answer within 30 s; the answer itself needs some of it. */
const ANSWER_MS = HTTP_LIMITS.requestTimeoutMs - 2_000

const contextOf = (caller: Caller, signal: AbortSignal): ActionContext => ({
  role: caller.role,
  peer: caller.peer,
  remoteAddress: caller.remoteAddress,
  signal,
  ...(caller.peerUdn ? { peerUdn: caller.peerUdn } : {}),
  ...(caller.fingerprint ? { peerFingerprint: caller.fingerprint } : {}),
})

const expired = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const fail = (): void => reject(new IotmcError('ACTION_FAILED', { detail: 'no answer in time' }))
    if (signal.aborted) fail()
    else signal.addEventListener('abort', fail, { once: true })
  })

const readCall = (r: ControlRequest): SoapCall => {
  try {
    return decodeCall(r.body, r.soapAction)
  } catch (cause) {
    const { code, detail } = asIotmcError(cause)
    throw code === 'BAD_ANSWER'
      ? new IotmcError('INVALID_ACTION', { ...(detail ? { detail } : {}), cause })
      : cause
  }
}

const checkGuard = (r: ControlRequest, action: string): void => {
  try {
    r.guard?.(r.service, action)
  } catch (thrown) {
    r.onRefused?.(action, asIotmcError(thrown).code)
    throw thrown
  }
}

const runAction = async (r: ControlRequest): Promise<ControlAnswer> => {
  const type = serviceType(r.service)
  const scpd = loadScpd(r.service)
  const call = readCall(r)
  if (call.serviceType !== type) throw new IotmcError('INVALID_ACTION', { detail: 'another service type' })
  const action = actionOf(scpd, call.action)
  // Without a certificate there is no exchange at all, whatever the role of the action (docs/protocol.md §3).
  if (!r.caller.peer || ROLES.indexOf(r.caller.role) < ROLES.indexOf(action.role)) {
    r.onRefused?.(action.name, 'NOT_AUTHORIZED')
    throw new IotmcError('NOT_AUTHORIZED', { detail: `role ${action.role} is needed` })
  }
  const handler = r.handlers.get(r.service)?.get(action.name)
  if (!handler) return { status: 500, body: encodeFault(NOT_IMPLEMENTED) }
  checkGuard(r, action.name)
  const args = checkArguments(scpd, action.name, 'in', call.args)
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), ANSWER_MS)
  try {
    const signal = AbortSignal.any([r.signal, timeout.signal])
    const running = Promise.resolve(handler(args, contextOf(r.caller, signal)))
    const out = await Promise.race([running, expired(signal)])
    let checked: Record<string, string>
    try {
      checked = checkArguments(scpd, action.name, 'out', out)
    } catch (cause) {
      throw new IotmcError('DEFECT', {
        detail: `${action.name} answers what its description does not allow`,
        cause,
      })
    }
    return { status: 200, body: encodeAnswer({ serviceType: type, action: action.name }, checked) }
  } finally {
    clearTimeout(timer)
  }
}

/** Never rejects: each cause has its fault, and what is not a cause of the profile gives 501 with no internals. */
export const answerCall = async (r: ControlRequest): Promise<ControlAnswer> => {
  try {
    return await runAction(r)
  } catch (thrown) {
    const error = asIotmcError(thrown)
    if (error.code === 'DEFECT') {
      r.onDefect(thrown)
      return { status: 500, body: encodeFault({ number: 501, description: 'Action Failed' }) }
    }
    return { status: 500, body: encodeFault(faultOf(error)) }
  }
}
