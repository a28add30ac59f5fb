/** How fast bytes come from this device's controller, over the mutual TLS that firmware comes by. */
import { asIotmcError, type ErrorCode, IotmcError } from '../contract/errors'
import { TEST_LIMITS } from '../contract/timings'
import type { Clock } from '../net/clock'
import type { TlsIdentity } from '../net/tls'
import type { ControllerAccess } from './controller-access'
import { judged, measure, type TestWork, unmeasured } from './test-outcome'

/** Fetches so many bytes and throws them away; gives their number and the time from the first to the last, in ms. */
export type ThroughputSource = (
  bytes: number,
  signal: AbortSignal,
) => Promise<{ readonly bytes: number; readonly ms: number }>

export interface ThroughputTools {
  readonly access: () => ControllerAccess | undefined
  readonly identity: () => TlsIdentity | undefined
}

/** The site's controller as the source. Errors: DEVICE_UNKNOWN, INVALID_ACTION (it has no such path), BUSY, those of the connection. */
export const controllerThroughput =
  ({ access, identity }: ThroughputTools): ThroughputSource =>
  async (bytes, signal) => {
    const [now, shown] = [access(), identity()]
    if (!now || !shown) throw new IotmcError('DEVICE_UNKNOWN', { detail: 'no network' })
    const took = await now.use(shown, signal, async (link) => {
      try {
        return await link.throughput(bytes, signal)
      } catch (thrown) {
        // Our own end of it says nothing against the controller.
        if (signal.aborted) return undefined
        throw thrown
      }
    })
    if (!took) throw new IotmcError('CANCELLED')
    return took
  }

/** Below this a site's network is poor for firmware, in Mbit/s. */
const RATE_LOW = 1

const REASONS: Partial<Record<ErrorCode, string>> = {
  DEVICE_UNKNOWN: 'no-controller',
  DEVICE_UNREACHABLE: 'unreachable',
  TIMED_OUT: 'no-answer',
  IMAGE_TRUNCATED: 'cut-short',
  INVALID_ACTION: 'not-supported',
  BUSY: 'busy',
}

/** `BandwidthTest`; slower than `giveUpMs` is `timed-out`, since nobody waits longer for it. */
export const bandwidthTest =
  ({ clock, throughput }: { readonly clock: Clock; readonly throughput: ThroughputSource }): TestWork =>
  async (args, signal) => {
    const limit = new AbortController()
    const cancelTimer = clock.setTimer(() => limit.abort(), TEST_LIMITS.giveUpMs)
    try {
      const { bytes, ms } = await throughput(Number(args.Bytes), AbortSignal.any([signal, limit.signal]))
      const seconds = Math.max(ms, 0.1) / 1000
      const rate = measure('throughput.rate', (bytes * 8) / seconds / 1e6, 'Mbit/s', { low: RATE_LOW })
      return judged(
        [rate, measure('throughput.bytes', bytes, 'B'), measure('throughput.time', ms, 'ms')],
        'slow',
      )
    } catch (thrown) {
      if (signal.aborted) throw thrown
      if (limit.signal.aborted) return unmeasured('timed-out')
      const { code, detail } = asIotmcError(thrown, 'DEVICE_UNREACHABLE')
      return unmeasured(REASONS[code] ?? code.toLowerCase().replaceAll('_', '-'), detail)
    } finally {
      cancelTimer()
    }
  }
