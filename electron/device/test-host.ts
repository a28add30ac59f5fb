/** Names of other hosts as tests get them: checked, and turned into one address before any program sees them. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { IotmcError } from '../contract/errors'

const LABEL = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?'
const NAME = new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*\\.?$`)

/** An address, or a name of DNS; never anything that a program could take for an option. */
export const isHost = (text: string): boolean => isIP(text) !== 0 || NAME.test(text)

/** Where a test is to go, or why it can't. */
export type Target =
  | { readonly address: string }
  | { readonly reason: 'no-controller' | 'unknown-host' | 'bad-host' }

/** The address of a host; an empty one is `otherwise`. Errors: CANCELLED. */
export const targetOf = async (
  host: string,
  otherwise: () => string | undefined,
  signal: AbortSignal,
): Promise<Target> => {
  const name = host || otherwise()
  if (!name) return { reason: 'no-controller' }
  if (isIP(name) !== 0) return { address: name }
  if (!isHost(name)) return { reason: 'bad-host' }
  try {
    return { address: (await untilAborted(lookup(name), signal)).address }
  } catch (thrown) {
    if (signal.aborted) throw thrown
    return { reason: 'unknown-host' }
  }
}

/** What can't be called off is left behind. Errors: CANCELLED. */
const untilAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const onAbort = () => reject(new IotmcError('CANCELLED'))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
