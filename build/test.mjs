import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bootstrap } from './bootstrap.mjs'
import { build } from './build.mjs'
import { runChecks } from './check.mjs'
import { electronEnv, ensureElectron } from './electron-runtime.mjs'
import { dealt, inLanes, laneCount, untilEnded } from './lanes.mjs'
import { runInNamespace } from './netns.mjs'
import { packageApp, packagedExecutable } from './package.mjs'
import { isEntry, ROOT, run, say, stop } from './proc.mjs'
import { playwrightStage, vitestStage } from './stages.mjs'
import { withDisplay } from './with-display.mjs'

const node = process.execPath

/** Electron has another TLS library than Node: what rests on it is proven in both. */
const inElectron = ['test/identity', 'test/net']

/**
 * The pieces of each stage, given what the context knows. A stage with parts runs in so many pieces, each in a network
 * (and on a display) of its own. What `waits`, for devices or a window, keeps a processor busy for a third of its time;
 * the others for nearly all of it.
 */
const stages = {
  check: () => [{ run: async () => (await runChecks()).map((result) => result.counts) }],
  unit: () => [plain(vitestStage('unit'))],
  electron: ({ env, executable }) => {
    const filters = inElectron.filter((folder) => existsSync(join(ROOT, folder)))
    if (filters.length === 0) return []
    const stage = vitestStage('unit', { filters, name: 'electron' })
    return [isolated(stage, { ...env, ELECTRON_RUN_AS_NODE: '1' }, [executable])]
  },
  deep: () => [plain(vitestStage('deep'))],
  integration: ({ env }) =>
    parts(6, (shard) => ({ waits: true, ...isolated(vitestStage('integration', { shard }), env) })),
  interop: ({ env }) => parts(4, (shard) => isolated(vitestStage('interop', { shard }), env)),
  faults: ({ env }) => parts(5, (shard) => isolated(vitestStage('faults', { shard }), env)),
  e2e: ({ env }) =>
    parts(4, (shard) => ({ waits: true, ...onDisplay(playwrightStage('e2e', { shard }), env) })),
  packaged: ({ env }) => [{ run: (into) => packaged(env, into) }],
}

/**
 * The longest first, in pieces of a few minutes, so that all lanes end together; what uses the whole processor goes before
 * them, by itself.
 */
const LANES = ['e2e', 'faults', 'integration', 'interop', 'packaged', 'electron']

const needsBuild = new Set(['integration', 'interop', 'faults', 'e2e', 'packaged'])

function parts(count, piece) {
  return Array.from({ length: count }, (_, index) => piece({ part: index + 1, parts: count }))
}

function plain({ argv, read }) {
  return { run: async (into) => [read((await run(node, argv, { into })) === 0)] }
}

function isolated({ argv, env, read }, base, program = [node]) {
  const options = { env: { ...base, ...env } }
  return {
    run: async (into) => [read((await runInNamespace([...program, ...argv], { ...options, into })) === 0)],
  }
}

function onDisplay({ argv, env, read }, base) {
  return isolated({ argv: withDisplay([node, ...argv]).slice(1), env, read }, base)
}

async function packaged(env, into) {
  const code = await packageApp([], { stdout: 'stderr', into })
  const app = packagedExecutable()
  if (code !== 0 || app === undefined) return [{ passed: 0, failed: 1, failures: ['the packaging'] }]
  return onDisplay(playwrightStage('packaged'), { ...env, IOTMC_PACKAGED: app }).run(into)
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
  const ending = untilEnded()
  for (const name of names.filter((one) => !LANES.includes(one))) {
    say(`\n── ${name}`)
    for (const { run: whole } of stages[name](context)) counts.push(...(await whole()))
  }
  const piled = LANES.filter((name) => names.includes(name)).map((name) =>
    stages[name](context).map((piece, index, all) => ({
      name: all.length > 1 ? `${name} ${index + 1}/${all.length}` : name,
      ...piece,
    })),
  )
  counts.push(...(await inLanes(dealt(piled), laneCount(), { ending })).flat())
  if (ending.aborted) stop(`Ended by ${ending.reason}.`, 1)
  // At the end, where it is found: what is above may be long, or cut.
  for (const failure of counts.flatMap(({ failures = [] }) => failures)) say(`failed: ${failure}`)
  const sum = (key) => counts.reduce((total, entry) => total + entry[key], 0)
  process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed\n`)
  return sum('failed') === 0 ? 0 : 1
}

if (isEntry(import.meta.url)) process.exitCode = await main()
