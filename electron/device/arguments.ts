/** The command line of the reference device, checked. Pure. */
import { parseArgs } from 'node:util'
import { udnSchema } from '../contract/device'
import { KEY_STORAGES } from '../contract/factory'
import { firmwareVersionSchema } from '../contract/firmware'
import { FIRMWARE_LIMITS, LOG_LIMITS } from '../contract/timings'
import { type Cable, checkCable, checkFault, usage } from './cable-arguments'
import { FAULT_NAMES, FAULTS, type FaultName } from './faults'
import { isModelName, MODEL_NAMES, type ModelName } from './models'
import type { NetworkInReach } from './network'

/** What a blank device is made as; each has its own default. */
export interface Making {
  readonly phase: 'manufacturing' | 'provisioning' | 'commissioning'
  readonly model: ModelName
  readonly serialNumber?: string | undefined
  readonly name?: string | undefined
  readonly hardwareRevision: string
  readonly firmwareVersion: string
  readonly udn?: string | undefined
}

export interface DeviceArguments {
  readonly state: string
  readonly interfaces: readonly string[]
  readonly setupInterfaces?: readonly string[] | undefined
  readonly networks?: readonly NetworkInReach[] | undefined
  readonly making: Making
  readonly cable?: Cable | undefined
  readonly anchor?: string | undefined
  /** Files that take the place of those in the state folder. */
  readonly firmwareAnchor?: string | undefined
  readonly firmwareCrl?: string | undefined
  readonly bankBytes?: number | undefined
  /** Bytes each second, at most, in which it gets an image; no bound unless told. */
  readonly downloadRate?: number | undefined
  /** Seconds between two health reports; as configured unless told. */
  readonly healthIntervalS?: number | undefined
  /** Bytes of records that its log holds at least. */
  readonly logBytes?: number | undefined
  /** Folder of the storage that may be plugged in. */
  readonly externalStorage?: string | undefined
  readonly factory?: string | undefined
  readonly faults: readonly FaultName[]
  readonly parent?: number | undefined
}

const OPTIONS = {
  state: { type: 'string' },
  interface: { type: 'string', multiple: true },
  'setup-interface': { type: 'string', multiple: true },
  network: { type: 'string', multiple: true },
  'serial-port': { type: 'string' },
  baud: { type: 'string' },
  'serial-framing': { type: 'string' },
  'keygen-ms': { type: 'string' },
  'key-storage': { type: 'string' },
  'bootloader-mode': { type: 'string' },
  phase: { type: 'string' },
  model: { type: 'string' },
  serial: { type: 'string' },
  name: { type: 'string' },
  'hardware-revision': { type: 'string' },
  'firmware-version': { type: 'string' },
  udn: { type: 'string' },
  anchor: { type: 'string' },
  'firmware-anchor': { type: 'string' },
  'firmware-crl': { type: 'string' },
  'bank-bytes': { type: 'string' },
  'download-rate': { type: 'string' },
  'health-interval': { type: 'string' },
  'log-bytes': { type: 'string' },
  'external-storage': { type: 'string' },
  factory: { type: 'string' },
  fault: { type: 'string', multiple: true },
  parent: { type: 'string' },
  help: { type: 'boolean' },
} as const

const read = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: false }).values
  } catch (cause) {
    const [line = ''] = cause instanceof Error ? cause.message.split(/[\n.]/) : []
    throw usage(line.slice(0, 200), cause)
  }
}

const checkText = (
  option: string,
  text: string | undefined,
  shape: RegExp,
  form: string,
): string | undefined => {
  if (text !== undefined && !shape.test(text)) throw usage(`--${option} must be ${form}`)
  return text
}

const PRINTABLE = /^[^\p{C}]{1,63}$/u
const REVISION = /^[A-Za-z0-9._+-]{1,31}$/
const SERIAL = /^[A-Za-z0-9._-]{1,63}$/

const checkPhase = (text = 'commissioning'): Making['phase'] => {
  if (text === 'manufacturing' || text === 'provisioning' || text === 'commissioning') return text
  throw usage(
    '--phase must be manufacturing, provisioning or commissioning; later phases are reached by enrolling',
  )
}

const checkModel = (text: string = MODEL_NAMES[0]): ModelName => {
  if (isModelName(text)) return text
  throw usage(`--model must be one of ${MODEL_NAMES.join(', ')}`)
}

/** A blank device is given its names by cable. */
const checkBlank = (given: ReturnType<typeof read>): void => {
  if (given.phase !== 'manufacturing') return
  if (!given['serial-port']) throw usage('--phase manufacturing needs --serial-port')
  const vain = (['serial', 'udn'] as const).find((option) => given[option] !== undefined)
  if (vain) throw usage(`--${vain} is given by cable to a device in manufacturing`)
}

const checkUdn = (text: string | undefined): string | undefined => {
  if (text !== undefined && !udnSchema.safeParse(text).success)
    throw usage('--udn must be uuid:8-4-4-4-12 in lower case')
  return text
}

const checkInterface =
  (option: string) =>
  (name: string): string => {
    if (name === '' || name.length > 64) throw usage(`--${option} must be the name of an interface`)
    return name
  }

const NETWORK = /^(.+?)=([^=,]{1,64})(?:,(.{0,128}))?$/su

const checkNetwork = (text: string): NetworkInReach => {
  const [, ssid, interfaceName, credential = ''] = NETWORK.exec(text) ?? []
  if (!ssid || !interfaceName || Buffer.byteLength(ssid) > 32)
    throw usage('--network must be NAME=INTERFACE or NAME=INTERFACE,CREDENTIAL; a name has at most 32 bytes')
  return { ssid, interfaceName, credential }
}

const checkVersion = (text = '1.4.0'): string => {
  if (!firmwareVersionSchema.safeParse(text).success) throw usage('--firmware-version must be such as 1.4.0')
  return text
}

const BANK_MIN_BYTES = 64 * 1024

const checkBankBytes = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  const bytes = /^\d{1,10}$/.test(text) ? Number(text) : 0
  if (bytes >= BANK_MIN_BYTES && bytes <= FIRMWARE_LIMITS.imageMaxBytes) return bytes
  throw usage(`--bank-bytes must be from ${BANK_MIN_BYTES} to ${FIRMWARE_LIMITS.imageMaxBytes}`)
}

const RATE_MIN = 1024
const RATE_MAX = 1_000_000_000

const checkRate = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  const rate = /^\d{1,10}$/.test(text) ? Number(text) : 0
  if (rate >= RATE_MIN && rate <= RATE_MAX) return rate
  throw usage(`--download-rate must be from ${RATE_MIN} to ${RATE_MAX} bytes per second`)
}

const checkWhole = (
  option: string,
  text: string | undefined,
  [min, max]: readonly [number, number],
): number | undefined => {
  if (text === undefined) return undefined
  const value = /^\d{1,10}$/.test(text) ? Number(text) : -1
  if (value >= min && value <= max) return value
  throw usage(`--${option} must be from ${min} to ${max}`)
}

const HEALTH_INTERVAL_S = [1, 86_400] as const
const LOG_BYTES = [LOG_LIMITS.ringBytes, 64 * 1024 * 1024] as const

const checkPid = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,9}$/.test(text)) throw usage('--parent must be a process id')
  return Number(text)
}

/** Errors: USAGE with one line that names the option. `help` asks for the text of `helpText`. */
export const parseArguments = (argv: readonly string[]): DeviceArguments | 'help' => {
  const given = read(argv)
  if (given.help) return 'help'
  if (!given.state) throw usage('--state DIR is needed: the folder that holds the device')
  checkBlank(given)
  const faults = (given.fault ?? []).map(checkFault)
  return {
    state: given.state,
    interfaces: (given.interface ?? []).map(checkInterface('interface')),
    setupInterfaces: given['setup-interface']?.map(checkInterface('setup-interface')),
    networks: given.network?.map(checkNetwork),
    making: {
      phase: checkPhase(given.phase),
      model: checkModel(given.model),
      serialNumber: checkText('serial', given.serial, SERIAL, '1 to 63 letters, digits, dots, dashes'),
      name: checkText('name', given.name, PRINTABLE, '1 to 63 printable characters'),
      hardwareRevision:
        checkText('hardware-revision', given['hardware-revision'], REVISION, 'such as C2') ?? 'C2',
      firmwareVersion: checkVersion(given['firmware-version']),
      udn: checkUdn(given.udn),
    },
    cable: checkCable(given, faults),
    anchor: given.anchor,
    firmwareAnchor: given['firmware-anchor'],
    firmwareCrl: given['firmware-crl'],
    bankBytes: checkBankBytes(given['bank-bytes']),
    downloadRate: checkRate(given['download-rate']),
    healthIntervalS: checkWhole('health-interval', given['health-interval'], HEALTH_INTERVAL_S),
    logBytes: checkWhole('log-bytes', given['log-bytes'], LOG_BYTES),
    externalStorage: given['external-storage'],
    factory: given.factory,
    faults: faults.map(({ name }) => name),
    parent: checkPid(given.parent),
  }
}

/** What `--help` prints. */
export const helpText = (): string =>
  [
    'Plays an IoTMC device whose whole state is one folder.',
    '',
    '  --state DIR                the folder; made if missing',
    '  --interface NAME           network to speak on, repeatable (default: all but loopback)',
    '  --setup-interface NAME     network of a device in provisioning, repeatable (default: as --interface)',
    '  --network NAME=INTERFACE[,CREDENTIAL]',
    '                             Wi-Fi in reach, repeatable: given NAME and CREDENTIAL, it moves to INTERFACE',
    '  --factory DIR              factory that signs the identity of a blank device',
    "  --anchor FILE              certificate of the site's authority; waited for if missing",
    '  --firmware-anchor FILE     whose firmware is taken (default: that of the factory); --firmware-crl FILE: not whose',
    `  --bank-bytes N             size of each firmware bank (default: ${FIRMWARE_LIMITS.bankBytes})`,
    '  --download-rate N          bytes per second at which it fetches an image (default: as fast as it can)',
    '  --health-interval S        seconds between two health reports (default: Report.IntervalSeconds)',
    `  --log-bytes N              bytes of records that its log holds at least (default: ${LOG_LIMITS.ringBytes})`,
    '  --external-storage FOLDER  where a storage may be plugged in, for ExportDiagnosticsLog',
    '  --serial-port PATH         port to answer on by cable (SMP); then no network unless one is named',
    '                             tcp-listen:PORT is served to programs of this machine; 0 takes a free port',
    '  --baud N                   bits per second on it (default: 115200)',
    '  --serial-framing FORM      console (default) or raw',
    '  --keygen-ms N              how long a key takes that is ordered by cable (default: 0)',
    '  --bootloader-mode MODE     swap (default), overwrite-only, ram-load: the last two keep no way back by cable',
    '  --fault NAME[@COMMAND]     deviation, repeatable (below)',
    '  --parent PID               end when this process has ended',
    '',
    'Only for a blank device:',
    '  --phase PHASE              commissioning (default), provisioning, or manufacturing: no identity yet',
    `  --key-storage PLACE        ${KEY_STORAGES.join(', ')}; with --phase manufacturing`,
    `  --model MODEL              ${MODEL_NAMES.join(', ')}`,
    '  --serial TEXT  --name TEXT  --udn UDN  --hardware-revision TEXT  --firmware-version TEXT',
    '',
    'Faults:',
    ...FAULT_NAMES.map((name) => `  ${name.padEnd(26)} ${FAULTS[name]}`),
    '',
  ].join('\n')
