/** Closing the window while a job runs, and what the next start makes of it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import type { Job } from '../../electron/contract/job'
import { type Program, startProgram } from '../helpers/program'
import { makeTempDir } from '../helpers/temp-dir'
import { type LaunchedApp, launchApp, PASSPHRASE } from './harness'

const temp = makeTempDir('iotmc-quit-')
const dataDir = join(temp.path, 'data')
let device: Program | undefined
let udn = ''

/** A device that takes three seconds for each answer, so that its job runs for a while. */
const startSlowDevice = async (): Promise<Record<string, unknown>> => {
  const folder = (name: string) => join(temp.path, name)
  device = startProgram('device', [
    ...['--state', folder('device'), '--factory', folder('factory'), '--interface', 'lo'],
    ...['--phase', 'commissioning', '--model', 'PX-200', '--serial', 'PX200-00001', '--fault', 'slow'],
    ...['--anchor', join(dataDir, 'public', 'site-ca.pem')],
  ])
  return device.line((line) => line.event === 'ready')
}

const launch = () => launchApp({ dataDir, settings: { setupDone: true } })

const job = async (app: LaunchedApp): Promise<Job | undefined> => (await app.value('jobs.open')).at(0)

/** Counts the questions that reach the page, beside what the page itself shows. */
const countQuestions = (app: LaunchedApp) =>
  app.page.evaluate(() => {
    const seen: unknown[] = []
    Object.assign(window, { seen })
    window.iotmc.on('app.quitAsked', (json) => seen.push(...(JSON.parse(json) as Job[])))
  })
const questions = (app: LaunchedApp) => app.page.evaluate(() => (window as unknown as { seen: Job[] }).seen)

const closeWindow = (app: LaunchedApp) =>
  app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())

test.describe.configure({ mode: 'serial' })
test.afterAll(async () => {
  await device?.kill()
  temp.remove()
})

test('with a running job the window asks, stays when told so, and closes in order when told so', async () => {
  const app = await launchApp({ dataDir, settings: {}, passphrase: undefined })
  await app.value('app.setup', {
    technician: 'T. Tester',
    siteName: 'Hall 3',
    interfaces: ['lo'],
    passphrase: PASSPHRASE,
  })
  const ready = await startSlowDevice()
  udn = String(ready.udn)
  await app.value('trust.add', { pem: readFileSync(String(ready.factoryRoot), 'utf8') })
  await app.value('jobs.commission', { udns: [udn], group: 'Default', approval: 'given' })
  await expect.poll(async () => (await job(app))?.state, { timeout: 30_000 }).toBe('running')
  await countQuestions(app)

  await closeWindow(app)
  await expect
    .poll(() => questions(app))
    .toEqual([expect.objectContaining({ kind: 'commission', subject: udn })])
  await app.value('app.quitAnswer', { quit: false })
  expect(app.electron.process().exitCode).toBeNull()

  await closeWindow(app)
  await expect.poll(async () => (await questions(app)).length).toBe(2)
  const ended = new Promise((done) => app.electron.process().once('exit', done))
  await app.call('app.quitAnswer', { quit: true }).catch(() => undefined)
  expect(await ended).toBe(0)
})

test('the next start goes on with the job to its end', async () => {
  const app = await launch()
  await expect
    .poll(async () => JSON.stringify(await job(app)), { timeout: 60_000 })
    .toContain('"state":"done","steps"')
  expect((await job(app))?.steps.every((step) => step.state === 'done' || step.state === 'skipped')).toBe(
    true,
  )
  await app.close()
})

test('without a running job the window closes without a question', async () => {
  const app = await launch()
  await expect.poll(async () => (await app.value('app.status')).stage).toBe('ready')
  const ended = new Promise((done) => app.electron.process().once('exit', done))
  await closeWindow(app)
  expect(await ended).toBe(0)
})
