/** A file of diagnostics that can not be read: kept, and out of the way of the records. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { expect, test } from 'vitest'
import { DiagnosticsStore } from '../../electron/diagnostics/diagnostics-store'
import { udnOf } from '../helpers/device-row'
import { openStore } from './open'

const asides = (folder: string): string[] => readdirSync(folder).filter((name) => name.includes('set-aside'))

test.each<[string, (path: string) => void]>([
  ['is no database', (path) => writeFileSync(path, 'no database at all'.repeat(1_000))],
  [
    'has broken pages',
    (path) => {
      const bytes = readFileSync(path)
      writeFileSync(path, bytes.fill(0xa5, 4_096))
    },
  ],
  [
    'is of a newer program',
    (path) => {
      const database = new DatabaseSync(path)
      database.exec('PRAGMA user_version = 9999')
      database.close()
    },
  ],
])('a file that %s is set aside whole, told of, and a new one begun', async (_, spoil) => {
  const opened = openStore()
  opened.store.health.record(udnOf(1), 5_000, { temperature: 20 })
  await opened.store.close()
  // What the journal still holds would mend the file.
  const journal = new DatabaseSync(opened.path)
  journal.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  journal.close()
  spoil(opened.path)
  const spoilt = readFileSync(opened.path)
  const { health } = await opened.again()
  expect(health.lastAtMs(udnOf(1))).toBeUndefined()
  health.record(udnOf(1), 9_000, { temperature: 20 })
  const [file = '', ...more] = asides(opened.folder).filter((name) => name.endsWith('.sqlite'))
  expect(more).toEqual([])
  expect(readFileSync(join(opened.folder, file)).equals(spoilt)).toBe(true)
  expect(opened.log.lines).toMatchObject([{ level: 'warn', fields: { file } }])
  // The next time there is nothing to say.
  const { health: again } = await opened.again()
  expect(again.lastAtMs(udnOf(1))).toBe(9_000)
  expect(opened.log.lines).toHaveLength(1)
})

test('a place that can not be written to is no damage: nothing is moved', async () => {
  const opened = openStore()
  await opened.store.close()
  const path = join(opened.folder, 'folder.sqlite')
  mkdirSync(path)
  expect(() => DiagnosticsStore.open(path, opened)).toThrow(expect.objectContaining({ code: 'DATA_DAMAGED' }))
  expect(asides(opened.folder)).toEqual([])
})
