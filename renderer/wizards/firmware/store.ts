/** Where the technician is in firmware: kept while other screens are looked at. */
import { create } from 'zustand'
import type { Fit } from '../../../electron/contract/firmware'
import type { Job } from '../../../electron/contract/job'
import { asCallError, type CallError } from '../../bridge'
import { FIRST_PLAN, type PlanForm, planOf } from '../../model/firmware-plan'
import type { ImageChoice, SerialAt, SerialLook } from '../../model/firmware-serial'
import { loadFits, lookAtCable, startRollout, updateOverCable } from '../../stores/firmware'
import { retryJobs, useJobs } from '../../stores/jobs'
import { go } from '../../stores/view'

export const FIRMWARE_STEPS = ['bundle', 'devices', 'plan'] as const
export type FirmwareStep = (typeof FIRMWARE_STEPS)[number]

export interface WizardPlace {
  readonly at: 'wizard'
  readonly step: FirmwareStep
  readonly bundleId: string
  /** Asked anew each time the devices are shown. */
  readonly fits: readonly Fit[] | undefined
  readonly fitsError: CallError | undefined
  readonly chosen: ReadonlySet<string>
  readonly form: PlanForm
}

export type FirmwarePlace =
  | { readonly at: 'home' }
  | WizardPlace
  | { readonly at: 'rollout'; readonly id: string }
  | { readonly at: 'serial' }

const NO_CHOICE: ImageChoice = { bundleId: '', confirm: false, consent: false }
const NO_PORT: SerialAt = { step: 'port', path: '', look: { state: 'none' } }

interface FirmwareWizard {
  readonly place: FirmwarePlace
  readonly serial: SerialAt
  readonly choice: ImageChoice
}

export const useFirmwareWizard = create<FirmwareWizard>(() => ({
  place: { at: 'home' },
  serial: NO_PORT,
  choice: NO_CHOICE,
}))

const { getState, setState } = useFirmwareWizard
const to = (place: FirmwarePlace) => {
  setState({ place })
  go('firmware')
}

export const showFirmware = (): void => to({ at: 'home' })
export const showRollout = (id: string): void => to({ at: 'rollout', id })

/** Opens the wizard on a bundle, or on the question which one; some devices may be chosen already. */
export const beginRollout = (bundleId = '', udns: readonly string[] = []): void =>
  to({
    at: 'wizard',
    step: 'bundle',
    bundleId,
    fits: undefined,
    fitsError: undefined,
    chosen: new Set(udns),
    form: FIRST_PLAN,
  })

const change = (part: Partial<WizardPlace>): void => {
  const { place } = getState()
  if (place.at === 'wizard') setState({ place: { ...place, ...part } })
}

export const chooseBundle = (bundleId: string): void => change({ bundleId, fits: undefined })
export const setForm = (part: Partial<PlanForm>): void => {
  const { place } = getState()
  if (place.at === 'wizard') change({ form: { ...place.form, ...part } })
}
export const chooseDevices = (udns: Iterable<string>): void => change({ chosen: new Set(udns) })
export const toggleDevice = (udn: string): void => {
  const { place } = getState()
  if (place.at !== 'wizard') return
  const chosen = new Set(place.chosen)
  if (!chosen.delete(udn)) chosen.add(udn)
  change({ chosen })
}

/** Holds every device against the bundle; an answer that comes too late for another bundle is dropped. */
export const askFits = async (): Promise<void> => {
  const { place } = getState()
  if (place.at !== 'wizard') return
  const { bundleId } = place
  const isStill = () => {
    const now = getState().place
    return now.at === 'wizard' && now.bundleId === bundleId
  }
  change({ fitsError: undefined })
  try {
    const fits = await loadFits(bundleId)
    if (isStill()) change({ fits })
  } catch (thrown) {
    if (isStill()) change({ fitsError: asCallError(thrown) })
  }
}

export const showDevicesStep = (): void => {
  change({ step: 'devices', fits: undefined })
  void askFits()
}
export const showBundleStep = (): void => change({ step: 'bundle' })
export const showPlanStep = (): void => change({ step: 'plan' })

/** Starts the rollout with devices in this order and shows its board. Throws CallError. */
export const startPlanned = async (udns: readonly string[]): Promise<void> => {
  const { place } = getState()
  if (place.at !== 'wizard') return
  const id = await startRollout(planOf(place.form, place.bundleId, udns))
  showRollout(id)
}

/** Opens the wizard at the cable, where it was left unless that is over. */
export const showSerial = (): void => to({ at: 'serial' })
export const restartSerial = (): void => setState({ serial: NO_PORT, choice: NO_CHOICE })

/** Opens the wizard at the cable with a bundle of the library chosen. */
export const beginSerial = (bundleId = ''): void => {
  const { serial } = getState()
  const job = serial.step === 'job' ? useJobs.getState().byId.get(serial.id) : undefined
  const isRunning =
    job !== undefined && job.state !== 'done' && job.state !== 'failed' && job.state !== 'cancelled'
  if (!isRunning) setState({ serial: NO_PORT, choice: { ...NO_CHOICE, bundleId } })
  showSerial()
}

/** Opens the wizard on a job that exists already: it is a view of it. */
export const showSerialJob = (job: Job): void => {
  setState({ serial: { step: 'job', path: job.subject, id: job.id } })
  showSerial()
}

export const choosePort = (path: string): void =>
  setState({ serial: { step: 'port', path, look: { state: 'none' } } })

const told = (path: string, look: SerialLook) => {
  const { serial } = getState()
  if (serial.step === 'port' && serial.path === path) setState({ serial: { step: 'port', path, look } })
}

/** Asks what lies in the slots at the end of the cable. */
export const lookAtSlots = async (path: string): Promise<void> => {
  told(path, { state: 'looking' })
  try {
    told(path, { state: 'found', found: await lookAtCable(path) })
  } catch (thrown) {
    const { code, subject, detail } = asCallError(thrown)
    told(path, { state: 'failed', code, subject, detail })
  }
}

export const goToImage = (): void => {
  const { serial } = getState()
  if (serial.step === 'port' && serial.look.state === 'found')
    setState({ serial: { step: 'image', path: serial.path, found: serial.look.found } })
}
export const backToPort = (): void => {
  const { serial } = getState()
  if (serial.step === 'image')
    setState({ serial: { step: 'port', path: serial.path, look: { state: 'found', found: serial.found } } })
}
export const setChoice = (part: Partial<ImageChoice>): void =>
  setState(({ choice }) => ({ choice: { ...choice, ...part } }))

/** Starts the job at the cable; from here on the wizard only shows it. Throws CallError. */
export const startSerial = async (): Promise<void> => {
  const { serial, choice } = getState()
  if (serial.step !== 'image') return
  const id = await updateOverCable({ path: serial.path, ...choice })
  setState({ serial: { step: 'job', path: serial.path, id } })
}

export const retrySerial = (id: string): Promise<void> => retryJobs([id])
