/** How fast a log comes in where the device is no limit: answers made in memory, read, checked and stored as ever. */
import { join } from 'node:path'
import { DiagnosticsStore } from '../../electron/diagnostics/diagnostics-store'
import { systemClock } from '../../electron/net/clock'
import { keepingLog } from '../helpers/quiet-log'
import { makeTempDir } from '../helpers/temp-dir'
import { retrieve } from './support/log-retrieval'
import type { Print } from './support/print'

/** Into a store with nothing in it; log-search does the same into a full one, beside sqlite3. */
export const run = async (print: Print): Promise<void> => {
  const temp = makeTempDir('iotmc-bench-retrieval-')
  const store = DiagnosticsStore.open(join(temp.path, 'diagnostics.sqlite'), {
    clock: systemClock,
    log: keepingLog(),
  })
  try {
    const { rate, pages } = await retrieve(store, 1)
    print('log-retrieval', rate, `records/s in ${pages} pages, each stored before the next`)
  } finally {
    await store.close()
    temp.remove()
  }
}
