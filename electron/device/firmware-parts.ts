/** Banks and the host of what runs from them, made as early as a start of the device allows. */
import type { Clock } from '../net/clock'
import type { DeviceArguments } from './arguments'
import { BankStore } from './bank-store'
import { ImageHost } from './image-host'
import type { DeviceLog } from './log'

export interface FirmwareParts {
  readonly banks: BankStore
  readonly host: ImageHost
}

interface Tools {
  readonly clock: Clock
  readonly log: DeviceLog
}

/** The host for banks, as the command line asks for it. */
export const firmwareParts = (banks: BankStore, given: DeviceArguments, tools: Tools): FirmwareParts => {
  const { clock, log } = tools
  const overwrites = (given.cable?.bootloaderMode ?? 'swap') !== 'swap'
  return { banks, host: new ImageHost({ clock, log, banks, anchorFile: given.firmwareAnchor, overwrites }) }
}

/** For a folder that has banks: its boot step works while the rest of the device is loaded. DATA_DAMAGED. */
export const earlyFirmware = (
  folder: string,
  given: DeviceArguments,
  tools: Tools,
): FirmwareParts | undefined => {
  if (!BankStore.exists(folder)) return undefined
  const parts = firmwareParts(BankStore.open(folder, { bankBytes: given.bankBytes }), given, tools)
  parts.host.prepare()
  return parts
}
