import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { parametersOf } from '../../electron/device/models'
import { factoryConfiguration } from '../../electron/device/parameters'
import { OPEN_GUARD } from '../../electron/device/setup-code'
import { BOOT_ID_MAX, type DeviceState, nextBootId } from '../../electron/device/state'
import { StateFile } from '../../electron/device/state-file'

const blank: DeviceState = {
  format: 1,
  udn: 'uuid:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0',
  model: 'PX-200',
  serialNumber: 'PX-200-1',
  name: 'Pump',
  hardwareRevision: 'C2',
  firmwareVersion: '1.4.0',
  phase: 'commissioning',
  bootId: 0,
  setupCode: '7K3MZ0QP',
  setupGuard: OPEN_GUARD,
  lastGeneration: 0,
  configuration: factoryConfiguration(parametersOf('PX-200')),
  faultsFired: [],
}

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'iotmc-state-'))
})
const path = () => join(folder, 'state.json')

describe('state of a device', () => {
  it('is undefined in a blank folder and otherwise what was stored', () => {
    expect(StateFile.open(folder)).toBeUndefined()
    StateFile.create(folder, blank).update({ bootId: 7, group: 'Pumps' })
    expect(StateFile.open(folder)?.current).toEqual({ ...blank, bootId: 7, group: 'Pumps' })
    expect(readdirSync(folder)).toEqual(['state.json'])
  })

  it('loses a member that is set to undefined', () => {
    const file = StateFile.create(folder, { ...blank, group: 'Pumps' })
    file.update({ group: undefined })
    expect(StateFile.open(folder)?.current).not.toHaveProperty('group')
  })

  it('never stores what it could not read again', () => {
    const file = StateFile.create(folder, blank)
    expect(() => file.update({ bootId: -1 })).toThrow()
    expect(file.current.bootId).toBe(0)
    expect(StateFile.open(folder)?.current.bootId).toBe(0)
  })

  it.each([
    ['cut short', (text: string) => text.slice(0, 100), 'not JSON'],
    ['another format', (text: string) => text.replace('"format": 1', '"format": 2'), 'format'],
    ['a phase that does not exist', (text: string) => text.replace('commissioning', 'dancing'), 'phase'],
    ['a member too many', (text: string) => text.replace('{', '{"evil": 1,'), 'evil'],
    ['huge', (text: string) => text + ' '.repeat(300_000), 'larger than'],
  ])('that is %s stops with a clear error', (_, damage, part) => {
    StateFile.create(folder, blank)
    writeFileSync(path(), damage(readFileSync(path(), 'utf8')))
    expect(() => StateFile.open(folder)).toThrow(new RegExp(`^DATA_DAMAGED: .*${part}`))
  })

  it('counts starts in 31 bits and never says 0', () => {
    expect(nextBootId(0)).toBe(1)
    expect(nextBootId(BOOT_ID_MAX - 1)).toBe(BOOT_ID_MAX)
    expect(nextBootId(BOOT_ID_MAX)).toBe(1)
  })
})
