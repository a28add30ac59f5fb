/** One echo request: by the system's `ping`, which has the right to send one, or in its place a TCP connection. */
import { spawn } from 'node:child_process'
import { connect, isIPv6 } from 'node:net'
import { IotmcError } from '../contract/errors'
import type { Clock } from '../net/clock'

export interface EchoOptions {
  readonly clock: Clock
  /** Name or path of the program. */
  readonly ping?: string | undefined
}

export interface EchoRequest {
  /** An address, never a name: nothing in it can be an option. */
  readonly address: string
  readonly timeoutMs: number
  /** Routers that may pass it on. */
  readonly ttl?: number
}

export type Echo =
  | { readonly kind: 'reply'; readonly ms: number }
  /** A router on the way has answered instead; `ms` is that of the whole program. */
  | { readonly kind: 'router'; readonly from: string; readonly ms: number }
  | { readonly kind: 'silent' }
  | { readonly kind: 'unreachable'; readonly from?: string }
  /** There is no such program, or it may not. */
  | { readonly kind: 'no-program' }

/** What a program may say at the most; more is cut off. */
const OUTPUT_MAX = 16 * 1024
/** A program gets so much longer than its own time-out, for its start. */
const GRACE_MS = 1_000

/** Arguments that each system's `ping` knows, for one request. Whole seconds, where it wants seconds. */
export const pingArguments = (
  { address, timeoutMs, ttl }: EchoRequest,
  platform: NodeJS.Platform = process.platform,
): string[] => {
  const seconds = String(Math.max(1, Math.ceil(timeoutMs / 1000)))
  const hops = ttl === undefined ? [] : [String(ttl)]
  if (platform === 'win32')
    return ['-n', '1', '-w', String(timeoutMs), ...hops.flatMap((n) => ['-i', n]), address]
  if (platform === 'darwin')
    return ['-n', '-c', '1', '-W', String(timeoutMs), ...hops.flatMap((n) => ['-m', n]), address]
  return ['-n', '-c', '1', '-W', seconds, ...hops.flatMap((n) => ['-t', n]), address]
}

const TIME = /(?:time|Zeit|temps|tiempo)\s?[=<]\s?(\d+(?:[.,]\d+)?)\s?ms/i
const FROM = /^(?:From|Reply from|Antwort von)\s+([0-9a-fA-F.:]+(?:%[\w.-]+)?)/m

/** What the words of a `ping` mean. Pure. */
export const readPing = (output: string, code: number | null, ms: number): Echo => {
  const from = FROM.exec(output)?.[1]?.replace(/:$/, '')
  if (/time to live exceeded|TTL expired|hop limit exceeded|Hop limit|Time exceeded/i.test(output) && from)
    return { kind: 'router', from, ms }
  if (/unreachable|No route to host/i.test(output)) return { kind: 'unreachable', ...(from ? { from } : {}) }
  const time = TIME.exec(output)?.[1]
  if (code === 0 && time !== undefined) return { kind: 'reply', ms: Number(time.replace(',', '.')) }
  if (/permitted|permission|not allowed|must be root|socket:/i.test(output)) return { kind: 'no-program' }
  return { kind: 'silent' }
}

/** Sends one request. The program is killed when its time is over. Errors: CANCELLED, when the program is gone. */
export const echo = (
  { clock, ping = 'ping' }: EchoOptions,
  request: EchoRequest,
  signal: AbortSignal,
): Promise<Echo> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new IotmcError('CANCELLED'))
    const beganMs = performance.now()
    // Without a shell; with the words that `readPing` reads.
    const child = spawn(ping, pingArguments(request), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', LANG: 'C' },
      windowsHide: true,
    })
    let output = ''
    let missing = false
    const kill = (): void => void child.kill('SIGKILL')
    const cancelTimer = clock.setTimer(kill, request.timeoutMs + GRACE_MS)
    const take = (part: Buffer): void => {
      if (output.length < OUTPUT_MAX) output += part.toString('latin1')
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.once('error', () => {
      missing = true
    })
    signal.addEventListener('abort', kill, { once: true })
    child.once('close', (code) => {
      cancelTimer()
      signal.removeEventListener('abort', kill)
      if (signal.aborted) reject(new IotmcError('CANCELLED'))
      else if (missing) resolve({ kind: 'no-program' })
      else resolve(readPing(output, code, performance.now() - beganMs))
    })
  })

/** Where no `ping` is: a host that takes or refuses a connection is there. */
const TCP_PORT = 443

/** Tries one connection and closes it. Errors: CANCELLED. */
export const knock = (
  { clock }: EchoOptions,
  { address, timeoutMs }: EchoRequest,
  signal: AbortSignal,
): Promise<Echo> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new IotmcError('CANCELLED'))
    const beganMs = performance.now()
    const socket = connect({ host: address, port: TCP_PORT, family: isIPv6(address) ? 6 : 4 })
    const end = (finish: () => void): void => {
      cancelTimer()
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      finish()
    }
    const answer = (kind: 'reply' | 'silent' | 'unreachable'): void =>
      end(() => resolve(kind === 'reply' ? { kind, ms: performance.now() - beganMs } : { kind }))
    const onAbort = (): void => end(() => reject(new IotmcError('CANCELLED')))
    const cancelTimer = clock.setTimer(() => answer('silent'), timeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('connect', () => answer('reply'))
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED' || code === 'ECONNRESET') answer('reply')
      else answer(code === 'ETIMEDOUT' ? 'silent' : 'unreachable')
    })
  })

/** How `knock` is told of in a result. */
export const KNOCK_DETAIL = `TCP port ${TCP_PORT}, no ping here`
