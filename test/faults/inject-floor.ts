/** A factory floor for faults: one station process, many lanes, and a device process in each; all may be cut and killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { StationJob, StationNews, StationOrder } from './station-program'

/** Keeps one station process running: started again whenever it was killed. */
export class StationKeeper {
  private child: ChildProcess | undefined
  private over = false
  private readonly listeners = new Set<(news: StationNews) => void>()
  private jobs = new Map<string, StationJob>()
  /** Undefined while the process is starting: orders would be lost. */
  private isReady = false
  private errors = ''
  starts = 0
  kills = 0

  constructor(
    private readonly program: string,
    private readonly args: readonly string[],
  ) {}

  start(): void {
    this.starts += 1
    const child = spawn(process.execPath, [this.program, ...this.args], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.child = child
    // A killed process no longer reads.
    child.stdin.on('error', () => undefined)
    child.stderr.on('data', (bytes: Buffer) => {
      this.errors = `${this.errors}${bytes}`.slice(-8_000)
    })
    createInterface({ input: child.stdout }).on('line', (line) => this.hear(JSON.parse(line)))
    child.once('close', (code, signal) => {
      this.isReady = false
      if (signal === 'SIGKILL') this.kills += 1
      else if (!this.over) this.errors += `\nthe station ended with ${code ?? signal}`
      if (!this.over && signal === 'SIGKILL') this.start()
    })
  }

  /** What it said on stderr; a test wants nothing there. */
  get problems(): string {
    return this.errors
  }

  jobOf(serialNumber: string): StationJob | undefined {
    return this.jobs.get(serialNumber)
  }

  /** Gives an order; false if there is nobody to take it now, and then `ready` will be heard. */
  give(order: StationOrder): boolean {
    if (!this.isReady) return false
    return this.child?.stdin?.write(`${JSON.stringify(order)}\n`) ?? false
  }

  on(listener: (news: StationNews) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  kill(): void {
    this.child?.kill('SIGKILL')
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    this.over = true
    const { child } = this
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const closed = new Promise((resolve) => child.once('close', resolve))
    if (!this.give({ order: 'stop' })) child.kill('SIGTERM')
    await closed
  }

  private hear(news: StationNews): void {
    if (news.news === 'ready') {
      this.jobs = new Map(news.jobs.map((job) => [job.subject, job]))
      this.isReady = true
    }
    if (news.news === 'job') this.jobs.set(news.job.subject, news.job)
    for (const listener of [...this.listeners]) listener(news)
  }
}

/** A small random number generator (mulberry32): the same numbers for the same seed, on every machine. */
export const randomOf = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
