/** `Ping`: whether and how fast another host answers. */
import { delay } from '../net/clock'
import { type Echo, type EchoOptions, echo, KNOCK_DETAIL, knock } from './test-echo'
import { targetOf } from './test-host'
import { judged, measure, type TestWork, unmeasured } from './test-outcome'

export interface PingOptions extends EchoOptions {
  readonly controllerHost: () => string | undefined
}

/** Of a hundred requests; one of five may be lost on a wireless network. */
const LOSS_HIGH = 20
const MEAN_HIGH_MS = 200
/** Between two requests. */
const PAUSE_MS = 200

export const pingTest =
  (options: PingOptions): TestWork =>
  async (args, signal) => {
    const target = await targetOf(args.Host ?? '', options.controllerHost, signal)
    if ('reason' in target) return unmeasured(target.reason)
    const { address } = target
    const request = { address, timeoutMs: Number(args.Timeout) }
    const wanted = Number(args.NumberOfRepetitions)
    let how = echo
    const answers: Echo[] = []
    while (answers.length < wanted) {
      if (answers.length > 0) await delay(options.clock, PAUSE_MS, signal)
      const answer = await how(options, request, signal)
      if (answer.kind === 'no-program' && how === echo) how = knock
      else answers.push(answer)
    }
    const times = answers.flatMap((answer) => (answer.kind === 'reply' ? [answer.ms] : []))
    const detail = how === knock ? `${address}, ${KNOCK_DETAIL}` : `${address}, ICMP`
    const loss = ((wanted - times.length) / wanted) * 100
    const measures = [
      measure('ping.loss', loss, '%', { high: LOSS_HIGH }),
      measure('ping.sent', wanted, ''),
      measure('ping.received', times.length, ''),
    ]
    if (times.length === 0) {
      const refused = answers.some(({ kind }) => kind === 'unreachable')
      return unmeasured(refused ? 'unreachable' : 'no-answer', detail, measures)
    }
    const mean = times.reduce((sum, ms) => sum + ms, 0) / times.length
    return judged(
      [
        ...measures,
        measure('ping.mean', mean, 'ms', { high: MEAN_HIGH_MS }),
        measure('ping.least', Math.min(...times), 'ms'),
        measure('ping.greatest', Math.max(...times), 'ms'),
      ],
      loss > LOSS_HIGH ? 'loss' : 'slow',
      detail,
    )
  }
