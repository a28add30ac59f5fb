/** The commands of the README that open a window, run as they stand there: npm builds, starts, and ends with the program. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from '@playwright/test'
import { requirePrivateNetwork } from '../helpers/private-network'
import { makeTempDir } from '../helpers/temp-dir'
import { PASSPHRASE } from './harness'
import { ENGLISH } from './window'

const ROOT = resolve(import.meta.dirname, '../..')
const temp = makeTempDir('iotmc-start-')
const started: ChildProcess[] = []

test.beforeAll(requirePrivateNetwork)
test.afterEach(() => {
  for (const { pid, exitCode } of started.splice(0))
    if (pid !== undefined && exitCode === null) process.kill(-pid, 'SIGKILL')
})
test.afterAll(() => temp.remove())

const npm = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const child = spawn('npm', [...args], {
    cwd: ROOT,
    env: { ...process.env, ...ENGLISH, IOTMC_PASSPHRASE: PASSPHRASE, IOTMC_ALLOW_NO_SANDBOX: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: what it starts is ended with it.
    detached: true,
  })
  started.push(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes) => {
      said += String(bytes)
    })
  const ended = new Promise<number | null>((done) => child.once('close', done))
  return { child, ended, said: () => said }
}

test('npm start opens the practice site when asked to: its devices run', async () => {
  test.setTimeout(120_000)
  const data = join(temp.path, 'data')
  const { child, ended, said } = npm(['start', '--', '--data', data, '--practice'])
  const states = ['AU7-00093', 'GC10-00436', 'PX200-01180'].map((serial) =>
    join(data, 'practice', 'devices', serial, 'state.json'),
  )
  const missing = () => [
    ...states.filter((path) => !existsSync(path)),
    ...(child.exitCode === null ? [] : [said()]),
  ]
  await expect.poll(missing, { timeout: 90_000 }).toEqual([])
  process.kill(-(child.pid ?? 0), 'SIGTERM')
  await ended
})

test('npm run pictures goes through a wizard and writes its pictures', async () => {
  test.setTimeout(180_000)
  const out = join(temp.path, 'images')
  const { ended, said } = npm(['run', 'pictures', '--', '--grep', 'the first start'], { IOTMC_PICTURES: out })
  expect(await ended, said()).toBe(0)
  expect(existsSync(join(out, 'first-run.png'))).toBe(true)
})
