import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { capture, isEntry, npmCommand, ROOT, say, stop } from './proc.mjs'
import { ensureSystemPackages } from './system-packages.mjs'

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))

/** True when every package of the lock file that this machine can hold is installed in the locked version. */
export function isInstalled(lock, installed) {
  return Object.entries(lock.packages ?? {}).every(([path, entry]) => {
    if (path === '' || entry.link) return true
    const present = installed.packages?.[path]
    return present === undefined
      ? entry.optional === true || entry.peer === true
      : present.version === entry.version
  })
}

function modulesAreCurrent() {
  // npm keeps this list of what it really put there. Comparing contents survives a fresh clone's file times.
  const installedList = join(ROOT, 'node_modules/.package-lock.json')
  if (!existsSync(installedList)) return false
  return isInstalled(readJson(join(ROOT, 'package-lock.json')), readJson(installedList))
}

async function installModules() {
  say('Installing packages (once)…')
  // No install scripts: Electron's would fail where its download host cannot be reached. It is handled later.
  // Not `npm ci`: it refuses a lock file that lacks optional binaries of other platforms. Versions are the lock's.
  const quiet = ['--ignore-scripts', '--no-save', '--no-audit', '--no-fund']
  const { code, output } = await capture(...npmCommand(['install', ...quiet]))
  if (code !== 0) stop(`${output}\nnpm install failed: see above.`)
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19))
    stop(`Node 20.19 or newer is needed, this is ${process.versions.node}.`)
}

/** Makes a fresh clone ready for `mode`: 'run' (Node only), 'start' (the window) or 'test'. Silent when it is. */
export async function bootstrap(mode = 'run') {
  checkNode()
  await ensureSystemPackages(mode)
  if (!modulesAreCurrent()) await installModules()
}

if (isEntry(import.meta.url)) await bootstrap(process.argv[2] ?? 'run')
