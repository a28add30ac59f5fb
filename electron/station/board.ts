/** Whether a device in a lane may be worked on. */
import type { IotmcError } from '../contract/errors'
import { isSoftwareHeld, type StationConfig, type Unit } from '../contract/factory'
import type { DeviceInfo } from '../factory/factory-device'
import type { Board, LaneError, Verdict } from './lane-machine'

/** Lower-case hex of the chip's identity. */
export const hardwareIdOf = (info: Pick<DeviceInfo, 'hardwareId'>): string =>
  Buffer.from(info.hardwareId).toString('hex')

export const toBoard = (info: DeviceInfo): Board => ({
  hardwareId: hardwareIdOf(info),
  model: info.model,
  keyStorage: info.keyStorage,
  locked: info.locked,
  ...(info.serialNumber ? { serialNumber: info.serialNumber } : {}),
})

/**
 * Judges a device by what it says and by the ledger's unfinished unit of this board. A board that was begun goes on
 * whatever it says: the steps of its job look at it themselves.
 */
export const judgeBoard = (
  board: Board,
  config: Pick<StationConfig, 'model' | 'acceptSoftwareKeys'>,
  unfinished: Pick<Unit, 'serialNumber'> | undefined,
): Verdict => {
  const refused = (error: LaneError): Verdict => ({ kind: 'refused', error })
  if (board.model !== config.model)
    return refused({ code: 'WRONG_MODEL', subject: board.model, detail: `this line makes ${config.model}` })
  if (isSoftwareHeld(board.keyStorage) && !config.acceptSoftwareKeys)
    return refused({ code: 'SOFTWARE_KEY_REFUSED', subject: board.model })
  if (unfinished) return { kind: 'unfinished', serialNumber: unfinished.serialNumber }
  if (board.locked) return refused({ code: 'ALREADY_LOCKED', subject: board.serialNumber ?? board.model })
  return { kind: 'blank' }
}

/** An error as a lane shows it. */
export const toLaneError = ({ code, subject, detail }: IotmcError, fallback: string): LaneError => ({
  code,
  subject: subject ?? fallback,
  ...(detail ? { detail } : {}),
})
