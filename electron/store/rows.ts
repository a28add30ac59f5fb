/** The step between rows of SQLite and typed records: NULL ⇄ absent, 0/1 ⇄ boolean, text ⇄ JSON. */
import { z } from 'zod'
import { IotmcError } from '../contract/errors'

/** What SQLite can bind. */
type SqlValue = string | number | null | Uint8Array

/** Named parameters for `columns` from a record; what is absent becomes NULL. */
export const toRow = <C extends string>(
  columns: readonly C[],
  record: { readonly [K in C]?: string | number | boolean | Uint8Array | null | undefined },
): Record<string, SqlValue> => {
  const row: Record<string, SqlValue> = {}
  for (const column of columns) {
    const value = record[column] ?? null
    row[column] = typeof value === 'boolean' ? Number(value) : value
  }
  return row
}

/** A row checked against its schema, NULL columns absent. Errors: DATA_DAMAGED with the table as subject. */
export const fromRow = <S extends z.ZodType>(schema: S, table: string, row: unknown): z.output<S> => {
  const present: Record<string, unknown> = {}
  for (const [column, value] of Object.entries(row ?? {})) if (value !== null) present[column] = value
  const parsed = schema.safeParse(present)
  if (parsed.success) return parsed.data
  const where = parsed.error.issues[0]?.path.join('.') ?? ''
  throw new IotmcError('DATA_DAMAGED', { subject: table, detail: `column ${where}`, cause: parsed.error })
}

/** `:a, :b` for the columns a, b. */
export const placeholders = (columns: readonly string[]): string =>
  columns.map((column) => `:${column}`).join(', ')

/** `INSERT … ON CONFLICT(key) DO UPDATE` of all columns. */
export const upsertSql = (table: string, key: string, columns: readonly string[]): string => {
  const sets = columns.filter((column) => column !== key).map((column) => `${column} = excluded.${column}`)
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${placeholders(columns)})
    ON CONFLICT (${key}) DO UPDATE SET ${sets.join(', ')}`
}

/** A text column that holds JSON of a schema. */
export const jsonColumn = <S extends z.ZodType>(schema: S) =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text)
      } catch {
        context.addIssue({ code: 'custom', message: 'not JSON' })
        return z.NEVER
      }
    })
    .pipe(schema)

/** An integer column that holds 0 or 1. */
export const flagColumn = z.union([z.literal(0), z.literal(1)]).transform((value) => value === 1)
