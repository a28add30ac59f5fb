/** Sample images are run as what they are: programs. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type SampleImage, sampleImage } from '../../electron/firmware/sample-image'
import { makeTempDir } from '../helpers/temp-dir'

let folder: ReturnType<typeof makeTempDir>
let started: ChildProcess[] = []
beforeEach(() => {
  folder = makeTempDir()
})
afterEach(() => {
  for (const child of started) child.kill('SIGKILL')
  started = []
  folder.remove()
})

const run = (image: Omit<SampleImage, 'version'>) => {
  const path = join(folder.path, 'image.mjs')
  writeFileSync(path, sampleImage({ version: '2.4.0', ...image }))
  const child = spawn(process.execPath, [path], { stdio: ['pipe', 'pipe', 'inherit'] })
  started.push(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    child,
    ended: once(child, 'exit'),
    line: async () => JSON.parse((await lines.next()).value ?? 'null'),
  }
}

const RUNNING = { event: 'running', version: '2.4.0' }
const ALIVE = { event: 'alive' }

it('healthy: runs, gives signs of life, tells of its health, and ends with its stdin', async () => {
  const { child, line, ended } = run({ behaviour: 'healthy', afterMs: 30, aliveEveryMs: 20 })
  expect(await line()).toEqual(RUNNING)
  const next = [await line(), await line(), await line()]
  expect(next).toContainEqual(ALIVE)
  expect(next).toContainEqual({ event: 'health', ok: true })
  child.stdin.end()
  expect(await ended).toEqual([0, null])
})

it('crash: ends at once, without a word', async () => {
  const { line, ended } = run({ behaviour: 'crash' })
  expect(await ended).toEqual([1, null])
  expect(await line()).toBeNull()
})

it('crash-later: runs first', async () => {
  const { line, ended } = run({ behaviour: 'crash-later', afterMs: 20 })
  expect(await line()).toEqual(RUNNING)
  expect(await ended).toEqual([1, null])
})

it.each([
  ['error', { event: 'error', code: 'SELF_TEST_FAILED' }],
  ['unhealthy', { event: 'health', ok: false }],
] as const)('%s: runs and says so', async (behaviour, said) => {
  const { line } = run({ behaviour, afterMs: 10 })
  expect([await line(), await line()]).toEqual([RUNNING, said])
})

it('hang: no sign of life after a while, but it still goes with its stdin', async () => {
  const { child, line, ended } = run({ behaviour: 'hang', afterMs: 100, aliveEveryMs: 10 })
  expect(await line()).toEqual(RUNNING)
  expect(await line()).toEqual(ALIVE)
  let silent = false
  while (!silent) {
    const heard = line()
    silent = await Promise.race([
      heard.then(() => false),
      new Promise<boolean>((resolve) => setTimeout(resolve, 500, true)),
    ])
  }
  child.stdin.end()
  expect(await ended).toEqual([0, null])
})

it('silent: lives and never says that it runs', async () => {
  const { child, line, ended } = run({ behaviour: 'silent' })
  const heard = line()
  child.stdin.end()
  expect(await heard).toBeNull()
  expect(await ended).toEqual([0, null])
})

it.each([0, 1, 2, 79, 80, 81, 82, 83, 100_000])(
  'stays a program with %i bytes of padding',
  async (padBytes) => {
    const image: SampleImage = { version: '2.4.0', behaviour: 'healthy', padBytes }
    const plain = sampleImage({ ...image, padBytes: 0 })
    expect(sampleImage(image)).toHaveLength(plain.length + padBytes)
    const { child, line, ended } = run({ behaviour: 'healthy', padBytes })
    expect(await line()).toEqual(RUNNING)
    child.stdin.end()
    expect(await ended).toEqual([0, null])
  },
)
