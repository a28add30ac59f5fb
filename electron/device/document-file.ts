/** JSON documents of the state folder: read with bounds, written whole. */
import type { z } from 'zod'
import { IotmcError } from '../contract/errors'
import { readFileBounded } from './atomic-file'

const DOCUMENT_MAX_BYTES = 256 * 1024

/** A text as the document it is; DATA_DAMAGED names the member that is wrong. */
export const parseDocument = <T>(path: string, text: string, schema: z.ZodType<T>): T => {
  const damaged = (detail: string, cause?: unknown) =>
    new IotmcError('DATA_DAMAGED', { subject: path, detail, cause })
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (cause) {
    throw damaged('not JSON', cause)
  }
  const checked = schema.safeParse(document)
  if (checked.success) return checked.data
  const issue = checked.error.issues[0]
  throw damaged(`${issue?.path.join('.') || 'document'}: ${issue?.message ?? 'invalid'}`)
}

/** The document in a file, undefined where there is none. DATA_DAMAGED as above. */
export const readDocument = <T>(path: string, schema: z.ZodType<T>): T | undefined => {
  const text = readFileBounded(path, DOCUMENT_MAX_BYTES)
  return text === undefined ? undefined : parseDocument(path, text, schema)
}
