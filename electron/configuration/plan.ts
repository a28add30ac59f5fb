/**
 * What a change would do to a device, and where a device stands with it: pure functions. A device is told the version
 * after the one it ran when it was looked at, so that the version is decided before anything is sent.
 */
import type { DeviceConfiguration, Parameter, PlanRow, ValueChange, Values } from '../contract/configuration'
import { checkValue, sameValue } from '../contract/parameter-check'
import { fitTemplate, type RunningConfiguration } from './client'
import { type Effective, onlyNamed } from './effective'

type Types = Readonly<Record<string, Parameter['type']>>

/** What a job needs of a row: what to run, and what ran before, for the way back. */
export interface PlanOrder {
  /** `values` are those that change; `version` is the one that the device gets with them. */
  readonly wanted: { readonly version: number; readonly values: Values }
  /** Every value that could be written, and its type. */
  readonly before: { readonly version: number; readonly values: Values; readonly types: Types }
}

/** A device as it answered. */
export interface Looked {
  readonly running: RunningConfiguration
  readonly parameters: readonly Parameter[]
}

export interface PlannedRow {
  readonly row: PlanRow
  /** Absent where nothing can be sent. */
  readonly order?: PlanOrder
}

/** A device chooses the names of its parameters: one called `constructor` must not find what every object inherits. */
const at = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

/** Names of `asked` whose running value is another one. */
export const unequal = (types: Types, asked: Values, running: Values): string[] =>
  Object.keys(asked).filter(
    (name) => !sameValue(at(types, name) ?? 'string', at(asked, name), at(running, name)),
  )

const typesOf = (parameters: readonly Parameter[]): Types =>
  Object.fromEntries(parameters.map(({ name, type }) => [name, type]))

const pick = (values: Values, names: readonly string[]): Values =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = at(values, name)
      return value === undefined ? [] : [[name, value]]
    }),
  )

/** What a device runs beside what is wanted of it; `group` as its record has it. */
export const compareWithTemplate = (
  udn: string,
  { running, parameters }: Looked,
  wanted: Effective,
  group?: string,
): DeviceConfiguration => {
  const names = new Set(Object.keys(fitTemplate(wanted.values, parameters).values))
  const { values: template, origins } = onlyNamed(wanted, names)
  return {
    udn,
    version: running.version,
    values: { ...running.values },
    parameters: [...parameters],
    ...(group === undefined ? {} : { group }),
    template,
    origins: { ...origins },
    differs: unequal(typesOf(parameters), template, running.values),
  }
}

const changeOf = (parameter: Parameter, from: string | undefined, to: string): ValueChange => {
  const problem = parameter.access === 'readOnly' ? 'READ_ONLY_PARAMETER' : checkValue(parameter, to)
  return {
    name: parameter.name,
    to,
    ...(from === undefined ? {} : { from }),
    ...(parameter.unit ? { unit: parameter.unit } : {}),
    ...(problem ? { problem } : {}),
  }
}

/**
 * The row of a device that has answered, in the order of its parameters. `whole` = what is wanted is known to be for
 * this model or its group: read-only parameters are left out instead of refused.
 */
export const planRow = (
  device: { readonly udn: string; readonly name: string },
  looked: Looked,
  wanted: Values,
  whole: boolean,
): PlannedRow => {
  const { running } = looked
  const parameters = whole ? looked.parameters.filter(isWritable) : looked.parameters
  const known = new Set(parameters.map((parameter) => parameter.name))
  const left = Object.keys(wanted).filter((name) => !known.has(name))
  const changes = parameters.flatMap((parameter) => {
    const to = at(wanted, parameter.name)
    const from = at(running.values, parameter.name)
    return to === undefined || sameValue(parameter.type, from, to) ? [] : [changeOf(parameter, from, to)]
  })
  const problem = changes.find((change) => change.problem)?.problem
  const row: PlanRow = {
    udn: device.udn,
    name: device.name,
    version: running.version,
    changes,
    left,
    ...(problem ? { problem } : {}),
    state: changes.length === 0 ? 'same' : 'previewed',
  }
  if (changes.length === 0 || problem) return { row }
  const writable = looked.parameters.filter(isWritable)
  const names = writable.map((parameter) => parameter.name)
  return {
    row,
    order: {
      wanted: {
        version: running.version + 1,
        values: Object.fromEntries(changes.map((change) => [change.name, change.to])),
      },
      before: {
        version: running.version,
        values: pick(running.values, names),
        types: typesOf(writable),
      },
    },
  }
}

const isWritable = (parameter: Parameter): boolean => parameter.access === 'readWrite'

/** The values that the plan changes, as they were. */
export const valuesBefore = ({ wanted, before }: PlanOrder): Values =>
  pick(before.values, Object.keys(wanted.values))

/** `wanted`: it runs there; `before`: the device is as it was looked at; `other`: somebody has changed it since. */
export const standOf = (order: PlanOrder, running: RunningConfiguration): 'wanted' | 'before' | 'other' => {
  const { wanted, before } = order
  if (unequal(before.types, wanted.values, running.values).length === 0) return 'wanted'
  const untouched = unequal(before.types, valuesBefore(order), running.values).length === 0
  return running.version === before.version && untouched ? 'before' : 'other'
}

/**
 * On the way back. `before`: the values are as they were; `applied`: the device runs what the plan made of it, and can
 * go back by itself; `mixed`: each value is one of the two, but more has changed since; `other`: somebody has changed
 * these values again.
 */
export const backStandOf = (
  order: PlanOrder,
  running: RunningConfiguration,
): 'before' | 'applied' | 'mixed' | 'other' => {
  const { wanted, before } = order
  const { types } = before
  const earlier = valuesBefore(order)
  if (unequal(types, earlier, running.values).length === 0) return 'before'
  const whole = { ...before.values, ...wanted.values }
  if (running.version === wanted.version && unequal(types, whole, running.values).length === 0)
    return 'applied'
  const ours = Object.keys(wanted.values).every((name) => {
    const type = at(types, name) ?? 'string'
    const now = at(running.values, name)
    return sameValue(type, at(wanted.values, name), now) || sameValue(type, at(earlier, name), now)
  })
  return ours ? 'mixed' : 'other'
}
