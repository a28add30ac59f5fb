/** Every command that a device answers by cable, as its server's table. */
import { IotmcError } from '../contract/errors'
import { SMP_GROUP, SMP_LIMITS, SMP_RC } from '../contract/smp'
import type { Random } from '../net/clock'
import type { Command } from '../serial/command'
import { imageCommands } from '../serial/image-group'
import { iotmcCommands } from '../serial/iotmc-group'
import { enumerationCommands, osCommands } from '../serial/os-group'
import { SmpRefusal } from '../serial/refusal'
import { handlerKey } from '../serial/smp-server'
import type { BankStore } from './bank-store'
import { BankUpload } from './bank-upload'
import { type BootloaderMode, bootloaderInfo } from './bootloader-info'
import { wordFor } from './cable-arguments'
import { type CableTools, challenge, info, label, readChain, takeNetwork, takeWipe } from './cable-commands'
import type { CableFaults, CableHandler } from './cable-faults'
import { type FactoryTools, keygen, lock, takeCertificate } from './factory-commands'
import {
  eraseImage,
  type ImageTools,
  imageSlots,
  imageState,
  setImageState,
  takeImage,
} from './image-commands'
import { asRefusal, refuse } from './refusal'

export interface HandlerTools extends CableTools, FactoryTools {
  readonly cableFaults: CableFaults
  readonly buffers: { readonly bufferBytes: number; readonly bufferCount: number }
  readonly random: Random
  readonly banks: BankStore
  readonly bootloaderMode: BootloaderMode
  /** Whether an update by network writes to the standby bank, or is about to start it. */
  readonly bankTaken: () => boolean
  readonly imageRuns: () => boolean
  readonly onBanks: () => void
  /** Restarts the device; called once the answer is on its way. */
  readonly reset: () => void
  readonly signal: AbortSignal
}

/** As the server looks them up: group, operation and command, joined by dots. */
export type CableTable = ReadonlyMap<string, CableHandler>

const GROUPS = [SMP_GROUP.os, SMP_GROUP.image, SMP_GROUP.enumeration, SMP_GROUP.iotmc]
/** Beside `data`, an answer of read-cert has a header and two more fields. */
const PART_OVERHEAD_BYTES = 64

export const cableTable = (tools: HandlerTools): CableTable => {
  const { board, buffers, signal, cableFaults } = tools
  const images: ImageTools = {
    banks: tools.banks,
    upload: new BankUpload(tools.banks, tools.random),
    isTaken: tools.bankTaken,
    isRunning: tools.imageRuns,
  }
  const table = new Map<string, CableHandler>()

  const serve = <Q, A extends Record<string, unknown>>(
    command: Command<Q, A>,
    answer: (request: Q) => A | Promise<A>,
    kind: 'changes' | 'asks' = 'asks',
  ): void => {
    const handle: CableHandler = async (payload) => {
      const request = command.request.safeParse(payload)
      if (!request.success) throw invalid(command.group)
      try {
        return await answer(request.data)
      } catch (thrown) {
        throw failed(tools, command, thrown)
      }
    }
    table.set(
      handlerKey(command),
      cableFaults.bend({ name: wordFor(command.name), changes: kind === 'changes' }, handle),
    )
  }

  serve(osCommands.echo, ({ d }) => ({ r: d }))
  serve(osCommands.params, () => ({ buf_size: buffers.bufferBytes, buf_count: buffers.bufferCount }))
  serve(osCommands.info, () => ({ output: `IoTMC reference device ${board.facts().model}` }))
  serve(osCommands.reset, () => {
    tools.reset()
    return {}
  })
  serve(enumerationCommands.count, () => ({ count: GROUPS.length }))
  serve(enumerationCommands.list, () => ({ groups: GROUPS }))

  serve(osCommands.bootloader, ({ query }) => bootloaderInfo(tools.bootloaderMode, query))

  serve(imageCommands.state, () => imageState(images))
  serve(
    imageCommands.setState,
    (wanted) => {
      const state = setImageState(images, wanted)
      tools.onBanks()
      return state
    },
    'changes',
  )
  serve(imageCommands.upload, (part) => takeImage(images, part))
  serve(imageCommands.erase, ({ slot = 1 }) => {
    eraseImage(images, slot)
    tools.onBanks()
    return {}
  })
  serve(imageCommands.slots, () => imageSlots(images))

  serve(iotmcCommands.info, () => ({ ...info(board), ...firmwareVersion(tools.banks) }))
  serve(iotmcCommands.keygen, (wanted) => keygen(tools, wanted, signal), 'changes')
  serve(iotmcCommands.certificate, (part) => takeCertificate(board, part), 'changes')
  serve(iotmcCommands.lock, () => lock(tools), 'changes')
  serve(iotmcCommands.network, (given) => takeNetwork(tools, given), 'changes')
  serve(iotmcCommands.wipe, (order) => takeWipe(tools, order), 'changes')
  const partBytes = Math.min(buffers.bufferBytes - PART_OVERHEAD_BYTES, SMP_LIMITS.chainMaxBytes)
  serve(iotmcCommands.readCertificate, ({ off }) => readChain(board, off, partBytes))
  serve(iotmcCommands.challenge, ({ nonce }) => challenge(tools, nonce))
  serve(iotmcCommands.label, () => ({ ...label(board) }))
  return table
}

/** Of what runs: it may be another than the board was made with. */
const firmwareVersion = ({ table, active }: BankStore): { firmwareVersion?: string } => {
  const { version } = table.banks[active]
  return version === undefined ? {} : { firmwareVersion: version }
}

const invalid = (group: number): SmpRefusal =>
  group === SMP_GROUP.iotmc ? refuse('invalid') : new SmpRefusal(undefined, SMP_RC.invalid)

const failed = ({ log }: HandlerTools, { group, name }: { group: number; name: string }, thrown: unknown) => {
  if (thrown instanceof SmpRefusal) return thrown
  log('command-failed', { command: name, code: thrown instanceof IotmcError ? thrown.code : 'DEFECT' })
  return group === SMP_GROUP.iotmc ? asRefusal(thrown) : new SmpRefusal(undefined, SMP_RC.unknown)
}
