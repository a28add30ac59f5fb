/** XML as UPnP needs it: one reader for untrusted documents and the escaping for our own. */
import { XMLParser } from 'fast-xml-parser'
import { IotmcError } from '../contract/errors'
import { HTTP_LIMITS } from '../contract/timings'
import { scanXml } from './xml-guard'

/** An element: local name (prefix cut off), attributes by local name, own text (CDATA included), children in order. */
export interface XmlNode {
  readonly name: string
  readonly prefix: string
  readonly attributes: Readonly<Record<string, string>>
  /** Text of this element alone, entities decoded, not trimmed. */
  readonly text: string
  readonly children: readonly XmlNode[]
}

export interface ReadXml {
  readonly root: XmlNode
  /** Each repair that was needed, for a visible warning. */
  readonly repairs: readonly string[]
}

/** A fast-xml-parser node in `preserveOrder` form. */
type Ordered = Readonly<Record<string, unknown>>

const ATTRIBUTES = ':@'
const TEXT = '#text'
const CDATA = '#cdata'

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  textNodeName: TEXT,
  cdataPropName: CDATA,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  // No entity is ever looked up: the five of XML and the numeric ones are decoded below.
  processEntities: false,
  htmlEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: HTTP_LIMITS.xmlDepthMax + 1,
})

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Whether XML 1.0 allows this code point at all. */
const isXmlCharacter = (point: number): boolean =>
  point === 9 ||
  point === 10 ||
  point === 13 ||
  (point >= 0x20 && point <= 0xd7ff) ||
  (point >= 0xe000 && point <= 0xfffd) ||
  (point >= 0x10000 && point <= 0x10ffff)

const decodeEntities = (text: string): string => {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g, (whole, dec, hex, name) => {
    if (name !== undefined) return NAMED[name] ?? whole
    const point = dec === undefined ? Number.parseInt(hex, 16) : Number(dec)
    return isXmlCharacter(point) ? String.fromCodePoint(point) : '\ufffd'
  })
}

const bad = (detail: string, cause?: unknown): IotmcError => new IotmcError('BAD_ANSWER', { detail, cause })

const splitName = (qualified: string): { prefix: string; name: string } => {
  const at = qualified.indexOf(':')
  return at < 0
    ? { prefix: '', name: qualified }
    : { prefix: qualified.slice(0, at), name: qualified.slice(at + 1) }
}

const attributesOf = (raw: unknown): Record<string, string> => {
  const attributes: Record<string, string> = Object.create(null)
  for (const [key, value] of Object.entries((raw ?? {}) as Record<string, unknown>)) {
    const qualified = key.slice(1)
    // Declarations keep their full name, so that they can't be taken for attributes.
    const name = qualified.startsWith('xmlns') ? qualified : splitName(qualified).name
    attributes[name] = decodeEntities(String(value))
  }
  return attributes
}

const textOf = (items: readonly Ordered[], decode: boolean): string => {
  let text = ''
  for (const item of items) {
    if (TEXT in item) text += decode ? decodeEntities(String(item[TEXT])) : String(item[TEXT])
    else if (CDATA in item) text += textOf(item[CDATA] as readonly Ordered[], false)
  }
  return text
}

const toNode = (item: Ordered): XmlNode | undefined => {
  const key = Object.keys(item).find((k) => k !== ATTRIBUTES)
  if (key === undefined || key === TEXT || key === CDATA || key.startsWith('?')) return undefined
  const inside = item[key]
  if (!Array.isArray(inside)) return undefined
  const items = inside as readonly Ordered[]
  return {
    ...splitName(key),
    attributes: attributesOf(item[ATTRIBUTES]),
    text: textOf(items, true),
    children: items.map(toNode).filter((node) => node !== undefined),
  }
}

const decodeBytes = (bytes: Uint8Array, repairs: string[]): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    repairs.push('not UTF-8, read as Latin-1')
    return new TextDecoder('latin1').decode(bytes)
  }
}

/**
 * Reads an untrusted document. Repairs: text before the first tag, text after the root, wrong encoding.
 * Throws BAD_ANSWER for what is too large, too deep, has a DTD or entities, or is not well-formed.
 */
export const readXml = (bytes: Uint8Array, maxBytes: number = HTTP_LIMITS.bodyMaxBytes): ReadXml => {
  if (bytes.length > maxBytes) throw bad('too-large')
  const repairs: string[] = []
  const scan = scanXml(decodeBytes(bytes, repairs), HTTP_LIMITS.xmlDepthMax)
  if (!scan.ok) throw bad(scan.reason)
  repairs.push(...scan.repairs)
  let items: unknown
  try {
    items = parser.parse(scan.text)
  } catch (cause) {
    throw bad('not-xml', cause)
  }
  const root = (Array.isArray(items) ? (items as Ordered[]) : [])
    .map(toNode)
    .find((node) => node !== undefined)
  if (!root) throw bad('not-xml')
  return { root, repairs }
}

/** The first child of that local name. */
export const childOf = (node: XmlNode, name: string): XmlNode | undefined =>
  node.children.find((child) => child.name === name)

/** All children of that local name. */
export const childrenOf = (node: XmlNode, name: string): readonly XmlNode[] =>
  node.children.filter((child) => child.name === name)

/** Text for element content (quotes stay: JSON travels in it); characters that XML forbids become U+FFFD. */
export const escapeXml = (text: string): string => {
  let out = ''
  for (const character of text) {
    if (character === '&') out += '&amp;'
    else if (character === '<') out += '&lt;'
    else if (character === '>') out += '&gt;'
    else if (character === '\r') out += '&#13;'
    else out += isXmlCharacter(character.codePointAt(0) ?? 0) ? character : '\ufffd'
  }
  return out
}

/** Text for an attribute in double quotes. */
export const escapeAttribute = (text: string): string => escapeXml(text).replace(/"/g, '&quot;')

/** `<name>escaped text</name>`; the name must come from our own tables. */
export const element = (name: string, text: string): string => `<${name}>${escapeXml(text)}</${name}>`
