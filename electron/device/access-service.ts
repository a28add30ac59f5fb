/** Access:1 as a device serves it (docs/protocol.md §12): what its service descriptions say, for whoever asks first. */
import { IotmcError } from '../contract/errors'
import { ROLES, type Role, type ServiceName, serviceId } from '../contract/names'
import type { ActionHandler } from '../upnp/endpoint'
import { loadScpd } from '../upnp/scpd-files'

/** A role and those it contains. */
const contained = (role: Role): string => ROLES.slice(0, ROLES.indexOf(role) + 1).join(' ')
/** A role and those that contain it. */
const sufficient = (role: Role): string => ROLES.slice(ROLES.indexOf(role)).join(' ')

/** The site's revocation list as this device has it: CRLNumbers, decimal, empty without a list. */
export interface RevocationSide {
  number(): string
  /** After asking the controller. */
  refresh(): Promise<string>
}

/** Action name → handler, for a device with these services. */
export const accessActions = (
  services: readonly ServiceName[],
  revocation: RevocationSide,
): Readonly<Record<string, ActionHandler>> => ({
  GetRevocationList: () => ({ CrlNumber: revocation.number() }),
  RefreshRevocationList: async () => ({ CrlNumber: await revocation.refresh() }),
  GetAssignedRoles: (_args, { role }) => ({ RoleList: contained(role) }),
  GetRolesForAction: (args) => {
    const service = services.find((name) => serviceId(name) === args.ServiceId)
    if (!service) throw new IotmcError('VALUE_INVALID', { detail: 'ServiceId' })
    const action = loadScpd(service).actions.get(args.ActionName ?? '')
    if (!action) throw new IotmcError('VALUE_INVALID', { detail: 'ActionName' })
    return { RoleList: sufficient(action.role) }
  },
})
