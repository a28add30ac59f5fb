/** Firmware by cable: received and listed, never called verified. */
import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { IMAGE_RC } from '../../electron/contract/smp'
import { isHigher, readImageHeader, statedHash, versionText } from '../../electron/firmware/mcuboot'
import { imageCommands } from '../../electron/serial/image-group'
import { uploadImage } from '../../electron/serial/image-upload'
import { BenchDevice, stopBenches, withPowerCut } from '../helpers/bench-device'

afterEach(stopBenches)

const { state, upload, erase, slots } = imageCommands

/** An image with header, payload and a stated hash. */
const image = (version: [number, number, number], payload: Buffer, hash = randomBytes(32)): Buffer => {
  const header = Buffer.alloc(32)
  header.writeUInt32LE(0x96f3b83d, 0)
  header.writeUInt16LE(32, 8)
  header.writeUInt32LE(payload.length, 12)
  header.set(version.slice(0, 2), 20)
  header.writeUInt16LE(version[2], 22)
  const trailer = Buffer.alloc(8)
  trailer.writeUInt16LE(0x6907, 0)
  trailer.writeUInt16LE(8 + hash.length, 2)
  trailer.writeUInt16LE(0x10, 4)
  trailer.writeUInt16LE(hash.length, 6)
  return Buffer.concat([header, payload, trailer, hash])
}

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest()

describe('the standby bank', () => {
  it('lists what was uploaded beside what runs, as received and no more', async () => {
    const device = new BenchDevice()
    const session = await device.open()
    const hash = randomBytes(32)
    const file = image([1, 5, 0], randomBytes(9_000), hash)
    const { images: before } = await device.ask(session, state, {})
    expect(before).toMatchObject([{ slot: 0, version: '1.4.0', active: true, confirmed: true }])
    await device.drive(uploadImage(session, { image: file }))
    const { images } = await device.ask(session, state, {})
    expect(images).toHaveLength(2)
    expect(images[1]).toMatchObject({
      slot: 1,
      version: '1.5.0',
      active: false,
      confirmed: false,
      pending: false,
    })
    expect(Buffer.from(images[1]?.hash ?? [])).toEqual(hash)
    expect((await device.ask(session, slots, {})).images[0]?.slots).toHaveLength(2)
    await device.ask(session, erase, {})
    expect((await device.ask(session, state, {})).images).toHaveLength(1)
  })

  it('goes on after a power cut where it stood', async () => {
    const device = new BenchDevice()
    const session = await device.open()
    const file = image([1, 5, 0], randomBytes(9_000))
    const first = { off: 0, len: file.length, sha: sha(file), data: file.subarray(0, 800) }
    expect(await device.ask(session, upload, first)).toEqual({ off: 800 })
    await device.ask(session, upload, { off: 800, data: file.subarray(800, 1_600) })
    const again = await withPowerCut(device)
    const after = await again.open()
    expect(await again.ask(after, upload, first)).toEqual({ off: 1_600 })
    expect(await again.ask(after, upload, { off: 2_000, data: file.subarray(2_000, 2_100) })).toEqual({
      off: 1_600,
    })
    const { resumedAt } = await again.drive(uploadImage(after, { image: file }))
    expect(resumedAt).toBe(1_600)
  })

  it('says so when what arrived has another hash, keeps it, and begins anew when it is sent again', async () => {
    const device = new BenchDevice()
    const session = await device.open()
    const file = image([1, 5, 0], randomBytes(100))
    const whole = { off: 0, len: file.length, sha: randomBytes(32), data: file }
    expect(await device.ask(session, upload, whole)).toEqual({ off: file.length, match: false })
    expect((await device.ask(session, state, {})).images).toHaveLength(2)
    const part = { ...whole, data: file.subarray(0, 100) }
    expect(await device.ask(session, upload, part)).toEqual({ off: 100 })
    expect((await device.ask(session, state, {})).images).toHaveLength(1)
  })

  it('refuses what is no image, too large, or not higher where that is asked for', async () => {
    const device = new BenchDevice()
    const session = await device.open()
    const first = (file: Buffer, more = {}) => ({
      off: 0,
      len: file.length,
      sha: sha(file),
      data: file,
      ...more,
    })
    expect(await device.refused(session, upload, first(randomBytes(64)))).toBe(IMAGE_RC.badMagic)
    const old = image([1, 4, 0], randomBytes(20))
    expect(await device.refused(session, upload, first(old, { upgrade: true }))).toBe(
      IMAGE_RC.versionNotHigher,
    )
    expect(await device.refused(session, upload, first(old, { len: 2 ** 30 }))).toBe(IMAGE_RC.imageTooLarge)
    expect(await device.refused(session, upload, first(old, { image: 3 }))).toBe(IMAGE_RC.noFreeSlot)
    expect(await device.refused(session, upload, first(old))).toBe(0)
  })
})

describe('the outer form of an image', () => {
  it('is read from any bytes without a complaint', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, begun) => {
        const file = begun
          ? Buffer.concat([image([1, 0, 0], Buffer.alloc(0)).subarray(0, 32), bytes])
          : Buffer.from(bytes)
        readImageHeader(file)
        expect(statedHash(file)?.length ?? 32).toBe(32)
      }),
    )
  })

  it('orders versions by their numbers', () => {
    const part = fc.nat({ max: 200 })
    fc.assert(
      fc.property(fc.tuple(part, part, part), fc.tuple(part, part, part), (a, b) => {
        const expected = a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
        expect(isHigher([...a, 0], versionText([...b, 0]))).toBe(expected > 0)
      }),
    )
  })
})
