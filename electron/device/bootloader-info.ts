/** What the device says of its bootloader, by MCUboot's own numbers. */
import { MCUBOOT_MODE, OS_RC, SMP_GROUP } from '../contract/smp'
import { SmpRefusal } from '../serial/refusal'

/** swap keeps the old image until the new one is confirmed; the other two keep none. */
export const BOOTLOADER_MODES = ['swap', 'overwrite-only', 'ram-load'] as const
export type BootloaderMode = (typeof BOOTLOADER_MODES)[number]

const NUMBERS: Readonly<Record<BootloaderMode, number>> = {
  swap: MCUBOOT_MODE.swapMove,
  'overwrite-only': MCUBOOT_MODE.overwriteOnly,
  'ram-load': MCUBOOT_MODE.ramLoad,
}

/** The answer to `bootloader`; without a query the name alone. */
export const bootloaderInfo = (mode: BootloaderMode, query?: string) => {
  if (query === undefined) return { bootloader: 'MCUboot' }
  if (query === 'mode') return { mode: NUMBERS[mode] }
  throw new SmpRefusal(SMP_GROUP.os, OS_RC.noAnswerToQuery)
}
