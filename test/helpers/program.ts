/** Starts the built programs (out/main) as real child processes, and waits for what they print. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const OUT = join(import.meta.dirname, '..', '..', 'out', 'main')

export interface Program {
  readonly child: ChildProcess
  /** Parsed JSON lines of stdout so far. */
  readonly lines: readonly Record<string, unknown>[]
  readonly stderr: () => string
  /** The first line, past or to come, that fits; rejects when the program ends first. */
  line(fits: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>
  /** Exit code, or the signal's name. */
  readonly ended: Promise<number | string>
  kill(signal?: NodeJS.Signals): Promise<number | string>
}

/** Runs `out/main/<name>.js`. */
export const startProgram = (
  name: 'cli' | 'device',
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Program => {
  const child = spawn(process.execPath, [join(OUT, `${name}.js`), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const lines: Record<string, unknown>[] = []
  const waiting = new Set<() => void>()
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors = (errors + String(chunk)).slice(-20_000)
  })
  createInterface({ input: child.stdout }).on('line', (text) => {
    if (text.startsWith('{')) lines.push(JSON.parse(text) as Record<string, unknown>)
    for (const look of [...waiting]) look()
  })
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  })
  const line: Program['line'] = (fits) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.find(fits)
        if (!found) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
      void ended.then((code) => {
        look()
        if (waiting.delete(look))
          reject(new Error(`${name} ended with ${code} first: ${errors.slice(-2000)}`))
      })
    })
  const kill = (signal: NodeJS.Signals = 'SIGKILL') => {
    child.kill(signal)
    return ended
  }
  return { child, lines, stderr: () => errors, line, ended, kill }
}
