/** `Traceroute`: the routers on the way to another host, by echo requests that each may pass one router more. */
import type { Measure } from '../contract/self-test'
import { type Echo, echo } from './test-echo'
import { targetOf } from './test-host'
import { judged, measure, type TestWork, unmeasured } from './test-outcome'
import type { PingOptions } from './test-ping'

/** Requests to a router that is silent. */
const TRIES = 2
/** Routers in a row that are silent, before it is given up: most of the way would be waiting. */
const SILENT_MAX = 8

export const pathTest =
  (options: PingOptions): TestWork =>
  async (args, signal) => {
    const target = await targetOf(args.Host ?? '', options.controllerHost, signal)
    if ('reason' in target) return unmeasured(target.reason)
    const { address } = target
    const timeoutMs = Number(args.Timeout)
    const most = Number(args.MaxHopCount)
    const way: string[] = []
    const measures: Measure[] = []
    const ask = async (ttl: number): Promise<Echo> => {
      for (let tries = 1; ; tries++) {
        const answer = await echo(options, { address, timeoutMs, ttl }, signal)
        if (answer.kind !== 'silent' || tries >= TRIES) return answer
      }
    }
    const detail = (): string => way.join(' > ').slice(0, 200)
    for (let ttl = 1, silent = 0; ttl <= most && silent < SILENT_MAX; ttl++) {
      const answer = await ask(ttl)
      if (answer.kind === 'no-program') return unmeasured('not-supported', 'no ping here')
      if (answer.kind === 'unreachable') return unmeasured('unreachable', detail(), measures)
      silent = answer.kind === 'silent' ? silent + 1 : 0
      way.push(answer.kind === 'reply' ? address : answer.kind === 'router' ? answer.from : '*')
      if (answer.kind !== 'silent') measures.push(measure(`path.hop${ttl}`, answer.ms, 'ms'))
      if (answer.kind === 'reply')
        return judged([measure('path.hops', ttl, '', { high: most }), ...measures], 'too-long', detail())
    }
    return unmeasured('no-answer', detail(), measures)
  }
