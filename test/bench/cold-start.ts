/** Cold start to a window that can be used, beside an empty window of the same runtime. */
import { join, resolve } from 'node:path'
import { makeTempDir } from '../helpers/temp-dir'
import { BENCH_PASSPHRASE, makeDataFolder } from './support/data-folder'
import { startElectron } from './support/electron-process'
import { makeEmptyApp } from './support/empty-app'
import { median, type Print } from './support/print'

const RUNS = 7

/**
 * Alternates the three after one start of each that is not counted. The aim is 1.5 times the empty window.
 * `locked` ends at the unlock screen, the first one where the laptop has no key store; `ready` ends at the device list and
 * has the passphrase in the environment, so that its quarter of a second of key derivation counts.
 */
export const run = async (print: Print): Promise<void> => {
  const temp = makeTempDir('iotmc-bench-')
  const emptyApp = join(temp.path, 'empty')
  const data = join(temp.path, 'data')
  const app = resolve(import.meta.dirname, '../..')
  makeEmptyApp(emptyApp)
  makeDataFolder(data)
  const once = async (
    appDir: string,
    args: readonly string[],
    env: Record<string, string>,
  ): Promise<number> => {
    const program = startElectron(appDir, args, env)
    const { sinceStartMs } = await program.mark('mark interactive')
    await program.end()
    return sinceStartMs
  }
  const starts = {
    'empty-window': () => once(emptyApp, [join(temp.path, 'empty-data')], {}),
    locked: () => once(app, ['--data', data], {}),
    ready: () => once(app, ['--data', data], { IOTMC_PASSPHRASE: BENCH_PASSPHRASE }),
  }
  const times = { 'empty-window': [] as number[], locked: [] as number[], ready: [] as number[] }
  const names = ['empty-window', 'locked', 'ready'] as const
  for (const name of names) await starts[name]()
  for (let n = 0; n < RUNS; n++) {
    for (const name of names) times[name].push(await starts[name]())
  }
  temp.remove()
  for (const name of names) print(`cold-start-${name}`, Math.round(median(times[name])), 'ms')
  for (const name of ['locked', 'ready'] as const) {
    print(
      `cold-start-${name}-ratio`,
      Number((median(times[name]) / median(times['empty-window'])).toFixed(2)),
      'times',
    )
  }
}
