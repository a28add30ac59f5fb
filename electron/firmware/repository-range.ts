/** Which part of a file a GET asks for, and on what condition (RFC 9110 §13–§14). Pure. */
import type { IncomingHttpHeaders } from 'node:http'

/** `from` and `length` in bytes. */
export type FilePart =
  | { readonly status: 200 | 206; readonly from: number; readonly length: number }
  | { readonly status: 304 | 412 | 416 }

const RANGE = /^bytes=\s*(?:(\d{1,16})-(\d{0,16})|-(\d{1,16}))\s*$/i

const tagsOf = (text: string): string[] => text.split(',').map((tag) => tag.trim())
const opaque = (tag: string): string => tag.replace(/^W\//, '')

/** One range; undefined for several, for another unit and for what is no range: those get the whole file. */
const rangeOf = (text: string, size: number): { from: number; to: number } | 'unsatisfiable' | undefined => {
  const [, first, last, suffix] = RANGE.exec(text) ?? []
  if (suffix !== undefined) {
    const count = Math.min(Number(suffix), size)
    return count > 0 ? { from: size - count, to: size - 1 } : 'unsatisfiable'
  }
  if (first === undefined) return undefined
  const from = Number(first)
  const to = last ? Number(last) : size - 1
  if (last && to < from) return undefined
  return from < size ? { from, to: Math.min(to, size - 1) } : 'unsatisfiable'
}

/** `etag` is the strong tag of the file, in quotes. Ranges are for GET alone. */
export const partOf = (
  method: string | undefined,
  headers: IncomingHttpHeaders,
  file: { readonly etag: string; readonly size: number },
): FilePart => {
  const { etag, size } = file
  const match = headers['if-match']
  if (match !== undefined && match.trim() !== '*' && !tagsOf(match).includes(etag)) return { status: 412 }
  const noneMatch = headers['if-none-match']
  if (noneMatch !== undefined) {
    const known = noneMatch.trim() === '*' || tagsOf(noneMatch).some((tag) => opaque(tag) === etag)
    if (known) return { status: 304 }
  }
  const whole = { status: 200, from: 0, length: size } as const
  const { range } = headers
  if (method !== 'GET' || range === undefined) return whole
  const ifRange = headers['if-range']
  // A date is never known here and a weak tag says nothing of bytes: both mean "another file".
  if (ifRange !== undefined && String(ifRange).trim() !== etag) return whole
  const asked = rangeOf(range, size)
  if (asked === undefined) return whole
  if (asked === 'unsatisfiable') return { status: 416 }
  return { status: 206, from: asked.from, length: asked.to - asked.from + 1 }
}
