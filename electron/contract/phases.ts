/** The device lifecycle as one table, used by device, controller and renderer alike (docs/protocol.md §4). */

export const PHASES = [
  'manufacturing',
  'provisioning',
  'commissioning',
  'operation',
  'maintenance',
  'decommissioning',
] as const
export type Phase = (typeof PHASES)[number]

export const PHASE_EVENTS = [
  'identity-locked',
  'network-and-anchor-known',
  'enrollment-confirmed',
  'maintenance-begun',
  'maintenance-ended',
  'decommission-ordered',
  'wiped',
] as const
export type PhaseEvent = (typeof PHASE_EVENTS)[number]

const TRANSITIONS: Readonly<Record<Phase, Partial<Record<PhaseEvent, Phase>>>> = {
  manufacturing: { 'identity-locked': 'provisioning' },
  provisioning: { 'network-and-anchor-known': 'commissioning' },
  commissioning: { 'enrollment-confirmed': 'operation', 'decommission-ordered': 'decommissioning' },
  operation: { 'maintenance-begun': 'maintenance', 'decommission-ordered': 'decommissioning' },
  maintenance: { 'maintenance-ended': 'operation', 'decommission-ordered': 'decommissioning' },
  decommissioning: { wiped: 'provisioning' },
}

/** The phase after an event, or undefined where the table has no such transition (answer 710). */
export const nextPhase = (phase: Phase, event: PhaseEvent): Phase | undefined => TRANSITIONS[phase][event]

const ANY: readonly Phase[] = PHASES
const ENROLLED: readonly Phase[] = ['commissioning', 'operation', 'maintenance']
const MEMBER: readonly Phase[] = ['operation', 'maintenance']

/** In which phases a device accepts each action; an action not listed is refused everywhere. */
const ACTION_PHASES: Readonly<Record<string, readonly Phase[]>> = {
  'Lifecycle.GetLifecycleState': ANY,
  'Lifecycle.GetNetworkStatus': ANY,
  'Lifecycle.Identify': ['provisioning', 'commissioning', 'operation', 'maintenance'],
  'Lifecycle.Reboot': ['commissioning', 'operation', 'maintenance'],
  'Lifecycle.ProvisionNetwork': ['provisioning'],
  'Lifecycle.AssignGroup': MEMBER,
  'Lifecycle.Decommission': [...ENROLLED, 'decommissioning'],
  'Lifecycle.GetDecommissionProof': ANY,
  'Configuration.GetSupportedParameters': ENROLLED,
  'Configuration.GetValues': ENROLLED,
  'Configuration.SetValues': ENROLLED,
  'Configuration.Rollback': ENROLLED,
  'Access.GetAssignedRoles': ANY,
  'Access.GetRolesForAction': ANY,
  'Access.GetRevocationList': ENROLLED,
  'Access.RefreshRevocationList': ENROLLED,
  'Diagnostics.GetHealth': ENROLLED,
  'Diagnostics.GetDiagnosticsLog': ENROLLED,
  'Diagnostics.ClearDiagnosticsLog': ENROLLED,
  'Diagnostics.ExportDiagnosticsLog': ENROLLED,
  'Diagnostics.GetActiveTestIDs': ENROLLED,
  'Diagnostics.GetTestInfo': ENROLLED,
  'Diagnostics.GetTestResult': ENROLLED,
  'Diagnostics.CancelTest': ENROLLED,
  'Diagnostics.SelfTest': MEMBER,
  'Diagnostics.Ping': MEMBER,
  'Diagnostics.NSLookup': MEMBER,
  'Diagnostics.Traceroute': MEMBER,
  'Diagnostics.BandwidthTest': MEMBER,
  'Firmware.GetBankStatus': ENROLLED,
  'Firmware.ScheduleFirmwareUpdate': MEMBER,
  'Firmware.CancelScheduledUpdate': MEMBER,
  'Firmware.ActivateFirmware': MEMBER,
  'Firmware.ConfirmFirmware': MEMBER,
  'Firmware.RevertFirmware': MEMBER,
}

/** Whether a device in `phase` accepts `action` (`Service.Action`); false means error 710. */
export const isActionAllowed = (phase: Phase, action: string): boolean =>
  ACTION_PHASES[action]?.includes(phase) ?? false
