/** A store in a folder of its own, which goes when the test has ended. */
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { LogFilter, StoredRecord } from '../../electron/contract/device-log'
import { DiagnosticsStore } from '../../electron/diagnostics/diagnostics-store'
import { keepingLog } from '../helpers/quiet-log'
import { makeTempDir } from '../helpers/temp-dir'
import { VirtualClock } from '../helpers/virtual-clock'

const undo: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

/** `again` closes it and opens what it has left. */
export const openStore = (
  options: { recordsMax?: number; pieceRecords?: number; clock?: VirtualClock } = {},
) => {
  const temp = makeTempDir('iotmc-diagnostics-')
  undo.push(() => temp.remove())
  const path = join(temp.path, 'diagnostics.sqlite')
  const clock = options.clock ?? new VirtualClock()
  const log = keepingLog()
  const open = (): DiagnosticsStore => {
    const store = DiagnosticsStore.open(path, { clock, log, ...options })
    undo.push(() => store.close())
    return store
  }
  let store = open()
  const again = async (): Promise<DiagnosticsStore> => {
    await store.close()
    store = open()
    return store
  }
  return { store, path, folder: temp.path, clock, log, again }
}

/** Every page of a search. */
export const everyPage = async (
  { logs }: DiagnosticsStore,
  filter: LogFilter,
  limit: number,
): Promise<{ records: StoredRecord[]; total: number | undefined }> => {
  const first = await logs.query({ ...filter, limit })
  const records = [...first.records]
  for (let page = first; page.more; ) {
    const last = page.records.at(-1)
    if (!last) throw new Error('a page without records has more')
    page = await logs.query({ ...filter, limit, before: { timeMs: last.timeMs, position: last.position } })
    records.push(...page.records)
  }
  return { records, total: first.total }
}
