import type {
  LedgerCheck,
  LedgerSummary,
  ReleasedRange,
  Unit,
  UnitState,
} from '../../../electron/contract/factory'
import type { SerialDevice } from '../../../electron/contract/provision'
import type { SerialPortList } from '../../../electron/contract/serial'

/** What the played main process knows about factory and cables. */
export interface FactorySample {
  readonly summary: LedgerSummary
  readonly units: readonly Unit[]
  readonly check: LedgerCheck
  readonly ports: SerialPortList
  readonly printers: readonly string[]
  readonly rootPassphrase: string
  /** What answers at each path; silence where nothing is named. */
  readonly cables: Readonly<Record<string, SerialDevice>>
  /** The one setup code that every played device takes. */
  readonly setupCode: string
}

const NOW = Date.now()
const MINUTE = 60_000
const hex = (value: number, length: number) => value.toString(16).padStart(length, '0')
const print = (seed: number): string =>
  Array.from({ length: 32 }, (_, at) => hex((seed * 37 + at * 91 + 13) % 256, 2).toUpperCase()).join(':')

export const range = (id: number, change: Partial<ReleasedRange> = {}): ReleasedRange => {
  const made = {
    id,
    model: 'PX-200',
    prefix: 'PX200-',
    digits: 5,
    first: id * 1000,
    last: id * 1000 + 999,
    next: id * 1000,
    addedBy: 'Supervisor 2',
    addedAtMs: NOW - 5 * 86_400_000,
    ...change,
  }
  return { free: made.last + 1 - made.next, ...made }
}

const STATES: readonly UnitState[] = [
  'complete',
  'complete',
  'complete',
  'complete',
  'complete',
  'installed',
  'complete',
  'burned',
  'complete',
  'scrapped',
  'complete',
  'locked',
]

/** A unit on record; every state and both kinds of key storage appear among twelve. */
export const unit = (index: number): Unit => {
  const state = STATES[index % STATES.length] ?? 'complete'
  const hasKey = state !== 'burned'
  return {
    serialNumber: `PX200-${String(1204 - index).padStart(5, '0')}`,
    udn: `uuid:7d1f4c2a-90b3-4e55-8a21-${hex(0xa10000 + index * 7919, 12)}`,
    model: 'PX-200',
    state,
    hardwareId: hasKey ? hex(0x5001 + index, 16) : '',
    ...(hasKey ? { keyStorage: index % 6 === 4 ? ('flash' as const) : ('secure-element' as const) } : {}),
    ...(hasKey
      ? { certificateSerial: hex(0x4f219c0387 + index * 65_537, 20), fingerprint: print(index) }
      : {}),
    ...(state === 'installed' ? { openStep: 'read-back', lastErrorCode: 'SERIAL_UNPLUGGED' } : {}),
    ...(state === 'burned' ? { reason: 'label spoilt' } : {}),
    ...(state === 'scrapped' ? { reason: 'dropped' } : {}),
    station: 'Line 4',
    lane: hasKey ? String((index % 4) + 1) : '',
    operator: index % 3 === 0 ? 'Supervisor 2' : 'Operator 17',
    attempts: index % 5 === 0 ? 2 : 1,
    createdAtMs: NOW - index * 4 * MINUTE - MINUTE,
    updatedAtMs: NOW - index * 4 * MINUTE,
  }
}

const certificate = (subject: string, issuer: string, seed: number, isCa: boolean) => ({
  subject,
  issuer,
  serialNumber: hex(seed, 4),
  fingerprint: print(seed),
  notBefore: '2024-01-01T00:00:00.000Z',
  notAfter: isCa ? '2031-01-01T00:00:00.000Z' : '9999-12-31T23:59:59.000Z',
  isCa,
})

/** A device at a cable, with the identity check of one that is genuine or not. */
export const atCable = (
  path: string,
  phase: string,
  trusted: boolean,
  change: Partial<SerialDevice> = {},
): SerialDevice => {
  const root = trusted ? 'CN=Example root,O=Example' : 'CN=Test Root,O=Unknown'
  const udn = 'uuid:7d1f4c2a-90b3-4e55-8a21-000000a10042'
  return {
    path,
    model: 'PX-200',
    hardwareRevision: 'C',
    firmwareVersion: '2.4.0',
    serialNumber: 'PX200-01201',
    udn,
    phase,
    locked: true,
    check: {
      udn,
      trusted,
      ...(trusted
        ? {}
        : { code: 'IDENTITY_NOT_TRUSTED', detail: 'issuer CN=Test Root is not among the trusted roots' }),
      kind: 'IDevID',
      chain: [
        certificate(root, root, trusted ? 800 : 801, true),
        certificate('CN=Line 4,O=Example', root, 810, true),
        {
          ...certificate('CN=PX-200 PX200-01201', 'CN=Line 4,O=Example', 42, false),
          udn,
          deviceSerial: 'PX200-01201',
        },
      ],
      phase,
      checkedAtMs: NOW,
    },
    ...change,
  }
}

const usb = (at: number) => ({
  path: `/dev/ttyUSB${at}`,
  manufacturer: 'Silicon Labs',
  vendorId: '10c4',
  productId: 'ea60',
  serialNumber: `02A8F1C${at}`,
})

/** A factory in the middle of its life. */
export const factorySample = (change: Partial<FactorySample> = {}): FactorySample => {
  const units = change.units ?? Array.from({ length: 12 }, (_, index) => unit(index))
  const count = (...states: UnitState[]) => units.filter((one) => states.includes(one.state)).length
  const complete = count('complete')
  const burned = count('burned')
  const scrapped = count('scrapped')
  const ports = [
    usb(0),
    usb(1),
    usb(2),
    {
      path: '/dev/ttyACM0',
      vendorId: '2fe3',
      productId: '0001',
      manufacturer: 'Zephyr Project',
      serialNumber: '96E5C0BA',
    },
    { path: '/dev/ttyS0' },
  ]
  return {
    summary: {
      complete,
      open: units.length - complete - burned - scrapped,
      burned,
      scrapped,
      softwareHeld: units.filter((one) => one.keyStorage === 'flash').length,
      entries: 51_208,
      ranges: [
        range(0, { next: 1000 }),
        range(1, { next: 1204 }),
        range(3, { model: 'GC-10', prefix: 'GC10-' }),
      ],
    },
    units,
    check: { ok: true, entries: 51_208, units: units.length, checkpoints: 5_190, unsigned: 0 },
    ports: { ports },
    printers: ['Zebra ZD421', 'Office'],
    rootPassphrase: 'correct horse',
    cables: {
      '/dev/ttyUSB0': atCable('/dev/ttyUSB0', 'provisioning', true),
      '/dev/ttyUSB1': atCable('/dev/ttyUSB1', 'provisioning', false),
      '/dev/ttyACM0': {
        path: '/dev/ttyACM0',
        model: 'PX-200',
        hardwareRevision: 'C',
        firmwareVersion: '2.4.0',
        phase: 'manufacturing',
        locked: false,
      },
    },
    setupCode: 'GTK17ZE5',
    ...change,
  }
}

/** A factory on its first day. */
export const emptyFactory = (): FactorySample => ({
  ...factorySample({ units: [] }),
  summary: { complete: 0, open: 0, burned: 0, scrapped: 0, softwareHeld: 0, entries: 0, ranges: [] },
  check: { ok: true, entries: 0, units: 0, checkpoints: 0, unsigned: 0 },
  ports: { ports: [], problem: 'no-udevadm' },
  printers: [],
})
