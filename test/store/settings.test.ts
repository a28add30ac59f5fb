import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DEFAULT_SETTINGS } from '../../electron/contract/settings'
import { dataPaths, defaultDataDir } from '../../electron/store/paths'
import { openSettings } from '../../electron/store/settings'
import { makeTempDir } from '../helpers/temp-dir'

let folder: ReturnType<typeof makeTempDir>
let file: string
beforeEach(() => {
  folder = makeTempDir()
  file = dataPaths(folder.path).settings
})
afterEach(() => folder.remove())

describe('settings', () => {
  it('are the defaults on the first start, and come back as they were set', () => {
    expect(openSettings(folder.path).get()).toEqual(DEFAULT_SETTINGS)
    openSettings(folder.path).set({ technician: 'Ada', interfaces: ['eth0'] })
    expect(openSettings(folder.path).get()).toEqual({
      ...DEFAULT_SETTINGS,
      technician: 'Ada',
      interfaces: ['eth0'],
    })
    expect(openSettings(folder.path).brokenFile).toBeUndefined()
  })

  it('refuse a value that is not valid and keep what they had', () => {
    const settings = openSettings(folder.path)
    const wrong = expect.objectContaining({ code: 'VALUE_INVALID', detail: 'jobConcurrency' })
    expect(() => settings.set({ jobConcurrency: 0 })).toThrow(wrong)
    expect(settings.get().jobConcurrency).toBe(DEFAULT_SETTINGS.jobConcurrency)
  })

  it.each([
    ['cut off', '{"technician": "Ada"'],
    ['empty', ''],
    ['not an object', '[1]'],
  ])('start with the defaults where the file is %s, and keep that file', (_, text) => {
    writeFileSync(file, text)
    const settings = openSettings(folder.path)
    expect(settings.get()).toEqual(DEFAULT_SETTINGS)
    expect(settings.brokenFile).toBe(join(folder.path, 'settings.broken.json'))
    expect(readFileSync(join(folder.path, 'settings.broken.json'), 'utf8')).toBe(text)
    expect(openSettings(folder.path).brokenFile).toBeUndefined()
  })

  it('keep the fields that are valid beside one that is not', () => {
    writeFileSync(file, JSON.stringify({ technician: 'Ada', setupDone: true, theme: 'pink', searchMxS: 99 }))
    const settings = openSettings(folder.path)
    expect(settings.get()).toEqual({ ...DEFAULT_SETTINGS, technician: 'Ada', setupDone: true })
    expect(existsSync(join(folder.path, 'settings.broken.json'))).toBe(true)
  })

  it('keep a field that a newer program wrote', () => {
    writeFileSync(file, JSON.stringify({ technician: 'Ada', fromTheFuture: 1 }))
    const settings = openSettings(folder.path)
    expect(settings.get()).toEqual({ ...DEFAULT_SETTINGS, technician: 'Ada' })
    settings.set({ technician: 'Grace' })
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ technician: 'Grace', fromTheFuture: 1 })
  })
})

describe('the default data folder', () => {
  it('follows IOTMC_DATA, then the platform', () => {
    expect(defaultDataDir({ IOTMC_DATA: '/x' }, 'linux', '/home/ada')).toBe('/x')
    expect(defaultDataDir({}, 'linux', '/home/ada')).toBe('/home/ada/.config/IoTMC Technician')
    expect(defaultDataDir({}, 'darwin', '/Users/ada')).toBe(
      '/Users/ada/Library/Application Support/IoTMC Technician',
    )
    expect(defaultDataDir({ APPDATA: '/roaming' }, 'win32', '/ada')).toBe('/roaming/IoTMC Technician')
  })
})
