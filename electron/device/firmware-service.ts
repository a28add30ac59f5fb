/** Firmware:1 as a device serves it (docs/protocol.md §10). */
import type { ActionHandler } from '../upnp/endpoint'
import type { FirmwareAgent } from './firmware-agent'

export interface FirmwareVariables {
  readonly UpdateState: string
  readonly ActiveBank: string
}

/** The evented variables as they are now. */
export const firmwareVariables = (agent: FirmwareAgent): FirmwareVariables => {
  const { activeBank, update } = agent.status()
  return { UpdateState: update?.state ?? 'idle', ActiveBank: activeBank }
}

/** Action name → handler; phases, roles and argument types have been checked before. */
export const firmwareActions = (agent: FirmwareAgent): Readonly<Record<string, ActionHandler>> => ({
  GetBankStatus: () => {
    const { banks, securityVersion, update } = agent.status()
    return {
      ...firmwareVariables(agent),
      Banks: JSON.stringify(banks),
      SecurityVersion: String(securityVersion),
      Update: update ? JSON.stringify(update) : '',
    }
  },
  ScheduleFirmwareUpdate: (args) => {
    const { Version: version = '', StartTime: startTime = '', ActivationTime: activationTime = '' } = args
    return { UpdateId: agent.schedule({ version, startTime, activationTime }) }
  },
  CancelScheduledUpdate: (args) => {
    agent.cancel(args.UpdateId ?? '')
    return {}
  },
  ActivateFirmware: (args) => {
    agent.activate(args.UpdateId ?? '', args.ActivationTime ?? '')
    return {}
  },
  ConfirmFirmware: () => {
    agent.confirm()
    return {}
  },
  RevertFirmware: () => {
    agent.revert()
    return {}
  },
})
