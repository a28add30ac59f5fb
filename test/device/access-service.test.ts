/** What a device says of roles is what its service descriptions say and what its endpoint does. */
import { describe, expect, it } from 'vitest'
import { asIotmcError } from '../../electron/contract/errors'
import { ROLES, type Role, type ServiceName, serviceId } from '../../electron/contract/names'
import { isActionAllowed } from '../../electron/contract/phases'
import { accessActions } from '../../electron/device/access-service'
import { SERVICES } from '../../electron/device/presence'
import { loadScpd } from '../../electron/upnp/scpd-files'

const revocation = { number: () => '7', refresh: () => Promise.resolve('8') }

const act = (
  name: string,
  args: Record<string, string>,
  role: Role = 'Basic',
  services = SERVICES,
): unknown => {
  const handler = accessActions(services, revocation)[name]
  if (!handler) throw new Error(`no ${name}`)
  const context = { role, peer: undefined, remoteAddress: '', signal: new AbortController().signal }
  try {
    return handler(args, context)
  } catch (thrown) {
    return asIotmcError(thrown).code
  }
}
const rolesFor = (service: string, action: string, services: readonly ServiceName[] = SERVICES) =>
  act('GetRolesForAction', { ServiceId: service, ActionName: action }, 'Public', services)

describe('Access:1', () => {
  it('gives a caller its role and those that it contains', () => {
    expect(ROLES.map((role) => act('GetAssignedRoles', {}, role))).toEqual([
      { RoleList: 'Public' },
      { RoleList: 'Public Basic' },
      { RoleList: 'Public Basic Admin' },
    ])
  })

  it('gives for every action of every service exactly the roles that may call it', () => {
    for (const service of SERVICES) {
      for (const { name, role } of loadScpd(service).actions.values()) {
        const expected = ROLES.slice(ROLES.indexOf(role)).join(' ')
        expect(rolesFor(serviceId(service), name), `${service}.${name}`).toEqual({ RoleList: expected })
        // Every action that is described has its phases too.
        expect(isActionAllowed('operation', `${service}.${name}`) || name === 'ProvisionNetwork').toBe(true)
      }
    }
    expect(rolesFor(serviceId('Diagnostics'), 'ClearDiagnosticsLog')).toEqual({ RoleList: 'Admin' })
    expect(rolesFor(serviceId('Diagnostics'), 'GetHealth')).toEqual({ RoleList: 'Basic Admin' })
  })

  it('says which revocation list it has, and which one after it has asked', async () => {
    expect(act('GetRevocationList', {})).toEqual({ CrlNumber: '7' })
    expect(await act('RefreshRevocationList', {}, 'Admin')).toEqual({ CrlNumber: '8' })
    expect(rolesFor(serviceId('Access'), 'RefreshRevocationList')).toEqual({ RoleList: 'Admin' })
  })

  it('refuses what this device does not have', () => {
    expect(rolesFor('urn:upnp-org:serviceId:SwitchPower', 'GetStatus')).toBe('VALUE_INVALID')
    expect(rolesFor('Diagnostics', 'GetHealth')).toBe('VALUE_INVALID')
    expect(rolesFor(serviceId('Diagnostics'), 'Explode')).toBe('VALUE_INVALID')
    expect(rolesFor(serviceId('Diagnostics'), '__proto__')).toBe('VALUE_INVALID')
    expect(rolesFor(serviceId('Enrollment'), 'Enroll')).toBe('VALUE_INVALID')
    expect(rolesFor(serviceId('Firmware'), 'GetBankStatus', ['Lifecycle'])).toBe('VALUE_INVALID')
  })
})
