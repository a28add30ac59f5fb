/** Notes in the log who had the device do something, and whom it was refused; what only asks leaves no trace. */
import { asIotmcError } from '../contract/errors'
import type { ServiceName } from '../contract/names'
import type { ActionContext, ActionHandler } from '../upnp/endpoint'
import type { ActionTable } from './action-table'
import type { DeviceLog } from './log'

/** These have a record of their own when they are done; of a wipe, who ordered it is forgotten with the rest of the site. */
const OWN_RECORD: readonly string[] = ['ClearDiagnosticsLog', 'ExportDiagnosticsLog', 'Decommission']

const noted = (action: string, handler: ActionHandler, log: DeviceLog): ActionHandler => {
  if (action.startsWith('Get')) return handler
  return async (args, context) => {
    const facts = { action, by: callerOf(context), role: context.role }
    try {
      const answer = await handler(args, context)
      if (!OWN_RECORD.includes(action)) log('action', facts)
      return answer
    } catch (thrown) {
      log('action-refused', { ...facts, code: asIotmcError(thrown).code })
      throw thrown
    }
  }
}

/** UDN of whoever asked, as its certificate proves it; else its role. */
export const callerOf = ({ peerUdn, role }: Pick<ActionContext, 'peerUdn' | 'role'>): string =>
  peerUdn ?? `${role} without a UDN`

/** The same actions, with their notes. */
export const notedActions = (table: ActionTable, log: DeviceLog): ActionTable =>
  Object.fromEntries(
    (Object.keys(table) as ServiceName[]).map((service) => [
      service,
      Object.fromEntries(
        Object.entries(table[service] ?? {}).map(([action, handler]) => [
          action,
          noted(action, handler, log),
        ]),
      ),
    ]),
  )
