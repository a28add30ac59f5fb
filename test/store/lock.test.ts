import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { acquireLock } from '../../electron/store/lock'
import { makeTempDir } from '../helpers/temp-dir'

let folder: ReturnType<typeof makeTempDir>
let path: string
beforeEach(() => {
  folder = makeTempDir()
  path = join(folder.path, 'data', 'lock')
})
afterEach(() => folder.remove())

it('is held by one, named to the other, and free again after its release', () => {
  const release = acquireLock(path)
  expect(() => acquireLock(path)).toThrow(
    expect.objectContaining({ code: 'DATA_IN_USE', subject: path, detail: `process ${process.pid}` }),
  )
  release()
  release()
  acquireLock(path)()
})

it('takes the place of a file that is no lock', () => {
  acquireLock(path)()
  writeFileSync(path, '{"pid": 1}'.padEnd(4096, ' '))
  acquireLock(path)()
})

it('says so where the folder cannot be written', () => {
  writeFileSync(join(folder.path, 'file'), '')
  expect(() => acquireLock(join(folder.path, 'file', 'lock'))).toThrow(
    expect.objectContaining({ code: 'DATA_DAMAGED' }),
  )
})
