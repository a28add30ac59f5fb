/** The terminal host: the same controller and jobs as the window, for scripts and for people without one. */
import { Command, CommanderError, Option } from 'commander'
import { exitCode } from './contract/errors'
import { PRODUCT_VERSION } from './contract/names'
import {
  authorityInstall,
  authorityRequest,
  authoritySign,
  authorityStatus,
  rootCreate,
  rootExport,
} from './terminal/authority-commands'
import { firmwarePack, firmwareVerify } from './terminal/bundle-commands'
import { call, commission } from './terminal/device-commands'
import {
  burn,
  factoryInject,
  ledgerExport,
  ledgerList,
  ledgerSummary,
  ledgerVerify,
  personAdd,
  personRemove,
  rangeAdd,
  scrap,
} from './terminal/factory-commands'
import {
  firmwareAdd,
  firmwareConfirm,
  firmwareList,
  firmwareOffer,
  firmwareRemove,
  firmwareRevert,
  firmwareSchedule,
  firmwareStatus,
} from './terminal/firmware-commands'
import { addLifeCommands } from './terminal/life-commands'
import { addOperationCommands } from './terminal/operation-commands'
import { collect, network, onSite, seconds, udn, udns } from './terminal/options'
import { printFailure } from './terminal/output'
import { provisionNetwork, provisionSerial } from './terminal/provision-commands'
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

const program = new Command('iotmc')
  .description('IoTMC Technician in the terminal')
  .version(PRODUCT_VERSION)
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })

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
  .requiredOption('--udn <udn>', 'device; repeat for several', udns)
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
onSite(
  trust.command('add <file>').description('add roots and revocation lists of a PEM file'),
  'supervisor',
).action(trustAdd)
onSite(trust.command('list'), 'viewer').action(trustList)
onSite(trust.command('remove <fingerprint>'), 'supervisor').action(trustRemove)

const jobs = program.command('jobs').description('what was asked for and how far it is')
onSite(jobs.command('list'), 'viewer').action(jobsList)
onSite(jobs.command('resume [ids...]').description('go on with what has not ended, or retry the named'))
  .option('--seconds <n>', 'end when nothing has gone on for so long', seconds, 30)
  .action(jobsResume)
onSite(jobs.command('cancel <ids...>')).action(jobsCancel)

const provision = program.command('provision').description('network and site into a new device')
onSite(provision.command('serial').description('over the serial cable; without --ssid it is only looked at'))
  .requiredOption('--port <path>', 'serial port, for example /dev/ttyUSB0 or COM3')
  .option('--ssid <name>', 'network; empty for a wired device')
  .option('--credential-file <file>', 'its password (default: IOTMC_NETWORK_KEY, or a question)')
  .action(provisionSerial)
onSite(provision.command('network').description('over TLS on its setup network, with its setup code'))
  .requiredOption('--udn <udn>', 'device', udn)
  .requiredOption('--ssid <name>', 'network; empty for a wired device')
  .option('--setup-code-file <file>', 'setup code or label text (default: IOTMC_SETUP_CODE, or a question)')
  .option('--credential-file <file>', 'password of the network (default: IOTMC_NETWORK_KEY, or a question)')
  .action(provisionNetwork)

const factory = program.command('factory').description('identity into devices, and the ledger of it')
onSite(factory.command('inject').description('identity into the device on a serial port'))
  .requiredOption('--port <path>', 'serial port, for example /dev/ttyUSB0 or COM3')
  .option('--serial <number>', 'its serial number (default: the next released one)')
  .option('--model <model>', 'model that the device must be (default: the station’s)')
  .option('--label <file>', 'write its label, with the setup code, as PDF')
  .action(factoryInject)

const ledger = factory.command('ledger').description('the record of every serial number')
onSite(ledger.command('verify').description('find any change of it'), 'viewer').action(ledgerVerify)
onSite(ledger.command('export').description('public data only'))
  .addOption(new Option('--format <format>').choices(['csv', 'jsonl']).default('csv'))
  .option('--out <file>', 'default: stdout')
  .action(ledgerExport)
onSite(ledger.command('list'), 'viewer')
  .option('--search <text>', 'serial number, UDN, certificate serial or operator', '')
  .action(ledgerList)
onSite(ledger.command('summary'), 'viewer').action(ledgerSummary)

onSite(factory.command('release').description('release a range of serial numbers'), 'supervisor')
  .requiredOption('--model <model>', 'model')
  .requiredOption('--prefix <text>', 'what stands before the number')
  .requiredOption('--digits <n>', 'digits of the number')
  .requiredOption('--first <n>', 'first number')
  .requiredOption('--last <n>', 'last number')
  .action(rangeAdd)
onSite(
  factory.command('burn <serial>').description('withdraw a number whose device is not complete'),
  'supervisor',
)
  .requiredOption('--reason <text>', 'why')
  .action(burn)
onSite(
  factory.command('scrap <serial>').description('record that a complete device was destroyed'),
  'supervisor',
)
  .requiredOption('--reason <text>', 'why')
  .action(scrap)

const people = factory.command('people').description('who may work at the station')
onSite(people.command('add <name>').description('the PIN comes from IOTMC_PIN'), 'supervisor')
  .addOption(new Option('--role <role>').choices(['operator', 'supervisor']).default('operator'))
  .action(personAdd)
onSite(people.command('remove <name>'), 'supervisor').action(personRemove)

const rootSecret = '--root-passphrase-file <file>'
const rootSecretText = 'file with the root’s own passphrase (default: IOTMC_ROOT_PASSPHRASE)'
const authority = factory.command('authority').description('who lets this station issue certificates')
onSite(authority.command('status'), 'viewer').action(authorityStatus)
onSite(authority.command('create-root').description('make the offline root on this laptop'), 'supervisor')
  .requiredOption('--name <name>', 'name in its certificate')
  .option('--out <file>', 'write its certificate, for those who shall trust it')
  .option(rootSecret, rootSecretText)
  .action(rootCreate)
onSite(authority.command('export-root').description('write the certificate of the root on this laptop'))
  .requiredOption('--out <file>', 'PEM file')
  .action(rootExport)
onSite(authority.command('request').description('make this station’s request'), 'supervisor')
  .requiredOption('--name <name>', 'name of the station in its certificate')
  .requiredOption('--out <file>', 'PEM file to take to the root')
  .action(authorityRequest)
onSite(
  authority.command('sign').description('the root on this laptop signs a station’s request'),
  'supervisor',
)
  .requiredOption('--request <file>', 'the request')
  .requiredOption('--out <file>', 'PEM file to take back to the station')
  .requiredOption('--quota <n>', 'how many certificates the station may issue')
  .requiredOption('--days <n>', 'for how long')
  .option(rootSecret, rootSecretText)
  .action(authoritySign)
onSite(authority.command('install <file>').description('install what the root signed'), 'supervisor').action(
  authorityInstall,
)

const firmware = program.command('firmware').description('bundles, and the firmware of devices')
firmware
  .command('pack')
  .description('make a signed bundle')
  .requiredOption('--image <file>', 'the image')
  .addOption(new Option('--image-format <format>').choices(['raw', 'mcuboot']).default('raw'))
  .requiredOption('--vendor <name>', 'who made it')
  .requiredOption('--model <model>', 'model that it is for')
  .requiredOption('--hardware-revision <revision>', 'repeat for several', collect)
  .requiredOption('--firmware-version <version>', 'such as 1.5.0')
  .requiredOption('--security-version <n>', 'never lower than that of an earlier version')
  .option('--probation-hours <n>', 'hours of uptime on trial', '24')
  .option('--release-date <utc>', 'such as 2026-03-01T00:00:00Z (default: now)')
  .option('--notes-file <file>', 'text for people')
  .option('--key <file>', 'private key of the signer, PEM')
  .option('--chain <file>', 'certificate of the signer, then what stands above it, PEM')
  .option('--practice-factory <folder>', 'a practice factory signs; only practice devices trust it')
  .requiredOption('--out <file>', 'the bundle, .iotfw')
  .option('--json', 'one JSON object a line')
  .action(firmwarePack)
firmware
  .command('verify <file>')
  .description('check a bundle: form, signature, signer, checksum')
  .requiredOption('--root <file>', 'trusted root, PEM; repeat for several', collect)
  .option('--crl <file>', 'revocation list, PEM; repeat for several', collect)
  .option('--json', 'one JSON object a line')
  .action(firmwareVerify)
onSite(firmware.command('add <file>').description('check a bundle and take it into the library')).action(
  firmwareAdd,
)
onSite(firmware.command('list').description('the library'), 'viewer').action(firmwareList)
onSite(
  firmware.command('remove <bundle>').description('by id, version or MODEL@version'),
  'supervisor',
).action(firmwareRemove)
onSite(
  firmware.command('offer <bundle>').description('announce and serve a bundle until SIGTERM or Ctrl+C'),
).action(firmwareOffer)
onSite(firmware.command('schedule').description('roll a bundle out; it goes on at the next start if stopped'))
  .requiredOption('--bundle <bundle>', 'id, version or MODEL@version')
  .requiredOption('--udn <udn>', 'device; repeat for several', udns)
  .option('--canary <n>', 'so many of the devices go first')
  .option('--error-percent <n>', 'more failures than this pause it', '0')
  .option('--start-at <utc>', 'not before, such as 2026-03-01T22:00:00Z')
  .option('--window <from-to>', 'switch banks in these hours only, UTC, such as 22:00-05:00')
  .addOption(new Option('--confirm <who>').choices(['device', 'after-soak']).default('device'))
  .addOption(new Option('--until <point>', 'wait for').choices(['trial', 'done']).default('trial'))
  .action(firmwareSchedule)
const deviceFirmware = (name: string, text: string): Command =>
  onSite(firmware.command(name).description(text))
    .requiredOption('--udn <udn>', 'device', udn)
    .option('--seconds <n>', 'how long to wait for the device', seconds, 10)
deviceFirmware('status', 'both banks and the update').action(firmwareStatus)
deviceFirmware('confirm', 'end its trial for good').action(firmwareConfirm)
deviceFirmware('revert', 'back to the other bank').action(firmwareRevert)

addOperationCommands(program)
addLifeCommands(program)

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
