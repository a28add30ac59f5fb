/** Which serial ports this laptop has. */
import { readdir } from 'node:fs/promises'
import { z } from 'zod'
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
