/** One call from the page: name and payload checked, handler run, answer checked, errors turned into their wire shape. */
import type { output } from 'zod'
import { asIotmcError, IotmcError } from '../contract/errors'
import { CALLS, type CallAnswer, type CallName, type IpcError, type IpcResult } from '../contract/ipc'
import type { Log } from '../site/events'
import { type Gate, OPEN_GATE, requireAllowed, requireStillAllowed } from './gate'

/** A call's request after the schema has checked and trimmed it. */
export type CheckedRequest<N extends CallName> = output<(typeof CALLS)[N]['request']>
/** A handler may answer later; one without an answer may also give a promise of its end, which is waited for. */
type Handler<Request, Answer> = Answer extends undefined
  ? (request: Request) => void
  : (request: Request) => Answer | Promise<Answer>
export type Handlers = { readonly [N in CallName]: Handler<CheckedRequest<N>, CallAnswer<N>> }

const isCallName = (name: unknown): name is CallName => typeof name === 'string' && Object.hasOwn(CALLS, name)

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly code?: string
}
/** Where and what of the first problem, never the value: it may be a secret. */
const whereAndWhat = (issues: readonly Issue[]): string => {
  const [first] = issues
  return first === undefined ? 'invalid' : `${first.path.map(String).join('.') || 'request'}: ${first.code}`
}

/** The wire shape of an error; a defect carries no internals. */
export const toIpcError = ({ code, subject, detail, lines }: IotmcError): IpcError => {
  if (code === 'DEFECT') return { code }
  return {
    code,
    ...(subject === undefined ? {} : { subject }),
    ...(detail === undefined ? {} : { detail }),
    ...(lines === undefined ? {} : { lines: [...lines] }),
  }
}

const checked = (name: CallName, request: unknown): unknown => {
  const parsed = CALLS[name].request.safeParse(request)
  if (parsed.success) return parsed.data
  throw new IotmcError('REQUEST_REFUSED', { subject: name, detail: whereAndWhat(parsed.error.issues) })
}

const withinContract = (name: CallName, answer: unknown): unknown => {
  const parsed = CALLS[name].answer.safeParse(answer)
  if (parsed.success) return parsed.data
  throw new Error(`answer of ${name} breaks the contract at ${whereAndWhat(parsed.error.issues)}`)
}

/** Runs one call that `gate` lets through. Never rejects. `handlers` rejects where the controller could not be made; every call then says why. */
export const dispatch = async (
  handlers: () => Promise<Handlers>,
  name: unknown,
  request: unknown,
  log: Log,
  gate: Gate = OPEN_GATE,
): Promise<IpcResult<unknown>> => {
  try {
    if (!isCallName(name)) throw new IotmcError('REQUEST_REFUSED', { detail: 'unknown call' })
    const payload = checked(name, request)
    const all = await handlers()
    requireAllowed(gate, name, payload)
    const handle = all[name] as (payload: unknown) => unknown
    const answer = await handle(payload)
    requireStillAllowed(gate, name)
    return { ok: true, value: withinContract(name, answer) }
  } catch (thrown) {
    const error = asIotmcError(thrown)
    const call = isCallName(name) ? name : 'unknown'
    if (error.code === 'DEFECT') log.error({ call, err: error }, 'call failed by a defect')
    else log.info({ call, code: error.code, detail: error.detail }, 'call refused')
    return { ok: false, error: toIpcError(error) }
  }
}
