/** When and in which waves: what is typed, what it means, and what stops it from being started. Pure. */
import type { RolloutPlan } from '../../electron/contract/firmware'
import { wavesOf } from '../../electron/contract/waves'
import { utcInput } from './firmware-figures'

/** The form as typed. */
export interface PlanForm {
  readonly canary: number
  /** "10, 50, 100": how much of all devices has been reached after each further wave. */
  readonly shares: string
  readonly passPercent: number
  readonly soakMinutes: number
  readonly errorPercent: number
  readonly minimumSample: number
  readonly downloadAhead: boolean
  readonly startLater: boolean
  /** In UTC, as the field shows it. */
  readonly startAt: string
  readonly useWindow: boolean
  readonly from: string
  readonly to: string
  readonly confirm: RolloutPlan['confirm']
}

export const FIRST_PLAN: PlanForm = {
  canary: 2,
  shares: '10, 50, 100',
  passPercent: 95,
  soakMinutes: 60,
  errorPercent: 5,
  minimumSample: 5,
  downloadAhead: true,
  startLater: false,
  startAt: '',
  useWindow: false,
  from: '22:00',
  to: '04:00',
  confirm: 'device',
}

const WAVES_MAX = 20

/** "10, 50, 100" → [10, 50, 100]; undefined unless it grows up to 100. Empty = all the rest at once. */
export const parseShares = (text: string): readonly number[] | undefined => {
  const parts = text
    .split(/[\s,;%]+/)
    .filter(Boolean)
    .map(Number)
  if (parts.length === 0) return [100]
  if (parts.length > WAVES_MAX - 1) return undefined
  const grows = parts.every((one, index) => one > (parts[index - 1] ?? 0) && one <= 100)
  if (!grows) return undefined
  return parts.at(-1) === 100 ? parts : [...parts, 100]
}

/** The waves that a form means for devices in this order. */
export const wavesFor = (form: PlanForm, udns: readonly string[]): readonly (readonly string[])[] =>
  wavesOf(udns, { canary: form.canary, percents: parseShares(form.shares) ?? [100] })

export type PlanProblem =
  | 'no-devices'
  | 'canary'
  | 'shares'
  | 'pass'
  | 'soak'
  | 'errors'
  | 'sample'
  | 'start'
  | 'past'
  | 'window'

const HHMM = /^([01]\d|2[0-3]):[0-5]\d$/
const whole = (value: number, min: number, max: number) =>
  Number.isInteger(value) && value >= min && value <= max
const inRange = (value: number, min: number, max: number) =>
  Number.isFinite(value) && value >= min && value <= max

/** What has to be put right before it can start: the first one, in the order of the form. */
export const planProblem = (form: PlanForm, devices: number, nowMs: number): PlanProblem | undefined => {
  if (devices === 0) return 'no-devices'
  if (!whole(form.canary, 0, 5000)) return 'canary'
  if (!parseShares(form.shares)) return 'shares'
  if (!inRange(form.passPercent, 0, 100)) return 'pass'
  if (!inRange(form.soakMinutes, 0, 43_200)) return 'soak'
  if (!inRange(form.errorPercent, 0, 100)) return 'errors'
  if (!whole(form.minimumSample, 1, 5000)) return 'sample'
  if (form.startLater) {
    const startMs = utcInput(form.startAt)
    if (startMs === undefined) return 'start'
    // The minute that is typed has begun already when it is now.
    if (startMs < nowMs - 60_000) return 'past'
  }
  const windowIsRight = HHMM.test(form.from) && HHMM.test(form.to) && form.from !== form.to
  return form.useWindow && !windowIsRight ? 'window' : undefined
}

/** The plan that a form without problems means. */
export const planOf = (form: PlanForm, bundleId: string, udns: readonly string[]): RolloutPlan => {
  const startMs = form.startLater ? utcInput(form.startAt) : undefined
  return {
    bundleId,
    waves: wavesFor(form, udns).map((wave) => ({ udns: [...wave] })),
    passPercent: form.passPercent,
    soakMinutes: form.soakMinutes,
    errorPercent: form.errorPercent,
    minimumSample: form.minimumSample,
    downloadAhead: form.downloadAhead,
    ...(startMs === undefined ? {} : { startAt: new Date(startMs).toISOString() }),
    ...(form.useWindow ? { window: { from: form.from, to: form.to } } : {}),
    confirm: form.confirm,
  }
}

/** How many of the sentences about the plan apply, in order: keys of locales/firmware `will`. */
export type WillKey =
  | 'startNow'
  | 'startAt'
  | 'downloadAhead'
  | 'downloadByWave'
  | 'window'
  | 'noWindow'
  | 'passSoak'
  | 'passNow'
  | 'oneWave'
  | 'errors'
  | 'confirmDevice'
  | 'confirmSoak'
  | 'silent'
  | 'safe'

export const willHappen = (form: PlanForm, waves: number): readonly WillKey[] => [
  form.startLater ? 'startAt' : 'startNow',
  form.downloadAhead && waves > 1 ? 'downloadAhead' : 'downloadByWave',
  form.useWindow ? 'window' : 'noWindow',
  waves === 1 ? 'oneWave' : form.soakMinutes > 0 ? 'passSoak' : 'passNow',
  'errors',
  form.confirm === 'device' ? 'confirmDevice' : 'confirmSoak',
  'silent',
  'safe',
]
