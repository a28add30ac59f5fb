/** The controller's side of Configuration:1 (docs/protocol.md §6): read, push, read back. */
import { z } from 'zod'
import { type Parameter, parameterSchema, type Values, valuesSchema } from '../contract/configuration'
import { IotmcError } from '../contract/errors'
import type { ServiceName } from '../contract/names'

/** One action on one device; errors are the device's, as IotmcError. */
export type DeviceCall = (
  service: ServiceName,
  action: string,
  args: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<Readonly<Record<string, string>>>

export interface RunningConfiguration {
  readonly version: number
  readonly values: Values
}

export interface PushResult {
  readonly version: number
  /** Parameters sent and read back equal. */
  readonly applied: readonly string[]
  /** Parameters of the template that this model does not have, or has as read-only. */
  readonly left: readonly string[]
}

const parametersSchema = z.array(parameterSchema).max(1000)

const parseJson = <T>(text: string | undefined, schema: z.ZodType<T>, what: string): T => {
  try {
    return schema.parse(JSON.parse(text ?? ''))
  } catch (cause) {
    throw new IotmcError('BAD_ANSWER', { detail: `${what} does not have its documented form`, cause })
  }
}

/** What the device can be told, with types and ranges. Errors: those of the call, BAD_ANSWER. */
export const readParameters = async (
  call: DeviceCall,
  signal: AbortSignal,
): Promise<readonly Parameter[]> => {
  const answer = await call('Configuration', 'GetSupportedParameters', {}, signal)
  return parseJson(answer.Parameters, parametersSchema, 'Parameters')
}

/** What the device really runs. Errors: those of the call, BAD_ANSWER. */
export const readConfiguration = async (
  call: DeviceCall,
  signal: AbortSignal,
): Promise<RunningConfiguration> => {
  const answer = await call('Configuration', 'GetValues', { Names: '[]' }, signal)
  return {
    version: parseJson(answer.ConfigurationVersion, z.number().int().min(0), 'ConfigurationVersion'),
    values: parseJson(answer.Values, valuesSchema, 'Values'),
  }
}

/** Splits a template into what this device can take and what its model lacks. */
export const fitTemplate = (
  template: Values,
  parameters: readonly Parameter[],
): { readonly values: Values; readonly left: readonly string[] } => {
  const writable = new Set(parameters.filter((p) => p.access === 'readWrite').map((p) => p.name))
  const entries = Object.entries(template)
  return {
    values: Object.fromEntries(entries.filter(([name]) => writable.has(name))),
    left: entries.filter(([name]) => !writable.has(name)).map(([name]) => name),
  }
}

/** Numbers are equal as numbers (`21.50` = `21.5`), everything else as text. */
const sameValue = (asked: string, running: string | undefined): boolean =>
  running === asked ||
  (running !== undefined && asked.trim() !== '' && running.trim() !== '' && Number(asked) === Number(running))

/** Names whose running value is not the one that was asked for. */
export const differences = (asked: Values, running: Values): readonly string[] =>
  Object.entries(asked)
    .filter(([name, value]) => !sameValue(value, running[name]))
    .map(([name]) => name)

/**
 * Pushes a template and reads it back. Safe to repeat: a device that already runs it is left alone.
 * Errors: those of the call; READ_BACK_DIFFERS when the device reports something else afterwards.
 */
export const pushConfiguration = async (
  call: DeviceCall,
  wanted: RunningConfiguration,
  signal: AbortSignal,
): Promise<PushResult> => {
  const { values, left } = fitTemplate(wanted.values, await readParameters(call, signal))
  const before = await readConfiguration(call, signal)
  if (before.version !== wanted.version || differences(values, before.values).length > 0) {
    await call(
      'Configuration',
      'SetValues',
      { ConfigurationVersion: String(wanted.version), Values: JSON.stringify(values) },
      signal,
    )
  }
  const after = await readConfiguration(call, signal)
  const wrong = differences(values, after.values)
  if (after.version !== wanted.version || wrong.length > 0) {
    const detail = wrong.length > 0 ? wrong.slice(0, 5).join(', ') : `version ${after.version}`
    throw new IotmcError('READ_BACK_DIFFERS', { detail })
  }
  return { version: after.version, applied: Object.keys(values), left }
}

/**
 * Moves a device into a management group and reads it back. Safe to repeat: one that is in it already is told nothing.
 * Errors: those of the call; READ_BACK_DIFFERS when it names another group afterwards.
 */
export const assignGroup = async (
  link: { call(udn: string, ...exchange: Parameters<DeviceCall>): ReturnType<DeviceCall> },
  udn: string,
  group: string,
  signal: AbortSignal,
): Promise<void> => {
  const current = async () =>
    (await link.call(udn, 'Lifecycle', 'GetLifecycleState', {}, signal)).ManagementGroup ?? ''
  if ((await current()) === group) return
  await link.call(udn, 'Lifecycle', 'AssignGroup', { ManagementGroup: group }, signal)
  const after = await current()
  if (after !== group)
    throw new IotmcError('READ_BACK_DIFFERS', { subject: udn, detail: `group ${after || 'none'}` })
}
