/** One long answer over a prepared ClientRequest, handed on piece by piece: bounded memory, never a piece ahead of the sink. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { asIotmcError, IotmcError } from '../contract/errors'
import { headersOf } from './http-exchange'

/** No new byte for so long ends a download. */
const IDLE_MS = 30_000
/** The body of a refusal is of no use; more than this is not waited for. */
const REFUSAL_MAX_BYTES = 64 * 1024

export interface HttpsDownload {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Without a new byte; the sink's own time does not count. Default 30 s. */
  readonly idleMs?: number
  /** The head, before the first byte of the body; what it throws ends the download and is what `download` rejects with. */
  onHead?(status: number, headers: Readonly<Record<string, string>>): void
  /** The body of a 200 or 206, in order; the next piece comes when this has resolved. What it throws ends the download. */
  sink(chunk: Buffer): Promise<void> | void
}

export interface DownloadAnswer {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** What the sink was given. */
  readonly bytes: number
}

/** A timer that can be held while somebody else is at work. */
const idleTimer = (idleMs: number, onIdle: () => void) => {
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => {
    clearTimeout(timer)
    timer = undefined
  }
  const start = (): void => {
    stop()
    timer = setTimeout(onIdle, idleMs)
  }
  return { start, stop }
}

const answerTo = (req: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    // Stays for good: destroying a request emits errors after the promise has settled.
    req.on('error', reject)
    req.once('response', resolve)
    req.end()
  })

/** The caller's own failure must not be taken for one of the network. */
const own = async (work: () => Promise<void> | void): Promise<void> => {
  try {
    await work()
  } catch (thrown) {
    throw asIotmcError(thrown)
  }
}

/**
 * Rejects with TIMED_OUT (idle), CANCELLED, IMAGE_TRUNCATED (the connection ended before the announced length), what
 * `onHead` or `sink` threw, or the socket's own error. Settles only when the sink is at rest.
 */
export const download = async (
  req: ClientRequest,
  d: Omit<HttpsDownload, 'url' | 'headers'>,
  onAnswer: (response: IncomingMessage) => void,
): Promise<DownloadAnswer> => {
  let reason: unknown
  const stop = (why: unknown): void => {
    reason ??= why
    req.destroy()
  }
  const idleMs = d.idleMs ?? IDLE_MS
  const idle = idleTimer(idleMs, () => stop(new IotmcError('TIMED_OUT', { detail: `${idleMs} ms` })))
  const onAbort = (): void => stop(new IotmcError('CANCELLED'))
  if (d.signal?.aborted) onAbort()
  d.signal?.addEventListener('abort', onAbort, { once: true })
  let response: IncomingMessage | undefined
  let bytes = 0
  try {
    idle.start()
    response = await answerTo(req)
    onAnswer(response)
    // A slow reader of the head is no reason to lose an error that comes meanwhile.
    response.on('error', () => undefined)
    const status = response.statusCode ?? 0
    const headers = headersOf(response)
    const wanted = status === 200 || status === 206
    await own(() => d.onHead?.(status, headers))
    let refusal = 0
    for await (const chunk of response as AsyncIterable<Buffer>) {
      idle.stop()
      if (reason) throw reason
      if (wanted) {
        await own(() => d.sink(chunk))
        bytes += chunk.length
      } else {
        refusal += chunk.length
        if (refusal > REFUSAL_MAX_BYTES) throw new IotmcError('BAD_ANSWER', { detail: 'too-large' })
      }
      idle.start()
    }
    if (reason) throw reason
    if (!response.complete) throw new IotmcError('IMAGE_TRUNCATED', { detail: `after ${bytes} bytes` })
    return { status, headers, bytes }
  } catch (thrown) {
    if (reason) throw reason
    const { code } = thrown as NodeJS.ErrnoException
    const cut = response !== undefined && !response.complete && (code === 'ECONNRESET' || code === 'EPIPE')
    req.destroy()
    throw cut ? new IotmcError('IMAGE_TRUNCATED', { detail: `after ${bytes} bytes`, cause: thrown }) : thrown
  } finally {
    idle.stop()
    d.signal?.removeEventListener('abort', onAbort)
  }
}
