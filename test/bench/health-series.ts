/** A chart of a day of 1 s samples for ten devices: made of minutes, and of every sample where somebody looks closely. */
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { DiagnosticsStore } from '../../electron/diagnostics/diagnostics-store'
import type { Clock } from '../../electron/net/clock'
import { udnOf } from '../helpers/device-row'
import { keepingLog } from '../helpers/quiet-log'
import { makeTempDir } from '../helpers/temp-dir'
import { median, type Print } from './support/print'

const DEVICES = 10
const SECONDS = 86_400
const END_MS = Date.UTC(2026, 0, 2)
const RUNS = 5

/** Samples of a day come at once: time stands still, and nothing is flushed but by number. */
const clock: Clock = { now: () => END_MS, setTimer: () => () => undefined }

export const run = async (print: Print): Promise<void> => {
  const temp = makeTempDir('iotmc-bench-health-')
  const store = DiagnosticsStore.open(join(temp.path, 'diagnostics.sqlite'), { clock, log: keepingLog() })
  const udns = Array.from({ length: DEVICES }, (_, n) => udnOf(n))
  try {
    const startMs = performance.now()
    for (let second = 0; second < SECONDS; second += 1) {
      for (const [n, udn] of udns.entries()) {
        const temperature = 45 + 15 * Math.sin(second / 900 + n) + (second % 7) / 10
        const values = {
          temperature,
          supply: 12,
          memory: 60 - (second % 100) / 10,
          uptime: second,
          errors: 3,
        }
        store.health.record(udn, END_MS - (SECONDS - second) * 1_000, values)
      }
      if (second % 1_000 === 0) await new Promise((done) => setImmediate(done))
    }
    store.health.flush()
    const seconds = (performance.now() - startMs) / 1000
    print('health-samples-stored', Math.round((DEVICES * SECONDS) / seconds), 'samples/s')
    const monitor = monitorEventLoopDelay({ resolution: 1 })
    monitor.enable()
    for (const [name, spanMs, points] of [
      ['day-1000-columns', SECONDS * 1_000, 1_000],
      ['day-4000-columns', SECONDS * 1_000, 4_000],
      ['hour-1000-columns', 3600_000, 1_000],
      ['ten-minutes-every-sample', 600_000, 1_000],
    ] as const) {
      const request = { udns, metric: 'temperature', fromMs: END_MS - spanMs, toMs: END_MS, points } as const
      const times: number[] = []
      let columns = 0
      for (let n = 0; n < RUNS; n += 1) {
        const start = performance.now()
        const { series } = await store.health.series(request)
        times.push(performance.now() - start)
        columns = series[0]?.atMs.length ?? 0
      }
      print(`health-series-${name}`, Number(median(times).toFixed(1)), `ms for ${columns} columns each`)
    }
    monitor.disable()
    print('health-series-main-pause', Number((monitor.max / 1e6).toFixed(1)), 'ms at most')
  } finally {
    await store.close()
    temp.remove()
  }
}
