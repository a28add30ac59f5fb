import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bootstrap } from './bootstrap.mjs'
import { build } from './build.mjs'
import { runChecks } from './check.mjs'
import { electronEnv, ensureElectron } from './electron-runtime.mjs'
import { runInNamespace } from './netns.mjs'
import { packageApp, packagedExecutable } from './package.mjs'
import { isEntry, ROOT, run, say, stop } from './proc.mjs'
import { playwrightStage, vitestStage } from './stages.mjs'
import { withDisplay } from './with-display.mjs'

const node = process.execPath

/** Electron has another TLS library than Node: what rests on it is proven in both. */
const inElectron = ['test/identity', 'test/net']

const stages = {
  check: async () => (await runChecks()).map((result) => result.counts),
  unit: () => plain(vitestStage('unit')),
  electron: ({ env, executable }) => {
    const folders = inElectron.filter((folder) => existsSync(join(ROOT, folder)))
    if (folders.length === 0) return []
    return isolated(vitestStage('unit', folders, 'electron'), { ...env, ELECTRON_RUN_AS_NODE: '1' }, [
      executable,
    ])
  },
  deep: () => plain(vitestStage('deep')),
  integration: ({ env }) => isolated(vitestStage('integration'), env),
  interop: ({ env }) => isolated(vitestStage('interop'), env),
  faults: ({ env }) => isolated(vitestStage('faults'), env),
  e2e: ({ env }) => onDisplay(playwrightStage('e2e'), env),
  packaged: async ({ env }) => {
    const code = await packageApp([], { stdout: 'stderr' })
    const app = packagedExecutable()
    if (code !== 0 || app === undefined) return [{ passed: 0, failed: 1 }]
    return onDisplay(playwrightStage('packaged'), { ...env, IOTMC_PACKAGED: app })
  },
}

const needsBuild = new Set(['integration', 'interop', 'faults', 'e2e', 'packaged'])

async function plain({ argv, read }) {
  return [read((await run(node, argv)) === 0)]
}

async function isolated({ argv, env, read }, base, program = [node]) {
  return [read((await runInNamespace([...program, ...argv], { env: { ...base, ...env } })) === 0)]
}

async function onDisplay({ argv, env, read }, base) {
  return [read((await runInNamespace(withDisplay([node, ...argv]), { env: { ...base, ...env } })) === 0)]
}

/** The stages to run: those asked for with `--only a,b`, else all; `check` brings the unit tests with it. */
export function selectStages(only) {
  if (only === undefined) return Object.keys(stages).filter((name) => name !== 'unit')
  const names = only.split(',')
  const unknown = names.find((name) => !Object.hasOwn(stages, name))
  if (unknown !== undefined) stop(`Unknown part "${unknown}". Known: ${Object.keys(stages).join(', ')}`, 2)
  return names
}

async function main() {
  const { values } = parseArgs({ options: { only: { type: 'string' } } })
  const names = selectStages(values.only)
  await bootstrap('test')
  const electron = await ensureElectron().catch((error) => stop(error.message))
  const context = { executable: electron.executable, env: electronEnv(electron) }
  if (names.some((name) => needsBuild.has(name))) await build()
  const counts = []
  for (const name of names) {
    say(`\n── ${name}`)
    counts.push(...(await stages[name](context)))
  }
  const sum = (key) => counts.reduce((total, entry) => total + entry[key], 0)
  process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed\n`)
  return sum('failed') === 0 ? 0 : 1
}

if (isEntry(import.meta.url)) process.exitCode = await main()
