/** A data folder as after the first run: a site, its vault, the loopback chosen. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const BENCH_PASSPHRASE = 'a passphrase for benchmarks'

/** Made by the terminal host of the same build, so that it is a real one. */
export const makeDataFolder = (path: string): void => {
  mkdirSync(path, { recursive: true })
  writeFileSync(
    join(path, 'settings.json'),
    JSON.stringify({ interfaces: ['lo'], technician: 'Bench', siteName: 'Bench', setupDone: true }),
  )
  execFileSync(process.execPath, [join(import.meta.dirname, 'cli.js'), 'trust', 'list', '--data', path], {
    env: { ...process.env, IOTMC_PASSPHRASE: BENCH_PASSPHRASE },
    stdio: 'ignore',
  })
}
