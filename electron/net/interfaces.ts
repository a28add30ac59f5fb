/** The network interfaces of this machine, which of them are used, and what lies on their subnets. */
import { isIPv4, isIPv6 } from 'node:net'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import type { NetworkInterface } from '../contract/discovery'

const LINK_LOCAL_6 = /^fe[89ab][0-9a-f]:/i

const prefixOf = (info: NetworkInterfaceInfo): number => {
  const bits = Number(info.cidr?.split('/')[1])
  return Number.isInteger(bits) ? bits : 32
}

/** Shapes what `os.networkInterfaces()` answers; sorted by name so that two lists compare. */
export const shapeInterfaces = (
  raw: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
): NetworkInterface[] =>
  Object.entries(raw)
    .map(([name, infos = []]): NetworkInterface => {
      const linkLocal = infos.filter((info) => info.family === 'IPv6' && LINK_LOCAL_6.test(info.address))
      const scopeId = linkLocal
        .map((info) => (info.family === 'IPv6' ? info.scopeid : 0))
        .find((id) => id > 0)
      return {
        name,
        addresses4: infos
          .filter((info) => info.family === 'IPv4')
          .map((info) => ({ address: info.address, netmask: info.netmask, prefix: prefixOf(info) })),
        addresses6LinkLocal: linkLocal.map((info) => info.address),
        ...(scopeId === undefined ? {} : { scopeId }),
        loopback: infos.some((info) => info.internal),
      }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))

/** Every interface that has an IPv4 or an IPv6 link-local address now, sorted by name. */
export const listInterfaces = (): NetworkInterface[] =>
  shapeInterfaces(networkInterfaces()).filter(
    (iface) => iface.addresses4.length > 0 || iface.addresses6LinkLocal.length > 0,
  )

/** The interfaces to use: those named, or all but loopback where none is named. Unknown names are left out. */
export const chooseInterfaces = (
  all: readonly NetworkInterface[],
  chosen: readonly string[],
): NetworkInterface[] => {
  if (chosen.length === 0) return all.filter((iface) => !iface.loopback)
  return all.filter((iface) => chosen.includes(iface.name))
}

/** IPv4 text → unsigned 32-bit number, or undefined for anything else. */
export const ipv4Number = (address: string): number | undefined => {
  if (!isIPv4(address)) return undefined
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

/** Splits `fe80::1%eth0` into address and zone; the zone is undefined where there is none. */
export const splitZone = (address: string): { address: string; zone: string | undefined } => {
  const at = address.indexOf('%')
  return at < 0
    ? { address, zone: undefined }
    : { address: address.slice(0, at), zone: address.slice(at + 1) }
}

/** The zone that the operating system wants behind a link-local address: `eth0`, on Windows the number. */
export const zoneOf = (iface: NetworkInterface): string =>
  process.platform === 'win32' && iface.scopeId !== undefined ? String(iface.scopeId) : iface.name

/** Whether an address (IPv4 or IPv6, zone allowed) is link-local IPv6. */
export const isLinkLocal6 = (address: string): boolean =>
  LINK_LOCAL_6.test(address) && isIPv6(splitZone(address).address)

/** Whether an address is a loopback address of either family, IPv4-mapped ones included. */
export const isLoopbackAddress = (address: string): boolean => {
  const plain = splitZone(address).address.toLowerCase()
  if (isIPv4(plain)) return plain.startsWith('127.')
  if (!isIPv6(plain)) return plain === 'localhost' || plain.endsWith('.localhost')
  const short = new URL(`http://[${plain}]`).hostname
  return short === '[::1]' || /^\[::ffff:7f[0-9a-f]{2}:/.test(short)
}

/**
 * Whether `address` is reached over `iface` with no router between. IPv6: link-local addresses only,
 * and where a zone is given it must be that interface's.
 */
export const onSubnet = (address: string, iface: NetworkInterface): boolean => {
  const number = ipv4Number(address)
  if (number !== undefined) {
    return iface.addresses4.some((own) => {
      const base = ipv4Number(own.address)
      if (base === undefined) return false
      const size = 2 ** (32 - own.prefix)
      return Math.floor(number / size) === Math.floor(base / size)
    })
  }
  const { address: plain, zone } = splitZone(address)
  if (!isIPv6(plain)) return false
  if (isLinkLocal6(plain)) {
    if (zone !== undefined && zone !== iface.name && zone !== String(iface.scopeId)) return false
    return iface.addresses6LinkLocal.length > 0
  }
  return iface.loopback && isLoopbackAddress(plain)
}
