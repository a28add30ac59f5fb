/** An Electron process whose `mark …` lines a benchmark waits for. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface MarkedProcess {
  /** Resolves with the line and the milliseconds from the start of the process to its arrival. */
  mark(starts: string | RegExp, withinMs?: number): Promise<{ line: string; sinceStartMs: number }>
  /** SIGTERM, and the wait for the end. */
  end(): Promise<void>
}

/** The runtime that build/run.mjs has found or prepared. */
const executable = (): string => {
  const { IOTMC_ELECTRON } = process.env
  if (IOTMC_ELECTRON) return IOTMC_ELECTRON
  throw new Error('IOTMC_ELECTRON is not set: run this by "npm run bench".')
}

/** Starts an app folder. As root Chromium needs --no-sandbox; a benchmark on such a machine passes it to both sides. */
export const startElectron = (
  appDir: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): MarkedProcess => {
  const startedMs = performance.now()
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const child = spawn(executable(), [...sandbox, appDir, ...args], {
    env: { ...process.env, IOTMC_MARKS: '1', ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  const lines = createInterface({ input: child.stdout })
  return {
    mark: (starts, withinMs = 60_000) =>
      new Promise((done, fail) => {
        const timer = setTimeout(() => fail(new Error(`no "${starts}" within ${withinMs} ms`)), withinMs)
        const listener = (line: string): void => {
          if (typeof starts === 'string' ? !line.startsWith(starts) : !starts.test(line)) return
          clearTimeout(timer)
          lines.off('line', listener)
          done({ line, sinceStartMs: performance.now() - startedMs })
        }
        lines.on('line', listener)
        void ended.then(() => fail(new Error(`the program ended before "${starts}"`)))
      }),
    end: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}
