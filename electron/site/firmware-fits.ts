/** Every device of a site held against one bundle; those that may fit are asked for what no list tells. */
import type { Device } from '../contract/device'
import type { BankStatus, FirmwareBundle, Fit } from '../contract/firmware'
import { type FitFacts, fitOf } from '../firmware/fit'
import { inLanes } from '../jobs/lanes-of-work'
import { activeBankOf } from '../jobs/update-state'

export interface FitDevice {
  readonly device: Device
  readonly enrolled: boolean
  readonly hardwareRevision?: string | undefined
}

export interface FitSources {
  /** Errors: those of the link. */
  status(udn: string): Promise<BankStatus>
  lastStatus(udn: string): BankStatus | undefined
  /** Whether a rollout that lives has it. */
  busy(udn: string): boolean
}

const ASKED_AT_ONCE = 16

/** In the order of `devices`. */
export const judgeFits = async (
  bundle: FirmwareBundle,
  devices: readonly FitDevice[],
  sources: FitSources,
): Promise<Fit[]> => {
  const { manifest, problem } = bundle
  if (problem)
    return devices.map(({ device: { udn } }) => ({
      udn,
      fits: false,
      reason: 'bundle-problem' as const,
      detail: problem.code,
    }))
  // Asking is worth it only where nothing else speaks against the device; one that is silent is judged by what is known.
  const open = devices.filter(
    (entry) => entry.device.online && fitOf(factsOf(entry, undefined), manifest).fits,
  )
  const told = new Map<string, BankStatus>()
  await inLanes(open, ASKED_AT_ONCE, async ({ device: { udn } }) => {
    const status = await sources.status(udn).catch(() => sources.lastStatus(udn))
    if (status) told.set(udn, status)
  })
  return devices.map((entry) => {
    const { udn } = entry.device
    const fit = fitOf(factsOf(entry, told.get(udn)), manifest)
    return fit.fits && sources.busy(udn) ? { ...fit, fits: false, reason: 'update-running' as const } : fit
  })
}

const factsOf = (entry: FitDevice, status: BankStatus | undefined): FitFacts => {
  const { device, enrolled, hardwareRevision } = entry
  const { udn, managed, online, model, capabilities } = device
  const active = status ? activeBankOf(status) : undefined
  return {
    udn,
    managed,
    enrolled,
    online,
    // What is off announces nothing.
    ota: capabilities.includes('ota') || !online,
    model,
    hardwareRevision,
    firmwareVersion: active?.version ?? device.firmwareVersion,
    securityVersion: status?.securityVersion,
    updateState: status ? status.update?.state : device.firmware?.updateState,
  }
}
