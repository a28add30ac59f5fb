/** Every action of a device's services, with the notes that its log takes of them. */
import { accessActions, type RevocationSide } from './access-service'
import type { ActionTable } from './action-table'
import { configurationActions } from './configuration-service'
import type { DeviceDiagnostics } from './diagnostics'
import type { FaultSwitch } from './fault-switch'
import type { FirmwareAgent } from './firmware-agent'
import { firmwareActions } from './firmware-service'
import { type LifecycleTools, lifecycleActions } from './lifecycle-service'
import { notedActions } from './log-actions'
import { SERVICES } from './presence'

export interface ActionTools extends LifecycleTools {
  readonly faults: FaultSwitch
  readonly agent: FirmwareAgent
  readonly diagnostics: DeviceDiagnostics
  /** Asked for when it is needed: it begins after the sockets are there. */
  readonly revocation: () => RevocationSide
  /** Told after each stored change of the configuration. */
  readonly onConfigured: (version: number) => void
}

export const deviceActions = (tools: ActionTools): ActionTable => {
  const { log, store, faults, agent, diagnostics, revocation } = tools
  return notedActions(
    {
      Lifecycle: lifecycleActions(tools),
      Configuration: configurationActions({
        store,
        faults,
        onConfigured: (version) => {
          log('configured', { version })
          diagnostics.configured()
          tools.onConfigured(version)
        },
      }),
      Firmware: firmwareActions(agent),
      Diagnostics: diagnostics.actions(),
      Access: accessActions(SERVICES, {
        number: () => revocation().number(),
        refresh: () => revocation().refresh(),
      }),
    },
    log,
  )
}
