/** The provision wizard as a union of named steps; watching and the result are read off the job. Pure. */
import type { Device } from '../../electron/contract/device'
import { isEnded, type Job } from '../../electron/contract/job'
import type { ProvisionRequest, SerialDevice } from '../../electron/contract/provision'

export type ProvisionRoad = ProvisionRequest['via']

export type Look =
  | { readonly state: 'none' }
  | { readonly state: 'looking' }
  | { readonly state: 'found'; readonly device: SerialDevice }
  | { readonly state: 'failed'; readonly code: string; readonly subject?: string; readonly detail?: string }

/** The device that was chosen, by its road. */
export type Target =
  | { readonly via: 'serial'; readonly path: string; readonly look: Look }
  | { readonly via: 'network'; readonly udn: string }

export type ProvisionStep =
  | { readonly step: 'where'; readonly target: Target }
  | { readonly step: 'code'; readonly target: Extract<Target, { via: 'network' }> }
  | { readonly step: 'network'; readonly target: Target }
  | { readonly step: 'job'; readonly target: Target; readonly id: string }

/** The setup code is asked on the network road only: at a cable the cable is the proof of being there. */
export const STAGES = {
  serial: ['where', 'network', 'watch', 'result'],
  network: ['where', 'code', 'network', 'watch', 'result'],
} as const
export type ProvisionStage = (typeof STAGES)[ProvisionRoad][number]

export const stageOfProvision = (at: ProvisionStep, job: Job | undefined): ProvisionStage => {
  if (at.step !== 'job') return at.step
  return job && isEnded(job.state) ? 'result' : 'watch'
}

/** UDN of the device, where it is known yet. */
export const targetUdn = (target: Target): string | undefined => {
  if (target.via === 'network') return target.udn || undefined
  return target.look.state === 'found' ? target.look.device.udn : undefined
}

export type SerialBlock =
  | 'not-looked'
  | 'looking'
  | 'not-found'
  | 'no-identity'
  | 'not-trusted'
  | 'has-site'
  | 'busy'

/** Why the device at the cable can not be given a network now. In commissioning the network can be given once more. */
export const serialBlock = (look: Look): SerialBlock | undefined => {
  if (look.state === 'none') return 'not-looked'
  if (look.state === 'looking') return 'looking'
  if (look.state === 'failed') return 'not-found'
  const { device } = look
  if (device.phase === 'manufacturing' || !device.locked || !device.check) return 'no-identity'
  if (!device.check.trusted) return 'not-trusted'
  if (device.phase === 'provisioning' || device.phase === 'commissioning') return undefined
  return device.phase === 'decommissioning' ? 'busy' : 'has-site'
}

export type NetworkBlock = 'nothing' | 'not-heard' | 'offline' | 'no-identity' | 'has-network'

/** Why the chosen device of the setup network can not be given its network now. */
export const networkBlock = (udn: string, device: Device | undefined): NetworkBlock | undefined => {
  if (udn === '') return 'nothing'
  if (!device) return 'not-heard'
  if (device.phase === 'manufacturing') return 'no-identity'
  if (device.phase !== 'provisioning') return 'has-network'
  return device.online ? undefined : 'offline'
}

/** Devices of the setup network that wait for their network, in the order of their serial numbers. */
export const waitingForNetwork = (devices: readonly Device[]): readonly Device[] =>
  devices
    .filter((device) => device.managed && device.phase === 'provisioning')
    .sort((a, b) =>
      (a.serialNumber ?? a.udn).localeCompare(b.serialNumber ?? b.udn, undefined, { numeric: true }),
    )

/** As in the contract's ssidSchema. */
const SSID_BYTES_MAX = 32

export const ssidBytes = (ssid: string): number => new TextEncoder().encode(ssid).length
export const ssidTooLong = (ssid: string): boolean => ssidBytes(ssid) > SSID_BYTES_MAX

/** Errors that a person mends by entering the secrets again, because the job forgets them when it ends. */
const ASK_AGAIN: ReadonlySet<string> = new Set([
  'SETUP_CODE_WRONG',
  'LOCKED_OUT',
  'SECRET_NEEDED',
  'NETWORK_NOT_JOINED',
])

/** What the button under a failed job does: the same again, or back to the questions whose answers are wrong or gone. */
export const afterFailure = (job: Job, via: ProvisionRoad): 'retry' | 'code' | 'network' | 'both' => {
  const code = job.error?.code
  if (code === undefined || !ASK_AGAIN.has(code)) return 'retry'
  if (via === 'serial') return 'network'
  return code === 'SETUP_CODE_WRONG' || code === 'LOCKED_OUT' ? 'code' : 'both'
}

/** Seconds that a locked device refuses tries for, counted from when it said so; 0 = none told. */
export const lockedSeconds = (job: Job, nowMs: number): number => {
  if (job.error?.code !== 'LOCKED_OUT') return 0
  const told = Number(/(\d{1,6})\s*s\b/.exec(job.error.detail ?? '')?.[1] ?? 0)
  return Math.max(0, Math.ceil(told - (nowMs - job.updatedAtMs) / 1000))
}

/** The road and the place of a job that was started somewhere else. */
export const targetOfJob = (job: Job): Target =>
  job.subject.startsWith('uuid:')
    ? { via: 'network', udn: job.subject }
    : { via: 'serial', path: job.subject, look: { state: 'none' } }
