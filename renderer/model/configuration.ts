/** Pure rules about configurations: what a typed value means, what may be chosen, how the rows of a plan stand. */
import type {
  ConfigurationPlan,
  Parameter,
  PlanRow,
  ValueChange,
  Values,
} from '../../electron/contract/configuration'
import type { Device } from '../../electron/contract/device'
import { checkChange, checkValue, sameValue } from '../../electron/contract/parameter-check'
import type { Tone } from './device-facts'
import { naturalKey } from './natural'

/** As the contract allows for `configuration.import`. */
export const IMPORT_MAX_CHARS = 4_000_000

export type ConfigureBlock = 'not-managed' | 'not-enrolled' | 'offline'

/** Why the configuration of a device cannot be asked for or changed now. */
export const configureBlock = (device: Device): ConfigureBlock | undefined => {
  if (!device.managed) return 'not-managed'
  if (device.phase !== 'operation' && device.phase !== 'maintenance') return 'not-enrolled'
  return device.online ? undefined : 'offline'
}

/** What a person typed as the text that a device takes: `3,5` is a number too. */
export const typedValue = (type: Parameter['type'], typed: string): string => {
  if (type === 'string') return typed
  const text = typed.trim()
  return type === 'number' ? text.replace(/^(-?\d+),(\d+)$/, '$1.$2') : text
}

export type ValueProblem = 'integer' | 'number' | 'range' | 'least' | 'most' | 'long' | 'choice' | 'text'

/** Why a value would be refused, as a key of text; undefined where it fits. */
export const valueProblem = (parameter: Parameter, text: string): ValueProblem | undefined => {
  const code = checkValue(parameter, text)
  if (code === undefined) return undefined
  if (code === 'STRING_TOO_LONG') return 'long'
  if (code === 'VALUE_OUT_OF_RANGE') {
    if (parameter.min === undefined) return 'most'
    return parameter.max === undefined ? 'least' : 'range'
  }
  if (parameter.type === 'integer' || parameter.type === 'number') return parameter.type
  return parameter.type === 'boolean' || parameter.allowed ? 'choice' : 'text'
}

/** A parameter of several models, with the models that have it. */
export interface SharedParameter {
  readonly parameter: Parameter
  readonly models: readonly string[]
}

/** The parameters that can be written, of all models together: those that most models have first. */
export const shareParameters = (
  byModel: ReadonlyMap<string, readonly Parameter[]>,
): readonly SharedParameter[] => {
  const found = new Map<string, { parameter: Parameter; models: string[] }>()
  for (const [model, parameters] of byModel)
    for (const parameter of parameters) {
      if (parameter.access === 'readOnly') continue
      const known = found.get(parameter.name)
      if (known) known.models.push(model)
      else found.set(parameter.name, { parameter, models: [model] })
    }
  return [...found.values()].sort((a, b) => b.models.length - a.models.length)
}

/** The plan after some of its rows went on. Rows that it does not have are dropped. */
export const mergeRows = (plan: ConfigurationPlan, changed: readonly PlanRow[]): ConfigurationPlan => {
  const byUdn = new Map(changed.map((row) => [row.udn, row]))
  return { ...plan, rows: plan.rows.map((row) => byUdn.get(row.udn) ?? row) }
}

/** How a row stands for a person: what is under way or over, and before that whether anything would change. */
export type RowStand = PlanRow['state'] | 'problem'

export const standOf = (row: PlanRow): RowStand => (row.problem ? 'problem' : row.state)

const TONES: Readonly<Record<RowStand, Tone>> = {
  problem: 'warn',
  previewed: 'info',
  same: 'neutral',
  applying: 'info',
  applied: 'ok',
  failed: 'bad',
  'rolling-back': 'info',
  'rolled-back': 'neutral',
}
export const toneOf = (stand: RowStand): Tone => TONES[stand]

export const isUnderWay = (row: PlanRow): boolean => row.state === 'applying' || row.state === 'rolling-back'
/** Whether something can be sent to the device. */
export const isSendable = (row: PlanRow): boolean => row.problem === undefined && row.changes.length > 0

/** Whether anything of the plan has been asked for yet. */
export const isBegun = (plan: ConfigurationPlan): boolean =>
  plan.rows.some((row) => row.direction !== undefined)

/** Devices that `apply` would begin with. */
export const toApply = (plan: ConfigurationPlan): readonly string[] =>
  plan.rows.filter((row) => isSendable(row) && row.state === 'previewed').map((row) => row.udn)

/** What failed and may go better: on a plan that has gone stale the same would happen again. */
export const toRetry = (plan: ConfigurationPlan, direction: 'apply' | 'rollback'): readonly string[] =>
  plan.rows
    .filter(
      (row) => row.state === 'failed' && row.direction === direction && row.error?.code !== 'PLAN_STALE',
    )
    .map((row) => row.udn)

/** Devices that have what the plan brought, or may have it. */
export const toRollBack = (plan: ConfigurationPlan): readonly string[] =>
  plan.rows.filter((row) => row.state === 'applied').map((row) => row.udn)

/** Devices whose configuration has changed since the preview. */
export const gone = (plan: ConfigurationPlan): readonly string[] =>
  plan.rows.filter((row) => row.error?.code === 'PLAN_STALE').map((row) => row.udn)

const ORDER: Readonly<Record<RowStand, number>> = {
  failed: 0,
  problem: 1,
  applying: 2,
  'rolling-back': 2,
  previewed: 2,
  applied: 2,
  'rolled-back': 2,
  same: 3,
}

/** What needs a look first, then by name; `begun` keeps rows where they are while they go on. */
export const sortRows = (rows: readonly PlanRow[]): readonly PlanRow[] =>
  rows
    .map((row) => [ORDER[standOf(row)], naturalKey(row.name), row] as const)
    .sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0))
    .map(([, , row]) => row)

/** Counts of the stands that occur, in a fixed order. */
export const countStands = (rows: readonly PlanRow[]): readonly (readonly [RowStand, number])[] => {
  const counts = new Map<RowStand, number>()
  for (const row of rows) counts.set(standOf(row), (counts.get(standOf(row)) ?? 0) + 1)
  return (Object.keys(TONES) as RowStand[]).flatMap((stand) => {
    const count = counts.get(stand)
    return count === undefined ? [] : [[stand, count] as const]
  })
}

/** Values that are wanted of a device, as a preview is asked for again. */
export const wantedAgain = (rows: readonly PlanRow[]): Readonly<Record<string, Values>> =>
  Object.fromEntries(
    rows.map((row) => [row.udn, Object.fromEntries(row.changes.map((change) => [change.name, change.to]))]),
  )

/** One change in a few characters: `Pump.MaxFlow 24 → 30 m3/h`. */
export const changeText = ({ name, from, to, unit }: ValueChange): string =>
  `${name} ${from === undefined || from === '' ? '—' : from} → ${to === '' ? '—' : to}${unit ? ` ${unit}` : ''}`

/** What was typed and is not what the device runs, as the device takes it. */
export const changedValues = (
  { parameters, values }: { readonly parameters: readonly Parameter[]; readonly values: Values },
  typed: Values,
): Values =>
  Object.fromEntries(
    parameters.flatMap(({ name, type }) => {
      const text = Object.hasOwn(typed, name) ? typed[name] : undefined
      if (text === undefined) return []
      const value = typedValue(type, text)
      return sameValue(type, value, values[name]) ? [] : [[name, value]]
    }),
  )

/** Whether a value does not fit its parameter. */
export const hasProblem = (parameters: readonly Parameter[], values: Values): boolean =>
  checkChange(parameters, values).length > 0
