import { writeFileSync } from 'node:fs'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { FaultName } from '../../electron/device/faults'
import { FirmwareDevice, type Maker, makeBundle, makeMaker } from '../helpers/firmware-device'

const HOUR = 3600_000
let maker: Maker
const devices: FirmwareDevice[] = []
beforeAll(async () => {
  maker = await makeMaker()
})
afterEach(async () => {
  for (const device of devices.splice(0)) await device.agent.stop().catch(() => undefined)
})

const make = async (faults: readonly FaultName[] = []) => {
  const device = await FirmwareDevice.make(maker, { faults })
  devices.push(device)
  device.source.bundle = await makeBundle(maker, { probationHours: 0.2 })
  return device
}

/** The disk work is real and takes what it takes on a busy machine, whatever the played time says. */
const WORK_MS = 15_000
vi.setConfig({ testTimeout: 2 * WORK_MS })

/** Lets a device go its way, restarts included, until its update has ended. */
const toTheEnd = async (device: FirmwareDevice, starts = true): Promise<FirmwareDevice> => {
  const began = performance.now()
  for (let round = 0; round < 40 || performance.now() - began < WORK_MS; round += 1) {
    await device.settle(60)
    if (device.dead) {
      const next = await device.killed({ faults: [] })
      devices.push(next)
      return toTheEnd(next, starts)
    }
    if (/confirmed|rolledBack|failed/.test(device.state)) return device
    const begun = device.state === 'rebooting'
    if (begun) await device.restart((slot) => starts || slot === 'A')
    else await device.pass(6 * 60_000)
  }
  throw new Error(`it is still ${device.state}`)
}

describe('a process that ends after anything that was stored', () => {
  it.each([
    [true, 'confirmed', '1.5.0'],
    [false, 'rolledBack boot-failed', '1.4.0'],
  ])(
    'comes to the same end (an image that starts: %s)',
    async (starts, end, version) => {
      const device = await make()
      const stored: { folder: string; state: string }[] = []
      device.onStored = () => stored.push({ folder: device.snapshot(), state: device.state })
      device.order({ startTime: new Date(device.clock.now() + HOUR).toISOString() })
      await toTheEnd(device, starts)
      expect(device.state).toBe(end)
      const states = new Set(stored.map((each) => each.state))
      for (const state of ['scheduled', 'downloading', 'verifying', 'staged', 'rebooting', end])
        expect(states).toContain(state)
      for (const { folder, state } of stored) {
        const { clock, source } = device
        const next = new FirmwareDevice(folder, maker, { clock, source })
        devices.push(next)
        next.boot((slot) => starts || slot === 'A')
        next.agent.start()
        await toTheEnd(next, starts)
        expect(next.state, `after ${state}`).toBe(end)
        expect(next.version, `after ${state}`).toBe(version)
        expect(next.store.current, `after ${state}`).toMatchObject({
          phase: 'operation',
          firmwareVersion: version,
        })
        await next.agent.stop()
      }
      expect(stored.length).toBeGreaterThan(8)
    },
    60_000,
  )

  it.each<FaultName>([
    'die-in-download',
    'die-in-verify',
    'die-before-switch',
    'die-after-switch',
    'die-in-probation',
    'die-before-confirm-firmware',
  ])('as %s does, once', async (fault) => {
    const device = await make([fault])
    device.order()
    const last = await toTheEnd(device)
    expect(last).not.toBe(device)
    expect(last.state).toBe('confirmed')
    expect(last.version).toBe('1.5.0')
    expect(last.store.current.faultsFired).toEqual([fault])
  })

  it('does not fetch again what it has', async () => {
    const device = await make(['die-in-download'])
    device.order()
    const last = await toTheEnd(device)
    const [first, second] = last.source.offsets
    expect(first).toBe(0)
    expect(second).toBe(10_000)
    expect(last.source.offsets).toHaveLength(2)
  })

  it('starts without its plan where that is damaged', async () => {
    const device = await make()
    device.order({ activationTime: 'hold' })
    await device.until('staged')
    writeFileSync(`${device.folder}/update.json`, '{"format":1,')
    const next = await device.killed()
    devices.push(next)
    expect(next.state).toBe('none')
    expect(next.logs.map(({ event }) => event)).toContain('update-damaged')
    next.order()
    await next.until('rebooting')
  })
})
