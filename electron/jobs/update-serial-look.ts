/** What the device at the end of a cable says of its images, its bootloader and itself. */
import type { SerialFirmware } from '../contract/firmware'
import { MCUBOOT_MODE, SMP_GROUP } from '../contract/smp'
import { imageCommands } from '../serial/image-group'
import { iotmcCommands } from '../serial/iotmc-group'
import { osCommands } from '../serial/os-group'
import { type Asking, ask, askIfKnown } from './update-serial-ask'
import type { UpdateSerialTools } from './update-serial-tools'

type Mode = SerialFirmware['mode']
export type SerialSlot = SerialFirmware['slots'][number]

/** Who the board is; undefined for one without group 64. */
export interface SerialBoard {
  readonly model: string
  readonly hardwareRevision: string
  /** Hex. */
  readonly hardwareId: string
  /** From its factory identity on. */
  readonly serialNumber?: string | undefined
  readonly udn?: string | undefined
}

const NO_WAY_BACK = ['overwrite-only', false] as const
const SWAP = ['swap', true] as const
const RAM_LOAD = ['ram-load', false] as const

/** Whether a failed start brings the old image back. */
const MANNERS: Readonly<Record<number, readonly [mode: Mode, rollback: boolean]>> = {
  [MCUBOOT_MODE.singleSlot]: NO_WAY_BACK,
  [MCUBOOT_MODE.swapScratch]: SWAP,
  [MCUBOOT_MODE.overwriteOnly]: NO_WAY_BACK,
  [MCUBOOT_MODE.swapMove]: SWAP,
  [MCUBOOT_MODE.directXip]: ['direct-xip', false],
  [MCUBOOT_MODE.directXipRevert]: ['direct-xip', true],
  [MCUBOOT_MODE.ramLoad]: RAM_LOAD,
  [MCUBOOT_MODE.firmwareLoader]: NO_WAY_BACK,
  [MCUBOOT_MODE.singleSlotRamLoad]: RAM_LOAD,
  [MCUBOOT_MODE.swapOffset]: SWAP,
}

/** The bootloader's manner; only MCUboot's numbers are known. */
export const readMode = async (asking: Asking): Promise<Pick<SerialFirmware, 'mode' | 'rollback'>> => {
  const name = await askIfKnown(asking, osCommands.bootloader, {})
  if (name?.bootloader !== 'MCUboot') return { mode: 'unknown', rollback: false }
  const answer = await askIfKnown(asking, osCommands.bootloader, { query: 'mode' })
  const [mode, rollback] = MANNERS[answer?.mode ?? -1] ?? (['unknown', false] as const)
  return { mode, rollback }
}

/** The slots of the device's own image; flags that are left out are false. */
export const readSlots = async (asking: Asking): Promise<SerialSlot[]> => {
  const { images } = await ask(asking, imageCommands.state, {})
  return images
    .filter(({ image = 0 }) => image === 0)
    .map(({ slot, version, hash, active, confirmed, pending, bootable }) => ({
      slot,
      version,
      ...(hash ? { hash: Buffer.from(hash).toString('hex') } : {}),
      active: active ?? false,
      confirmed: confirmed ?? false,
      pending: pending ?? false,
      bootable: bootable ?? false,
    }))
}

/** Bytes that fit into a slot of the device's own image; undefined where it does not say. */
export const readSlotBytes = async (asking: Asking): Promise<number | undefined> => {
  const answer = await askIfKnown(asking, imageCommands.slots, {})
  const own = answer?.images.find(({ image }) => image === 0)
  if (own?.max_image_size !== undefined) return own.max_image_size
  const sizes = own?.slots.flatMap(({ size }) => (size === undefined ? [] : [size])) ?? []
  return sizes.length > 0 ? Math.min(...sizes) : undefined
}

/** Group 64's word; not asked where the device says that it does not serve it. */
export const readBoard = async (asking: Asking): Promise<SerialBoard | undefined> => {
  const { groups } = asking.session
  if (groups && !groups.includes(SMP_GROUP.iotmc)) return undefined
  const info = await askIfKnown(asking, iotmcCommands.info, {})
  if (!info) return undefined
  const { model, hardwareRevision, hardwareId, serialNumber, udn } = info
  return {
    ...{ model, hardwareRevision, serialNumber, udn },
    hardwareId: Buffer.from(hardwareId).toString('hex'),
  }
}

/** Asks a device at the end of a cable for its images, for the wizard. Errors: those of the port, SERIAL_SILENT, NOT_SMP. */
export const lookSerialFirmware = async (
  tools: UpdateSerialTools,
  path: string,
  signal: AbortSignal,
): Promise<SerialFirmware> => {
  const { session } = await tools.openSerial(path, signal)
  try {
    const asking = { session, clock: tools.clock, signal }
    const board = await readBoard(asking)
    const manner = await readMode(asking)
    const slots = await readSlots(asking)
    const { model, hardwareRevision } = board ?? {}
    return {
      path,
      ...(model === undefined ? {} : { model }),
      ...(hardwareRevision === undefined ? {} : { hardwareRevision }),
      ...manner,
      slots,
    }
  } finally {
    await session.close()
  }
}
