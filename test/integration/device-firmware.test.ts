/** A real device process is updated by a controller over mutual TLS; its images are programs that really run. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bankStatusSchema } from '../../electron/contract/firmware'
import type { FaultName } from '../../electron/device/faults'
import type { Behaviour } from '../../electron/firmware/sample-image'
import type { Authority } from '../../electron/identity/authority'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { ControllerDouble } from '../helpers/controller-double'
import { type DeviceProcess, killDevices, startDevice } from '../helpers/device-process'
import { makeAuthority, makeClient, makeFolder, type SiteClient } from '../helpers/device-site'
import { OfferedFirmware } from '../helpers/offered-firmware'
import { requirePrivateNetwork } from '../helpers/private-network'

let site: Authority
let maker: Authority
let admin: SiteClient
let factory = ''
let anchor = ''
let controller: ControllerDouble
let firmware: OfferedFirmware
let state = ''
let bootId = 0

beforeAll(async () => {
  requirePrivateNetwork()
  site = await makeAuthority('Site')
  admin = await makeClient(site, 'Admin')
  factory = join(makeFolder('factory'), 'factory')
  maker = await openPracticeFactory(factory)
  anchor = join(makeFolder('anchor'), 'site-ca.pem')
  writeFileSync(anchor, site.certificatePem)
})

const startController = async (): Promise<void> => {
  bootId += 1
  controller = new ControllerDouble({
    site,
    identity: admin,
    factoryRoot: () => readFileSync(join(factory, 'root.pem'), 'utf8'),
    bootId,
    firmware: firmware.repository,
  })
  await controller.start()
}

beforeEach(async () => {
  state = makeFolder('device')
  firmware = new OfferedFirmware()
  await startController()
})
afterEach(async () => {
  await killDevices()
  await controller.stop()
})

const start = async (...extra: string[]): Promise<DeviceProcess> => {
  const device = await startDevice([
    ...['--state', state, '--interface', 'lo', '--factory', factory, '--anchor', anchor],
    ...extra,
  ])
  await device.ready
  return device
}
const enrolled = async (...extra: string[]): Promise<DeviceProcess> => {
  const device = await start(...extra)
  await device.log((line) => line.event === 'phase' && line.phase === 'operation')
  return device
}

/** The device's ports change with each of its restarts; its line says only the first. */
const placeOf = async (device: DeviceProcess): Promise<string> => {
  const { secureLocation } = await device.ready
  const last = device.logs.findLast((line) => line.event === 'up')
  return typeof last?.secureLocation === 'string' ? last.secureLocation : secureLocation
}
const act = async (device: DeviceProcess, action: string, args: Record<string, string> = {}) =>
  controller.call(await placeOf(device), 'Firmware', action, args)

const schedule = (device: DeviceProcess, version = '1.5.0') =>
  act(device, 'ScheduleFirmwareUpdate', { Version: version, StartTime: '', ActivationTime: '' })

const statusOf = async (device: DeviceProcess) => {
  const answer = await act(device, 'GetBankStatus')
  return bankStatusSchema.parse({
    activeBank: answer.ActiveBank,
    banks: JSON.parse(answer.Banks ?? ''),
    securityVersion: Number(answer.SecurityVersion),
    update: answer.Update ? JSON.parse(answer.Update) : undefined,
  })
}

const updateIs = (device: DeviceProcess, ...states: string[]) =>
  device.log((line) => line.event === 'update' && states.includes(String(line.state)))
/** Resolves when the device answers again after the restart that follows. */
const upAgain = (device: DeviceProcess, times: number) =>
  device.log(() => device.logs.filter((line) => line.event === 'up').length >= times)

describe('an update', () => {
  it('of a healthy image runs through every state and is confirmed by itself', async () => {
    await firmware.offer(
      maker,
      { version: '1.5.0', behaviour: 'healthy', padBytes: 3_000_000 },
      { securityVersion: 2 },
    )
    const device = await enrolled()
    await device.log((line) => line.event === 'firmware-available')
    const { UpdateId } = await schedule(device)
    await updateIs(device, 'probation')
    await upAgain(device, 2)
    const trial = await statusOf(device)
    expect(trial).toMatchObject({
      activeBank: 'B',
      securityVersion: 1,
      update: { updateId: UpdateId, version: '1.5.0' },
    })
    await updateIs(device, 'confirmed')
    const after = await statusOf(device)
    expect(after).toMatchObject({ activeBank: 'B', securityVersion: 2, update: { state: 'confirmed' } })
    expect(after.update?.receivedBytes).toBe(after.update?.totalBytes)
    const states = device.logs.filter((line) => line.event === 'update').map((line) => line.state)
    expect(states).toEqual([
      ...['scheduled', 'downloading', 'verifying', 'staged', 'rebooting'],
      ...['probation', 'confirmed'],
    ])
    const lifecycle = await controller.call(await placeOf(device), 'Lifecycle', 'GetLifecycleState')
    expect(lifecycle).toMatchObject({ LifecycleState: 'operation', FirmwareVersion: '1.5.0' })
  })

  it.each<[Behaviour, string]>([
    ['crash', 'boot-failed'],
    ['crash-later', 'error-reported'],
    ['error', 'error-reported'],
    ['hang', 'watchdog'],
    ['silent', 'boot-failed'],
    ['unhealthy', 'health-check'],
  ])('of an image that does %s comes back: %s', async (behaviour, reason) => {
    await firmware.offer(maker, { version: '1.5.0', behaviour, afterMs: 500 }, { trialS: 600 })
    const device = await enrolled()
    await schedule(device)
    expect(await updateIs(device, 'rolledBack', 'confirmed')).toMatchObject({ state: 'rolledBack', reason })
    await upAgain(device, behaviour === 'crash' || behaviour === 'silent' ? 2 : 3)
    expect(await statusOf(device)).toMatchObject({
      activeBank: 'A',
      update: { state: 'rolledBack', rollback: reason },
    })
    const lifecycle = await controller.call(await placeOf(device), 'Lifecycle', 'GetLifecycleState')
    expect(lifecycle).toMatchObject({ LifecycleState: 'operation', FirmwareVersion: '1.4.0' })
  })

  it.each<FaultName>([
    'die-in-download',
    'die-in-verify',
    'die-before-switch',
    'die-after-switch',
    'die-in-probation',
    'die-before-confirm-firmware',
  ])('goes on after %s', async (fault) => {
    await firmware.offer(maker, { version: '1.5.0', behaviour: 'healthy', padBytes: 1_000_000 })
    const first = await enrolled('--fault', fault)
    await schedule(first)
    expect(await first.ended).toBe('SIGKILL')
    const device = await start('--fault', fault)
    await updateIs(device, 'confirmed')
    await device.log(() => device.logs.some((line) => line.event === 'up'))
    expect(await statusOf(device)).toMatchObject({ activeBank: 'B', update: { state: 'confirmed' } })
  })

  it('that the device refuses leaves it as it was, with the cause', async () => {
    const image = await firmware.offer(maker, { version: '1.5.0', behaviour: 'healthy' })
    writeFileSync(image, Buffer.alloc(readFileSync(image).length))
    await firmware.offer(maker, { version: '1.6.0', behaviour: 'healthy' }, { securityVersion: 0 })
    const device = await enrolled()
    for (const [version, code] of [
      ['1.5.0', 'HASH_MISMATCH'],
      ['1.6.0', 'SECURITY_VERSION_TOO_LOW'],
      ['1.7.0', 'VERSION_NOT_OFFERED'],
    ] as const) {
      await schedule(device, version)
      await device.log((line) => line.state === 'failed' && line.version === version)
      expect((await statusOf(device)).update).toMatchObject({ version, state: 'failed', code })
    }
    expect(await statusOf(device)).toMatchObject({ activeBank: 'A' })
  })
})

describe('what a controller has', () => {
  it('is told to the device, by the next controller too', async () => {
    const device = await enrolled()
    await device.log((line) => line.event === 'firmware-watch')
    await firmware.offer(maker, { version: '1.5.0', behaviour: 'healthy' })
    await device.log((line) => line.event === 'firmware-available' && `${line.versions}` === '1.5.0')
    await controller.stop()
    await startController()
    await device.log(() => device.logs.filter((line) => line.event === 'firmware-watch').length === 2)
    await firmware.offer(maker, { version: '1.5.1', behaviour: 'healthy' })
    await device.log((line) => line.event === 'firmware-available' && `${line.versions}` === '1.5.1,1.5.0')
  })
})
