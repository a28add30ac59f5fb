import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { asIotmcError } from '../../electron/contract/errors'
import {
  FirmwareDevice,
  failure,
  type Maker,
  makeBundle,
  makeMaker,
  SourceDouble,
} from '../helpers/firmware-device'

let maker: Maker
const devices: FirmwareDevice[] = []
beforeAll(async () => {
  maker = await makeMaker()
})
afterEach(async () => {
  for (const device of devices.splice(0)) await device.agent.stop().catch(() => undefined)
})

const make = async (options: ConstructorParameters<typeof FirmwareDevice>[2] = {}) => {
  const device = await FirmwareDevice.make(maker, options)
  devices.push(device)
  return device
}
const withBundle = async (options: ConstructorParameters<typeof FirmwareDevice>[2] = {}) => {
  const device = await make(options)
  device.source.bundle = await makeBundle(maker)
  return device
}
const codeOf = (act: () => unknown): string => {
  try {
    act()
    return 'ok'
  } catch (thrown) {
    return asIotmcError(thrown).code
  }
}
const at = (device: FirmwareDevice, ms: number) => new Date(device.clock.now() + ms).toISOString()

describe('an update that goes well', () => {
  it('is downloaded, verified, started on the other bank, and confirmed after its time', async () => {
    const device = await withBundle()
    device.order()
    await device.until('rebooting')
    expect(device.store.current.phase).toBe('maintenance')
    expect(device.reboots).toBe(1)
    expect(device.version).toBe('1.4.0')
    await device.restart()
    expect(device.state).toBe('probation')
    expect(device.store.current).toMatchObject({ phase: 'operation', firmwareVersion: '1.5.0' })
    expect(device.agent.status()).toMatchObject({
      activeBank: 'B',
      update: { receivedBytes: 20_000, totalBytes: 20_000 },
    })
    device.agent.confirm()
    expect(device.state).toBe('confirmed')
    expect(device.banks.table.confirmed).toBe('B')
    device.agent.confirm()
    expect(device.state).toBe('confirmed')
  })

  it('stores the plan before it answers', async () => {
    const device = await make()
    const id = device.order({ startTime: at(device, 3600_000) })
    expect(JSON.parse(readFileSync(join(device.folder, 'update.json'), 'utf8'))).toMatchObject({
      updateId: id,
      version: '1.5.0',
      state: 'scheduled',
    })
  })

  it('gives the same order the same id, and another version BUSY once it has begun', async () => {
    const device = await withBundle()
    const id = device.order({ activationTime: 'hold' })
    expect(device.order({ activationTime: 'hold' })).toBe(id)
    await device.until('staged')
    expect(device.order({ activationTime: 'hold' })).toBe(id)
    expect(codeOf(() => device.order({ version: '1.6.0' }))).toBe('BUSY')
    expect(codeOf(() => device.agent.revert())).toBe('BUSY')
    device.agent.activate(id, '')
    await device.until('rebooting')
    expect(device.order({ activationTime: 'hold' })).toBe(id)
    expect(codeOf(() => device.agent.cancel(id))).toBe('BUSY')
    expect(codeOf(() => device.agent.confirm())).toBe('BUSY')
    await device.restart()
    expect(codeOf(() => device.order({ version: '1.6.0' }))).toBe('BUSY')
  })

  it('lets a plan that has not begun be replaced', async () => {
    const device = await make()
    const first = device.order({ startTime: at(device, 3600_000) })
    const second = device.order({ startTime: at(device, 7200_000) })
    expect(second).not.toBe(first)
    expect(codeOf(() => device.agent.cancel(first))).toBe('UPDATE_UNKNOWN')
  })

  it.each([
    ['1.5', '', ''],
    ['1.5.0', 'tomorrow', ''],
    ['1.5.0', 'hold', ''],
    ['1.5.0', '2026-01-01T00:00:00+02:00', ''],
    ['1.5.0', '', '2026-13-01T00:00:00Z'],
  ])('refuses an order of %s at %j, activated %j', async (version, startTime, activationTime) => {
    const device = await make()
    expect(codeOf(() => device.order({ version, startTime, activationTime }))).toBe('VALUE_INVALID')
    expect(existsSync(join(device.folder, 'update.json'))).toBe(false)
  })
})

describe('when it begins', () => {
  it('is a moment in UTC that a restart does not forget', async () => {
    const device = await withBundle()
    device.order({ startTime: at(device, 2 * 3600_000) })
    await device.pass(3600_000)
    const next = await device.killed()
    devices.push(next)
    await next.pass(3600_000 - 60_000)
    expect(next.state).toBe('scheduled')
    await next.pass(60_000)
    await next.until('rebooting')
  })

  it('is at once when the moment passed while the device was off', async () => {
    const device = await withBundle()
    device.order({ startTime: at(device, 3600_000) })
    device.clock.jump(5 * 3600_000)
    const next = await device.killed()
    devices.push(next)
    await next.until('rebooting')
  })

  it('follows a clock that is set forward within a minute', async () => {
    const device = await withBundle()
    device.order({ startTime: at(device, 10 * 3600_000) })
    await device.settle()
    device.clock.jump(10 * 3600_000)
    await device.pass(60_000)
    await device.until('rebooting')
  })

  it('waits longer when the clock is set back, and begins once', async () => {
    const device = await withBundle()
    device.order({ startTime: at(device, 600_000), activationTime: 'hold' })
    await device.pass(300_000)
    device.clock.jump(-3600_000)
    await device.pass(3600_000)
    expect(device.state).toBe('scheduled')
    await device.pass(360_000)
    await device.until('staged')
    // Back before the moment once more: it has begun and stays so.
    device.clock.jump(-3600_000)
    await device.pass(2 * 3600_000)
    expect(device.state).toBe('staged')
    expect(device.source.offsets).toHaveLength(1)
  })

  it.each(['2026-03-29T01:30:00Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'])(
    'is the same moment across a change of summer time: %s',
    async (startTime) => {
      const device = await withBundle()
      device.clock.jump(Date.parse(startTime) - 2 * 3600_000 - device.clock.now())
      // Signatures are judged by that clock too.
      device.source.bundle = undefined
      device.order({ startTime })
      await device.pass(2 * 3600_000 - 1000, 60_000)
      expect(device.state).toBe('scheduled')
      await device.pass(1000, 1000)
      await device.until('failed VERSION_NOT_OFFERED')
    },
  )
})

describe('when the staged image is started', () => {
  it('is when told', async () => {
    const device = await withBundle()
    const id = device.order({ activationTime: 'hold' })
    await device.until('staged')
    await device.pass(24 * 3600_000, 3600_000)
    expect(device.state).toBe('staged')
    expect(device.store.current.phase).toBe('operation')
    device.agent.activate(id, '')
    device.agent.activate(id, '')
    await device.until('rebooting')
    device.agent.activate(id, '')
    expect(device.reboots).toBe(1)
  })

  it('is a moment in UTC, also one that comes later than the order', async () => {
    const device = await withBundle()
    const id = device.order({ activationTime: 'hold' })
    await device.until('staged')
    device.agent.activate(id, at(device, 1800_000))
    await device.pass(1740_000)
    expect(device.state).toBe('staged')
    const next = await device.killed()
    devices.push(next)
    expect(next.state).toBe('staged')
    await next.pass(60_000)
    await next.until('rebooting')
  })
})

describe('a plan that is cancelled', () => {
  it('is gone while it waits, is fetched or is staged; again is the same', async () => {
    for (const activationTime of ['hold', 'scheduled', 'downloading']) {
      const device = await withBundle()
      let open = (): void => undefined
      if (activationTime === 'downloading') device.source.gate = new Promise((done) => (open = done))
      const startTime = activationTime === 'scheduled' ? at(device, 1000) : ''
      const id = device.order({ startTime, activationTime: 'hold' })
      const state = activationTime === 'hold' ? 'staged' : activationTime
      await device.until(state)
      device.agent.cancel(id)
      open()
      await device.settle()
      await device.pass(120_000)
      expect(device.state).toBe('idle')
      device.agent.cancel(id)
      expect(device.banks.table.banks.B.state).toBe('empty')
      expect(codeOf(() => device.agent.cancel('other'))).toBe('UPDATE_UNKNOWN')
      expect(codeOf(() => device.agent.activate(id, ''))).toBe('NO_STANDBY_BANK')
      device.order()
      await device.until('rebooting')
    }
  })

  it('is forgotten when the device leaves its site', async () => {
    const device = await withBundle()
    device.order({ activationTime: 'hold' })
    await device.until('staged')
    device.store.update({ phase: 'provisioning' })
    device.agent.phaseChanged()
    expect(device.state).toBe('idle')
    expect(device.banks.table.banks.B.state).toBe('empty')
  })
})

describe('a broken download', () => {
  it('goes on where it broke off, across the end of the process too', async () => {
    const device = await withBundle()
    device.source.cuts.push(4000, 3000)
    device.order({ activationTime: 'hold' })
    await device.cutOff(1)
    expect(device.agent.status().update).toMatchObject({
      state: 'downloading',
      receivedBytes: 4000,
      totalBytes: 20_000,
    })
    await device.pass(2000, 1000)
    await device.cutOff(2)
    const next = await device.killed()
    devices.push(next)
    await next.until('staged')
    // The process that was ended may have begun to ask once more where the new one goes on.
    expect([...new Set(next.source.offsets)]).toEqual([0, 4000, 7000])
  })

  it('begins anew when what lay in the bank was damaged meanwhile', async () => {
    const device = await withBundle()
    device.source.cuts.push(4000)
    device.order({ activationTime: 'hold' })
    await device.settle(100)
    writeFileSync(device.banks.paths('B').image, Buffer.alloc(4000))
    await device.passUntil('staged', 1000)
    expect(device.source.offsets).toEqual([0, 4000, 0])
  })

  it('begins anew when the server has another image by now', async () => {
    const device = await withBundle()
    device.source.cuts.push(4000)
    device.order({ activationTime: 'hold' })
    await device.settle(100)
    device.source.bundle = await makeBundle(maker, { notes: 'built again' })
    await device.pass(2000, 1000)
    await device.until('staged')
    expect(device.source.offsets).toEqual([0, 0])
  })

  it('takes the whole image from a server that knows no ranges', async () => {
    const device = await withBundle()
    device.source.cuts.push(4000)
    device.source.restarts = true
    device.order({ activationTime: 'hold' })
    await device.settle(100)
    await device.pass(2000, 1000)
    await device.until('staged')
    expect(existsSync(device.banks.paths('B').manifest)).toBe(true)
  })

  it('is tried again ever more slowly, and given up after twenty times without a byte', async () => {
    const device = await withBundle()
    for (let i = 0; i < 30; i += 1) device.source.failures.push(failure('DEVICE_UNREACHABLE'))
    device.order()
    await device.pass(60_000, 500)
    expect(device.state).toBe('downloading')
    expect(device.source.failures.length).toBeGreaterThan(20)
    await device.pass(20 * 60_000, 5_000)
    expect(device.state).toBe('failed DEVICE_UNREACHABLE')
    expect(device.source.failures).toHaveLength(9)
  })

  it('waits without end for a controller that nobody has heard yet', async () => {
    const source = new SourceDouble()
    source.here = false
    const device = await withBundle({ source })
    device.order()
    await device.pass(48 * 3600_000, 600_000)
    expect(device.state).toBe('downloading')
    source.here = true
    await device.pass(10_000, 5_000)
    await device.until('rebooting')
  })
})
