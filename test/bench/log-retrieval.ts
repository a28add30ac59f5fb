/** How fast a log comes in where the device is no limit: answers made in memory, read, checked and stored as ever. */
import { join } from 'node:path'
import { DiagnosticsStore } from '../../electron/diagnostics/diagnostics-store'
import { takePage } from '../../electron/jobs/fetch-log'
import { systemClock } from '../../electron/net/clock'
import { udnOf } from '../helpers/device-row'
import { LogDouble } from '../helpers/log-double'
import { keepingLog } from '../helpers/quiet-log'
import { makeTempDir } from '../helpers/temp-dir'
import type { Print } from './support/print'

const RECORDS = 20_000

export const run = async (print: Print): Promise<void> => {
  const temp = makeTempDir('iotmc-bench-retrieval-')
  const store = DiagnosticsStore.open(join(temp.path, 'diagnostics.sqlite'), {
    clock: systemClock,
    log: keepingLog(),
  })
  try {
    const device = new LogDouble(RECORDS)
    device.write(RECORDS)
    const tools = {
      store: store.logs,
      call: (_: string, action: string, args: Record<string, string>) => device.call(action, args),
    }
    const signal = new AbortController().signal
    const start = performance.now()
    let pages = 0
    for (let more = true; more; pages += 1) more = (await takePage(tools, udnOf(1), signal)).more
    const seconds = (performance.now() - start) / 1000
    print(
      'log-retrieval',
      Math.round(RECORDS / seconds),
      `records/s in ${pages} pages, each stored before the next`,
    )
  } finally {
    await store.close()
    temp.remove()
  }
}
