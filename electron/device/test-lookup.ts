/** `NSLookup`: whether a name server knows a name, and how long it takes. */
import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { isHost, targetOf } from './test-host'
import { judged, measure, type TestWork, unmeasured } from './test-outcome'

const MEAN_HIGH_MS = 1_000

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'unknown-host',
  ENODATA: 'unknown-host',
  ETIMEOUT: 'no-answer',
  ECONNREFUSED: 'unreachable',
  ESERVFAIL: 'server-failed',
  EREFUSED: 'server-refused',
  EBADNAME: 'bad-host',
}

/** `1.2.3.4`, `1.2.3.4:53`, `[fe80::1%eth0]:53`, or a name; undefined for anything else. */
const serverOf = async (text: string, signal: AbortSignal): Promise<string | undefined> => {
  if (isIP(text) !== 0) return text
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? []
  if (Number(port ?? 53) > 65_535) return undefined
  const host = six ?? four ?? text
  const target = isHost(host) ? await targetOf(host, () => undefined, signal) : undefined
  if (!target || !('address' in target)) return undefined
  const { address } = target
  if (port === undefined) return address
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`
}

/** The addresses of a name, of one family or the other. Rejects with the error that says most. */
const addressesOf = async (resolver: Resolver, name: string): Promise<string[]> => {
  const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
  const found = [four, six].flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
  if (found.length > 0) return found
  throw four.status === 'rejected'
    ? four.reason
    : six.status === 'rejected'
      ? six.reason
      : new Error('ENODATA')
}

const reasonOf = (thrown: unknown): string => REASONS[(thrown as NodeJS.ErrnoException).code ?? ''] ?? 'io'

export const lookupTest = (): TestWork => async (args, signal) => {
  const { HostName: name = '', DNSServer: wanted = '' } = args
  if (!isHost(name) || isIP(name) !== 0) return unmeasured('bad-host')
  const resolver = new Resolver({ timeout: Number(args.Timeout), tries: 1 })
  if (wanted) {
    const server = await serverOf(wanted, signal)
    if (!server) return unmeasured('unknown-server', wanted)
    try {
      resolver.setServers([server])
    } catch {
      return unmeasured('unknown-server', wanted)
    }
  }
  const cancel = (): void => resolver.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  const repetitions = Number(args.NumberOfRepetitions)
  const times: number[] = []
  let found: string[] = []
  let failure: unknown
  try {
    for (let i = 0; i < repetitions; i++) {
      signal.throwIfAborted()
      const beganMs = performance.now()
      try {
        found = await addressesOf(resolver, name)
        times.push(performance.now() - beganMs)
      } catch (thrown) {
        failure = thrown
      }
    }
  } finally {
    signal.removeEventListener('abort', cancel)
  }
  signal.throwIfAborted()
  const answered = measure('dns.answered', times.length, '', { low: repetitions })
  const server = resolver.getServers()[0] ?? ''
  if (times.length === 0) return unmeasured(reasonOf(failure), server, [answered])
  const mean = times.reduce((sum, ms) => sum + ms, 0) / times.length
  return judged(
    [
      answered,
      measure('dns.mean', mean, 'ms', { high: MEAN_HIGH_MS }),
      measure('dns.addresses', found.length, ''),
    ],
    times.length < repetitions ? 'loss' : 'slow',
    `${found.slice(0, 4).join(' ')} by ${server}`,
  )
}
