import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DEFAULT_STATION_CONFIG } from '../../electron/contract/factory'
import { openStationConfig } from '../../electron/station/config-file'
import { makeTempDir } from '../helpers/temp-dir'
import { codeOf } from './codes'

let folder: ReturnType<typeof makeTempDir>
beforeEach(() => {
  folder = makeTempDir()
})
afterEach(() => folder.remove())
const pathOf = () => join(folder.path, 'factory', 'station.json')

describe('the configuration of a station', () => {
  it('is the default until it is changed, and then what was set', () => {
    const store = openStationConfig(pathOf())
    expect(store.get()).toEqual(DEFAULT_STATION_CONFIG)
    expect(existsSync(pathOf())).toBe(false)
    store.set({ lanes: ['/dev/ttyUSB0', 'COM3'], idleMinutes: 0 })
    expect(openStationConfig(pathOf()).get()).toEqual({
      ...DEFAULT_STATION_CONFIG,
      lanes: ['/dev/ttyUSB0', 'COM3'],
      idleMinutes: 0,
    })
  })

  it.each([
    [{ failuresBeforeLock: 0 }],
    [{ lanes: ['/dev/a', '/dev/b', '/dev/a'] }],
    [{ lanes: Array.from({ length: 17 }, (_, i) => `/dev/${i}`) }],
    [{ hardwareType: 'none' }],
  ])('stays as it was where a change is not valid: %j', (change) => {
    const store = openStationConfig(pathOf())
    store.set({ lineName: 'Line 7' })
    const text = readFileSync(pathOf(), 'utf8')
    expect(codeOf(() => store.set(change))).toBe('VALUE_INVALID')
    expect(store.get().lineName).toBe('Line 7')
    expect(readFileSync(pathOf(), 'utf8')).toBe(text)
  })

  it.each([
    ['{"lineName":"Line 7","lanes":"none","idleMinutes":5}', { lineName: 'Line 7', idleMinutes: 5 }],
    ['{"lineName":', {}],
    ['null', {}],
  ])('keeps of a damaged file what is valid: %s', (text, kept) => {
    openStationConfig(pathOf()).set({})
    writeFileSync(pathOf(), text)
    expect(openStationConfig(pathOf()).get()).toEqual({ ...DEFAULT_STATION_CONFIG, ...kept })
    expect(readFileSync(`${pathOf()}.broken`, 'utf8')).toBe(text)
  })
})
