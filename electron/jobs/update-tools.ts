/** What an update needs of the site, each one short sentence about the world. */
import type { BankStatus, BoardState, Manifest, RolloutPlan } from '../contract/firmware'
import type { Job } from '../contract/job'
import type { Clock } from '../net/clock'
import type { LifecycleState } from './device-link'

/** What may be done now, by the rollout that a job belongs to. */
export interface UpdateGate {
  mayDownload(job: Job): boolean
  mayActivate(job: Job): boolean
  mayConfirm(job: Job): boolean
  /** Called whenever one of these answers may have changed, with time or by a person. */
  onChange(listener: () => void): () => void
}

/** A device's place on the board. */
export interface UpdateNews {
  readonly state: BoardState
  /** What the device has just answered. */
  readonly status?: BankStatus
  /** When it counts as failed if nothing more is heard of it. */
  readonly deadlineMs?: number
}

/** The rollout's part of what a job is to do; kept as long as the rollout, whatever becomes of the bundle. */
export interface UpdateOrder {
  readonly manifest: Manifest
  readonly confirm: RolloutPlan['confirm']
  readonly soakMinutes: number
}

export interface UpdateTools {
  readonly clock: Clock
  readonly gate: UpdateGate
  isOnline(udn: string): boolean
  /** Whether its events arrive, so that it need not be asked often. */
  isHeard(udn: string): boolean
  /** Calls back when an event of this device has come, or its presence has changed. */
  onWake(udn: string, listener: () => void): () => void
  /** GetLifecycleState. Errors: those of the link. */
  state(udn: string, signal: AbortSignal): Promise<LifecycleState>
  /** GetBankStatus, read. Errors: those of the link, BAD_ANSWER. */
  status(udn: string, signal: AbortSignal): Promise<BankStatus>
  /** An action of Firmware:1. Errors: those of the link and of the device. */
  call(
    udn: string,
    action: string,
    args: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string>>>
  /** Errors: ROLLOUT_UNKNOWN. */
  orderOf(job: Job): UpdateOrder
  /** Whether the bundle can still be had here. Errors: BUNDLE_UNKNOWN, or what has become wrong with it. */
  requireBundle(job: Job): void
  tell(job: Job, news: UpdateNews): void
  /** Keeps the version that was read back. */
  remember(udn: string, known: { readonly firmwareVersion: string }): void
}
