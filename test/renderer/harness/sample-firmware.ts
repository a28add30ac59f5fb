import type { Bank } from '../../../electron/contract/banks'
import type {
  BankStatus,
  BoardRow,
  BoardState,
  FirmwareBundle,
  RolloutView,
  SerialFirmware,
  WaveView,
} from '../../../electron/contract/firmware'

const NOW = Date.now()
const HOUR = 3_600_000
const MB = 1_000_000
const bundleId = (seed: number): string => seed.toString(16).padStart(2, '0').repeat(32)

/** Everything that the played firmware desk answers with. */
export interface FirmwareSample {
  readonly bundles: readonly FirmwareBundle[]
  readonly freeBytes: number
  readonly rollouts: readonly RolloutView[]
  readonly rows: Readonly<Record<string, readonly BoardRow[]>>
  readonly cables: Readonly<Record<string, SerialFirmware>>
}

const bundle = (
  seed: number,
  version: string,
  model: string,
  more: Partial<FirmwareBundle> = {},
): FirmwareBundle => ({
  id: bundleId(seed),
  manifest: {
    format: 1,
    vendor: 'Example maker',
    model,
    hardwareRevisions: ['A', 'B2'],
    version,
    securityVersion: 7,
    releaseDate: '2026-11-01T00:00:00Z',
    image: { file: 'image.bin', format: 'raw', size: 8.4 * MB, sha256: bundleId(seed + 1) },
    probationHours: 24,
    notes:
      'Reads the flow sensor four times a second. The pump no longer stops when the time server changes its mind.',
  },
  signer: {
    subject: 'CN=Example release 2026,O=Example maker',
    fingerprint: bundleId(seed + 2),
    notAfter: '2027-06-01T00:00:00Z',
    root: 'Example root',
  },
  bytes: 8.41 * MB,
  addedAtMs: NOW - seed * HOUR,
  ...more,
})

export const BUNDLES: readonly FirmwareBundle[] = [
  bundle(0x1a, '2.5.0', 'PX-200'),
  bundle(0x2b, '2.4.0', 'PX-200'),
  bundle(0x3c, '1.9.3', 'GC-10', {
    problem: { code: 'SIGNER_REFUSED', detail: 'certificate 4F:21 was revoked on 2026-11-20' },
  }),
]

export const bank = (slot: Bank['slot'], state: Bank['state'], version?: string): Bank => ({
  slot,
  state,
  bootAttempts: 0,
  ...(version ? { version, securityVersion: 6 } : {}),
})

/** What a device tells of its banks in each state of the board. */
export const statusOf = (state: BoardState, index: number): BankStatus => {
  const old = '2.4.0'
  const version = '2.5.0'
  const totalBytes = 8.4 * MB
  const update = (more: Partial<NonNullable<BankStatus['update']>>): NonNullable<BankStatus['update']> => ({
    updateId: `u-${index}`,
    version,
    state: 'downloading',
    activation: 'hold',
    receivedBytes: totalBytes,
    totalBytes,
    ...more,
  })
  const needed = { neededS: 86_400 }
  switch (state) {
    case 'probation':
      return {
        activeBank: 'B',
        banks: [bank('A', 'valid', old), bank('B', 'valid', version)],
        securityVersion: 6,
        update: update({ state: 'probation', probation: { ...needed, ranS: 9000 + (index % 20) * 3600 } }),
      }
    case 'confirmed':
      return {
        activeBank: 'B',
        banks: [bank('A', 'valid', old), bank('B', 'valid', version)],
        securityVersion: 6,
        update: update({ state: 'confirmed', probation: { ...needed, ranS: 86_400 } }),
      }
    case 'rolledBack':
      return {
        activeBank: 'A',
        banks: [bank('A', 'valid', old), bank('B', 'invalid', version)],
        securityVersion: 6,
        update: update({ state: 'rolledBack', rollback: 'watchdog', probation: { ...needed, ranS: 240 } }),
      }
    case 'downloading':
      return {
        activeBank: 'A',
        banks: [bank('A', 'valid', old), bank('B', 'writing', version)],
        securityVersion: 6,
        update: update({ receivedBytes: totalBytes * (0.2 + (index % 7) / 10) }),
      }
    case 'staged':
      return {
        activeBank: 'A',
        banks: [bank('A', 'valid', old), bank('B', 'valid', version)],
        securityVersion: 6,
        update: update({ state: 'staged' }),
      }
    case 'switching':
      return {
        activeBank: 'A',
        banks: [bank('A', 'valid', old), bank('B', 'valid', version)],
        securityVersion: 6,
        update: update({ state: 'rebooting' }),
      }
    default:
      return { activeBank: 'A', banks: [bank('A', 'valid', old), bank('B', 'empty')], securityVersion: 6 }
  }
}

/** Rows of a rollout's board: one of each state first, then as a real one stands. */
export const boardRows = (rolloutId: string, udns: readonly string[]): readonly BoardRow[] => {
  const first: readonly BoardState[] = [
    'confirmed',
    'probation',
    'probation',
    'downloading',
    'rolledBack',
    'staged',
    'switching',
    'held',
    'failed',
    'waiting',
    'waiting',
    'waiting',
  ]
  return udns.map((udn, index): BoardRow => {
    const state =
      first[index] ?? (index % 9 === 0 ? 'probation' : index % 5 === 0 ? 'downloading' : 'waiting')
    return {
      rolloutId,
      udn,
      wave: index < 2 ? 0 : index < 8 ? 1 : index < 30 ? 2 : 3,
      state,
      ...(state === 'held' ? {} : { status: statusOf(state, index), statusAtMs: NOW - 20_000 }),
      ...(state === 'failed' ? { error: { code: 'DEADLINE_PASSED' as const } } : {}),
    }
  })
}

const wave = (state: WaveView['state'], total: number, more: Partial<WaveView> = {}): WaveView => ({
  state,
  total,
  waiting: 0,
  working: 0,
  probation: 0,
  confirmed: 0,
  rolledBack: 0,
  failed: 0,
  receivedBytes: 0,
  totalBytes: 0,
  bytesPerS: 0,
  ...more,
})

export const ROLLOUT = 'r-1'

export const rollout = (change: Partial<RolloutView> = {}): RolloutView => ({
  id: ROLLOUT,
  bundleId: bundleId(0x1a),
  model: 'PX-200',
  version: '2.5.0',
  state: 'running',
  plan: {
    bundleId: bundleId(0x1a),
    passPercent: 95,
    soakMinutes: 60,
    errorPercent: 5,
    minimumSample: 5,
    downloadAhead: true,
    window: { from: '22:00', to: '04:00' },
    confirm: 'device',
  },
  waves: [
    wave('passed', 2, { confirmed: 1, probation: 1 }),
    wave('passed', 20, { probation: 19, rolledBack: 1 }),
    wave('running', 40, {
      probation: 12,
      working: 20,
      waiting: 8,
      receivedBytes: 150 * MB,
      totalBytes: 336 * MB,
      bytesPerS: 4.1 * MB,
    }),
    wave('waits', 350, { waiting: 350 }),
  ],
  createdAtMs: NOW - 5 * HOUR,
  ...change,
})

export const SERIAL: Readonly<Record<string, SerialFirmware>> = {
  '/dev/ttyUSB0': {
    path: '/dev/ttyUSB0',
    model: 'PX-200',
    hardwareRevision: 'B2',
    mode: 'swap',
    rollback: true,
    slots: [
      { slot: 0, version: '2.4.0', active: true, confirmed: true, pending: false, bootable: true },
      { slot: 1, version: '2.3.1', active: false, confirmed: false, pending: false, bootable: true },
    ],
  },
  '/dev/ttyUSB1': {
    path: '/dev/ttyUSB1',
    model: 'PX-200',
    mode: 'overwrite-only',
    rollback: false,
    slots: [{ slot: 0, version: '2.4.0', active: true, confirmed: true, pending: false, bootable: true }],
  },
}

export const firmwareSample = (
  udns: readonly string[],
  change: Partial<FirmwareSample> = {},
): FirmwareSample => ({
  bundles: BUNDLES,
  freeBytes: 41_200 * MB,
  rollouts: [
    rollout(),
    rollout({
      id: 'r-0',
      version: '2.4.0',
      bundleId: bundleId(0x2b),
      state: 'done',
      waves: [wave('passed', 2, { confirmed: 2 }), wave('passed', 38, { confirmed: 37, rolledBack: 1 })],
      createdAtMs: NOW - 90 * HOUR,
      endedAtMs: NOW - 40 * HOUR,
    }),
  ],
  rows: { [ROLLOUT]: boardRows(ROLLOUT, udns) },
  cables: SERIAL,
  ...change,
})

export const emptyFirmware = (): FirmwareSample => ({
  bundles: [],
  freeBytes: 41_200 * MB,
  rollouts: [],
  rows: {},
  cables: {},
})
