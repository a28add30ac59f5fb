/** What a lane of the station shows and where the next scan goes. Pure. */
import { ERROR_CODES, type ErrorCode } from '../../electron/contract/errors'
import type { Lane, LaneState, StationView } from '../../electron/contract/factory'
import { readLabelText } from '../../electron/contract/label'

/** How the lanes are laid out: fewer lanes have larger words. */
export interface LaneGrid {
  readonly columns: number
  readonly rows: number
  readonly size: 'large' | 'medium' | 'small'
}

/** 1–4 lanes in one row, 5–8 in two, up to 16 in four columns. */
export const gridOf = (count: number): LaneGrid => {
  if (count <= 4) return { columns: Math.max(count, 1), rows: 1, size: 'large' }
  if (count <= 8) return { columns: Math.ceil(count / 2), rows: 2, size: 'medium' }
  return { columns: 4, rows: Math.ceil(count / 4), size: 'small' }
}

/** Each state has a sign besides its word and its ground. */
export const LANE_SIGN = {
  'no-port': 'dash',
  listening: 'dash',
  ready: 'ring',
  assigned: 'next',
  refused: 'warning',
  running: 'dot',
  passed: 'check',
  failed: 'cross',
  locked: 'lock',
} as const satisfies Record<LaneState, string>

/** The sentence under a word: a text of the station, the step that runs, or what to do about an error. */
export type LaneSentence =
  | { readonly kind: 'own'; readonly text: 'listening' | 'scanIt' | 'waitTurn' | 'pressEnter' | 'pressStart' }
  | { readonly kind: 'own'; readonly text: 'printed' | 'printIt' | 'takeOut' }
  | { readonly kind: 'step'; readonly step: string | undefined }
  | { readonly kind: 'error'; readonly code: ErrorCode; readonly subject: string | undefined }

const FALLBACK = {
  'no-port': 'SERIAL_PORT_MISSING',
  refused: 'DEVICE_REFUSED',
  failed: 'DEFECT',
} as const

/** What the lane's person should do now. `marked`: the next scan goes here; `enter`: Enter starts this lane. */
export const sentenceOf = (
  lane: Lane,
  { marked, enter }: { readonly marked: boolean; readonly enter: boolean },
): LaneSentence => {
  const { state, error } = lane
  switch (state) {
    case 'listening':
      return { kind: 'own', text: 'listening' }
    case 'ready':
      return { kind: 'own', text: marked ? 'scanIt' : 'waitTurn' }
    case 'assigned':
      return { kind: 'own', text: enter ? 'pressEnter' : 'pressStart' }
    case 'running':
      return { kind: 'step', step: lane.step }
    case 'passed':
      return { kind: 'own', text: lane.labelPrinted ? 'printed' : lane.canPrint ? 'printIt' : 'takeOut' }
    case 'locked':
      return { kind: 'error', code: 'LANE_LOCKED', subject: undefined }
    default:
      return {
        kind: 'error',
        code: error?.code ?? FALLBACK[state],
        subject: error?.subject ?? lane.serialNumber,
      }
  }
}

/** Whether the next scan may be sent to this lane. */
export const takesNumber = (lane: Lane): boolean => lane.state === 'ready'

/** The lane before or after the marked one that waits for a number, going round; undefined when there is none other. */
export const neighbour = (
  lanes: readonly Lane[],
  marked: number | undefined,
  direction: 1 | -1,
): number | undefined => {
  const open = lanes.filter(takesNumber).map(({ number }) => number)
  const ordered = direction === 1 ? open : open.toReversed()
  const from = marked ?? (direction === 1 ? 0 : Number.POSITIVE_INFINITY)
  const found = ordered.find((number) => (number - from) * direction > 0) ?? ordered[0]
  return found === marked ? undefined : found
}

/** The numbered lane that Enter on an empty field starts, where numbers wait for a second Enter. */
export const enterStarts = ({
  config,
  lanes,
  nextLane,
}: Pick<StationView, 'config' | 'lanes' | 'nextLane'>): Lane | undefined => {
  if (config.startOnScan) return undefined
  const numbered = lanes.filter(({ state }) => state === 'assigned')
  return numbered.find(({ number }) => number === nextLane) ?? numbered[0]
}

/** Whether a failed device is still in its lane, so that a press of a button tries it again. */
export const canTryAgain = ({ state, resumable, model }: Lane): boolean =>
  state === 'failed' && resumable && model !== undefined

/** The failure behind a locked lane, which only the detail of its error names. */
export const causeOfLock = ({ state, error }: Lane): ErrorCode | undefined =>
  state === 'locked' ? ERROR_CODES.find((code) => code === error?.detail) : undefined

/** Lanes whose labels the shortcut prints: those not printed yet, else the only finished one once more. */
export const labelsToPrint = (lanes: readonly Lane[]): readonly number[] => {
  const finished = lanes.filter(({ canPrint }) => canPrint)
  const missing = finished.filter(({ labelPrinted }) => !labelPrinted)
  return (missing.length > 0 ? missing : finished.length === 1 ? finished : []).map(({ number }) => number)
}

/** What may be shown of a scanned text: a whole label has a setup code in it, which is a secret. */
export const shownScan = (text: string): string => {
  const facts = readLabelText(text)
  if (facts) return facts.serialNumber
  return /^IOTMC/i.test(text.trim()) ? '' : text.trim().slice(0, 40)
}

export const NEWS = ['ready', 'passed', 'failed', 'refused', 'locked'] as const satisfies readonly LaneState[]
export type NewsState = (typeof NEWS)[number]
export const isNews = (state: LaneState): state is NewsState => (NEWS as readonly string[]).includes(state)

/** Lanes that came into a state since the last view which a person who cannot see them should hear of. */
export const laneNews = (before: readonly Lane[], after: readonly Lane[]): readonly Lane[] => {
  const known = new Map(before.map((lane) => [lane.number, lane.state]))
  return after.filter(
    ({ number, state }) => known.has(number) && known.get(number) !== state && isNews(state),
  )
}
