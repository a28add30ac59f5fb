/** Pure rules of a configuration: typed checks, all-or-nothing change, one step back (docs/protocol.md §6). */
import type { Parameter, Values } from '../contract/configuration'
import { type ErrorCode, IotmcError } from '../contract/errors'
import { checkChange, type ParameterError } from '../contract/parameter-check'

/** What a device runs, and what it ran before the last change. Version 0 = as it left the factory. */
export interface StoredConfiguration {
  readonly version: number
  readonly values: Values
  readonly previous?: { readonly version: number; readonly values: Values } | undefined
}

/** The configuration that a device leaves the factory with. */
export const factoryConfiguration = (parameters: readonly Parameter[]): StoredConfiguration => ({
  version: 0,
  values: Object.fromEntries(parameters.map((parameter) => [parameter.name, parameter.default])),
})

const FAULT_ORDER: readonly ErrorCode[] = ['UNKNOWN_PARAMETER', 'READ_ONLY_PARAMETER']

/** The one error that stands for several refused parameters; it names up to eight of them. */
export const changeError = (errors: readonly ParameterError[]): IotmcError => {
  const code = FAULT_ORDER.find((each) => errors.some((error) => error.code === each)) ?? 'VALUE_INVALID'
  const named = errors.slice(0, 8).map((error) => `${error.name} ${error.code}`)
  const rest = errors.length > 8 ? ` and ${errors.length - 8} more` : ''
  return new IotmcError(code, { detail: named.join(', ') + rest })
}

const sameValues = (a: Values, b: Values): boolean => {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}

/** Applies a change wholly or throws (730, 731, 600, 601). The same version with the same outcome changes nothing. */
export const applyChange = (
  parameters: readonly Parameter[],
  stored: StoredConfiguration,
  version: number,
  change: Values,
): StoredConfiguration => {
  const errors = checkChange(parameters, change)
  if (errors.length > 0) throw changeError(errors)
  if (version < 1) throw new IotmcError('VALUE_OUT_OF_RANGE', { detail: 'ConfigurationVersion starts at 1' })
  const values = { ...stored.values, ...change }
  if (version === stored.version && sameValues(values, stored.values)) return stored
  return { version, values, previous: { version: stored.version, values: stored.values } }
}

/** The configuration before the last change; throws 501 where there is none. */
export const rollBack = (stored: StoredConfiguration): StoredConfiguration => {
  if (!stored.previous) throw new IotmcError('ACTION_FAILED', { detail: 'no earlier configuration is kept' })
  return { version: stored.previous.version, values: stored.previous.values }
}
