import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, tools } from './proc.mjs'

const reports = join(ROOT, 'node_modules/.cache/iotmc-reports')

/** Counts of a vitest JSON report. A file that could not be loaded has no tests and counts as one failure. */
export function vitestCounts(report) {
  const unloadable = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  )
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloadable.length }
}

/** Counts of a Playwright JSON report; a test that passed on a retry has passed. */
export function playwrightCounts({ stats, errors }) {
  const failed = stats.unexpected + (stats.unexpected === 0 ? errors.length : 0)
  return { passed: stats.expected + stats.flaky, failed }
}

/** A runner that fails without saying which test is itself one failure, so that "0 failed" always means success. */
export function withOutcome(counts, ok) {
  return !ok && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

function reader(file, count) {
  return (ok) => {
    const none = { passed: 0, failed: 0 }
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

/** How one vitest project is run and how its counts are read afterwards. */
export function vitestStage(project, filters = [], name = project) {
  const file = reportFile(name)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  // Plain unit tests need no process of their own and keep no state in modules: threads that load each module once.
  const pool = name === 'unit' ? ['--pool=threads', '--no-isolate'] : []
  const argv = [
    tools.vitest,
    'run',
    '--project',
    project,
    ...pool,
    '--passWithNoTests',
    ...reporters,
    ...filters,
  ]
  return { argv, env: {}, read: reader(file, vitestCounts) }
}

/** How one Playwright project is run and how its counts are read afterwards. */
export function playwrightStage(project) {
  const file = reportFile(project)
  const argv = [
    tools.playwright,
    'test',
    '--project',
    project,
    '--pass-with-no-tests',
    '--reporter=list,json',
  ]
  return { argv, env: { PLAYWRIGHT_JSON_OUTPUT_FILE: file }, read: reader(file, playwrightCounts) }
}
