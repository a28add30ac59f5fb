import { spawn } from 'node:child_process'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..')

/** True when a script was started by itself, false when it was imported. */
export function isEntry(moduleUrl) {
  return process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(moduleUrl)
}

/** Prints progress where it cannot mix with a program's own output. */
export function say(line) {
  process.stderr.write(`${line}\n`)
}

/** Stops with one line and no stack: for causes the reader can put right. */
export function stop(line, code = 1) {
  say(line)
  process.exit(code)
}

/** Runs a command and collects what it wrote. Never rejects: a command that cannot start has code 127. */
export function capture(command, args, { env = process.env, cwd = ROOT, timeoutMs } = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs })
    const chunks = []
    child.stdout.on('data', (chunk) => chunks.push(chunk))
    child.stderr.on('data', (chunk) => chunks.push(chunk))
    child.on('error', (error) => done({ code: 127, output: error.message }))
    child.on('close', (code) => done({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') }))
  })
}

/**
 * Runs a command with the caller's terminal and resolves with its exit code.
 * `stdout: 'stderr'` sends its output to standard error; `into`, an array of chunks, keeps all of it instead.
 * Signals are handed on, so the child ends first.
 */
export function run(
  command,
  args,
  { env = process.env, cwd = ROOT, stdout = 'inherit', stdin = 'inherit', into } = {},
) {
  return new Promise((done, fail) => {
    const own = [stdin, stdout === 'stderr' ? 2 : 'inherit', 'inherit']
    const child = spawn(command, args, { cwd, env, stdio: into ? ['ignore', 'pipe', 'pipe'] : own })
    if (into)
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => into.push(chunk))
    const release = forwardSignals(child)
    child.on('error', (error) => {
      release()
      fail(error)
    })
    child.on('close', (code, signal) => {
      release()
      done(code ?? signalCode(signal))
    })
  })
}

function forwardSignals(child) {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  const handlers = signals.map((signal) => {
    // A terminal sends Ctrl-C to the whole group, so the child has it already; passing it on would end it twice.
    const handler = () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal))
    process.on(signal, handler)
    return [signal, handler]
  })
  const orphanWatch = endWithNpm(child)
  return () => {
    clearInterval(orphanWatch)
    for (const [signal, handler] of handlers) process.off(signal, handler)
  }
}

/** npm's shell dies of a signal without handing it on: being adopted by another parent is then the only notice. */
function endWithNpm(child) {
  const parent = process.ppid
  if (process.env.npm_lifecycle_event === undefined) return undefined
  return setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 500).unref()
}

function signalCode(signal) {
  return { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGKILL: 137 }[signal] ?? 1
}

/** How npm is started without a shell on every platform. */
export function npmCommand(args) {
  const script = process.env.npm_execpath
  if (script?.endsWith('.js')) return [process.execPath, [script, ...args]]
  return process.platform === 'win32' ? ['cmd.exe', ['/d', '/s', '/c', 'npm', ...args]] : ['npm', args]
}

/** A program from node_modules as a file for `node`, so that no shell or .cmd wrapper is needed. */
export const tools = {
  biome: 'node_modules/@biomejs/biome/bin/biome',
  depcruise: 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
  electronBuilder: 'node_modules/electron-builder/cli.js',
  electronVite: 'node_modules/electron-vite/bin/electron-vite.js',
  knip: 'node_modules/knip/bin/knip.js',
  playwright: 'node_modules/@playwright/test/cli.js',
  tsc: 'node_modules/typescript/bin/tsc',
  vitest: 'node_modules/vitest/vitest.mjs',
}
