/** UPnP data types (UDA 2.0 §2.5): is a text a value of that type, and what is its canonical form? */
import { IotmcError } from '../contract/errors'
import type { Role } from '../contract/names'

export interface StateVariable {
  readonly name: string
  readonly dataType: string
  readonly evented: boolean
  /** Role that may subscribe to it. */
  readonly role: Role
  readonly allowed?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  /** In characters; an element of our own namespace. */
  readonly maxLength?: number
  /** Least time between two events of this variable. */
  readonly moderationMs?: number
}

const INTEGERS: Readonly<Record<string, readonly [number, number]>> = {
  ui1: [0, 0xff],
  ui2: [0, 0xffff],
  ui4: [0, 0xffff_ffff],
  i1: [-0x80, 0x7f],
  i2: [-0x8000, 0x7fff],
  i4: [-0x8000_0000, 0x7fff_ffff],
  int: [-0x8000_0000, 0x7fff_ffff],
}
const FRACTIONS = new Set(['r4', 'r8', 'number', 'float', 'fixed.14.4'])
const TRUE = new Set(['1', 'true', 'yes'])
const FALSE = new Set(['0', 'false', 'no'])

const PATTERNS: Readonly<Record<string, RegExp>> = {
  uuid: /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
  'bin.base64': /^[A-Za-z0-9+/]*={0,2}$/,
  'bin.hex': /^([0-9a-fA-F]{2})*$/,
  date: /^\d{4}-\d\d-\d\d$/,
  dateTime: /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?)?$/,
  'dateTime.tz': /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?)?$/,
}

const invalid = (name: string, what: string): IotmcError =>
  new IotmcError('VALUE_INVALID', { detail: `${name} is not ${what}` })

const checkRange = (variable: StateVariable, name: string, value: number): void => {
  const { minimum = -Infinity, maximum = Infinity } = variable
  if (value < minimum || value > maximum) {
    throw new IotmcError('VALUE_OUT_OF_RANGE', { detail: `${name} is not between ${minimum} and ${maximum}` })
  }
}

const checkInteger = (variable: StateVariable, name: string, text: string, tolerant: boolean): string => {
  const limits = INTEGERS[variable.dataType] as readonly [number, number]
  if (!/^[+-]?\d{1,20}$/.test(text)) throw invalid(name, variable.dataType)
  let value = Number(text)
  // Some stacks keep a ui4 in a signed word and print it with a minus.
  if (tolerant && value < 0 && limits[0] === 0 && -value <= limits[1]) value += limits[1] + 1
  if (value < limits[0] || value > limits[1]) {
    throw new IotmcError('VALUE_OUT_OF_RANGE', { detail: `${name} does not fit ${variable.dataType}` })
  }
  checkRange(variable, name, value)
  return String(value)
}

/** The value in canonical form. Throws VALUE_INVALID, VALUE_OUT_OF_RANGE or STRING_TOO_LONG; never quotes the value. */
export const checkValue = (
  variable: StateVariable,
  name: string,
  value: string,
  tolerant: boolean,
): string => {
  const { dataType, maxLength, allowed } = variable
  const text = value.trim()
  if (dataType in INTEGERS) return checkInteger(variable, name, text, tolerant)
  if (FRACTIONS.has(dataType)) {
    const number = Number(text)
    if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/.test(text) || !Number.isFinite(number)) {
      throw invalid(name, dataType)
    }
    checkRange(variable, name, number)
    return text
  }
  if (dataType === 'boolean') {
    const word = text.toLowerCase()
    if (TRUE.has(word)) return '1'
    if (FALSE.has(word)) return '0'
    throw invalid(name, 'boolean')
  }
  const plain = dataType === 'bin.base64' || dataType === 'bin.hex' ? value.replace(/\s+/g, '') : value
  if (maxLength !== undefined && plain.length > maxLength) {
    throw new IotmcError('STRING_TOO_LONG', { detail: `${name} is longer than ${maxLength}` })
  }
  const pattern = PATTERNS[dataType]
  if (pattern && !pattern.test(plain.trim())) throw invalid(name, dataType)
  if (allowed) {
    const word = allowed.find((candidate) => candidate === plain.trim())
    if (word === undefined) throw invalid(name, 'an allowed value')
    return word
  }
  return plain
}
