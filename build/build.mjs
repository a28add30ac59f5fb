import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bootstrap } from './bootstrap.mjs'
import { capture, isEntry, ROOT, say, stop, tools } from './proc.mjs'

const out = join(ROOT, 'out')
const stamp = join(out, '.stamp')
const cache = join(ROOT, 'node_modules/.cache/iotmc-build')
const sources = ['electron', 'renderer', 'test']
const singles = ['package-lock.json', 'electron.vite.config.ts', 'tsconfig.json']
const isTest = /\.(test|e2e|spec|packaged|shots)\.tsx?$/

/** A short text that changes whenever a source file is added, removed or written. */
export async function fingerprint(root = ROOT) {
  const hash = createHash('sha256')
  const note = (path) => {
    const { mtimeMs, size } = statSync(join(root, path))
    hash.update(`${path} ${mtimeMs} ${size}\n`)
  }
  for (const folder of sources.filter((name) => existsSync(join(root, name)))) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile() && !isTest.test(entry.name))
    for (const path of files.map((entry) => join(entry.parentPath, entry.name)).sort())
      note(path.slice(root.length))
  }
  for (const path of singles.filter((name) => existsSync(join(root, name)))) note(path)
  return hash.digest('hex')
}

const isFresh = (print) => existsSync(stamp) && readFileSync(stamp, 'utf8') === print

async function withLock(work) {
  const lock = `${cache}.lock`
  mkdirSync(join(lock, '..'), { recursive: true })
  for (;;) {
    try {
      mkdirSync(lock)
      break
    } catch {
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
      // A build takes seconds: a lock this old belongs to one that was killed.
      if (age > 120_000) rmSync(lock, { recursive: true, force: true })
      await sleep(100)
    }
  }
  try {
    return await work()
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

/** Builds into a side folder and swaps, so that a running program never sees half a build. */
async function compile(print) {
  const next = join(cache, 'next')
  const previous = join(cache, `previous-${process.pid}`)
  rmSync(next, { recursive: true, force: true })
  const { code, output } = await capture(process.execPath, [tools.electronVite, 'build', '--outDir', next])
  if (code !== 0) return output
  writeFileSync(join(next, '.stamp'), print)
  if (existsSync(out)) renameSync(out, previous)
  renameSync(next, out)
  rmSync(previous, { recursive: true, force: true })
  return undefined
}

/** Brings out/ up to date; returns at once when no source changed. Stops the program when the build fails. */
export async function build({ force = false } = {}) {
  if (!force && isFresh(await fingerprint())) return
  const failure = await withLock(async () => {
    const print = await fingerprint()
    if (!force && isFresh(print)) return undefined
    const started = Date.now()
    const problem = await compile(print)
    if (problem === undefined) say(`Built in ${((Date.now() - started) / 1000).toFixed(1)} s`)
    return problem
  })
  if (failure !== undefined) stop(`${failure}\nThe build failed: see above.`)
}

if (isEntry(import.meta.url)) {
  await bootstrap('run')
  await build({ force: true })
}
