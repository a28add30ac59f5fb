import { availableParallelism } from 'node:os'
import { bootstrap } from './bootstrap.mjs'
import { capture, isEntry, tools } from './proc.mjs'
import { vitestStage } from './stages.mjs'

const types = ['contract', 'node', 'renderer', 'test']

/** The tools of the check, the slowest first so that two cores finish together. */
function tasks() {
  const unit = [1, 2, 3].map((part) => vitestStage('unit', { shard: { part, parts: 3 } }))
  return [
    ...unit.map(({ argv, read }, index) => ({ name: `unit tests ${index + 1}/3`, argv, read })),
    ...types.map((part) => ({ name: `types ${part}`, argv: [tools.tsc, '-p', `tsconfig.${part}.json`] })),
    {
      name: 'imports',
      argv: [tools.depcruise, '--config', '.dependency-cruiser.cjs', 'electron', 'renderer', 'test'],
    },
    { name: 'unused code', argv: [tools.knip, '--no-progress'] },
    { name: 'format and lint', argv: [tools.biome, 'ci', '--colors=off'] },
    { name: 'source rules', argv: ['build/source-rules.mjs'] },
  ]
}

async function runTask({ name, argv, read }) {
  const started = Date.now()
  const { code, output } = await capture(process.execPath, argv)
  const ok = code === 0
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  const counts = read?.(ok)
  const detail = counts === undefined ? '' : `  ${counts.passed} passed, ${counts.failed} failed`
  process.stdout.write(`${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(16)} ${seconds.padStart(5)} s${detail}\n`)
  if (!ok) process.stdout.write(`${output.trimEnd()}\n`)
  return { name, ok, counts: counts ?? { passed: 0, failed: ok ? 0 : 1, failures: ok ? [] : [name] } }
}

/** Runs every check, each with a line as it ends, and returns their results. A failed tool counts as one failure. */
export async function runChecks() {
  const started = Date.now()
  const queue = tasks()
  const results = []
  const worker = async () => {
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) results.push(await runTask(task))
  }
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker))
  const failed = results.filter((result) => !result.ok).length
  const total = ((Date.now() - started) / 1000).toFixed(1)
  process.stdout.write(
    `${failed === 0 ? 'Check passed' : `Check failed: ${failed} of ${results.length}`} in ${total} s\n`,
  )
  return results
}

if (isEntry(import.meta.url)) {
  await bootstrap('run')
  const results = await runChecks()
  process.exitCode = results.every((result) => result.ok) ? 0 : 1
}
