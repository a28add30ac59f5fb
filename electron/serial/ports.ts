/** Which serial ports this laptop has, and why one can't be opened. */
import { readdir } from 'node:fs/promises'
import { z } from 'zod'
import { IotmcError } from '../contract/errors'
import type { SerialPortInfo, SerialPortList } from '../contract/serial'

/** The part of SerialPort.list's answer that is used; other systems leave fields out or empty. */
const listedSchema = z.object({
  path: z.string(),
  manufacturer: z.string().nullish(),
  vendorId: z.string().nullish(),
  productId: z.string().nullish(),
  serialNumber: z.string().nullish(),
})

export interface PortSource {
  /** SerialPort.list, once the native module is loaded; rejects if it can't be. */
  readonly list: () => Promise<unknown>
  /** Names in /dev. */
  readonly deviceNames: () => Promise<readonly string[]>
}

const systemSource: PortSource = {
  list: async () => (await import('serialport')).SerialPort.list(),
  deviceNames: () => readdir('/dev'),
}

const REASONS = {
  'no-udevadm':
    'The program udevadm is missing (package udev), so ports are shown without vendor, product and serial number.',
  'no-driver': 'The serial port driver could not be loaded on this computer, so no port can be opened.',
  'list-failed': 'The operating system did not list its serial ports. A port can still be named by its path.',
} as const

/**
 * Lists the ports, USB ones first. It never rejects: where the listing fails, `problem` and `reason` say why, and on
 * systems with /dev the names of USB ports are still found.
 */
export const listSerialPorts = async (source: PortSource = systemSource): Promise<SerialPortList> => {
  try {
    const listed = z.array(listedSchema).parse(await source.list())
    return { ports: listed.map(tidy).sort(usbFirst) }
  } catch (thrown) {
    const problem = problemBehind(thrown)
    const ports = problem === 'no-driver' ? [] : await namedPorts(source)
    return { ports, problem, reason: REASONS[problem] }
  }
}

const problemBehind = (thrown: unknown): keyof typeof REASONS => {
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  if (/udevadm/.test(text)) return 'no-udevadm'
  const unloadable = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_DLOPEN_FAILED'].includes(code)
  return unloadable || /native build/i.test(text) ? 'no-driver' : 'list-failed'
}

/** What the system's words mean, in the order that they are looked for. */
const OPEN_FAILURES = [
  {
    code: 'SERIAL_PORT_MISSING',
    words: /no such (file|device)|file not found|ENOENT|ENXIO|ENODEV/i,
    detail: 'the system knows no port of this name',
  },
  {
    code: 'SERIAL_PORT_DENIED',
    words: /permission denied|operation not permitted|access( is)? denied|EACCES|EPERM/i,
    detail: 'this account may not open it, or another program has it',
  },
  {
    code: 'SERIAL_PORT_BUSY',
    words: /cannot lock|temporarily unavailable|busy|EBUSY|EAGAIN/i,
    detail: 'another program has it open',
  },
] as const

/**
 * Why a port could not be opened: SERIAL_PORT_MISSING, SERIAL_PORT_DENIED or SERIAL_PORT_BUSY; what the system says in
 * other words counts as missing, with those words kept.
 */
export const openFailure = (path: string, thrown: unknown): IotmcError => {
  if (thrown instanceof IotmcError) return thrown
  const words = thrown instanceof Error ? thrown.message : String(thrown)
  const known = OPEN_FAILURES.find((failure) => failure.words.test(words))
  if (known) return new IotmcError(known.code, { subject: path, detail: known.detail, cause: thrown })
  const detail = problemBehind(thrown) === 'no-driver' ? REASONS['no-driver'] : words.slice(0, 200)
  return new IotmcError('SERIAL_PORT_MISSING', { subject: path, detail, cause: thrown })
}

const tidy = (port: z.output<typeof listedSchema>): SerialPortInfo => {
  const { path, manufacturer, vendorId, productId, serialNumber } = port
  return {
    path,
    ...(manufacturer ? { manufacturer } : {}),
    ...(vendorId ? { vendorId: vendorId.toLowerCase() } : {}),
    ...(productId ? { productId: productId.toLowerCase() } : {}),
    ...(serialNumber ? { serialNumber } : {}),
  }
}

const usbFirst = (a: SerialPortInfo, b: SerialPortInfo): number =>
  Number(b.vendorId !== undefined) - Number(a.vendorId !== undefined) ||
  a.path.localeCompare(b.path, 'en', { numeric: true })

/** USB serial ports by the names that Linux and macOS give them. */
const USB_NAME = /^(ttyUSB|ttyACM|cu\.usb)/

const namedPorts = async (source: PortSource): Promise<SerialPortInfo[]> => {
  const names = await source.deviceNames().catch(() => [])
  return names
    .filter((name) => USB_NAME.test(name))
    .map((name) => ({ path: `/dev/${name}` }))
    .sort(usbFirst)
}
