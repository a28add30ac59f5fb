/** States of an update on a device, as evented by Firmware:1. */
export const UPDATE_STATES = [
  'idle',
  'scheduled',
  'downloading',
  'verifying',
  'staged',
  'rebooting',
  'probation',
  'confirmed',
  'rolledBack',
  'failed',
] as const
export type UpdateState = (typeof UPDATE_STATES)[number]
