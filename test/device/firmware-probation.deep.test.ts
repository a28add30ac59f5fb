import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ROLLBACK_REASONS } from '../../electron/contract/banks'
import { asIotmcError } from '../../electron/contract/errors'
import {
  FirmwareDevice,
  type Maker,
  type ManifestChange,
  makeBundle,
  makeMaker,
} from '../helpers/firmware-device'

const HOUR = 3600_000
let maker: Maker
const devices: FirmwareDevice[] = []
beforeAll(async () => {
  maker = await makeMaker()
})
afterEach(async () => {
  for (const device of devices.splice(0)) await device.agent.stop().catch(() => undefined)
})

/** A device whose new image has just said that it runs. */
const onTrial = async (
  options: ConstructorParameters<typeof FirmwareDevice>[2] = {},
  change: ManifestChange = {},
) => {
  const device = await FirmwareDevice.make(maker, options)
  devices.push(device)
  device.source.bundle = await makeBundle(maker, change)
  device.order()
  await device.until('rebooting')
  await device.restart()
  await device.settle()
  return device
}
const killed = async (device: FirmwareDevice) => {
  const next = await device.killed()
  devices.push(next)
  await next.settle()
  return next
}
const ranS = (device: FirmwareDevice): number => device.agent.status().update?.probation?.ranS ?? -1
const codeOf = (act: () => unknown): string => {
  try {
    act()
    return 'ok'
  } catch (thrown) {
    return asIotmcError(thrown).code
  }
}

describe('24 hours on trial', () => {
  it('end in a confirmation by itself, which raises the floor', async () => {
    const device = await onTrial({}, { securityVersion: 7 })
    expect(device.agent.status()).toMatchObject({
      securityVersion: 1,
      update: { probation: { ranS: 0, neededS: 86_400 } },
    })
    await device.pass(24 * HOUR - 60_000)
    expect(device.state).toBe('probation')
    expect(ranS(device)).toBe(86_340)
    await device.pass(60_000)
    expect(device.state).toBe('confirmed')
    expect(device.agent.status()).toMatchObject({ activeBank: 'B', securityVersion: 7 })
    expect(device.agent.status().update?.probation).toBeUndefined()
    // The old image lies below the floor now: there is no way back to it.
    expect(codeOf(() => device.agent.revert())).toBe('NO_STANDBY_BANK')
  }, 60_000)

  it('count uptime, not the wall clock', async () => {
    const device = await onTrial()
    await device.pass(HOUR)
    device.clock.jump(48 * HOUR)
    await device.pass(HOUR)
    expect(ranS(device)).toBeLessThanOrEqual(2 * 3600 + 60)
    device.clock.jump(-72 * HOUR)
    await device.pass(HOUR)
    expect(ranS(device)).toBeGreaterThanOrEqual(2 * 3600 - 60)
    expect(device.state).toBe('probation')
  })

  it('go on after a power cut, which costs a minute at most, however long it lasts', async () => {
    let device = await onTrial({}, { probationHours: 6 })
    let counted = 0
    for (let cut = 0; cut < 5; cut += 1) {
      await device.pass(HOUR + 30_000, 10_000)
      counted += 3600
      device.clock.jump(24 * HOUR)
      device = await killed(device)
      expect(device.state).toBe('probation')
      expect(ranS(device)).toBeGreaterThanOrEqual(counted)
      expect(ranS(device)).toBeLessThanOrEqual(counted + 5 * 30)
    }
    await device.pass(HOUR)
    expect(device.state).toBe('confirmed')
  })

  it('are stored to the second by an orderly stop', async () => {
    const device = await onTrial()
    await device.pass(90_000, 10_000)
    await device.agent.stop()
    expect(device.banks.table.trial?.ranS).toBe(90)
  })

  it('may be as short as the manifest says', async () => {
    const device = await onTrial({}, { probationHours: 0.001 })
    await device.pass(3_600, 400)
    expect(device.state).toBe('confirmed')
  })

  it('do not end because nobody is heard', async () => {
    const device = await onTrial({}, { probationHours: 2 })
    device.source.here = false
    await device.pass(2 * HOUR)
    expect(device.state).toBe('confirmed')
  })
})

describe('the old image comes back', () => {
  it.each(ROLLBACK_REASONS)('after %s, at any time of the trial', async (reason) => {
    const device = await onTrial()
    await device.pass(23 * HOUR, HOUR)
    device.fault(reason)
    expect(device.state).toBe(`rolledBack ${reason}`)
    await device.restart()
    expect(device.version).toBe('1.4.0')
    expect(device.store.current).toMatchObject({ firmwareVersion: '1.4.0', phase: 'operation' })
    expect(device.agent.status().securityVersion).toBe(1)
    await device.pass(48 * HOUR, HOUR)
    expect(device.state).toBe(`rolledBack ${reason}`)
    expect((await killed(device)).state).toBe(`rolledBack ${reason}`)
  })

  it('when the new one never says that it runs', async () => {
    const device = await FirmwareDevice.make(maker)
    devices.push(device)
    device.source.bundle = await makeBundle(maker)
    device.order()
    await device.until('rebooting')
    let starts = 0
    await device.restart((slot) => {
      if (slot === 'B') starts += 1
      return slot === 'A'
    })
    expect(starts).toBe(3)
    expect(device.state).toBe('rolledBack boot-failed')
    expect(device.store.current).toMatchObject({ firmwareVersion: '1.4.0', phase: 'operation' })
  })

  it('when it is told to, and the same version may be tried again', async () => {
    const device = await onTrial()
    const before = device.reboots
    device.agent.revert()
    expect(device.reboots).toBe(before + 1)
    expect(device.state).toBe('rolledBack ordered')
    expect(codeOf(() => device.agent.revert())).toBe('NO_STANDBY_BANK')
    await device.restart()
    expect(device.version).toBe('1.4.0')
    device.order()
    await device.until('rebooting')
    // The record of the first trial is not taken for the end of this one.
    const next = await killed(device)
    expect(next.state).toBe('probation')
  })

  it('when the restart was under way and it is told to', async () => {
    const device = await FirmwareDevice.make(maker)
    devices.push(device)
    device.source.bundle = await makeBundle(maker)
    device.order()
    await device.until('rebooting')
    device.agent.revert()
    expect(device.state).toBe('rolledBack ordered')
    await device.restart()
    expect(device.version).toBe('1.4.0')
    expect(device.store.current.phase).toBe('operation')
  })
})

describe('once it is confirmed', () => {
  it('the older image can be started on trial as long as it is above the floor', async () => {
    const device = await onTrial()
    device.agent.confirm()
    device.agent.revert()
    expect(device.state).toBe('rebooting')
    await device.restart()
    expect(device.state).toBe('probation')
    expect(device.version).toBe('1.4.0')
    expect(device.agent.status().update).toMatchObject({ version: '1.4.0', probation: { neededS: 86_400 } })
    device.agent.confirm()
    expect(device.state).toBe('confirmed')
    expect(device.banks.table.confirmed).toBe('A')
  })

  it('a failing image is a matter of its host alone', async () => {
    const device = await onTrial()
    device.agent.confirm()
    device.fault('watchdog')
    expect(device.state).toBe('confirmed')
    expect(device.version).toBe('1.5.0')
  })
})
