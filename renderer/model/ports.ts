/** Serial ports in the words of people, and what to do where there is none. Pure. */
import type { SerialPortInfo, SerialPortList } from '../../electron/contract/serial'

export type Platform = 'linux' | 'windows' | 'mac'

/** The operating system that the window runs on, by its user agent. */
export const platformOf = (agent: string): Platform =>
  /windows/i.test(agent) ? 'windows' : /mac os/i.test(agent) ? 'mac' : 'linux'

/** "10c4:ea60". */
export const usbId = (port: SerialPortInfo): string | undefined =>
  port.vendorId && port.productId ? `${port.vendorId}:${port.productId}` : undefined

/** Maker, USB numbers and serial number of the adapter, as far as it tells them. */
export const portFacts = (port: SerialPortInfo): readonly string[] =>
  [port.manufacturer, usbId(port), port.serialNumber].filter((fact): fact is string => Boolean(fact))

/** Reasons why ports are missing, each a text of its own, with the command that helps. */
export type PortHint = 'cable' | 'driver' | 'denied' | 'no-udevadm' | 'no-driver' | 'list-failed'

export const portHints = (
  list: SerialPortList | undefined,
  platform: Platform,
): readonly { readonly hint: PortHint; readonly command?: string }[] => {
  if (!list) return []
  const problem =
    list.problem === undefined
      ? []
      : [
          list.problem === 'no-udevadm'
            ? { hint: list.problem, command: 'sudo apt install udev' }
            : { hint: list.problem },
        ]
  if (list.ports.length > 0) return problem
  return [
    ...problem,
    { hint: 'cable' as const },
    { hint: 'driver' as const },
    ...(platform === 'linux' ? [{ hint: 'denied' as const, command: 'sudo usermod -aG dialout $USER' }] : []),
  ]
}
