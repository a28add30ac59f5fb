/** Configuration:1 as a device serves it (docs/protocol.md §6): what is answered is stored before. */
import { z } from 'zod'
import { type Values, valuesSchema } from '../contract/configuration'
import { IotmcError } from '../contract/errors'
import type { ActionHandler } from '../upnp/endpoint'
import type { FaultSwitch } from './fault-switch'
import { parametersOf } from './models'
import { applyChange, rollBack, type StoredConfiguration } from './parameters'
import type { StateFile } from './state-file'

export interface ConfigurationTools {
  readonly store: StateFile
  readonly faults: FaultSwitch
  /** Told after each stored change. */
  readonly onConfigured: (version: number) => void
}

const JSON_MAX_CHARS = 128 * 1024
const namesSchema = z.array(z.string().max(64)).max(1000)

const parseJson = <T>(text: string, shape: z.ZodType<T>, name: string): T => {
  try {
    if (text.length > JSON_MAX_CHARS) throw new RangeError('too long')
    return shape.parse(JSON.parse(text))
  } catch (cause) {
    throw new IotmcError('VALUE_INVALID', { detail: `${name} does not have its documented form`, cause })
  }
}

const pick = (values: Values, names: readonly string[]): Values => {
  if (names.length === 0) return values
  const unknown = names.filter((name) => !Object.hasOwn(values, name))
  if (unknown.length > 0)
    throw new IotmcError('UNKNOWN_PARAMETER', { detail: unknown.slice(0, 8).join(', ') })
  return Object.fromEntries(names.map((name) => [name, values[name] ?? '']))
}

/** Action name → handler; roles and argument types have been checked against the SCPD before. */
export const configurationActions = (tools: ConfigurationTools): Readonly<Record<string, ActionHandler>> => {
  const { store, faults } = tools
  const keep = (configuration: StoredConfiguration): string => {
    if (configuration !== store.current.configuration) {
      store.update({ configuration })
      tools.onConfigured(configuration.version)
    }
    return String(configuration.version)
  }
  return {
    GetSupportedParameters: () => ({ Parameters: JSON.stringify(parametersOf(store.current.model)) }),
    GetValues: (args) => {
      const { version, values } = store.current.configuration
      const names = parseJson(args.Names ?? '', namesSchema, 'Names')
      return { ConfigurationVersion: String(version), Values: JSON.stringify(pick(values, names)) }
    },
    SetValues: (args) => {
      const change = parseJson(args.Values ?? '', valuesSchema, 'Values')
      if (faults.has('reject-configuration')) {
        const [name = 'all'] = Object.keys(change)
        throw new IotmcError('VALUE_INVALID', { detail: `${name} VALUE_INVALID` })
      }
      const { model, configuration } = store.current
      const version = Number(args.ConfigurationVersion)
      const next = applyChange(parametersOf(model), configuration, version, change)
      return { ConfigurationVersion: keep(next), Errors: '[]' }
    },
    Rollback: () => ({ ConfigurationVersion: keep(rollBack(store.current.configuration)) }),
  }
}
