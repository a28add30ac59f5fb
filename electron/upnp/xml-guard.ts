/**
 * A linear look over an XML text before any parser sees it: no DTD, no entity, no endless depth, tags in balance.
 * It also cuts off what some devices send around the document.
 */

export type Scan =
  | { readonly ok: true; readonly text: string; readonly repairs: readonly string[] }
  | { readonly ok: false; readonly reason: ScanFailure }

export type ScanFailure = 'not-xml' | 'dtd' | 'too-deep' | 'unbalanced' | 'too-large'

/** Tags, comments and the like. The parser needs tens of microseconds for each, and must not hold up the program. */
const MARKS_MAX = 8_000
const TAG_MAX_CHARACTERS = 8_192

const NAME = /^[A-Za-z_\u0080-\uffff][\w.:\u0080-\uffff-]{0,127}/

/** Index just behind `mark`, or -1. */
const behind = (text: string, mark: string, from: number): number => {
  const at = text.indexOf(mark, from)
  return at < 0 ? -1 : at + mark.length
}

/** Index of the `>` that ends a tag; quotes may hide one. */
const endOfTag = (text: string, from: number): number => {
  let quote = ''
  const last = Math.min(text.length, from + TAG_MAX_CHARACTERS)
  for (let i = from; i < last; i++) {
    const c = text[i]
    if (quote !== '') {
      if (c === quote) quote = ''
    } else if (c === '"' || c === "'") quote = c
    else if (c === '>') return i
    else if (c === '<') return -1
  }
  return -1
}

const fail = (reason: ScanFailure): Scan => ({ ok: false, reason })

/** Checks `input` and returns the document alone, from its first tag to the end of its root. */
export const scanXml = (input: string, depthMax: number): Scan => {
  const repairs: string[] = []
  const start = input.search(/<[?A-Za-z_!]/)
  if (start < 0) return fail('not-xml')
  const before = input.slice(0, start)
  if (before.replace(/^\ufeff/, '').trim() !== '') repairs.push('text before the document removed')
  const open: string[] = []
  let at = start
  let marks = 0
  while (at < input.length) {
    const tag = input.indexOf('<', at)
    if (tag < 0) break
    if (++marks > MARKS_MAX) return fail('too-large')
    if (input.startsWith('<!--', tag)) at = behind(input, '-->', tag + 4)
    else if (input.startsWith('<![CDATA[', tag)) {
      if (open.length === 0) return fail('not-xml')
      at = behind(input, ']]>', tag + 9)
    } else if (input.startsWith('<!', tag)) return fail('dtd')
    else if (input.startsWith('<?', tag)) at = behind(input, '?>', tag + 2)
    else {
      const end = endOfTag(input, tag + 1)
      if (end < 0) return fail('unbalanced')
      const closing = input[tag + 1] === '/'
      const inside = input.slice(closing ? tag + 2 : tag + 1, end)
      const name = NAME.exec(inside)?.[0]
      if (name === undefined) return fail('not-xml')
      if (closing) {
        if (open.pop() !== name || inside.slice(name.length).trim() !== '') return fail('unbalanced')
      } else if (!inside.endsWith('/')) {
        open.push(name)
        if (open.length > depthMax) return fail('too-deep')
      }
      at = end + 1
      if (open.length === 0) {
        if (input.slice(at).trim() !== '') repairs.push('text after the document removed')
        return { ok: true, text: input.slice(start, at), repairs }
      }
    }
    if (at < 0) return fail('not-xml')
  }
  return fail(open.length > 0 ? 'unbalanced' : 'not-xml')
}
