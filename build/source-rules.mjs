import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isEntry, ROOT } from './proc.mjs'

const MAX_LINES = 400

/** Rules that need the text of a file: what neither the linter nor the import checker can see. */
export const rules = [
  {
    name: 'raw ipcMain and ipcRenderer only in electron/ipc and electron/preload.ts',
    applies: (path) => /^electron\//.test(path) && !/^electron\/(ipc\/|preload\.ts$)/.test(path),
    broken: (text) => /\bipc(Main|Renderer)\b/.test(text),
  },
  {
    name: 'window.iotmc only in renderer/bridge.ts',
    applies: (path) => /^renderer\//.test(path) && path !== 'renderer/bridge.ts',
    broken: (text) => /\b(window|globalThis)\s*(\.\s*iotmc\b|\[\s*['"`]iotmc)/.test(text),
  },
  {
    name: `no file longer than ${MAX_LINES} lines`,
    applies: (path) => /^(electron|renderer|build)\//.test(path) && !path.startsWith('renderer/locales/'),
    broken: (text) => text.split('\n').length > MAX_LINES + 1,
  },
]

/** The rules that one file breaks, as readable lines. `path` is relative with forward slashes. */
export function findViolations(path, text) {
  return rules
    .filter((rule) => rule.applies(path) && rule.broken(text))
    .map((rule) => `${path}: ${rule.name}`)
}

async function sourceFiles(folder) {
  if (!existsSync(join(ROOT, folder))) return []
  const entries = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && /\.(tsx?|mjs|cjs)$/.test(entry.name))
  return files.map((entry) =>
    join(entry.parentPath, entry.name)
      .slice(ROOT.length + 1)
      .replaceAll('\\', '/'),
  )
}

/** Checks all sources and returns one line for each violation. */
export async function checkSources() {
  const paths = (await Promise.all(['electron', 'renderer', 'build'].map(sourceFiles))).flat().sort()
  const found = await Promise.all(
    paths.map(async (path) => findViolations(path, await readFile(join(ROOT, path), 'utf8'))),
  )
  return found.flat()
}

if (isEntry(import.meta.url)) {
  const lines = await checkSources()
  for (const line of lines) process.stdout.write(`${line}\n`)
  process.exitCode = lines.length > 0 ? 1 : 0
}
