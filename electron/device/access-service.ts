/** Access:1 as a device serves it (docs/protocol.md §12): what its service descriptions say, for whoever asks first. */
import { IotmcError } from '../contract/errors'
import { ROLES, type Role, type ServiceName, serviceId } from '../contract/names'
import type { ActionHandler } from '../upnp/endpoint'
import { loadScpd } from '../upnp/scpd-files'

/** A role and those it contains. */
const contained = (role: Role): string => ROLES.slice(0, ROLES.indexOf(role) + 1).join(' ')
/** A role and those that contain it. */
const sufficient = (role: Role): string => ROLES.slice(ROLES.indexOf(role)).join(' ')

/** Action name → handler, for a device with these services. */
export const accessActions = (services: readonly ServiceName[]): Readonly<Record<string, ActionHandler>> => ({
  GetAssignedRoles: (_args, { role }) => ({ RoleList: contained(role) }),
  GetRolesForAction: (args) => {
    const service = services.find((name) => serviceId(name) === args.ServiceId)
    if (!service) throw new IotmcError('VALUE_INVALID', { detail: 'ServiceId' })
    const action = loadScpd(service).actions.get(args.ActionName ?? '')
    if (!action) throw new IotmcError('VALUE_INVALID', { detail: 'ActionName' })
    return { RoleList: sufficient(action.role) }
  },
})
