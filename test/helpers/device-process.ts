/** Starts the reference device as a real child process, and waits for what it prints and logs. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'vite'

const ROOT = resolve(import.meta.dirname, '..', '..')
const BUILT = join(ROOT, 'out', 'main', 'device.js')
/** As deep below the root as `out/main`, so that paths relative to the file mean the same. */
const TESTED = join(ROOT, 'out', 'test', 'device.mjs')
const SOURCES = [
  'contract',
  'device',
  'discovery',
  'firmware',
  'identity',
  'net',
  'serial',
  'store',
  'upnp',
].map((room) => join(ROOT, 'electron', room))

const newestMs = (folder: string): number => {
  let newest = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) newest = Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs)
  }
  return newest
}

const isFresh = (program: string): boolean =>
  existsSync(program) && statSync(program).mtimeMs > Math.max(...SOURCES.map(newestMs))

/** Bundles aside and renames, so that several test files may do it at once. The boot step first: the device needs it. */
const bundle = async (): Promise<string> => {
  const aside = join(ROOT, 'out', 'test', `device-${process.pid}`)
  for (const [name, entry] of [
    ['boot.mjs', 'boot.ts'],
    ['device.mjs', 'main.ts'],
  ] as const) {
    await build({
      configFile: false,
      logLevel: 'error',
      root: ROOT,
      ssr: { noExternal: true, external: ['@photostructure/sqlite', 'node-ssdp', 'serialport'] },
      build: {
        ssr: join(ROOT, 'electron', 'device', entry),
        outDir: aside,
        target: 'node20',
        rolldownOptions: { output: { entryFileNames: name, codeSplitting: false } },
      },
    })
    mkdirSync(join(ROOT, 'out', 'test'), { recursive: true })
    renameSync(join(aside, name), join(dirname(TESTED), name))
  }
  rmSync(aside, { recursive: true, force: true })
  return TESTED
}

let program: Promise<string> | undefined
/** Path of a device program that is not older than its sources; built at most once in a process. */
export const deviceProgram = (): Promise<string> => {
  program ??= isFresh(BUILT) ? Promise.resolve(BUILT) : isFresh(TESTED) ? Promise.resolve(TESTED) : bundle()
  return program
}

/** What the device prints when it is ready. */
export interface Ready {
  readonly event: 'ready'
  readonly udn: string
  readonly serial: string
  readonly model: string
  readonly phase: string
  readonly location: string
  readonly secureLocation: string
  readonly pid: number
  readonly bootId: number
  readonly setupCode: string
  readonly factoryRoot: string
  /** Of a device with a serial side; before its identity is locked in it says of the others model, phase and pid only. */
  readonly hardwareId?: string
  readonly keyStorage?: string
  readonly serialPort?: string
}

export type LogLine = Readonly<Record<string, unknown>> & { readonly event: string }

export interface DeviceProcess {
  readonly child: ChildProcess
  /** Rejects with what the device said when it ends before it is ready. */
  readonly ready: Promise<Ready>
  /** Exit code, or the name of the signal. */
  readonly ended: Promise<number | string>
  readonly logs: readonly LogLine[]
  readonly stdout: () => string
  readonly stderr: () => string
  /** The object that the device says when its identity is locked in; rejects when it ends before. */
  locked(): Promise<Omit<Ready, 'event'>>
  /** The first log line, past or to come, that fits; rejects when the device ends without one. */
  log(fits: (line: LogLine) => boolean): Promise<LogLine>
  kill(signal?: NodeJS.Signals): Promise<number | string>
}

const running = new Set<DeviceProcess>()

/** Kills every device that this test file has started. */
export const killDevices = async (): Promise<void> => {
  await Promise.all([...running].map((device) => device.kill('SIGKILL')))
}

/** Starts a device with these arguments, on the network of the process `inside` where one is named. */
export const startDevice = async (args: readonly string[], inside?: number): Promise<DeviceProcess> => {
  const entering = inside === undefined ? [] : ['nsenter', '-t', String(inside), '-n']
  const [command = '', ...rest] = [...entering, process.execPath, await deviceProgram(), ...args]
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
  const logs: LogLine[] = []
  const waiting = new Set<() => void>()
  let out = ''
  let err = ''
  const ended = new Promise<number | string>((done) => {
    child.once('close', (code, signal) => done(code ?? signal ?? 'unknown'))
  })
  createInterface({ input: child.stderr }).on('line', (line) => {
    err = `${err}${line}\n`.slice(-50_000)
    if (line.startsWith('{')) logs.push(JSON.parse(line))
    for (const look of [...waiting]) look()
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    out += `${line}\n`
    for (const look of [...waiting]) look()
  })
  const until = <T>(find: () => T | undefined): Promise<T> =>
    new Promise((done, reject) => {
      const look = (): void => {
        const found = find()
        if (found === undefined) return
        waiting.delete(look)
        done(found)
      }
      waiting.add(look)
      look()
      void ended.then((code) => {
        look()
        if (waiting.delete(look)) reject(new Error(`device ended with ${code}: ${err.slice(-4000)}`))
      })
    })
  const said = () =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  const ready = until((): Ready | undefined => said()[0])
  ready.catch(() => undefined)
  const device: DeviceProcess = {
    child,
    ready,
    ended,
    logs,
    stdout: () => out,
    stderr: () => err,
    locked: () => until(() => said().find(({ event }) => event === 'locked')),
    log: (fits) => until(() => logs.find(fits)),
    kill: (signal = 'SIGKILL') => {
      child.kill(signal)
      return ended
    },
  }
  running.add(device)
  void ended.then(() => running.delete(device))
  return device
}
