/** Options that several commands of the terminal share, and how they are read. */
import { type Command, InvalidArgumentError } from 'commander'
import type { AccountRole } from '../contract/access'

/** Gathers a repeated option. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
]

/** 1 to 3600. */
export const seconds = (text: string): number => {
  const value = Number(text)
  if (!Number.isFinite(value) || value < 1 || value > 3600)
    throw new InvalidArgumentError('1 to 3600 seconds')
  return value
}

/** A UDN in any case. */
export const udn = (text: string): string => {
  const value = text.toLowerCase()
  if (!/^uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value))
    throw new InvalidArgumentError('uuid:… is expected')
  return value
}

/** Several UDNs, one each time; one that was named before is not named again. */
export const udns = (text: string, before: readonly string[] = []): readonly string[] => [
  ...new Set([...before, udn(text)]),
]

/** Options of commands that use the network. */
export const network = (command: Command): Command =>
  command
    .option(
      '--interface <name>',
      'network interface; repeat for several (default: all but loopback)',
      collect,
    )
    .option('--json', 'one JSON object a line')

/** Options of commands that open the site; `needs` is the role that an account must have, where the site has accounts. */
export const onSite = (command: Command, needs: AccountRole = 'technician'): Command => {
  command.setOptionValue('needs', needs)
  return network(command)
    .option('--data <folder>', 'data folder (default: IOTMC_DATA, or this user’s)')
    .option('--passphrase-file <file>', 'file with the vault’s passphrase (default: IOTMC_PASSPHRASE)')
    .option('--account <name>', 'account to sign in with; its PIN or passphrase comes from IOTMC_PIN')
    .option('--verbose', 'log to stderr')
}
