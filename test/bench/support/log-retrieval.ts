/** Retrieval of the whole log of a device that answers from memory. */
import type { DiagnosticsStore } from '../../../electron/diagnostics/diagnostics-store'
import { takePage } from '../../../electron/jobs/fetch-log'
import { udnOf } from '../../helpers/device-row'
import { LogDouble } from '../../helpers/log-double'

export const RETRIEVED = 20_000

/** Pages of the device are asked for, checked and stored one after the other; `rate` in records a second. */
export const retrieve = async (
  store: DiagnosticsStore,
  n: number,
): Promise<{ readonly rate: number; readonly pages: number }> => {
  const device = new LogDouble(RETRIEVED, n)
  device.write(RETRIEVED)
  const tools = {
    store: store.logs,
    call: (_: string, action: string, args: Record<string, string>) => device.call(action, args),
  }
  const { signal } = new AbortController()
  const start = performance.now()
  let pages = 0
  for (let more = true; more; pages += 1) more = (await takePage(tools, udnOf(n), signal)).more
  return { rate: Math.round((RETRIEVED * 1000) / (performance.now() - start)), pages }
}
