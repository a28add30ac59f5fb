/** Opens the same controller as the window for the length of one command. */
import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { AccountRole } from '../contract/access'
import { IotmcError } from '../contract/errors'
import type { Job } from '../contract/job'
import { isEnded } from '../contract/job'
import { type Controller, createController } from '../controller'
import type { DeviceProgram } from '../practice'
import type { Log } from '../site/events'
import { defaultDataDir } from '../store/paths'
import { openSettings } from '../store/settings'
import { signInTerminal } from './sign-in'

export interface SiteOptions {
  readonly data?: string
  readonly interface?: readonly string[]
  readonly passphraseFile?: string
  readonly json?: boolean
  readonly verbose?: boolean
  /** Account to sign in with, where the site has accounts. */
  readonly account?: string
  /** What the command asks of it; set where the command is registered. */
  readonly needs?: AccountRole
  /** Without a passphrase the command goes on while the site stays locked. */
  readonly locked?: boolean
}

const takePassphrase = (options: SiteOptions): string | undefined => {
  const fromEnvironment = process.env.IOTMC_PASSPHRASE
  delete process.env.IOTMC_PASSPHRASE
  if (!options.passphraseFile) return fromEnvironment
  try {
    return readFileSync(options.passphraseFile, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new IotmcError('FILE_INVALID', { subject: options.passphraseFile, detail: 'cannot be read', cause })
  }
}

/** Log lines go to stderr, and only when asked for: stdout is for results. */
const terminalLog = (verbose: boolean): Log => {
  const write = (level: string) => (data: object, text: string) => {
    if (verbose || level === 'error') process.stderr.write(`${JSON.stringify({ level, ...data, text })}\n`)
  }
  return { info: write('info'), warn: write('warn'), error: write('error') }
}

/**
 * Runs `use` with a ready controller. A data folder that was never set up is set up with the passphrase given, this
 * computer's user as technician and a plain site name. Errors: VAULT_LOCKED without a passphrase, PASSPHRASE_WRONG, DATA_IN_USE.
 */
export const withController = async <T>(
  options: SiteOptions,
  use: (controller: Controller) => Promise<T>,
  program?: DeviceProgram,
): Promise<T> => {
  const passphrase = takePassphrase(options)
  const controller = await createController({
    dataDir: options.data ?? defaultDataDir(),
    practice: false,
    openSettings: (dataDir) => openSettings(dataDir),
    log: terminalLog(options.verbose ?? false),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(options.interface ? { interfaces: options.interface } : {}),
    ...(program ? { deviceProgram: program } : {}),
  })
  try {
    const { stage } = controller.status()
    if (stage !== 'ready' && passphrase === undefined && options.locked) return await use(controller)
    if (stage !== 'ready' && passphrase === undefined) {
      throw new IotmcError('VAULT_LOCKED', { detail: 'set IOTMC_PASSPHRASE or give --passphrase-file' })
    }
    if (stage === 'setup' && passphrase !== undefined) {
      const technician = userInfo().username.slice(0, 63) || 'technician'
      await controller.setup({
        technician,
        siteName: 'Site',
        interfaces: [...(options.interface ?? [])],
        passphrase,
      })
    }
    await signInTerminal(controller, options, options.needs ?? 'technician')
    return await use(controller)
  } finally {
    await controller.close()
  }
}

/**
 * Waits until none of the jobs will go on by itself; `told` sees each change. Ctrl+C stops the wait, not the journal, and
 * so does `quietMs` in which no job of the site ran or changed (default: never).
 */
export const untilEnded = (
  controller: Pick<Controller, 'jobs' | 'on'>,
  ids: readonly string[],
  told: (job: Job) => 'go-on' | 'enough',
  quietMs?: number,
): Promise<readonly Job[]> =>
  new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined
    const listen = (): void => {
      if (quietMs === undefined) return
      clearTimeout(timer)
      timer = setTimeout(() => {
        if (controller.jobs().some(({ state }) => state === 'running')) listen()
        else stop()
      }, quietMs)
    }
    const latest = new Map<string, Job>()
    const enough = new Set<string>()
    // A device that was named twice has one job.
    const wanted = new Set(ids)
    const look = (jobs: readonly Job[]): void => {
      listen()
      for (const job of jobs.filter((entry) => wanted.has(entry.id))) {
        latest.set(job.id, job)
        if (told(job) === 'enough' || isEnded(job.state)) enough.add(job.id)
      }
      if (enough.size === wanted.size) {
        clearTimeout(timer)
        off()
        process.off('SIGINT', stop)
        process.off('SIGTERM', stop)
        resolve([...latest.values()])
      }
    }
    const stop = (): void => {
      for (const id of ids) enough.add(id)
      look([])
    }
    const off = controller.on('jobs', look)
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
    look(controller.jobs())
  })
