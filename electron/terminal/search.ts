/** `discover` and `why-missing`: need no site and no passphrase, so they run beside an open window. */
import { setTimeout as sleep } from 'node:timers/promises'
import { IotmcError } from '../contract/errors'
import type { Discovery } from '../discovery/discovery'
import type { DiscoveredDevice } from '../discovery/registry'
import { systemClock } from '../net/clock'
import { listInterfaces } from '../net/interfaces'
import { createFinder } from '../site/finder'
import { printJson, printLine } from './output'

export interface SearchOptions {
  readonly interface?: readonly string[]
  readonly seconds: number
  readonly json?: boolean
  readonly allowOffSubnet?: boolean
}

const search = async (options: SearchOptions): Promise<Discovery> => {
  const names = listInterfaces().map((entry) => entry.name)
  for (const wanted of options.interface ?? []) {
    if (!names.includes(wanted)) {
      throw new IotmcError('INTERFACE_UNKNOWN', { subject: wanted, detail: `there are ${names.join(', ')}` })
    }
  }
  const finder = createFinder({
    clock: systemClock,
    interfaces: options.interface ?? [],
    allowOffSubnet: () => options.allowOffSubnet ?? false,
    mxS: Math.max(1, Math.min(3, Math.floor(options.seconds) - 1)),
  })
  await finder.start()
  finder.search()
  await sleep(options.seconds * 1000)
  return finder
}

const rowOf = (device: DiscoveredDevice) => ({
  udn: device.udn,
  name: device.description?.friendlyName ?? '',
  model: device.description?.modelName ?? '',
  phase: device.claim?.phase ?? null,
  capabilities: device.claim?.capabilities ?? [],
  managed: device.claim !== undefined,
  addresses: [...new Set(device.addresses.map((entry) => entry.address))],
  secureLocation: device.addresses.find((entry) => entry.secureLocation)?.secureLocation ?? null,
  bootId: device.bootId ?? null,
  configId: device.configId ?? null,
  ...(device.claim ? {} : { reason: device.unmanagedReason ?? 'no-header' }),
})

/** Prints each device that is there after `seconds`. */
export const discover = async (options: SearchOptions): Promise<void> => {
  const finder = await search(options)
  try {
    for (const device of finder.entries().filter((entry) => entry.online)) {
      const row = rowOf(device)
      if (options.json) printJson(row)
      else {
        const about = row.managed
          ? `${row.phase ?? '?'}  ${row.capabilities.join(',')}`
          : `not managed (${row.reason})`
        printLine(`${row.udn}  ${row.name || '—'}  ${row.model || '—'}  ${about}  ${row.addresses.join(' ')}`)
      }
    }
  } finally {
    await finder.stop()
  }
}

/** Prints what each interface sent and heard, who was refused and what to check next. */
export const whyMissing = async (options: SearchOptions): Promise<void> => {
  const finder = await search(options)
  try {
    const report = finder.report()
    if (options.json) return printJson(report)
    for (const entry of report.interfaces) {
      const state = entry.listening ? 'listening' : `not listening (${entry.problem ?? 'unknown'})`
      printLine(`${entry.name} ${entry.family} ${entry.address}: ${state}`)
      printLine(
        `  sent ${entry.searchesSent} searches (${entry.sendErrors} errors) · heard ${entry.packetsHeard} packets: ` +
          `${entry.answersHeard} answers, ${entry.notifiesHeard} notifies, ${entry.malformed} malformed · ` +
          `buffer ${entry.receiveBufferBytes} of ${entry.receiveBufferAsked} bytes`,
      )
    }
    for (const entry of report.unused) printLine(`${entry.name}: not chosen`)
    printLine(`Kernel drops since start: ${report.kernelDrops ?? 'not known on this system'}`)
    printLine(`Devices listed: ${report.devicesListed}`)
    for (const entry of report.refused) {
      const who = [entry.from, entry.usn, entry.location].filter(Boolean).join(' ')
      printLine(
        `Refused: ${who}: ${entry.reason}${entry.detail ? ` (${entry.detail})` : ''}, ${entry.count} times`,
      )
    }
    for (const hint of report.hints) printLine(`Hint: ${HINT_TEXTS[hint]}`)
  } finally {
    await finder.stop()
  }
}

type Hint = ReturnType<Discovery['report']>['hints'][number]

const HINT_TEXTS: Readonly<Record<Hint, string>> = {
  'no-interface': 'no network interface is chosen or up. Plug in the cable or choose one with --interface.',
  'nothing-heard': 'not one packet was heard. Check cable, switch and VLAN, then the firewall.',
  'only-own-packets': 'only this computer itself was heard. The devices are likely in another VLAN.',
  'port-1900-shared': 'another program holds UDP port 1900; some announcements may go to it alone.',
  'buffer-small': 'the receive buffer is smaller than asked. On Linux: sysctl net.core.rmem_max=8388608.',
  'packets-dropped': 'the kernel dropped packets for a full buffer. Search again with a longer time.',
  'firewall-linux':
    'let UDP 1900 in: nft add rule inet filter input udp dport 1900 accept (or ufw allow 1900/udp).',
  'firewall-windows': 'let this program receive on private networks in Windows Defender Firewall (UDP 1900).',
  'firewall-macos': 'allow incoming connections for this program in System Settings, Network, Firewall.',
  'devices-refused': 'devices answered but were refused; the reasons are listed above.',
  'vpn-active': 'a VPN is up and may take the multicast route. Choose the interface of the devices yourself.',
  'all-fine': 'everything on this side looks right. Is the device powered and on this network?',
}
