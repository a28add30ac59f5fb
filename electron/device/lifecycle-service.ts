/** Lifecycle:1 as a device serves it (docs/protocol.md §4). */
import { sign } from 'node:crypto'
import { IotmcError } from '../contract/errors'
import { nextPhase, type Phase } from '../contract/phases'
import { readCertificate, splitPem } from '../identity/certificate'
import type { Clock } from '../net/clock'
import type { ActionHandler } from '../upnp/endpoint'
import type { KeyFiles } from './key-files'
import type { DeviceLog } from './log'
import { parametersOf } from './models'
import { acceptNetwork, networkStatusOf } from './network'
import { factoryConfiguration } from './parameters'
import { OPEN_GUARD, trySetupCode } from './setup-code'
import type { StateFile } from './state-file'

export interface LifecycleTools {
  readonly clock: Clock
  readonly log: DeviceLog
  readonly store: StateFile
  readonly keys: KeyFiles
  readonly identify: (seconds: number) => void
  /** Starts again once the answer has left. */
  readonly reboot: () => void
  /** Told after a stored change of phase, trust or identity. */
  readonly onPhase: () => void
}

const phaseAfter = (from: Phase, event: Parameters<typeof nextPhase>[1]): Phase => {
  const phase = nextPhase(from, event)
  if (!phase) throw new IotmcError('WRONG_PHASE', { detail: from })
  return phase
}

/** Serial number of the LDevID in use, upper-case hex; empty where there is none. */
export const ldevidSerial = (store: StateFile, keys: KeyFiles): string => {
  const { ldevidGeneration } = store.current
  if (ldevidGeneration === undefined) return ''
  return readCertificate(splitPem(keys.ldevid(ldevidGeneration).chainPem)[0] ?? '').summary.serialNumber
}

/** Forgets the site: LDevID, network, anchor, group, configuration. One write decides; leftovers are removed after it. */
export const wipe = (store: StateFile, keys: KeyFiles): void => {
  store.update({
    phase: phaseAfter('decommissioning', 'wiped'),
    network: undefined,
    joining: undefined,
    networkStatus: undefined,
    anchorPem: undefined,
    ldevidGeneration: undefined,
    group: undefined,
    enrollment: undefined,
    renewal: undefined,
    setupGuard: OPEN_GUARD,
    wipes: (store.current.wipes ?? 0) + 1,
    configuration: factoryConfiguration(parametersOf(store.current.model)),
  })
  keys.removeExcept([])
}

/** What a wiped device states: its factory key over nonce, UDN and the word "wiped", base64. */
export const wipeProof = (keyPem: string, nonce: string, udn: string): string =>
  sign('sha256', Buffer.from(`${nonce}${udn}wiped`), keyPem).toString('base64')

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

const decommission = (tools: LifecycleTools, nonce: string): string => {
  const { store, keys } = tools
  if (nonce.length < 1 || nonce.length > 128) throw new IotmcError('VALUE_INVALID', { detail: 'Nonce' })
  store.update({ phase: phaseAfter(store.current.phase, 'decommission-ordered') })
  wipe(store, keys)
  tools.onPhase()
  return wipeProof(keys.idevid().keyPem, nonce, store.current.udn)
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
  Decommission: (args) => ({ Proof: decommission(tools, args.Nonce ?? '') }),
})
