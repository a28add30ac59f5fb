import { expect, test } from 'vitest'
import { isInstalled } from '../../build/bootstrap.mjs'
import { installedNames, missingPackages } from '../../build/system-packages.mjs'

const lock = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/only-on-mac': { version: '2.0.0', optional: true },
  },
}

test('an installation that holds every locked version is current', () => {
  expect(isInstalled(lock, { packages: { 'node_modules/a': { version: '1.0.0' } } })).toBe(true)
})

test('a missing or differing package asks for a new installation', () => {
  expect(isInstalled(lock, { packages: {} })).toBe(false)
  expect(isInstalled(lock, { packages: { 'node_modules/a': { version: '1.0.1' } } })).toBe(false)
})

test('an optional package of another version asks for a new installation', () => {
  const installed = {
    'node_modules/a': { version: '1.0.0' },
    'node_modules/only-on-mac': { version: '1.9.0' },
  }
  expect(isInstalled(lock, { packages: installed })).toBe(false)
})

test('only fully installed system packages count', () => {
  const listing =
    'socat install ok installed\nxvfb deinstall ok config-files\ndpkg-query: no packages found matching y\n'
  expect([...installedNames(listing)]).toEqual(['socat'])
})

test('a library under its 64-bit time name satisfies the old name', () => {
  const installed = new Set(['libgtk-3-0t64', 'socat'])
  expect(missingPackages(['libgtk-3-0', 'socat', 'libnss3'], installed)).toEqual(['libnss3'])
})
