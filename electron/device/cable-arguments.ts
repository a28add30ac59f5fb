/** The part of the device's command line that is about its serial side, and its faults. Pure. */
import { IotmcError } from '../contract/errors'
import { KEY_STORAGES, type KeyStorage } from '../contract/factory'
import { imageCommands } from '../serial/image-group'
import { iotmcCommands } from '../serial/iotmc-group'
import { osCommands } from '../serial/os-group'
import type { Framing } from '../serial/smp-wire'
import { BOOTLOADER_MODES, type BootloaderMode } from './bootloader-info'
import {
  FAULT_NAMES,
  type FaultName,
  type FaultPlaces,
  isCableFault,
  isFaultName,
  isPlacedFault,
  PLACED_FAULTS,
} from './faults'

export interface SerialPlace {
  readonly path: string
  readonly baudRate?: number | undefined
  readonly framing: Framing
}

/** The serial side. */
export interface Cable extends SerialPlace {
  /** Served over TCP on this machine in place of a port; 0 = any that is free. */
  readonly listenPort?: number
  readonly places: FaultPlaces
  readonly keygenMs: number
  /** Of a blank device. */
  readonly keyStorage: KeyStorage
  readonly bootloaderMode: BootloaderMode
}

/** The options, as they were typed. */
export type CableOptions = Readonly<
  Partial<
    Record<
      'serial-port' | 'baud' | 'serial-framing' | 'keygen-ms' | 'key-storage' | 'bootloader-mode',
      string
    >
  >
>

/** An error in one line. */
export const usage = (detail: string, cause?: unknown): IotmcError =>
  new IotmcError('USAGE', { detail, cause })

/** How faults name a command: its name in one word. */
export const wordFor = (name: string): string => name.replaceAll(' ', '-')

const CABLE_COMMANDS: readonly string[] = [iotmcCommands, imageCommands, osCommands].flatMap((group) =>
  Object.values(group).map(({ name }) => wordFor(name)),
)

/** A fault, with the command that it is tied to, if any. Errors: USAGE. */
export const checkFault = (text: string): { name: FaultName; place?: string } => {
  const [name = '', place] = text.split('@')
  if (!isFaultName(name)) throw usage(`--fault must be one of ${FAULT_NAMES.join(', ')}`)
  if (place === undefined) return { name }
  if (isPlacedFault(name) && CABLE_COMMANDS.includes(place)) return { name, place }
  throw usage(
    `--fault NAME@COMMAND: ${PLACED_FAULTS.join(', ')} can be tied to one of ${CABLE_COMMANDS.join(', ')}`,
  )
}

const checkKeyStorage = (text: string = KEY_STORAGES[0]): KeyStorage => {
  const found = KEY_STORAGES.find((each) => each === text)
  if (found) return found
  throw usage(`--key-storage must be one of ${KEY_STORAGES.join(', ')}`)
}

const checkMode = (text: string = BOOTLOADER_MODES[0]): BootloaderMode => {
  const found = BOOTLOADER_MODES.find((each) => each === text)
  if (found) return found
  throw usage(`--bootloader-mode must be one of ${BOOTLOADER_MODES.join(', ')}`)
}

const checkNumber = (option: string, text: string | undefined, max: number): number | undefined => {
  if (text === undefined) return undefined
  if (/^\d{1,8}$/.test(text) && Number(text) <= max) return Number(text)
  throw usage(`--${option} must be a number of at most ${max}`)
}

const LISTEN = 'tcp-listen:'
const TCP_PORT_MAX = 65_535

/** The number of `tcp-listen:PORT`; undefined for a real port. Errors: USAGE. */
const checkListen = (path: string, baud: string | undefined): number | undefined => {
  if (!path.startsWith(LISTEN)) return undefined
  const digits = path.slice(LISTEN.length)
  if (!/^\d{1,5}$/.test(digits) || Number(digits) > TCP_PORT_MAX)
    throw usage(`--serial-port ${LISTEN}PORT must name a port of at most ${TCP_PORT_MAX}; 0 takes a free one`)
  if (baud !== undefined) throw usage(`--baud is of a real port, not of ${LISTEN}PORT`)
  return Number(digits)
}

const SERIAL_OPTIONS = ['baud', 'serial-framing', 'keygen-ms', 'key-storage', 'bootloader-mode'] as const
/** Damages of the console's lines, which a raw wire does not have. */
const LINE_FAULTS: readonly FaultName[] = ['drop-fragment', 'bad-crc']

/** Undefined without a port. Errors: USAGE. */
export const checkCable = (
  given: CableOptions,
  faults: readonly { name: FaultName; place?: string }[],
): Cable | undefined => {
  const path = given['serial-port']
  if (path === undefined) {
    const vain = SERIAL_OPTIONS.find((option) => given[option] !== undefined)
    const idle = faults.find(({ name }) => isCableFault(name))
    if (vain ?? idle) throw usage(`--${vain ?? `fault ${idle?.name}`} needs --serial-port`)
    return undefined
  }
  if (path === '' || path.length > 260) throw usage('--serial-port must be the path of a port')
  const framing = given['serial-framing'] ?? 'console'
  if (framing !== 'console' && framing !== 'raw') throw usage('--serial-framing must be console or raw')
  const vain = framing === 'raw' ? faults.find(({ name }) => LINE_FAULTS.includes(name)) : undefined
  if (vain) throw usage(`--fault ${vain.name} needs --serial-framing console`)
  const listenPort = checkListen(path, given.baud)
  return {
    path,
    ...(listenPort === undefined ? {} : { listenPort }),
    framing,
    baudRate: checkNumber('baud', given.baud, 4_000_000),
    keygenMs: checkNumber('keygen-ms', given['keygen-ms'], 600_000) ?? 0,
    keyStorage: checkKeyStorage(given['key-storage']),
    bootloaderMode: checkMode(given['bootloader-mode']),
    places: Object.fromEntries(faults.flatMap(({ name, place }) => (place ? [[name, place]] : []))),
  }
}
