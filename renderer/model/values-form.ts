/** The rows of a group's parameters while they are edited. Pure. */
import type { Values } from '../../electron/contract/configuration'

export interface ValueRow {
  readonly key: number
  readonly name: string
  readonly value: string
}

export type RowProblem = 'badName' | 'twice'

/** As in the contract's parameterSchema. */
const NAME = /^[A-Za-z][A-Za-z0-9./-]{0,63}$/

export const rowsOf = (values: Values): readonly ValueRow[] =>
  Object.entries(values)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value], key) => ({ key, name, value }))

/** The problem of each row by its key; rows left wholly empty have none and are not saved. */
export const problemsOf = (rows: readonly ValueRow[]): ReadonlyMap<number, RowProblem> => {
  const problems = new Map<number, RowProblem>()
  const seen = new Set<string>()
  for (const row of rows) {
    if (row.name === '' && row.value === '') continue
    if (!NAME.test(row.name)) problems.set(row.key, 'badName')
    else if (seen.has(row.name)) problems.set(row.key, 'twice')
    seen.add(row.name)
  }
  return problems
}

export const valuesOf = (rows: readonly ValueRow[]): Values =>
  Object.fromEntries(rows.filter((row) => row.name !== '').map((row) => [row.name, row.value]))

/** Whether two sets of values are the same, in any order. */
export const sameValues = (a: Values, b: Values): boolean => {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}
