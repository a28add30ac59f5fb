/** Which step of a device may follow which, as one pure function: the ledger writes nothing that it refuses. */
import type { UnitState } from '../contract/factory'
import type { StepName } from '../contract/job'

/** How far a serial number's device has come. */
export interface Progress {
  readonly state: UnitState
  /** Begun, its end not on record. */
  readonly openStep?: StepName | undefined
  readonly attempts: number
  readonly lastErrorCode?: string | undefined
  /** A certificate is on record. */
  readonly certified: boolean
}

export type UnitEvent =
  | { readonly type: 'resumed' }
  | { readonly type: 'begun' | 'done'; readonly step: StepName }
  | { readonly type: 'failed'; readonly step: StepName; readonly code: string }
  | { readonly type: 'signing' | 'issued' | 'burned' | 'scrapped' }

/** The progress after an event, `unchanged` where it is on record already, or why the event may not follow. */
export type Followed =
  | { readonly next: Progress }
  | { readonly unchanged: true }
  | { readonly refused: string }

/** A unit as it is right after its number was reserved for a board. */
export const FRESH: Progress = { state: 'reserved', attempts: 1, certified: false }

/** The way of a device to its end, in order. */
export const UNIT_WAY = [
  'reserved',
  'keyed',
  'issued',
  'installed',
  'verified',
  'proven',
  'locked',
  'complete',
] as const satisfies readonly UnitState[]
type WayState = (typeof UNIT_WAY)[number]

/** State that a step needs at least, and the one it leads to. Steps that are not here have no place in a ledger. */
export const UNIT_STEPS = {
  connect: { needs: 'reserved' },
  reserve: { needs: 'reserved' },
  keygen: { needs: 'reserved', gives: 'keyed' },
  'check-request': { needs: 'keyed' },
  issue: { needs: 'keyed', gives: 'issued' },
  install: { needs: 'issued', gives: 'installed' },
  'read-back': { needs: 'installed', gives: 'verified' },
  'self-test': { needs: 'verified', gives: 'proven' },
  lock: { needs: 'proven', gives: 'locked' },
  complete: { needs: 'locked', gives: 'complete' },
} as const satisfies Partial<Record<StepName, { needs: WayState; gives?: WayState }>>

/** Whether a unit takes no more steps: its number will never be worked on again. */
export const isWithdrawn = (state: UnitState): boolean => state === 'burned' || state === 'scrapped'
/** Whether a device is still on its way. */
export const isUnfinished = (state: UnitState): boolean => !isWithdrawn(state) && state !== 'complete'

/** Applies one event. A step may be repeated at any later state, and never skips one. */
export const follow = (now: Progress, event: UnitEvent): Followed => {
  if (event.type === 'burned' || event.type === 'scrapped') return withdraw(now, event.type)
  if (isWithdrawn(now.state)) return { refused: `the number is ${now.state}` }
  // A finished device is not touched any more; a step that ends twice is no news.
  if (now.state === 'complete')
    return event.type === 'signing' || event.type === 'issued'
      ? { refused: 'the device is complete' }
      : { unchanged: true }
  switch (event.type) {
    case 'resumed':
      return again(now) === now ? { unchanged: true } : { next: { ...again(now), openStep: undefined } }
    case 'begun':
      return begin(now, event.step)
    case 'done':
      return end(now, event.step)
    case 'failed':
      return { next: { ...now, openStep: undefined, lastErrorCode: event.code } }
    case 'signing':
      if (now.certified) return { refused: 'it has its certificate' }
      return hasKey(now) ? { next: now } : { refused: 'it has no key yet' }
    case 'issued':
      if (now.certified) return { unchanged: true }
      if (!hasKey(now)) return { refused: 'it has no key yet' }
      return { next: { ...now, certified: true, state: further(now.state, 'issued') } }
  }
}

const withdraw = (now: Progress, state: 'burned' | 'scrapped'): Followed => {
  if (now.state === state) return { unchanged: true }
  if (isWithdrawn(now.state)) return { refused: `the number is ${now.state}` }
  const complete = now.state === 'complete'
  if (state === 'burned' && complete) return { refused: 'its device is complete: it can be scrapped' }
  if (state === 'scrapped' && !complete) return { refused: 'its device is not complete: it can be burned' }
  return { next: { ...now, state, openStep: undefined } }
}

const begin = (now: Progress, step: StepName): Followed => {
  const facts = factsOf(step)
  if (!facts) return { refused: `${step} is no step of a device` }
  if (rank(now.state) < rank(facts.needs)) return { refused: `${step} can not follow ${now.state}` }
  return { next: { ...again(now), openStep: step } }
}

const end = (now: Progress, step: StepName): Followed => {
  const facts = factsOf(step)
  if (!facts) return { refused: `${step} is no step of a device` }
  const { gives } = facts
  if (now.openStep !== step)
    return gives === undefined || rank(now.state) >= rank(gives)
      ? { unchanged: true }
      : { refused: `${step} was not begun` }
  if (gives !== undefined && rank(gives) >= rank('issued') && !now.certified)
    return { refused: `${step} without a certificate` }
  return { next: { ...now, openStep: undefined, state: gives ? further(now.state, gives) : now.state } }
}

// Begun again after a failure, or after a stop in the middle of a step: one attempt more.
const again = (now: Progress): Progress =>
  now.openStep === undefined && now.lastErrorCode === undefined
    ? now
    : { ...now, attempts: now.attempts + 1, lastErrorCode: undefined }

const factsOf = (step: StepName): { readonly needs: WayState; readonly gives?: WayState } | undefined =>
  Object.hasOwn(UNIT_STEPS, step) ? UNIT_STEPS[step as keyof typeof UNIT_STEPS] : undefined

const hasKey = (now: Progress): boolean => rank(now.state) >= rank('keyed')
const rank = (state: UnitState): number => UNIT_WAY.indexOf(state as WayState)
const further = (a: UnitState, b: WayState): UnitState => (rank(a) >= rank(b) ? a : b)
