/** One device, two ways to its banks: what a cable does while an update by network is under way, and the other way round. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { IMAGE_RC } from '../../electron/contract/smp'
import { BankUpload } from '../../electron/device/bank-upload'
import { imageState, setImageState, takeImage } from '../../electron/device/image-commands'
import { makeMcuboot } from '../../electron/firmware/mcuboot'
import { generateKeyPem } from '../../electron/identity/keys'
import { systemRandom } from '../../electron/net/clock'
import { refusalOf } from '../../electron/serial/refusal'
import { FirmwareDevice, type Maker, makeBundle, makeMaker } from '../helpers/firmware-device'

let maker: Maker
const devices: FirmwareDevice[] = []
beforeAll(async () => {
  maker = await makeMaker()
})
afterEach(async () => {
  for (const device of devices.splice(0)) await device.agent.stop()
})

const makeDevice = async (isTaken = () => false) => {
  const device = await FirmwareDevice.make(maker)
  devices.push(device)
  device.source.bundle = await makeBundle(maker)
  const { banks } = device
  const tools = { banks, upload: new BankUpload(banks, systemRandom), isTaken, isRunning: () => true }
  return { device, tools }
}
const image = makeMcuboot({
  payload: Buffer.from('a program'),
  version: '2.0.0',
  securityCounter: 1,
  keyPem: generateKeyPem(),
})
const rcOf = (act: () => unknown): number => {
  try {
    act()
    return 0
  } catch (thrown) {
    return refusalOf(thrown)?.rc ?? -1
  }
}

describe('a cable at a device that updates by network', () => {
  it('finds the slot taken while an image is on its way into it', async () => {
    const { tools } = await makeDevice(() => true)
    expect(rcOf(() => takeImage(tools, { off: 0, len: image.length, data: image }))).toBe(IMAGE_RC.noFreeSlot)
  })

  it('lists what came by network, and keeps it for good where it is on trial', async () => {
    const { device, tools } = await makeDevice()
    device.order()
    await device.until('rebooting')
    await device.restart()
    await device.settle()
    expect(imageState(tools).images).toMatchObject([
      { slot: 0, version: '1.5.0', active: true, confirmed: false },
      { slot: 1, active: false, confirmed: true },
    ])
    setImageState(tools, { confirm: true })
    // As the device is told.
    device.agent.trialOver()
    expect(device.agent.status()).toMatchObject({ activeBank: 'B', update: { state: 'confirmed' } })
  })

  it('ends a trial of which the network side is told late', async () => {
    const { device, tools } = await makeDevice()
    device.order()
    await device.until('rebooting')
    await device.restart()
    await device.settle()
    setImageState(tools, { confirm: true })
    await device.pass(48 * 3600_000)
    expect(device.agent.status().update?.state).toBe('confirmed')
    expect(device.banks.table.last).toEqual({ outcome: 'confirmed', version: '1.5.0' })
  })
})
