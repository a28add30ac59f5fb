import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, tools } from './proc.mjs'

const reports = join(ROOT, 'node_modules/.cache/iotmc-reports')

/** Counts of a vitest JSON report. A file that could not be loaded has no tests and counts as one failure. */
export function vitestCounts(report) {
  const unloadable = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  )
  const failures = report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map((one) => `${name}: ${one.fullName}`),
  )
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloadable.length,
    failures: [...failures, ...unloadable.map(({ name }) => `${name}: could not be loaded`)],
  }
}

/**
 * Counts of a Playwright JSON report; a test that passed on a retry has passed.
 *
 * @param {any} report
 */
export function playwrightCounts({ stats, errors, suites = [] }) {
  const failed = stats.unexpected + (stats.unexpected === 0 ? errors.length : 0)
  const failures = suites.flatMap(specsOf).filter(({ ok }) => !ok)
  return {
    passed: stats.expected + stats.flaky,
    failed,
    failures: failures.map(({ file, line, title }) => `${file}:${line}: ${title}`),
  }
}

/** @param {any} suite */
const specsOf = ({ specs = [], suites = [] }) => [...specs, ...suites.flatMap(specsOf)]

/** A runner that fails without saying which test is itself one failure, so that "0 failed" always means success. */
export function withOutcome(counts, ok) {
  if (ok || counts.failed > 0) return counts
  return { ...counts, failed: 1, failures: ['the runner failed and named no test'] }
}

function reader(file, count) {
  return (ok) => {
    const none = { passed: 0, failed: 0, failures: [] }
    if (!existsSync(file)) return withOutcome(none, ok)
    return withOutcome(count(JSON.parse(readFileSync(file, 'utf8'))), ok)
  }
}

function reportFile(name) {
  mkdirSync(reports, { recursive: true })
  const file = join(reports, `${name}.json`)
  rmSync(file, { force: true })
  return file
}

/** `part` of `parts` of a stage, as its runner wants it; nothing for a whole stage. */
function shardOf({ part, parts } = {}) {
  return parts === undefined || parts === 1
    ? { argv: [], suffix: '' }
    : { argv: [`--shard=${part}/${parts}`], suffix: `-${part}` }
}

/** How one vitest project (or a part of it) is run and how its counts are read afterwards. */
export function vitestStage(project, { filters = [], name = project, shard } = {}) {
  const { argv: shardArgv, suffix } = shardOf(shard)
  const file = reportFile(`${name}${suffix}`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  // Plain unit tests need no process of their own and keep no state in modules: threads that load each module once.
  const pool = name === 'unit' ? ['--pool=threads', '--no-isolate'] : []
  // Nothing runs beside these.
  const workers = name === 'deep' ? ['--maxWorkers=100%'] : []
  const argv = [
    tools.vitest,
    'run',
    '--project',
    project,
    ...pool,
    ...workers,
    '--passWithNoTests',
    ...shardArgv,
    ...reporters,
    ...filters,
  ]
  return { argv, env: {}, read: reader(file, vitestCounts) }
}

/** How one Playwright project (or a part of it) is run and how its counts are read afterwards. */
export function playwrightStage(project, { shard } = {}) {
  const { argv: shardArgv, suffix } = shardOf(shard)
  const file = reportFile(`${project}${suffix}`)
  const argv = [
    tools.playwright,
    'test',
    '--project',
    project,
    '--pass-with-no-tests',
    // Each its own: a start clears the folder.
    `--output=test-results/${project}${suffix}`,
    ...shardArgv,
    '--reporter=list,json',
  ]
  return { argv, env: { PLAYWRIGHT_JSON_OUTPUT_FILE: file }, read: reader(file, playwrightCounts) }
}
