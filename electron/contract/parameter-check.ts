/** Pure rules for values of parameters, the same on a device, in the controller and in the window (docs/protocol.md §6). */
import type { Parameter, Values } from './configuration'
import type { ErrorCode } from './errors'

/** One refused parameter; the code says why. */
export interface ParameterError {
  readonly name: string
  readonly code: ErrorCode
}

const NUMBER = /^-?(0|[1-9]\d{0,14})(\.\d{1,9})?$/
const INTEGER = /^-?(0|[1-9]\d{0,14})$/

const checkNumber = (parameter: Parameter, text: string, shape: RegExp): ErrorCode | undefined => {
  if (!shape.test(text)) return 'VALUE_INVALID'
  const value = Number(text)
  const low = parameter.min !== undefined && value < parameter.min
  const high = parameter.max !== undefined && value > parameter.max
  return low || high ? 'VALUE_OUT_OF_RANGE' : undefined
}

const checkText = (parameter: Parameter, text: string): ErrorCode | undefined => {
  if (parameter.allowed && !parameter.allowed.includes(text)) return 'VALUE_INVALID'
  if (text.length > (parameter.maxLength ?? 255)) return 'STRING_TOO_LONG'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused
  return /[\u0000-\u001f\u007f]/.test(text) ? 'VALUE_INVALID' : undefined
}

/** Why a value does not fit its parameter, or undefined where it fits. */
export const checkValue = (parameter: Parameter, text: string): ErrorCode | undefined => {
  switch (parameter.type) {
    case 'boolean':
      return text === 'true' || text === 'false' ? undefined : 'VALUE_INVALID'
    case 'integer':
      return checkNumber(parameter, text, INTEGER)
    case 'number':
      return checkNumber(parameter, text, NUMBER)
    case 'string':
      return checkText(parameter, text)
  }
}

/** Every refused parameter of a change; empty where all of it may be applied. */
export const checkChange = (parameters: readonly Parameter[], change: Values): ParameterError[] => {
  const known = new Map(parameters.map((parameter) => [parameter.name, parameter]))
  return Object.entries(change).flatMap(([name, text]) => {
    const parameter = known.get(name)
    const code = !parameter
      ? 'UNKNOWN_PARAMETER'
      : parameter.access === 'readOnly'
        ? 'READ_ONLY_PARAMETER'
        : checkValue(parameter, text)
    return code ? [{ name, code }] : []
  })
}

/** Whether two texts are the same value: numbers as numbers (`21.50` = `21.5`), everything else letter by letter. */
export const sameValue = (type: Parameter['type'], a: string | undefined, b: string | undefined): boolean => {
  if (a === b) return true
  if (a === undefined || b === undefined || (type !== 'number' && type !== 'integer')) return false
  return NUMBER.test(a) && NUMBER.test(b) && Number(a) === Number(b)
}
