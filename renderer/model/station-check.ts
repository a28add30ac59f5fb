/** What the station still lacks before it can be started. Pure. */
import type { AuthorityView, SerialRange, StationView } from '../../electron/contract/factory'

export const STATION_NEEDS = ['authority', 'numbers', 'lane', 'supervisor', 'ledger'] as const
export type StationNeed = (typeof STATION_NEEDS)[number]

/** Each with a text of its own: `factory.check.<need>.<how>`. */
export type StationCheck =
  | { readonly need: 'authority'; readonly ok: boolean; readonly how: AuthorityView['state'] }
  | { readonly need: 'numbers'; readonly ok: boolean; readonly how: 'counted' | 'scanned' | 'used-up' }
  | { readonly need: 'lane'; readonly ok: boolean; readonly how: 'some' | 'none' }
  | { readonly need: 'supervisor'; readonly ok: boolean; readonly how: 'some' | 'none' }
  | { readonly need: 'ledger'; readonly ok: false; readonly how: 'broken' }

/** Without a range for the model every number is scanned; with ranges that are used up nothing more can be made. */
const numbersOf = (view: StationView, ranges: readonly SerialRange[]): 'counted' | 'scanned' | 'used-up' => {
  if (view.nextSerialNumber !== undefined) return 'counted'
  return ranges.some((range) => range.model === view.config.model) ? 'used-up' : 'scanned'
}

/** Every need in the order of the tabs; the ledger only when it is broken. */
export const stationChecks = (view: StationView, ranges: readonly SerialRange[]): readonly StationCheck[] => {
  const numbers = numbersOf(view, ranges)
  const lanes = view.config.lanes.length > 0
  const supervisor = view.people.some((person) => person.role === 'supervisor')
  return [
    { need: 'authority', ok: view.authority.state === 'ready', how: view.authority.state },
    { need: 'numbers', ok: numbers !== 'used-up', how: numbers },
    { need: 'lane', ok: lanes, how: lanes ? 'some' : 'none' },
    { need: 'supervisor', ok: supervisor, how: supervisor ? 'some' : 'none' },
    ...(view.ledgerProblem === undefined
      ? []
      : [{ need: 'ledger' as const, ok: false as const, how: 'broken' as const }]),
  ]
}

/** What a person does next about the authority. */
export type AuthorityNext =
  | 'root'
  | 'request'
  | 'sign'
  | 'carry'
  | 'ready'
  | 'ending'
  | 'renew-expired'
  | 'renew-exhausted'

const ENDING_DAYS = 30
const ENDING_SHARE = 0.9

export const authorityNext = (view: AuthorityView, nowMs: number): AuthorityNext => {
  if (view.state === 'ready' && view.requestPem === undefined) {
    const leftDays = view.notAfter === undefined ? Infinity : (Date.parse(view.notAfter) - nowMs) / 86_400_000
    return leftDays < ENDING_DAYS || quotaShare(view) >= ENDING_SHARE ? 'ending' : 'ready'
  }
  if (view.requestPem !== undefined) return view.rootHere ? 'sign' : 'carry'
  if (view.state === 'expired') return 'renew-expired'
  if (view.state === 'exhausted') return 'renew-exhausted'
  return view.rootHere ? 'request' : 'root'
}

/** Used part of the quota, 0…1; 0 without one. */
export const quotaShare = ({ issued, quota }: Pick<AuthorityView, 'issued' | 'quota'>): number =>
  quota === undefined || quota === 0 ? 0 : Math.min(issued / quota, 1)

/** A name as part of a file name that every system takes. */
export const fileName = (name: string, ending: string): string =>
  `${
    name
      .normalize('NFKD')
      .replace(/[^A-Za-z0-9 ._-]/g, '')
      .trim()
      .slice(0, 60)
      .replace(/^\.+/, '') || 'file'
  }${ending}`
