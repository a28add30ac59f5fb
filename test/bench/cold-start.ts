/** Cold start to a window that can be used, beside an empty window of the same runtime. */
import { join, resolve } from 'node:path'
import { makeTempDir } from '../helpers/temp-dir'
import { BENCH_PASSPHRASE, makeDataFolder } from './support/data-folder'
import { startElectron } from './support/electron-process'
import { makeEmptyApp } from './support/empty-app'
import { median, type Print } from './support/print'

const RUNS = 9

/** Alternates both, after one start of each that is not counted: the aim is 1.5 times the empty window. */
export const run = async (print: Print): Promise<void> => {
  const temp = makeTempDir('iotmc-bench-')
  const emptyApp = join(temp.path, 'empty')
  const data = join(temp.path, 'data')
  makeEmptyApp(emptyApp)
  makeDataFolder(data)
  const once = async (appDir: string, args: readonly string[]): Promise<number> => {
    const program = startElectron(appDir, args, { IOTMC_PASSPHRASE: BENCH_PASSPHRASE })
    const { sinceStartMs } = await program.mark('mark interactive')
    await program.end()
    return sinceStartMs
  }
  const startApp = () => once(resolve(import.meta.dirname, '../..'), ['--data', data])
  const startEmpty = () => once(emptyApp, [join(temp.path, 'empty-data')])
  await startApp()
  await startEmpty()
  const app: number[] = []
  const empty: number[] = []
  for (let n = 0; n < RUNS; n++) {
    app.push(await startApp())
    empty.push(await startEmpty())
  }
  temp.remove()
  print('cold-start-app', Math.round(median(app)), 'ms')
  print('cold-start-empty-window', Math.round(median(empty)), 'ms')
  print('cold-start-ratio', Number((median(app) / median(empty)).toFixed(2)), 'times')
}
