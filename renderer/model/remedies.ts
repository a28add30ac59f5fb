/** Commands that put right what a hint says. They are typed as they are, so they are not translated. Pure. */
import type { Hint, NetworkInterface } from '../../electron/contract/discovery'

/** Own IPv4 networks in CIDR form, without loopback: `10.4.1.0/24`. */
export const ownNetworks = (interfaces: readonly NetworkInterface[]): readonly string[] => {
  const networks = interfaces
    .filter((one) => !one.loopback)
    .flatMap((one) => one.addresses4)
    .map(({ address, prefix }) => {
      const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
      const size = 2 ** (32 - prefix)
      const network = number - (number % size)
      return `${[24, 16, 8, 0].map((shift) => Math.floor(network / 2 ** shift) % 256).join('.')}/${prefix}`
    })
  return [...new Set(networks)]
}

const WINDOWS_PROGRAM = '"$env:LOCALAPPDATA\\Programs\\IoTMC Technician\\IoTMC Technician.exe"'
const MAC_PROGRAM = '"/Applications/IoTMC Technician.app"'

/** The commands for a hint on a laptop in `networks`; none where a hint has no command. */
export const remedies = (hint: Hint, networks: readonly string[]): readonly string[] => {
  switch (hint) {
    case 'firewall-linux':
      // Devices also call back on a port that changes with each start, so the network is allowed, not one port.
      return networks.flatMap((network) => [
        `sudo ufw allow from ${network}`,
        `sudo firewall-cmd --zone=trusted --add-source=${network}`,
      ])
    case 'firewall-windows':
      return [
        `New-NetFirewallRule -DisplayName "IoTMC Technician" -Direction Inbound -Program ${WINDOWS_PROGRAM} -RemoteAddress LocalSubnet -Action Allow`,
      ]
    case 'firewall-macos':
      return [
        `sudo /usr/libexec/ApplicationFirewall/socketfilterfw --add ${MAC_PROGRAM} --unblockapp ${MAC_PROGRAM}`,
      ]
    case 'buffer-small':
      return ['sudo sysctl -w net.core.rmem_max=8388608']
    default:
      return []
  }
}
