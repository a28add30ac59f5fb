/** What the command line and the environment tell the Electron host. */

export interface HostFlags {
  /** Start with the practice site. */
  readonly practice: boolean
  /** Data folder; undefined = the platform's default. */
  readonly dataDir: string | undefined
  /** Print `mark …` lines on stdout for the benchmarks. */
  readonly marks: boolean
}

type Environment = Record<string, string | undefined>

const dataDirIn = (argv: readonly string[]): string | undefined => {
  const at = argv.findIndex((arg) => arg === '--data' || arg.startsWith('--data='))
  const arg = argv[at]
  if (arg === undefined) return undefined
  const value = arg === '--data' ? argv[at + 1] : arg.slice('--data='.length)
  return value === '' || value?.startsWith('--') ? undefined : value
}

/** Reads the host's own flags among those of Chromium; `--data` wins over IOTMC_DATA. Unknown flags are ignored. */
export const readFlags = (argv: readonly string[], env: Environment): HostFlags => ({
  practice: argv.includes('--practice'),
  dataDir: dataDirIn(argv) ?? (env.IOTMC_DATA || undefined),
  marks: env.IOTMC_MARKS === '1',
})

/** Takes IOTMC_PASSPHRASE out of the environment, so that no child process and no crash report inherits it. */
export const takePassphrase = (env: Environment): string | undefined => {
  const passphrase = env.IOTMC_PASSPHRASE
  delete env.IOTMC_PASSPHRASE
  return passphrase || undefined
}
