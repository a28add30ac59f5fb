/** Lifecycle:1 as a device serves it (docs/protocol.md §4). */
import { wipeStatementSchema } from '../contract/decommission'
import { IotmcError } from '../contract/errors'
import { readCertificate, splitPem } from '../identity/certificate'
import type { Clock } from '../net/clock'
import type { ActionHandler } from '../upnp/endpoint'
import type { KeyFiles } from './key-files'
import type { DeviceLog } from './log'
import { acceptNetwork, networkStatusOf } from './network'
import { trySetupCode } from './setup-code'
import type { StateFile } from './state-file'
import { finishWipe, lastProof, orderWipe, type WipeTools } from './wipe'

export interface LifecycleTools extends WipeTools {
  readonly clock: Clock
  readonly log: DeviceLog
  readonly identify: (seconds: number) => void
  /** Starts again once the answer has left. */
  readonly reboot: () => void
  /** Told after a stored change of phase, trust or identity. */
  readonly onPhase: () => void
}

/** Serial number of the LDevID in use, upper-case hex; empty where there is none. */
export const ldevidSerial = (store: StateFile, keys: KeyFiles): string => {
  const { ldevidGeneration } = store.current
  if (ldevidGeneration === undefined) return ''
  return readCertificate(splitPem(keys.ldevid(ldevidGeneration).chainPem)[0] ?? '').summary.serialNumber
}

const provision = (tools: LifecycleTools, args: Readonly<Record<string, string>>): void => {
  const { store, clock, log } = tools
  const { setupGuard, setupCode } = store.current
  const judged = trySetupCode(setupGuard, setupCode, args.SetupCode ?? '', clock.now())
  if (judged.guard !== setupGuard) store.update({ setupGuard: judged.guard })
  if (!judged.ok) {
    log('setup-code-refused', { code: judged.error.code })
    throw judged.error
  }
  const { Ssid: ssid = '', Credential: credential = '', SiteTrustAnchor: anchorPem = '' } = args
  acceptNetwork(store, { ssid, credential, anchorPem }, clock.now())
  tools.onPhase()
}

const nonceSchema = wipeStatementSchema.shape.nonce

/**
 * The same nonce again is the same order: it was done, and is proven again, or is gone on with. ACTION_FAILED where the disk
 * refuses: that may pass, and the order may be repeated.
 */
const decommission = (tools: LifecycleTools, nonce: string): { Statement: string; Proof: string } => {
  const { store, faults } = tools
  if (!nonceSchema.safeParse(nonce).success) throw new IotmcError('VALUE_INVALID', { detail: 'Nonce' })
  if (store.current.decommissioned?.nonce === nonce) return lastProof(store.current)
  const { phase, wipes, wiping } = store.current
  const isBegun = phase === 'decommissioning' && wiping?.nonce === nonce
  try {
    if (isBegun) finishWipe(tools)
    else orderWipe(tools, { nonce })
  } finally {
    // Told also of a wipe that the disk has stopped: the start that follows goes on with it.
    if (store.current.wipes !== wipes || store.current.phase !== phase) tools.onPhase()
  }
  faults?.dieOnce('die-after-wipe')
  return lastProof(store.current)
}

/** Another management group, durably. VALUE_INVALID for none. */
const assignGroup = ({ store }: LifecycleTools, group: string): void => {
  if (group.trim() === '' || group !== group.trim())
    throw new IotmcError('VALUE_INVALID', { detail: 'ManagementGroup' })
  if (store.current.group === group) return
  store.update({ group })
}

/** Action name → handler; phases, roles and argument types have been checked before. */
export const lifecycleActions = (tools: LifecycleTools): Readonly<Record<string, ActionHandler>> => ({
  GetLifecycleState: () => {
    const { current } = tools.store
    return {
      LifecycleState: current.phase,
      DeviceUDN: current.udn,
      Model: current.model,
      SerialNumber: current.serialNumber,
      FirmwareVersion: current.firmwareVersion,
      HardwareRevision: current.hardwareRevision,
      ConfigurationVersion: String(current.configuration.version),
      LdevidSerial: ldevidSerial(tools.store, tools.keys),
      ManagementGroup: current.group ?? '',
    }
  },
  GetNetworkStatus: () => ({ NetworkStatus: networkStatusOf(tools.store.current) }),
  Identify: (args) => {
    tools.identify(Number(args.Seconds))
    return {}
  },
  Reboot: () => {
    tools.reboot()
    return {}
  },
  ProvisionNetwork: (args) => {
    provision(tools, args)
    return {}
  },
  Decommission: (args) => decommission(tools, args.Nonce ?? ''),
  GetDecommissionProof: () => lastProof(tools.store.current),
  AssignGroup: (args) => {
    assignGroup(tools, args.ManagementGroup ?? '')
    return {}
  },
})
