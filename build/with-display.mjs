import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { isEntry, run, stop } from './proc.mjs'

const SCREEN = '1600x1000x24'
const ATTEMPTS = 5

function startOnce(display) {
  const args = [`:${display}`, '-displayfd', '3', '-screen', '0', SCREEN, '-nolisten', 'tcp', '-noreset']
  const server = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  return new Promise((done) => {
    server.on('error', () => done(undefined))
    server.on('exit', () => done(undefined))
    // The server writes its number once clients may connect.
    server.stdio[3].once('data', () => done(server))
  })
}

async function startServer() {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    // Not "the first free one": servers in other network namespaces share /tmp and would take each other's socket.
    const display = 100 + Math.floor(Math.random() * 30_000)
    if (existsSync(`/tmp/.X${display}-lock`)) continue
    const server = await startOnce(display)
    if (server) return { server, display: `:${display}` }
  }
  return stop('The virtual display (Xvfb) did not start.')
}

/** Runs a command on a virtual display of its own, which ends with it; where Xvfb is not needed, just runs it. */
export async function runWithDisplay(argv) {
  const [command, ...args] = argv
  if (process.platform !== 'linux') return run(command, args)
  const { server, display } = await startServer()
  const { WAYLAND_DISPLAY: _unused, ...env } = process.env
  try {
    return await run(command, args, { env: { ...env, DISPLAY: display } })
  } finally {
    server.kill()
  }
}

/** The command line that runs `argv` through this file, for use inside another wrapper. */
export function withDisplay(argv) {
  return [process.execPath, 'build/with-display.mjs', ...argv]
}

if (isEntry(import.meta.url)) process.exitCode = await runWithDisplay(process.argv.slice(2))
