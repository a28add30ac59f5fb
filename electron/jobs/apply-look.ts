/** Where a device stands to what is wanted of it; whether it is the one that is meant, and still as it was seen. */
import {
  fitTemplate,
  type RunningConfiguration,
  readConfiguration,
  readParameters,
} from '../configuration/client'
import { unequal } from '../configuration/plan'
import type { Parameter, Values } from '../contract/configuration'
import { isNamedByIdentity } from '../contract/enrollment'
import { IotmcError } from '../contract/errors'
import { claimOf, plainFingerprint } from '../contract/fingerprint'
import type { ApplyOrder, ApplyTools, Words } from './apply-tools'
import { isMember } from './apply-tools'
import type { LifecycleState } from './device-link'

export interface Standing {
  readonly state: LifecycleState
  /** Of a member of the site of which values are wanted. */
  readonly running?: RunningConfiguration
  readonly parameters: readonly Parameter[]
  readonly types: Readonly<Record<string, Parameter['type']>>
  /** The part of the values that this model takes. */
  fits(values: Values): Values
}

/** Errors: those of the link, BAD_ANSWER. */
export const lookAt = async (
  tools: Pick<ApplyTools, 'link'>,
  order: ApplyOrder,
  udn: string,
  signal: AbortSignal,
): Promise<Standing> => {
  const state = await tools.link.state(udn, signal)
  if (!isMember(state) || Object.keys(order.values).length === 0)
    return { state, parameters: [], types: {}, fits: () => ({}) }
  const call = tools.link.call.bind(tools.link, udn)
  const parameters = await readParameters(call, signal)
  const running = await readConfiguration(call, signal)
  return {
    state,
    running,
    parameters,
    types: Object.fromEntries(parameters.map(({ name, type }) => [name, type])),
    fits: (values) => fitTemplate(values, parameters).values,
  }
}

/** Names of wanted values that this model takes and does not run. */
export const unequalValues = ({ running, types, fits }: Standing, values: Values): string[] =>
  running ? unequal(types, fits(values), running.values) : []

/** Whether this is the device that the plan means. Errors: OTHER_DEVICE, WRONG_MODEL, WRONG_PHASE. */
export const requireMeant = (
  udn: string,
  { what, entry }: ApplyOrder,
  state: LifecycleState,
  identity: string | undefined,
): void => {
  const { serialNumber, model } = entry
  const other = (detail: string) => new IotmcError('OTHER_DEVICE', { subject: udn, detail })
  if (serialNumber && state.serialNumber && serialNumber !== state.serialNumber)
    throw other(`serial number ${state.serialNumber}`)
  const found = identity && plainFingerprint(identity)
  // An entry that names nothing but a certificate means nobody whose certificate is not known.
  const isUnknown = !found && isNamedByIdentity(entry)
  if (entry.identity && (isUnknown || (found && entry.identity !== found)))
    throw other(`identity ${found ? claimOf(found) : 'unknown'}`)
  if (model && state.model && model !== state.model)
    throw new IotmcError('WRONG_MODEL', { subject: udn, detail: state.model })
  const { phase } = state
  if (isMember(state) || (phase === 'commissioning' && what === 'plan')) return
  throw new IotmcError('WRONG_PHASE', { subject: udn, detail: phase })
}

/** Whether all that the work is about is as it was previewed, or as it is wanted already. Errors: PLAN_STALE. */
export const requireSeen = (udn: string, { entry, values, seen }: ApplyOrder, standing: Standing): void => {
  const { state, running, types } = standing
  if (!seen || !isMember(state)) return
  const stale = (detail: string) => new IotmcError('PLAN_STALE', { subject: udn, detail })
  const { group, firmware } = entry
  if (group && state.group !== seen.group && state.group !== group) throw stale(`group ${state.group}`)
  const { firmwareVersion } = state
  // What it ran was not known where nobody had asked for it.
  if (firmware && seen.firmware && firmwareVersion !== seen.firmware && firmwareVersion !== firmware)
    throw stale(`firmware ${firmwareVersion}`)
  if (!running) return
  const drifted = unequal(types, seen.values, running.values)
  const wrong = new Set(unequal(types, values, running.values))
  const changed = drifted.filter((name) => wrong.has(name))
  if (changed.length > 0) throw stale(changed.slice(0, 5).join(', '))
}

/** Whether nobody has written other words since the preview than those that are planned. Errors: PLAN_STALE. */
export const requireWords = (udn: string, { entry, words }: ApplyOrder, now: Words): void => {
  if (!words) return
  for (const word of ['name', 'place', 'note'] as const) {
    const planned = entry[word]
    if (planned && now[word] !== words[word] && now[word] !== planned)
      throw new IotmcError('PLAN_STALE', { subject: udn, detail: `${word} ${now[word] ?? ''}` })
  }
}
