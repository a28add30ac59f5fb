import {
  type AuthorityView,
  DEFAULT_STATION_CONFIG,
  type Lane,
  type LaneState,
  type StationView,
} from '../../../electron/contract/factory'

const DAY = 86_400_000

const TAKTS = [11_200, 10_900, 11_800, 14_900, 11_100, 10_700, 11_300, 12_600, 11_000, 10_800, 11_400, 11_600]
const EMPTY = { percent: 0, resumable: false, labelPrinted: false, canPrint: false, failuresInRow: 0 }

/** A lane in a state, with what goes with it. */
export const lane = (number: number, state: LaneState, change: Partial<Lane> = {}): Lane => {
  const serialNumber = `PX200-0${1200 + number}`
  const away = change.error === undefined && state === 'failed'
  const present = state !== 'listening' && state !== 'no-port'
  const numbered = present && state !== 'ready' && state !== 'refused' && state !== 'locked'
  return {
    number,
    path: `/dev/ttyUSB${number - 1}`,
    state,
    ...EMPTY,
    ...(present && !away ? { model: 'PX-200', keyStorage: 'secure-element' as const } : {}),
    ...(numbered ? { serialNumber, udn: `uuid:2fac1234-31f8-11b4-a222-0000000012${10 + number}` } : {}),
    ...(state === 'running' ? { step: 'read-back', percent: 61, jobId: `job-${number}` } : {}),
    ...(state === 'passed' ? { percent: 100, canPrint: true, labelPrinted: true } : {}),
    ...(state === 'failed'
      ? {
          step: 'install',
          percent: 44,
          resumable: true,
          failuresInRow: 1,
          error: { code: 'SERIAL_UNPLUGGED' },
        }
      : {}),
    ...(state === 'locked'
      ? {
          failuresInRow: 3,
          error: { code: 'LANE_LOCKED', subject: `lane ${number}`, detail: 'SELF_TEST_FAILED' },
        }
      : {}),
    ...(state === 'refused' ? { error: { code: 'WRONG_MODEL', subject: 'GC-10' } } : {}),
    ...(state === 'no-port'
      ? { error: { code: 'SERIAL_PORT_MISSING', subject: `/dev/ttyUSB${number - 1}` } }
      : {}),
    passed: 90 + number * 3,
    failed: number % 3,
    taktsMs: TAKTS.map((takt, at) => takt * 4 + ((number * 7 + at * 13) % 9) * 400),
    ...change,
  }
}

/** PASS, 61 %, FAIL, Ready: the four that a shift sees most. */
export const fourLanes = (): readonly Lane[] => [
  lane(1, 'passed'),
  lane(2, 'running'),
  lane(3, 'failed', { serialNumber: 'PX200-01199' }),
  lane(4, 'ready'),
]

const MIXED: readonly LaneState[] = [
  'passed',
  'running',
  'failed',
  'ready',
  'listening',
  'running',
  'refused',
  'locked',
  'running',
  'passed',
  'no-port',
  'assigned',
  'running',
  'ready',
  'passed',
  'running',
]
const STEPS = ['keygen', 'install', 'read-back', 'lock', 'self-test', 'issue'] as const

/** As many lanes as asked, every state among them. */
export const mixedLanes = (count: number): readonly Lane[] =>
  Array.from({ length: count }, (_, at) => {
    const state = MIXED[at % MIXED.length] ?? 'ready'
    return lane(at + 1, state, {
      ...(state === 'running'
        ? { step: STEPS[at % STEPS.length] ?? 'lock', percent: 8 + ((at * 29) % 90) }
        : {}),
      ...(at === 0 ? { labelPrinted: false } : {}),
      ...(at === 5 ? { keyStorage: 'flash' as const } : {}),
    })
  })

export const authority = (nowMs = Date.now(), change: Partial<AuthorityView> = {}): AuthorityView => ({
  state: 'ready',
  commonName: 'Line 4',
  fingerprint: '4F:21:9C:03:8A:77:10:E2',
  rootName: 'Example root',
  rootFingerprint: '90:11:AC:52:73:B0:5D:18',
  notAfter: new Date(nowMs + 70 * DAY).toISOString(),
  quota: 10_000,
  issued: 5_188,
  ...change,
})

export const OPERATOR = { name: 'Operator 17', role: 'operator' } as const
export const SUPERVISOR = { name: 'Supervisor 2', role: 'supervisor' } as const
/** What the played main process takes as PIN of each person. */
export const PINS: Readonly<Record<string, string>> = { 'Operator 17': '1234', 'Supervisor 2': '9876' }

/** A station in the middle of a shift. */
export const stationView = (change: Partial<StationView> = {}): StationView => {
  const lanes = change.lanes ?? [...fourLanes()]
  const nextLane = lanes.find(({ state }) => state === 'ready')?.number
  return {
    active: true,
    signedIn: OPERATOR,
    people: [OPERATOR, SUPERVISOR],
    pinWaitS: 0,
    config: {
      ...DEFAULT_STATION_CONFIG,
      lineName: 'Line 4',
      lanes: lanes.map(({ path }) => path),
    },
    authority: authority(),
    ...(nextLane === undefined ? {} : { nextLane }),
    nextSerialNumber: 'PX200-01204',
    counts: {
      passed: 388,
      failed: 5,
      firstPass: 388,
      taktMs: 11_400,
      perFiveMinutes: [26, 28, 27, 30, 29, 20, 6, 29, 30, 31, 31, 29],
    },
    ...change,
    lanes,
  }
}

/** A station that is set up and not entered: what the rest of the program sees. */
export const restingStation = (): StationView => {
  const { signedIn: _, nextLane: __, ...view } = stationView({ active: false, lanes: [] })
  return view
}
