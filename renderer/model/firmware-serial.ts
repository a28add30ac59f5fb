/** The firmware wizard at a cable: what was found, what blocks, and how the result reads. Pure. */
import type { FirmwareBundle, SerialFirmware } from '../../electron/contract/firmware'
import { isEnded, type Job } from '../../electron/contract/job'

export type SerialLook =
  | { readonly state: 'none' | 'looking' }
  | { readonly state: 'found'; readonly found: SerialFirmware }
  | {
      readonly state: 'failed'
      readonly code: string
      readonly subject?: string | undefined
      readonly detail?: string | undefined
    }

export const SERIAL_STAGES = ['port', 'image', 'watch', 'result'] as const
export type SerialStage = (typeof SERIAL_STAGES)[number]

export type SerialAt =
  | { readonly step: 'port'; readonly path: string; readonly look: SerialLook }
  | { readonly step: 'image'; readonly path: string; readonly found: SerialFirmware }
  | { readonly step: 'job'; readonly path: string; readonly id: string }

/** Where the wizard stands; a job that ended is its result. */
export const serialStage = (at: SerialAt, job: Job | undefined): SerialStage =>
  at.step === 'job' ? (job && isEnded(job.state) ? 'result' : 'watch') : at.step

export type ImageBlock = 'problem' | 'wrong-model' | 'wrong-revision' | 'same-version'

/** Why a bundle is not for the device at the cable. What the device does not say is no reason. */
export const imageBlock = (bundle: FirmwareBundle, found: SerialFirmware): ImageBlock | undefined => {
  const { manifest, problem } = bundle
  if (problem) return 'problem'
  if (found.model !== undefined && found.model !== manifest.model) return 'wrong-model'
  if (found.hardwareRevision !== undefined && !manifest.hardwareRevisions.includes(found.hardwareRevision))
    return 'wrong-revision'
  return found.slots.some((slot) => slot.active && slot.confirmed && slot.version === manifest.version)
    ? 'same-version'
    : undefined
}

export type WayBack = 'swap' | 'none' | 'unknown'

/** Whether a failed start brings the old image back. */
export const wayBack = (found: SerialFirmware): WayBack =>
  found.rollback ? 'swap' : found.mode === 'unknown' ? 'unknown' : 'none'

export interface ImageChoice {
  readonly bundleId: string
  readonly confirm: boolean
  readonly consent: boolean
}

export type ImageProblem = 'no-bundle' | 'consent'

/** What is still missing before it can start. */
export const imageProblem = (choice: ImageChoice, found: SerialFirmware): ImageProblem | undefined => {
  if (choice.bundleId === '') return 'no-bundle'
  return found.rollback || choice.consent ? undefined : 'consent'
}

/** How a finished update over a cable reads: kept for good, on trial until the next restart, or with no way back. */
export const serialOutcome = (job: Job): 'kept' | 'trial' => {
  const confirm = job.steps.find((step) => step.name === 'confirm')
  return confirm?.state === 'done' ? 'kept' : 'trial'
}
