import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { launcherArchive, packAsar } from '../../build/electron-launcher.mjs'
import { runtimePath } from '../../build/electron-prepare.mjs'

test('an archive has the header and the contents at the offsets it names', () => {
  const archive: Buffer = packAsar({ a: 'first', bc: 'zweite ü' })
  const length = archive.readUInt32LE(12)
  const header = JSON.parse(archive.subarray(16, 16 + length).toString('utf8'))
  const base = 8 + archive.readUInt32LE(4)
  const { size, offset } = header.files.bc
  expect(archive.subarray(base + Number(offset), base + Number(offset) + size).toString('utf8')).toBe(
    'zweite ü',
  )
  expect(archive.length).toBe(base + Number(offset) + size)
})

test('the launcher can be written as a file Electron reads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'launcher-'))
  writeFileSync(join(folder, 'default_app.asar'), launcherArchive())
  expect(readFileSync(join(folder, 'default_app.asar')).includes('await import(')).toBe(true)
  rmSync(folder, { recursive: true })
})

test.each([
  ['Cypress/Cypress', 'electron'],
  ['Cypress/locales/de.pak', 'locales/de.pak'],
  ['Cypress/', undefined],
  ['Cypress/resources/app/index.js', undefined],
  ['Cypress/resources/app-update.yml', undefined],
  ['Cypress/browser_v8_context_snapshot.bin', undefined],
  ['Cypress/../../etc/passwd', undefined],
  ['elsewhere/file', undefined],
])('%s becomes %s', (entry, path) => {
  expect(runtimePath(entry)).toBe(path)
})
