import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bootstrap } from './bootstrap.mjs'
import { build } from './build.mjs'
import { electronEnv, ensureElectron } from './electron-runtime.mjs'
import { isEntry, ROOT, run, stop, tools } from './proc.mjs'

const executables = {
  linux: ['linux-unpacked/iotmc-technician', 'linux-arm64-unpacked/iotmc-technician'],
  win32: ['win-unpacked/IoTMC Technician.exe', 'win-arm64-unpacked/IoTMC Technician.exe'],
  darwin: ['mac', 'mac-arm64', 'mac-universal'].map(
    (dir) => `${dir}/IoTMC Technician.app/Contents/MacOS/IoTMC Technician`,
  ),
}

/** The program that a `--dir` build on this machine produced, or undefined. */
export function packagedExecutable(dist = join(ROOT, 'dist')) {
  return (executables[process.platform] ?? [])
    .map((path) => join(dist, path))
    .find((path) => existsSync(path))
}

/** True for an unpacked build of this machine's own platform, where the Electron at hand can be used. */
export function usesLocalElectron(args) {
  return args.length === 0 || (args.length === 1 && args[0] === '--dir')
}

async function builderArgs(args) {
  if (!usesLocalElectron(args)) return { args, env: process.env }
  const electron = await ensureElectron()
  const version = readFileSync(join(electron.dist, 'version'), 'utf8').trim().replace(/^v/, '')
  const config = [`-c.electronDist=${electron.dist}`, `-c.electronVersion=${version}`]
  return { args: ['--dir', ...config], env: electronEnv(electron) }
}

/** Packages the app. Without arguments an unpacked folder; `--linux`, `--win`, `--mac` make the installers. */
export async function packageApp(args = [], { stdout = 'inherit', into } = {}) {
  const chosen = await builderArgs(args)
  const command = [tools.electronBuilder, ...chosen.args, '--publish', 'never']
  return run(process.execPath, command, { env: chosen.env, stdout, into })
}

if (isEntry(import.meta.url)) {
  await bootstrap('run')
  await build()
  process.exitCode = await packageApp(process.argv.slice(2)).catch((error) => stop(error.message))
}
