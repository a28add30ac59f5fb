/** Service descriptions: what actions and variables a service has, of which type, and for which role. */
import { IotmcError } from '../contract/errors'
import { ROLES, type Role } from '../contract/names'
import { HTTP_LIMITS } from '../contract/timings'
import { checkValue, type StateVariable } from './scpd-values'
import { childOf, childrenOf, readXml, type XmlNode } from './xml'

export interface Argument {
  readonly name: string
  readonly variable: StateVariable
}

export interface Action {
  readonly name: string
  /** From our own namespace; Admin where the description says nothing. */
  readonly role: Role
  readonly in: readonly Argument[]
  readonly out: readonly Argument[]
}

export interface Scpd {
  readonly actions: ReadonlyMap<string, Action>
  readonly variables: ReadonlyMap<string, StateVariable>
  readonly repairs: readonly string[]
}

const NAME = /^[A-Za-z_][\w.-]{0,127}$/
const COUNT_MAX = 512

const textIn = (node: XmlNode, name: string): string => (childOf(node, name)?.text ?? '').trim()

const roleIn = (node: XmlNode): Role => {
  const text = textIn(node, 'role')
  return ROLES.find((role) => role === text) ?? 'Admin'
}

const numberIn = (node: XmlNode | undefined, name: string): number | undefined => {
  const text = node ? textIn(node, name) : ''
  const value = Number(text)
  return text !== '' && Number.isFinite(value) ? value : undefined
}

const readVariable = (node: XmlNode): StateVariable => {
  const range = childOf(node, 'allowedValueRange')
  const list = childOf(node, 'allowedValueList')
  const allowed = list ? childrenOf(list, 'allowedValue').map((value) => value.text.trim()) : []
  const optional = {
    minimum: numberIn(range, 'minimum'),
    maximum: numberIn(range, 'maximum'),
    maxLength: numberIn(node, 'maxLength'),
    moderationMs: numberIn(node, 'moderationMs'),
  }
  return {
    name: textIn(node, 'name'),
    dataType: textIn(node, 'dataType') || 'string',
    evented: (node.attributes.sendEvents ?? textIn(node, 'sendEventsAttribute')).toLowerCase() !== 'no',
    role: roleIn(node),
    ...(allowed.length > 0 ? { allowed } : {}),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  }
}

const readAction = (
  node: XmlNode,
  variables: ReadonlyMap<string, StateVariable>,
  repairs: string[],
): Action | undefined => {
  const name = textIn(node, 'name')
  if (!NAME.test(name)) {
    repairs.push('action without a usable name left out')
    return undefined
  }
  const list = childOf(node, 'argumentList')
  const sides: { in: Argument[]; out: Argument[] } = { in: [], out: [] }
  for (const argument of list ? childrenOf(list, 'argument').slice(0, COUNT_MAX) : []) {
    const argumentName = textIn(argument, 'name')
    const related = textIn(argument, 'relatedStateVariable')
    const direction = textIn(argument, 'direction').toLowerCase()
    const known = variables.get(related)
    if (!NAME.test(argumentName) || (direction !== 'in' && direction !== 'out')) {
      repairs.push(`argument of ${name} left out`)
      continue
    }
    if (!known) repairs.push(`${name}.${argumentName} has no state variable, taken as string`)
    const variable = known ?? { name: related, dataType: 'string', evented: false, role: 'Admin' as const }
    sides[direction].push({ name: argumentName, variable })
  }
  return { name, role: roleIn(node), ...sides }
}

/**
 * Reads a service description tolerantly: an empty one has no actions, a nameless entry is left out; each repair
 * is listed. Throws BAD_ANSWER for what is no XML, has a DTD, or is too large or deep.
 */
export const parseScpd = (xml: Uint8Array): Scpd => {
  const empty = { actions: new Map<string, Action>(), variables: new Map<string, StateVariable>() }
  if (Buffer.from(xml).toString('latin1').replace(/\0/g, '').trim() === '') {
    return { ...empty, repairs: ['empty service description'] }
  }
  const read = readXml(xml, HTTP_LIMITS.bodyMaxBytes)
  const repairs = [...read.repairs]
  if (read.root.name !== 'scpd') {
    throw new IotmcError('BAD_ANSWER', { detail: 'not a service description' })
  }
  const { actions, variables } = empty
  const table = childOf(read.root, 'serviceStateTable')
  for (const node of table ? childrenOf(table, 'stateVariable').slice(0, COUNT_MAX) : []) {
    const variable = readVariable(node)
    if (NAME.test(variable.name)) variables.set(variable.name, variable)
    else repairs.push('state variable without a usable name left out')
  }
  const list = childOf(read.root, 'actionList')
  for (const node of list ? childrenOf(list, 'action').slice(0, COUNT_MAX) : []) {
    const action = readAction(node, variables, repairs)
    if (action) actions.set(action.name, action)
  }
  return { actions, variables, repairs }
}

/** The action, or INVALID_ACTION (401). */
export const actionOf = (scpd: Scpd, name: string): Action => {
  const action = scpd.actions.get(name)
  if (!action) throw new IotmcError('INVALID_ACTION', { detail: name.slice(0, 64) })
  return action
}

/**
 * Checks arguments against the description and returns them in its order, in canonical form (`1`/`0`, no spaces).
 * `in` is strict: one missing or too many is INVALID_ARGS. `out` drops what is too many, as peers send extras,
 * and reads a negative number in an unsigned place as its overflow.
 * Throws INVALID_ACTION, INVALID_ARGS, VALUE_INVALID, VALUE_OUT_OF_RANGE, STRING_TOO_LONG.
 */
export const checkArguments = (
  scpd: Scpd,
  actionName: string,
  direction: 'in' | 'out',
  args: Readonly<Record<string, string>>,
): Record<string, string> => {
  const expected = actionOf(scpd, actionName)[direction]
  const names = new Set(expected.map((argument) => argument.name))
  if (direction === 'in') {
    const extra = Object.keys(args).find((name) => !names.has(name))
    if (extra !== undefined)
      throw new IotmcError('INVALID_ARGS', { detail: `${extra.slice(0, 64)} is unknown` })
  }
  const entries = expected.map(({ name, variable }): [string, string] => {
    const value = Object.hasOwn(args, name) ? args[name] : undefined
    if (value === undefined) throw new IotmcError('INVALID_ARGS', { detail: `${name} is missing` })
    return [name, checkValue(variable, name, value, direction === 'out')]
  })
  return Object.fromEntries(entries)
}
