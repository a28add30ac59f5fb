/** A data folder as after the first run: a site, its vault, the loopback chosen. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

export const BENCH_PASSPHRASE = 'a passphrase for benchmarks'

/** Made by the terminal host of the same build, so that it is a real one. */
export const makeDataFolder = (path: string): void => {
  const cli = join(import.meta.dirname, 'cli.js')
  execFileSync(process.execPath, [cli, 'trust', 'list', '--data', path, '--interface', 'lo'], {
    env: { ...process.env, IOTMC_PASSPHRASE: BENCH_PASSPHRASE },
    stdio: 'ignore',
  })
}
