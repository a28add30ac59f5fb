/** What the selected devices can be used for: counted in one walk, listed only when a button is pressed. */
import type { Device } from '../../electron/contract/device'
import { type ConfigureBlock, configureBlock } from './configuration'
import { type LeaveBlock, leaveBlock } from './decommission'
import {
  type BlinkBlock,
  blinkBlock,
  type CommissionBlock,
  commissionBlock,
  type UpdateBlock,
  updateBlock,
} from './device-facts'

/** How many an action can work on, and the one reason why none can. */
export interface Tally<R extends string> {
  readonly able: number
  readonly reason: R | 'mixed' | undefined
}

const tallier = <R extends string>(block: (device: Device) => R | undefined) => {
  let able = 0
  let only: R | undefined
  let mixed = false
  return {
    add: (device: Device): void => {
      const reason = block(device)
      if (reason === undefined) able += 1
      else if (only === undefined) only = reason
      else if (only !== reason) mixed = true
    },
    result: (): Tally<R> => ({ able, reason: able > 0 ? undefined : mixed || !only ? 'mixed' : only }),
  }
}

export interface BulkTallies {
  /** Those selected that are in the list. */
  readonly devices: readonly Device[]
  readonly commission: Tally<CommissionBlock>
  readonly blink: Tally<BlinkBlock>
  readonly update: Tally<UpdateBlock>
  readonly configure: Tally<ConfigureBlock>
  readonly leave: Tally<LeaveBlock>
  /** Those that still need a network. */
  readonly toProvision: readonly Device[]
}

/** Judges the selected devices for every action. */
export const tallyBulk = (selected: ReadonlySet<string>, byUdn: ReadonlyMap<string, Device>): BulkTallies => {
  const devices: Device[] = []
  const toProvision: Device[] = []
  const commission = tallier(commissionBlock)
  const blink = tallier(blinkBlock)
  const update = tallier(updateBlock)
  const configure = tallier(configureBlock)
  const leave = tallier(leaveBlock)
  for (const udn of selected) {
    const device = byUdn.get(udn)
    if (!device) continue
    devices.push(device)
    if (device.state === 'needs-network') toProvision.push(device)
    commission.add(device)
    blink.add(device)
    update.add(device)
    configure.add(device)
    leave.add(device)
  }
  return {
    devices,
    toProvision,
    commission: commission.result(),
    blink: blink.result(),
    update: update.result(),
    configure: configure.result(),
    leave: leave.result(),
  }
}

/** UDNs of the devices that nothing blocks. */
export const ableOf = (
  devices: readonly Device[],
  block: (device: Device) => string | undefined,
): readonly string[] => devices.filter((device) => block(device) === undefined).map((device) => device.udn)

const sets = new WeakMap<readonly Device[], ReadonlySet<string>>()

/** "All of these rows" as one set, the same for the same rows: whether all are selected is one comparison. */
export const allOf = (rows: readonly Device[]): ReadonlySet<string> => {
  const known = sets.get(rows)
  if (known) return known
  const made = new Set(rows.map((device) => device.udn))
  sets.set(rows, made)
  return made
}

/** How many of the rows are selected. */
export const countSelected = (rows: readonly Device[], selected: ReadonlySet<string>): number => {
  if (selected.size === 0) return 0
  if (selected === sets.get(rows)) return rows.length
  return rows.reduce((sum, device) => sum + (selected.has(device.udn) ? 1 : 0), 0)
}
