/** Starts the built program as a person would, with a data folder of its own, on the loopback of a private network. */
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { _electron, type ElectronApplication, type Page } from '@playwright/test'
import type { Bridge, CallAnswer, CallName, CallRequest, IpcResult } from '../../electron/contract/ipc'
import type { Settings } from '../../electron/contract/settings'
import { requirePrivateNetwork } from '../helpers/private-network'
import { makeTempDir } from '../helpers/temp-dir'

declare global {
  interface Window {
    readonly iotmc: Bridge
  }
}

const ROOT = resolve(import.meta.dirname, '../..')
export const PASSPHRASE = 'a passphrase for tests'

export interface LaunchOptions {
  /** A folder that outlives this start; without it a new one is made, and removed by `close`. */
  readonly dataDir?: string
  readonly practice?: boolean
  /** Opens or makes the vault without a question; by default PASSPHRASE. `undefined` asks in the window. */
  readonly passphrase?: string | undefined
  readonly settings?: Partial<Settings>
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
}

export interface LaunchedApp {
  readonly electron: ElectronApplication
  readonly page: Page
  readonly dataDir: string
  /** A call through the page's own bridge. */
  call<N extends CallName>(name: N, request?: CallRequest<N>): Promise<IpcResult<CallAnswer<N>>>
  /** Like `call`, for what must work: throws the error's code. */
  value<N extends CallName>(name: N, request?: CallRequest<N>): Promise<CallAnswer<N>>
  /** Closes the program as the system would (no question) and removes a folder made here. */
  close(): Promise<void>
}

/** The program to start: the packaged one where IOTMC_PACKAGED names it, else the built one in the test runtime. */
const program = (): { executablePath: string; args: string[] } => {
  const { IOTMC_PACKAGED, IOTMC_ELECTRON } = process.env
  if (IOTMC_PACKAGED) return { executablePath: IOTMC_PACKAGED, args: [] }
  if (IOTMC_ELECTRON) return { executablePath: IOTMC_ELECTRON, args: [ROOT] }
  throw new Error('IOTMC_ELECTRON is not set: run this by "npm test -- --only e2e".')
}

const environment = (o: LaunchOptions): Record<string, string> => {
  const own = Object.entries(process.env).filter(([, value]) => value !== undefined) as [string, string][]
  const passphrase = 'passphrase' in o ? o.passphrase : PASSPHRASE
  const { ELECTRON_RUN_AS_NODE: _, ...env } = Object.fromEntries(own)
  return { ...env, ...(passphrase === undefined ? {} : { IOTMC_PASSPHRASE: passphrase }), ...o.env }
}

const writeSettings = (dataDir: string, settings: Partial<Settings>): void => {
  mkdirSync(dataDir, { recursive: true })
  writeFileSync(join(dataDir, 'settings.json'), JSON.stringify({ interfaces: ['lo'], ...settings }))
}

/** Starts the program and waits for its page. */
export const launchApp = async (o: LaunchOptions = {}): Promise<LaunchedApp> => {
  requirePrivateNetwork()
  const temporary = o.dataDir === undefined ? makeTempDir('iotmc-e2e-') : undefined
  const dataDir = o.dataDir ?? (temporary?.path as string)
  if (temporary !== undefined || o.settings !== undefined) writeSettings(dataDir, o.settings ?? {})
  const { executablePath, args } = program()
  const electron = await launchHeard({
    executablePath,
    // As root Chromium refuses to start with its sandbox; only tests may do without.
    args: [
      '--no-sandbox',
      ...args,
      '--data',
      dataDir,
      ...(o.practice ? ['--practice'] : []),
      ...(o.args ?? []),
    ],
    env: environment(o),
  })
  // Asked now: once the program has ended, Playwright knows it no more, and closing twice must do no harm.
  const child = electron.process()
  const page = await electron.firstWindow()
  await page.locator('#root > *').first().waitFor()
  const call: LaunchedApp['call'] = (name, request) =>
    page.evaluate(([n, r]) => window.iotmc.call(n as 'app.status', r as undefined), [
      name,
      request,
    ] as const) as never
  return {
    electron,
    page,
    dataDir,
    call,
    value: async (name, request) => {
      const result = await call(name, request)
      if (!result.ok) throw new Error(`${name}: ${result.error.code} ${result.error.detail ?? ''}`)
      return result.value
    },
    close: async () => {
      await endProcess(child)
      temporary?.remove()
    },
  }
}

const LAUNCH_WITHIN_MS = 30_000
const LAUNCHES = 3

/**
 * Now and then the test runner never hears the debugger of a program that has started well; it then ends that program,
 * and it is started again.
 */
const launchHeard = async (
  options: NonNullable<Parameters<typeof _electron.launch>[0]>,
): Promise<ElectronApplication> => {
  for (let left = LAUNCHES; ; left -= 1) {
    try {
      return await _electron.launch({ ...options, timeout: LAUNCH_WITHIN_MS })
    } catch (thrown) {
      const unheard = thrown instanceof Error && thrown.name === 'TimeoutError'
      if (!unheard || left <= 1) throw thrown
      process.stderr.write('a start of Electron was not heard within 30 s; starting it again\n')
    }
  }
}

/** SIGTERM, and the wait for the process to end by itself: byebyes and the journal are part of what is tested. */
const endProcess = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  await ended
}
