/** The practice site's devices and blank boards: real device processes on this laptop, started and stopped with the site. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { asIotmcError, IotmcError } from './contract/errors'
import { listInterfaces } from './net/interfaces'
import type { Log } from './site/events'
import { dataPaths } from './store/paths'

/** How to start a device process; the device's own arguments are added. */
export interface DeviceProgram {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface Practice {
  stop(): Promise<void>
}

const READY_WITHIN_MS = 30_000
const STOP_WITHIN_MS = 5_000

const DEVICES = [
  { name: 'Pump room 1', model: 'PX-200', serial: 'PX200-01180' },
  { name: 'Gate west', model: 'GC-10', serial: 'GC10-00436' },
  { name: 'Air unit 3', model: 'AU-7', serial: 'AU7-00093' },
] as const

/** A few seconds for a practice bundle, so that its download can be watched. */
const DOWNLOAD_BYTES_PER_S = 300_000

/** Boards for the factory station, at ends of cables that are connections on this machine. */
const BOARD = { prefix: 'board-', model: 'PX-200', atATime: 2 } as const
/** Boards of earlier runs that come back; the older ones stay on disk. */
const BOARDS_BACK = 4

export interface PracticeOptions {
  readonly dataDir: string
  readonly program: DeviceProgram
  readonly log: Log
  /** Told the paths of the two newest boards once they answer; at least one of them is not locked yet. */
  readonly offer: (paths: readonly string[]) => void
}

/**
 * Starts three devices in commissioning and, after them, the boards; each has its state kept between runs. Waits for
 * none of them.
 */
export const startPracticeDevices = (options: PracticeOptions): Practice => {
  const processes = new Processes(options)
  const devices = DEVICES.map(({ name, model, serial }) =>
    processes.start(name, serial, [
      ...['--phase', 'commissioning', '--model', model, '--serial', serial, '--name', name],
      ...['--download-rate', String(DOWNLOAD_BYTES_PER_S)],
    ]),
  )
  // The window and what it shows first come first: a board is looked at later.
  void Promise.all(devices)
    .then(() => startBoards(options, processes))
    .then((paths) => {
      if (!processes.stopped && paths.length > 0) options.offer(paths)
    })
    .catch((thrown: unknown) => {
      options.log.error({ code: asIotmcError(thrown).code }, 'the practice boards were not offered')
    })
  return { stop: () => processes.stop() }
}

/** What a board says of itself when it is ready. */
const boardSchema = z.object({ phase: z.string(), serialPort: z.string() })

/** Paths of the two newest boards, oldest first. */
const startBoards = async ({ dataDir }: PracticeOptions, processes: Processes): Promise<string[]> => {
  const start = async (number: number) => {
    const name = `${BOARD.prefix}${number}`
    const line = await processes.start(name, name, [
      ...['--phase', 'manufacturing', '--model', BOARD.model, '--serial-port', 'tcp-listen:0'],
    ])
    return boardSchema.safeParse(line).data
  }
  const numbers = boardNumbers(join(dataDir, 'devices')).slice(-BOARDS_BACK)
  while (numbers.length < BOARD.atATime) numbers.push((numbers.at(-1) ?? 0) + 1)
  const boards = await Promise.all(numbers.map(start))
  // There is always something to try: once every board has its identity, a blank one is added.
  const isAllLocked = boards.every((board) => board && board.phase !== 'manufacturing')
  if (isAllLocked) boards.push(await start((numbers.at(-1) ?? 0) + 1))
  return boards.flatMap((board) => board?.serialPort ?? []).slice(-BOARD.atATime)
}

const boardNumbers = (folder: string): number[] =>
  (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => /^board-[1-9]\d{0,5}$/.test(name))
    .map((name) => Number(name.slice(BOARD.prefix.length)))
    .sort((a, b) => a - b)

class Processes {
  private readonly children: ChildProcess[] = []
  private isStopped = false

  constructor(private readonly options: PracticeOptions) {}

  get stopped(): boolean {
    return this.isStopped
  }

  async stop(): Promise<void> {
    this.isStopped = true
    await Promise.all(this.children.map(stopChild))
  }

  /** Starts one and gives what it says when it is ready; undefined, and the log says why, if it does not start. */
  async start(name: string, folder: string, args: readonly string[]): Promise<unknown> {
    if (this.isStopped) return undefined
    try {
      return JSON.parse(await this.ready(name, this.spawn(folder, args)))
    } catch (thrown) {
      const { code } = asIotmcError(thrown)
      if (!this.isStopped) this.options.log.error({ device: name, code }, 'a practice device did not start')
      return undefined
    }
  }

  private spawn(folder: string, more: readonly string[]) {
    const { dataDir, program } = this.options
    const paths = dataPaths(dataDir)
    const loopback = listInterfaces().find((entry) => entry.loopback)?.name ?? 'lo'
    const args = [
      ...program.args,
      ...['--state', join(dataDir, 'devices', folder), '--interface', loopback],
      ...['--anchor', paths.siteCa, '--factory', paths.practiceFactory],
      ...['--parent', String(process.pid)],
      ...more,
    ]
    const child = spawn(program.command, args, {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, ...program.env },
      windowsHide: true,
    })
    this.children.push(child)
    return child
  }

  private ready(name: string, child: ReturnType<Processes['spawn']>): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (code: 'TIMED_OUT' | 'ACTION_FAILED', cause?: unknown): void => {
        clearTimeout(timer)
        reject(new IotmcError(code, { subject: name, detail: 'the practice device did not start', cause }))
      }
      const timer = setTimeout(() => fail('TIMED_OUT'), READY_WITHIN_MS)
      child.once('error', (cause) => fail('ACTION_FAILED', cause))
      child.once('exit', (code) => {
        if (!this.isStopped) this.options.log.warn({ device: name, code }, 'a practice device ended')
        fail('ACTION_FAILED')
      })
      createInterface({ input: child.stdout }).once('line', (line) => {
        clearTimeout(timer)
        resolve(line)
      })
    })
  }
}

const stopChild = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return resolve()
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill('SIGTERM')
  })
