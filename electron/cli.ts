/** The terminal host: the same controller and jobs as the window, for scripts and for people without one. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { exitCode } from './contract/errors'
import { PRODUCT_VERSION } from './contract/names'
import { call, commission } from './terminal/device-commands'
import { printFailure } from './terminal/output'
import { discover, whyMissing } from './terminal/search'
import { serve } from './terminal/serve'
import {
  jobsCancel,
  jobsList,
  jobsResume,
  serialPorts,
  trustAdd,
  trustList,
  trustRemove,
} from './terminal/site-commands'

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

const seconds = (text: string): number => {
  const value = Number(text)
  if (!Number.isFinite(value) || value < 1 || value > 3600)
    throw new InvalidArgumentError('1 to 3600 seconds')
  return value
}

const udn = (text: string): string => {
  const value = text.toLowerCase()
  if (!/^uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value))
    throw new InvalidArgumentError('uuid:… is expected')
  return value
}

const program = new Command('iotmc')
  .description('IoTMC Technician in the terminal')
  .version(PRODUCT_VERSION)
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })

const network = (command: Command): Command =>
  command
    .option(
      '--interface <name>',
      'network interface; repeat for several (default: all but loopback)',
      collect,
    )
    .option('--json', 'one JSON object a line')

const onSite = (command: Command): Command =>
  network(command)
    .option('--data <folder>', 'data folder (default: IOTMC_DATA, or this user’s)')
    .option('--passphrase-file <file>', 'file with the vault’s passphrase (default: IOTMC_PASSPHRASE)')
    .option('--verbose', 'log to stderr')

network(program.command('discover').description('list the devices that are there'))
  .option('--seconds <n>', 'how long to listen', seconds, 5)
  .option('--allow-off-subnet', 'also take descriptions from outside the interface’s subnet')
  .action(discover)
network(
  program.command('why-missing').description('why a device is not listed: interfaces, packets, refusals'),
)
  .option('--seconds <n>', 'how long to listen', seconds, 6)
  .option('--allow-off-subnet', 'also take descriptions from outside the interface’s subnet')
  .action(whyMissing)

onSite(program.command('commission').description('take devices into operation'))
  .requiredOption('--udn <udn>', 'device; repeat for several', (text, before?: readonly string[]) =>
    collect(udn(text), before),
  )
  .requiredOption('--group <name>', 'management group; made if there is none of this name')
  .addOption(
    new Option('--policy <policy>', 'zero-touch approves without asking').choices(['zero-touch', 'manual']),
  )
  .action(commission)
onSite(program.command('call').description('call one action of a device'))
  .requiredOption('--udn <udn>', 'device', udn)
  .requiredOption('--action <Service.Action>', 'for example Lifecycle.GetLifecycleState')
  .option('--arg <name=value>', 'argument; repeat for several', collect)
  .option('--seconds <n>', 'how long to wait for the device', seconds, 10)
  .action(call)
onSite(
  program.command('serve').description('keep the controller on the network until SIGTERM or Ctrl+C'),
).action(serve)

const trust = program.command('trust').description('factory roots whose devices are let in')
onSite(trust.command('add <file>').description('add roots and revocation lists of a PEM file')).action(
  trustAdd,
)
onSite(trust.command('list')).action(trustList)
onSite(trust.command('remove <fingerprint>')).action(trustRemove)

const jobs = program.command('jobs').description('what was asked for and how far it is')
onSite(jobs.command('list')).action(jobsList)
onSite(
  jobs.command('resume [ids...]').description('go on with what has not ended, or retry the named'),
).action(jobsResume)
onSite(jobs.command('cancel <ids...>')).action(jobsCancel)

program
  .command('serial')
  .description('serial ports')
  .command('ports')
  .option('--json', 'one JSON object a line')
  .action(serialPorts)

// A reader that closes its end (`| head`) is no reason to stop what was asked for.
process.stdout.on('error', () => undefined)
process.stderr.on('error', () => undefined)

try {
  await program.parseAsync()
} catch (thrown) {
  if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : exitCode('USAGE')
  else printFailure(thrown, process.argv.includes('--json'))
}
