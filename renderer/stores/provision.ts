/** The provision wizard's state: kept while the technician looks at other screens, except for what is secret. */
import { create } from 'zustand'
import { isEnded, type Job } from '../../electron/contract/job'
import type { LabelFacts } from '../../electron/contract/label'
import { asCallError, call } from '../bridge'
import {
  type Look,
  type ProvisionRoad,
  type ProvisionStep,
  type Target,
  targetOfJob,
} from '../model/provision'
import { reload, retryJobs, useJobs } from './jobs'
import { go } from './view'

interface Provision {
  readonly at: ProvisionStep
  /** Held until the job has them or the screen is left; never stored. */
  readonly code: string
  readonly credential: string
  /** The name of the network is the same for the next device. */
  readonly ssid: string
  readonly wired: boolean
  /** Wrong codes for this device in a row, as this window saw them. */
  readonly wrongCodes: number
}

const NO_SECRETS = { code: '', credential: '' } as const
const EMPTY: Readonly<Record<ProvisionRoad, Target>> = {
  serial: { via: 'serial', path: '', look: { state: 'none' } },
  network: { via: 'network', udn: '' },
}

export const useProvision = create<Provision>(() => ({
  at: { step: 'where', target: EMPTY.serial },
  ...NO_SECRETS,
  ssid: '',
  wired: false,
  wrongCodes: 0,
}))

const { getState, setState } = useProvision
const to = (at: ProvisionStep) => setState({ at })

const isOver = (at: ProvisionStep): boolean => {
  if (at.step !== 'job') return false
  const job = useJobs.getState().byId.get(at.id)
  return job === undefined || isEnded(job.state)
}

/** Opens the wizard, on a device of the setup network if one is given; else where it was left, unless that is over. */
export const startProvision = (udn?: string): void => {
  if (udn !== undefined) chooseDevice(udn)
  else if (isOver(getState().at)) restartProvision()
  go('provision')
}

/** Opens the wizard on a job that exists already: it is a view of it. */
export const showProvision = (job: Job): void => {
  const { at } = getState()
  if (at.step !== 'job' || at.id !== job.id) {
    setState({ ...NO_SECRETS, wrongCodes: 0, ...(job.params.ssid ? { ssid: job.params.ssid } : {}) })
    to({ step: 'job', target: targetOfJob(job), id: job.id })
  }
  go('provision')
}

export const restartProvision = (via: ProvisionRoad = getState().at.target.via): void =>
  setState({ at: { step: 'where', target: EMPTY[via] }, ...NO_SECRETS, wrongCodes: 0 })

export const chooseRoad = (via: ProvisionRoad): void => {
  if (getState().at.target.via !== via) restartProvision(via)
}

export const chooseDevice = (udn: string): void =>
  setState({ at: { step: 'where', target: { via: 'network', udn } }, ...NO_SECRETS, wrongCodes: 0 })

/** A scanned label names the device and carries its code. */
export const takeLabel = ({ udn, setupCode }: LabelFacts): void => {
  chooseDevice(udn)
  setState({ code: setupCode })
}

export const choosePort = (path: string): void =>
  to({ step: 'where', target: { via: 'serial', path, look: { state: 'none' } } })

const told = (path: string, look: Look) => {
  const { at } = getState()
  if (at.step === 'where' && at.target.via === 'serial' && at.target.path === path)
    to({ step: 'where', target: { via: 'serial', path, look } })
}

/** Asks what speaks at the end of the cable. */
export const lookAtPort = async (path: string): Promise<void> => {
  told(path, { state: 'looking' })
  try {
    told(path, { state: 'found', device: await call('provision.look', { path }) })
  } catch (thrown) {
    const { code, subject, detail } = asCallError(thrown)
    told(path, { state: 'failed', code, ...(subject ? { subject } : {}), ...(detail ? { detail } : {}) })
  }
}

export const setCode = (code: string): void => setState({ code })
export const setNetwork = (change: Partial<Pick<Provision, 'ssid' | 'credential' | 'wired'>>): void =>
  setState(change)

/** To the next question; a label that was scanned has answered the code already. */
export const goOn = (): void => {
  const { at, code } = getState()
  if (at.step === 'where' && at.target.via === 'network' && code === '')
    to({ step: 'code', target: at.target })
  else to({ step: 'network', target: at.target })
}

export const goBack = (): void => {
  const { at } = getState()
  const { target } = at
  if (at.step === 'network' && target.via === 'network') to({ step: 'code', target })
  else to({ step: 'where', target })
}

/** Starts the job; from here on the wizard only shows it, and forgets the secrets. Throws CallError. */
export const startProvisioning = async (): Promise<void> => {
  const { at, code, credential, ssid, wired } = getState()
  const network = wired ? { ssid: '', credential: '' } : { ssid, credential }
  const { target } = at
  const id = await call(
    'provision.start',
    target.via === 'network'
      ? { via: 'network', udn: target.udn, setupCode: code, ...network }
      : { via: 'serial', path: target.path, ...network },
  )
  setState({ at: { step: 'job', target, id }, ...NO_SECRETS })
  await reload()
}

/** Back to the first secret, because one was wrong or the job has forgotten them. */
export const askAgain = (wrongCode: boolean): void => {
  const { at, wrongCodes } = getState()
  const { target } = at
  setState({ ...NO_SECRETS, wrongCodes: wrongCode ? wrongCodes + 1 : wrongCodes })
  to(target.via === 'network' ? { step: 'code', target } : { step: 'network', target })
}

/** The same again; where the job has forgotten its secrets they are asked for. Throws CallError. */
export const retryProvisioning = async (id: string): Promise<void> => {
  try {
    await retryJobs([id])
  } catch (thrown) {
    if (asCallError(thrown).code !== 'SECRET_NEEDED') throw thrown
    askAgain(false)
  }
}

/** Leaving the screen: nothing secret stays behind, and the questions that it answered come again. */
export const forgetSecrets = (): void => {
  const { at, code, credential } = getState()
  if (code === '' && credential === '') return
  setState(NO_SECRETS)
  if (at.step === 'network' && at.target.via === 'network') to({ step: 'code', target: at.target })
}
