/** What a cable may make of the two banks: test, confirm, erase, with MCUboot's manners and refusals. */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { activeSlot } from '../../electron/contract/banks'
import { IMAGE_RC, MCUBOOT_MODE, OS_RC, SMP_RC } from '../../electron/contract/smp'
import type { BootloaderMode } from '../../electron/device/bootloader-info'
import { makeMcuboot, statedHash } from '../../electron/firmware/mcuboot'
import { generateKeyPem } from '../../electron/identity/keys'
import { imageCommands } from '../../electron/serial/image-group'
import { uploadImage } from '../../electron/serial/image-upload'
import { iotmcCommands } from '../../electron/serial/iotmc-group'
import { osCommands } from '../../electron/serial/os-group'
import type { SmpSession } from '../../electron/serial/smp-session'
import { BenchDevice, type BenchOptions, stopBenches, withPowerCut } from '../helpers/bench-device'

afterEach(stopBenches)

const { state, setState, upload, erase } = imageCommands
const keyPem = generateKeyPem()
const imageOf = (version: string, securityCounter = 1): Buffer =>
  makeMcuboot({ payload: randomBytes(3_000), version, securityCounter, keyPem })
const hashOf = (image: Buffer): Buffer => statedHash(image) ?? Buffer.alloc(32)
const firstPart = (image: Buffer) => ({
  off: 0,
  len: image.length,
  sha: createHash('sha256').update(image).digest(),
  data: image.subarray(0, 800),
})

/** A device with an image in its other bank. */
const withImage = async (options: BenchOptions = {}, image = imageOf('2.0.0')) => {
  const device = new BenchDevice(options)
  const session = await device.open()
  await device.drive(uploadImage(session, { image }))
  return { device, session, image, hash: hashOf(image) }
}

/** Orders a reset and lets it happen. */
const reset = async (device: BenchDevice, session: SmpSession): Promise<void> => {
  const before = device.told.length
  await device.ask(session, osCommands.reset, {})
  await device.drive(
    new Promise<void>((resolve) => {
      const look = (): void => {
        if (device.told.length > before) device.clock.setTimer(resolve, 1_000)
        else device.clock.setTimer(look, 50)
      }
      look()
    }),
  )
}

const flags = async (device: BenchDevice, session: SmpSession) =>
  (await device.ask(session, state, {})).images.map(({ slot, version, active, confirmed, pending }) =>
    [slot, version, active ? 'active' : '', confirmed ? 'confirmed' : '', pending ? 'pending' : '']
      .filter((word) => word !== '')
      .join(' '),
  )

describe('an image that is marked for a test', () => {
  it('is pending, runs with the next reset, and is kept when it is confirmed', async () => {
    const { device, session, hash } = await withImage()
    expect(await flags(device, session)).toEqual(['0 1.4.0 active confirmed', '1 2.0.0'])
    await device.ask(session, setState, { hash, confirm: false })
    expect(device.banks.table.trial).toMatchObject({ phase: 'armed', manner: 'once' })
    expect(await flags(device, session)).toEqual(['0 1.4.0 active confirmed', '1 2.0.0 pending'])
    await reset(device, session)
    expect(await flags(device, session)).toEqual(['0 2.0.0 active', '1 1.4.0 confirmed'])
    expect(await device.ask(session, iotmcCommands.info, {})).toMatchObject({ firmwareVersion: '2.0.0' })
    await device.ask(session, setState, { confirm: true })
    expect(await flags(device, session)).toEqual(['0 2.0.0 active confirmed', '1 1.4.0'])
    await reset(device, session)
    expect(await flags(device, session)).toEqual(['0 2.0.0 active confirmed', '1 1.4.0'])
    expect(await device.refused(session, setState, { confirm: true })).toBe(0)
  })

  it('is confirmed by its hash just as well', async () => {
    const { device, session, hash } = await withImage()
    await device.ask(session, setState, { hash })
    await reset(device, session)
    await device.ask(session, setState, { hash, confirm: true })
    expect(device.banks.table).toMatchObject({ confirmed: 'B', last: { outcome: 'confirmed' } })
  })

  it('is gone with the second reset when nobody confirms it', async () => {
    const { device, session, hash } = await withImage()
    await device.ask(session, setState, { hash, confirm: false })
    await reset(device, session)
    await reset(device, session)
    expect(await flags(device, session)).toEqual(['0 1.4.0 active confirmed'])
    expect(device.banks.table.last).toMatchObject({ outcome: 'rolledBack', reason: 'not-confirmed' })
  })

  it('is gone with a power cut on trial, too', async () => {
    const { device, session, hash } = await withImage()
    await device.ask(session, setState, { hash, confirm: false })
    await reset(device, session)
    const again = await withPowerCut(device)
    again.boot()
    expect(activeSlot(again.banks.table)).toBe('A')
  })

  it('is listed and marked whatever it is, and only the boot step rejects it', async () => {
    const image = imageOf('2.0.0')
    image.writeUInt8((image[100] ?? 0) ^ 1, 100)
    const { device, session, hash } = await withImage({ verifies: (slot) => slot === 'A' }, image)
    await device.ask(session, setState, { hash, confirm: false })
    await reset(device, session)
    expect(await flags(device, session)).toEqual(['0 1.4.0 active confirmed'])
    expect(device.banks.table.last).toMatchObject({ outcome: 'rolledBack', reason: 'image-invalid' })
  })

  it('may be sent and tried again after it came back', async () => {
    const { device, session, hash, image } = await withImage()
    await device.ask(session, setState, { hash, confirm: false })
    await reset(device, session)
    await reset(device, session)
    const { resumedAt } = await device.drive(uploadImage(session, { image }))
    expect(resumedAt).toBe(0)
    await device.ask(session, setState, { hash, confirm: false })
    await reset(device, session)
    expect(await flags(device, session)).toEqual(['0 2.0.0 active', '1 1.4.0 confirmed'])
  })
})

describe('what is refused', () => {
  it('a hash that nothing has, and nothing at all', async () => {
    const { device, session } = await withImage()
    expect(await device.refused(session, setState, { hash: randomBytes(32) })).toBe(IMAGE_RC.hashNotFound)
    expect(await device.refused(session, setState, {})).toBe(SMP_RC.invalid)
  })

  it('keeping for good what never ran, and testing what runs', async () => {
    const { device, session, hash } = await withImage()
    expect(await device.refused(session, setState, { hash, confirm: true })).toBe(IMAGE_RC.confirmationDenied)
    const { images } = await device.ask(session, state, {})
    const running = images[0]?.hash ?? new Uint8Array()
    expect(await device.refused(session, setState, { hash: running })).toBe(IMAGE_RC.testOfActive)
    expect(device.banks.table.trial).toBeUndefined()
  })

  it('writing and erasing while an image is marked or on trial', async () => {
    const { device, session, hash, image } = await withImage()
    await device.ask(session, setState, { hash, confirm: false })
    for (const phase of ['armed', 'running']) {
      expect(device.banks.table.trial?.phase).toBe(phase)
      expect(await device.refused(session, upload, firstPart(imageOf('3.0.0')))).toBe(IMAGE_RC.noFreeSlot)
      expect(await device.refused(session, erase, {})).toBe(IMAGE_RC.noFreeSlot)
      await reset(device, session)
    }
    const { images } = await device.ask(session, state, {})
    expect(images).toHaveLength(1)
    expect(await device.refused(session, upload, firstPart(image))).toBe(0)
  })

  it('marking the old image while the new one is on trial', async () => {
    const { device, session, hash } = await withImage()
    await device.ask(session, setState, { hash, confirm: false })
    await reset(device, session)
    const { images } = await device.ask(session, state, {})
    const old = images[1]?.hash ?? new Uint8Array()
    expect(await device.refused(session, setState, { hash: old })).toBe(IMAGE_RC.alreadyPending)
    expect(await device.refused(session, setState, { hash: old, confirm: true })).toBe(
      IMAGE_RC.confirmationDenied,
    )
  })

  it('an image below the floor', async () => {
    const { device, session, hash } = await withImage({}, imageOf('2.0.0', 0))
    expect(await device.refused(session, setState, { hash })).toBe(IMAGE_RC.versionNotHigher)
    expect(device.banks.table.trial).toBeUndefined()
  })

  it('an upload whose first part has no whole header', async () => {
    const device = new BenchDevice()
    const session = await device.open()
    const image = imageOf('2.0.0')
    const short = { ...firstPart(image), data: image.subarray(0, 20) }
    expect(await device.refused(session, upload, short)).toBe(IMAGE_RC.badHeader)
  })
})

describe('an upload', () => {
  it('never touches the bank that runs', async () => {
    const device = new BenchDevice()
    const before = readFileSync(device.banks.paths('A').image)
    const session = await device.open()
    for (const version of ['2.0.0', '2.0.1']) {
      const image = imageOf(version)
      await device.drive(uploadImage(session, { image }))
      await device.ask(session, setState, { hash: hashOf(image) })
      await reset(device, session)
      await reset(device, session)
    }
    expect(readFileSync(device.banks.paths('A').image)).toEqual(before)
    expect(device.banks.table.banks.A.state).toBe('valid')
  })

  it('leaves nothing of an image that came with a signed manifest', async () => {
    const { device, session } = await withImage()
    const { signature, manifest } = device.banks.paths('B')
    device.banks.apply({ type: 'write-begun', version: '2.1.0', sha256: 'a'.repeat(64), securityVersion: 1 })
    device.banks.write().putManifest(Buffer.from('{}'), Buffer.from('signed'))
    const image = imageOf('2.2.0')
    await device.drive(uploadImage(session, { image }))
    expect([existsSync(signature), existsSync(manifest)]).toEqual([false, false])
    expect(device.banks.table.banks.B).toMatchObject({ state: 'writing', version: '2.2.0' })
  })

  it('counts builds as MCUboot does', async () => {
    const { device, session } = await withImage({}, imageOf('2.0.0+7'))
    expect(await flags(device, session)).toEqual(['0 1.4.0 active confirmed', '1 2.0.0.7'])
    expect(device.banks.table.banks.B.version).toBe('2.0.0+7')
  })
})

describe('the bootloader', () => {
  it.each<[BootloaderMode, number]>([
    ['swap', MCUBOOT_MODE.swapMove],
    ['overwrite-only', MCUBOOT_MODE.overwriteOnly],
    ['ram-load', MCUBOOT_MODE.ramLoad],
  ])('says its name, and its manner: %s', async (bootloaderMode, mode) => {
    const device = new BenchDevice({ bootloaderMode })
    const session = await device.open()
    expect(await device.ask(session, osCommands.bootloader, {})).toEqual({ bootloader: 'MCUboot' })
    expect(await device.ask(session, osCommands.bootloader, { query: 'mode' })).toEqual({ mode })
    expect(await device.refused(session, osCommands.bootloader, { query: 'colour' })).toBe(
      OS_RC.noAnswerToQuery,
    )
  })

  it('leaves nothing to go back to where it overwrites', async () => {
    const { device, session, hash } = await withImage({ bootloaderMode: 'overwrite-only' })
    await device.ask(session, setState, { hash, confirm: false })
    await reset(device, session)
    expect(await flags(device, session)).toEqual(['0 2.0.0 active confirmed'])
    await reset(device, session)
    expect(await flags(device, session)).toEqual(['0 2.0.0 active confirmed'])
  })

  it('keeps the old image where it overwrites and what was marked is corrupt', async () => {
    const { device, session, hash } = await withImage({
      bootloaderMode: 'overwrite-only',
      verifies: (slot) => slot === 'A',
    })
    await device.ask(session, setState, { hash, confirm: false })
    await reset(device, session)
    expect(await flags(device, session)).toEqual(['0 1.4.0 active confirmed'])
  })

  it('answers where no image starts, and takes another one', async () => {
    const { device, session, hash } = await withImage({ bootloaderMode: 'overwrite-only' })
    await device.ask(session, setState, { hash, confirm: false })
    device.runs = false
    await reset(device, session)
    expect(await flags(device, session)).toEqual(['0 2.0.0 confirmed'])
    const repair = imageOf('2.0.1')
    await device.drive(uploadImage(session, { image: repair }))
    await device.ask(session, setState, { hash: hashOf(repair), confirm: false })
    device.runs = true
    await reset(device, session)
    expect(await flags(device, session)).toEqual(['0 2.0.1 active confirmed'])
  })
})
