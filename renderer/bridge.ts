/** The only file that touches the preload bridge: commands out, pushed events in, errors as one class. */
import type { ErrorCode } from '../electron/contract/errors'
import type {
  Bridge,
  CallAnswer,
  CallName,
  CallRequest,
  EventName,
  EventPayload,
  IpcError,
} from '../electron/contract/ipc'

/** A command that the main process refused or failed. Drawn by `ErrorBox`; branch on `code`. */
export class CallError extends Error {
  readonly code: ErrorCode
  readonly subject: string | undefined
  readonly detail: string | undefined
  readonly lines: IpcError['lines']
  constructor(error: IpcError) {
    super(error.code)
    this.name = 'CallError'
    this.code = error.code
    this.subject = error.subject
    this.detail = error.detail
    this.lines = error.lines
  }
}

/** Turns anything thrown in the window into a CallError; what is not one already is a defect. */
export const asCallError = (thrown: unknown): CallError =>
  thrown instanceof CallError
    ? thrown
    : new CallError({
        code: 'DEFECT',
        ...(thrown instanceof Error ? { detail: thrown.message.slice(0, 200) } : {}),
      })

const bridge = (): Bridge => {
  const { iotmc } = window as { readonly iotmc?: Bridge }
  if (!iotmc) throw new CallError({ code: 'DEFECT', detail: 'the window was opened without its bridge' })
  return iotmc
}

/** Sends one command and waits for its answer. Throws CallError. */
export const call = async <N extends CallName>(name: N, request?: CallRequest<N>): Promise<CallAnswer<N>> => {
  const result = await bridge().call(name, request)
  if (!result.ok) throw new CallError(result.error)
  return result.value
}

/** The path of a file that was dropped on the window; empty where it has none. */
export const pathOf = (file: File): string => bridge().pathOf(file)

/** Listens to one pushed event; returns how to stop. */
export const listen = <N extends EventName>(
  name: N,
  listener: (payload: EventPayload<N>) => void,
): (() => void) =>
  // The main process has checked the payload against the schema of this very name.
  bridge().on(name, (json) => listener(JSON.parse(json) as EventPayload<N>))
