import { randomBytes } from 'node:crypto'
import { appendFileSync, truncateSync, writeFileSync } from 'node:fs'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { makeMcuboot } from '../../electron/firmware/mcuboot'
import {
  FirmwareDevice,
  type Maker,
  type ManifestChange,
  makeBundle,
  makeMaker,
  type SignedBundle,
  type SourceDouble,
} from '../helpers/firmware-device'

let maker: Maker
let stranger: Maker
const devices: FirmwareDevice[] = []
beforeAll(async () => {
  maker = await makeMaker()
  stranger = await makeMaker('Somebody')
})
afterEach(async () => {
  for (const device of devices.splice(0)) await device.agent.stop().catch(() => undefined)
})

const make = async (options: ConstructorParameters<typeof FirmwareDevice>[2] = {}) => {
  const device = await FirmwareDevice.make(maker, options)
  devices.push(device)
  return device
}

/** Nothing that was refused is ever started, the old image runs, and the next update goes well. */
const expectUnharmed = async (device: FirmwareDevice) => {
  expect(device.reboots).toBe(0)
  expect(device.store.current.phase).toBe('operation')
  expect(['empty', 'invalid']).toContain(device.banks.table.banks.B.state)
  const state = device.state
  const next = await device.killed({ freeBytes: 100_000_000, bankBytes: 8 * 1024 * 1024 })
  devices.push(next)
  expect(next.state).toBe(state)
  expect(next.version).toBe('1.4.0')
  next.source.bundle = await makeBundle(maker)
  next.source.announced = undefined
  next.source.offerChange = {}
  next.order()
  await next.until('rebooting')
  await next.restart()
  expect(next.version).toBe('1.5.0')
}

describe('a bundle is refused', () => {
  it.each<[string, ManifestChange]>([
    ['WRONG_MODEL', { model: 'TS-20' }],
    ['WRONG_MODEL', { hardwareRevisions: ['C1', 'D1'] }],
    ['VERSION_NOT_OFFERED', { version: '1.6.0' }],
    ['SECURITY_VERSION_TOO_LOW', { securityVersion: 0 }],
    ['NO_SPACE', { image: { size: 9 * 1024 * 1024 } }],
  ])('with %s: %j', async (code, change) => {
    const device = await make()
    device.source.bundle = await makeBundle(maker, change)
    device.order()
    await device.until(`failed ${code}`)
    expect(device.source.offsets).toHaveLength(0)
    await expectUnharmed(device)
  })

  it.each(['1.4.0', '1.3.9', '1.4.0-rc.1', '1.4.0+build.7'])('as a downgrade: %s', async (version) => {
    const device = await make()
    device.source.bundle = await makeBundle(maker, { version })
    device.order({ version })
    await device.until('failed DOWNGRADE_REFUSED')
    await expectUnharmed(device)
  })

  it.each<[string, string, (good: SignedBundle) => Promise<Partial<SignedBundle>>]>([
    [
      'another text',
      'SIGNATURE_INVALID',
      async ({ manifest }) => ({ manifest: Buffer.concat([manifest, Buffer.from('\n')]) }),
    ],
    ['a signature of noise', 'SIGNATURE_INVALID', async () => ({ signature: randomBytes(900) })],
    ['no signature', 'SIGNATURE_INVALID', async () => ({ signature: Buffer.alloc(0) })],
    ["somebody else's signer", 'SIGNER_REFUSED', async () => makeBundle(stranger)],
  ])('with %s', async (_name, code, change) => {
    const device = await make()
    const good = await makeBundle(maker)
    device.source.bundle = { ...good, ...(await change(good)) }
    device.order()
    await device.until(`failed ${code}`)
    expect(device.source.offsets).toHaveLength(0)
    await expectUnharmed(device)
  })

  it('where the device cannot hold it', async () => {
    const device = await make({ freeBytes: 10_000 })
    device.source.bundle = await makeBundle(maker)
    device.order()
    await device.until('failed NO_SPACE')
    await expectUnharmed(device)
  })

  it.each(['size', 'checksum'])('where the repository offers another %s than was signed', async (what) => {
    const device = await make()
    device.source.bundle = await makeBundle(maker)
    device.source.offerChange = what === 'size' ? { size: 19_999 } : { checksum: '0'.repeat(64) }
    device.order()
    await device.until('failed HASH_MISMATCH')
    await expectUnharmed(device)
  })
})

describe('an image is refused', () => {
  it.each<[string, string, (source: SourceDouble, good: SignedBundle) => void]>([
    [
      'with one bit turned',
      'HASH_MISMATCH',
      (source, good) => {
        const image = Buffer.from(good.image)
        image[12_345] = (image[12_345] ?? 0) ^ 1
        source.bundle = { ...good, image }
      },
    ],
    [
      'that the server says is shorter',
      'IMAGE_TRUNCATED',
      (source) => {
        source.announced = 19_000
      },
    ],
    [
      'that is longer',
      'HASH_MISMATCH',
      (source, good) => {
        source.bundle = { ...good, image: Buffer.concat([good.image, Buffer.from('x')]) }
        source.announced = 20_000
      },
    ],
    [
      'that the server says is longer',
      'HASH_MISMATCH',
      (source) => {
        source.announced = 21_000
      },
    ],
  ])('%s', async (_name, code, change) => {
    const device = await make()
    const good = await makeBundle(maker)
    device.source.bundle = good
    change(device.source, good)
    device.order()
    await device.until(`failed ${code}`)
    await expectUnharmed(device)
  })

  it('that ends early each time', async () => {
    const device = await make()
    device.source.bundle = await makeBundle(maker)
    device.source.cuts.push(5000, ...Array.from({ length: 40 }, () => 0))
    device.order()
    await device.passUntil('failed IMAGE_TRUNCATED', 5_000)
    expect(device.source.offsets).toEqual([0, ...Array.from({ length: 20 }, () => 5000)])
    device.source.cuts.length = 0
    await expectUnharmed(device)
  })

  it('when the disk is full in the middle of it', async () => {
    const device = await make({ faults: ['disk-full'] })
    device.source.bundle = await makeBundle(maker)
    device.order()
    await device.until('failed NO_SPACE')
    await expectUnharmed(device)
  })

  it.each<[string, string, (path: string) => void]>([
    ['cut', 'IMAGE_TRUNCATED', (path) => truncateSync(path, 100)],
    ['changed', 'HASH_MISMATCH', (path) => writeFileSync(path, Buffer.alloc(20_000))],
    ['lengthened', 'HASH_MISMATCH', (path) => appendFileSync(path, 'more')],
  ])('that was %s on the disk before it was verified', async (_name, code, change) => {
    const device = await make()
    device.source.bundle = await makeBundle(maker)
    device.onStored = () => {
      if (device.state === 'verifying') change(device.banks.paths('B').image)
    }
    device.order()
    await device.until(`failed ${code}`)
    device.onStored = () => undefined
    await expectUnharmed(device)
  })

  it('for MCUboot unless all of its own form is right', async () => {
    const { keyPem } = maker.signer
    const good = makeMcuboot({ payload: randomBytes(5000), version: '1.5.0', securityCounter: 1, keyPem })
    const low = makeMcuboot({ payload: randomBytes(5000), version: '1.5.0', securityCounter: 0, keyPem })
    for (const image of [randomBytes(5000), low, Buffer.concat([good, Buffer.from('x')])]) {
      const device = await make()
      device.source.bundle = await makeBundle(maker, { image: { format: 'mcuboot' } }, image)
      device.order()
      await device.until('failed IMAGE_INVALID')
      await expectUnharmed(device)
    }
    const device = await make()
    device.source.bundle = await makeBundle(maker, { image: { format: 'mcuboot' } }, good)
    device.order()
    await device.until('rebooting')
  })
})
