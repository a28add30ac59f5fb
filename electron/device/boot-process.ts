/** One boot step as its parent sees it: a process, its lines, its end. */
import { type ChildProcess, spawn } from 'node:child_process'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { IotmcError } from '../contract/errors'
import type { Clock } from '../net/clock'
import { type BootLine, BootLines, type RunningImage } from './boot-lines'

/** How the boot step is started; the state folder, and files of further anchors, follow `args`. */
export interface BootProgram {
  readonly command: string
  readonly args: readonly string[]
}

const STDERR_MAX = 2_000
/** A boot step ends at once when its stdin does; one that does not is killed. */
const END_WITHIN_MS = 2_000
/** What was said before the end is read for so long. */
const LAST_WORDS_MS = 500

/** The boot step is built beside the device, in the same way. */
export const bootBesideThis = (): BootProgram => {
  const here = fileURLToPath(import.meta.url)
  return { command: process.execPath, args: [join(dirname(here), `boot${extname(here)}`)] }
}

export class BootProcess {
  /** Why it ended, in words for a log. */
  readonly ended: Promise<string>
  private readonly child: ChildProcess
  private readonly up: Promise<RunningImage>
  private settle: { up: (image: RunningImage) => void; fail: (error: IotmcError) => void } | undefined
  private chosen: RunningImage | undefined
  private started = false
  private imagePid: number | undefined
  private complaint = ''
  private listening = false
  private onLine: (line: BootLine) => void = () => undefined
  private onStarted: () => void = () => undefined

  constructor(args: readonly string[], program: BootProgram) {
    this.up = new Promise((up, fail) => {
      this.settle = { up, fail }
    })
    this.up.catch(() => undefined)
    this.child = spawn(program.command, [...program.args, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    })
    const { stdin, stdout, stderr } = this.child
    stdin?.on('error', () => undefined)
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.complaint = `${this.complaint}${text}`.slice(-STDERR_MAX)
    })
    const exited = new Promise<string>((exit) => {
      this.child.once('error', (error) => exit(error.message))
      this.child.once('exit', (code, signal) => exit(signal ?? `exit ${code}`))
    })
    const read = new Promise<void>((ended) => stdout?.once('close', ended))
    this.ended = exited.then(async (how) => {
      if (!this.listening) stdout?.destroy()
      // An image that is stuck keeps the pipe open.
      const giveUp = setTimeout(() => stdout?.destroy(), LAST_WORDS_MS)
      await read
      clearTimeout(giveUp)
      // A boot step that was killed could not take its image with it.
      this.killImage()
      const why = [how, this.complaint.trim()].filter(Boolean).join(': ')
      this.settle?.fail(new IotmcError('ACTION_FAILED', { detail: `the image did not start: ${why}` }))
      return why
    })
  }

  /** Begins to hear what it says, which has waited until now. */
  listen(onLine: (line: BootLine) => void): void {
    this.listening = true
    this.onLine = onLine
    const lines = new BootLines((line) => this.note(line))
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => lines.add(text))
  }

  /** What the boot step chose; undefined before it did. */
  get image(): RunningImage | undefined {
    return this.chosen
  }

  /**
   * Resolves once the image says that it runs. NO_STANDBY_BANK where no bank verifies; ACTION_FAILED where it ended, or
   * was silent for `bootMs` from its start on.
   */
  async running(clock: Clock, bootMs: number): Promise<RunningImage> {
    let cancel: () => void = () => undefined
    this.onStarted = () => {
      cancel = clock.setTimer(() => {
        this.settle?.fail(new IotmcError('ACTION_FAILED', { detail: 'the image does not say that it runs' }))
      }, bootMs)
    }
    try {
      return await this.up
    } catch (thrown) {
      await this.end()
      throw thrown
    } finally {
      cancel()
    }
  }

  /** Ends image and boot step; waits until both are gone. */
  async end(): Promise<void> {
    this.child.stdin?.end()
    const kill = setTimeout(() => this.child.kill('SIGKILL'), END_WITHIN_MS)
    await this.ended
    clearTimeout(kill)
  }

  private killImage(): void {
    if (this.imagePid === undefined) return
    try {
      process.kill(this.imagePid, 'SIGKILL')
    } catch {
      // Gone already.
    }
    this.imagePid = undefined
  }

  private note(line: BootLine): void {
    if (!this.belongs(line)) return
    if (line.event === 'booting') this.chosen = { slot: line.slot, version: line.version }
    if (line.event === 'ended') this.imagePid = undefined
    if (line.event === 'started') {
      this.started = true
      this.imagePid = line.pid
      this.onStarted()
    }
    this.onLine(line)
    if (line.event === 'no-bank')
      this.settle?.fail(
        new IotmcError('NO_STANDBY_BANK', { detail: line.detail ?? 'no bank can be started' }),
      )
    if (line.event === 'running' && this.chosen) this.settle?.up(this.chosen)
  }

  /** The boot step says each of its own words once; the image may be quicker to speak than it is to tell its number. */
  private belongs({ event }: BootLine): boolean {
    if (event === 'booting' || event === 'no-bank') return this.chosen === undefined
    if (event === 'started') return this.chosen !== undefined && !this.started
    return this.chosen !== undefined
  }
}
