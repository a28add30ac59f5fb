import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { makeTempDir } from '../helpers/temp-dir'

// Key derivation, fsync and hundreds of signatures, maybe on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

let temp: ReturnType<typeof makeTempDir>
let dir: string
beforeEach(() => {
  temp = makeTempDir()
  dir = join(temp.path, 'data', 'practice-factory')
})
afterEach(() => temp.remove())

test('it is made once and stays the same', async () => {
  const first = await openPracticeFactory(dir)
  expect((await openPracticeFactory(dir)).certificatePem).toBe(first.certificatePem)
  expect(readFileSync(join(dir, 'root.pem'), 'utf8')).toBe(first.certificatePem)
})

test('several that open it at once all get the same one, and nothing is left beside it', async () => {
  const opened = await Promise.all(Array.from({ length: 6 }, () => openPracticeFactory(dir)))
  expect(new Set(opened.map((one) => one.certificatePem)).size).toBe(1)
  expect(readdirSync(join(temp.path, 'data'))).toEqual(['practice-factory'])
})

test('an empty folder in its place is used', async () => {
  mkdirSync(dir, { recursive: true })
  await expect(openPracticeFactory(dir)).resolves.toBeDefined()
})

test('a lost root certificate file comes back; other content in its place is left alone', async () => {
  const made = await openPracticeFactory(dir)
  rmSync(join(dir, 'root.pem'))
  await openPracticeFactory(dir)
  expect(readFileSync(join(dir, 'root.pem'), 'utf8')).toBe(made.certificatePem)
  const other = join(temp.path, 'full')
  mkdirSync(other)
  writeFileSync(join(other, 'keep.txt'), 'mine')
  await expect(openPracticeFactory(other)).rejects.toMatchObject({ code: 'DATA_DAMAGED' })
  expect(readFileSync(join(other, 'keep.txt'), 'utf8')).toBe('mine')
})
