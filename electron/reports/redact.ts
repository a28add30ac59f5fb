/**
 * Takes secrets out of everything that goes into a bundle: by the name of a field, by what a text looks like, and by value:
 * what was found under a secret name is removed wherever else it stands, plain, in base64 or in hex.
 */
import { REDACTED } from '../log'
import { isSecretName, redactText, SUSPICIOUS } from './redact-text'

/** Shorter ones are found in any sentence, so only their field is emptied. */
const KNOWN_MIN = 6
const DEPTH_MAX = 32
/** Secrets that are remembered; beyond that only their fields are emptied. */
const SECRETS_MAX = 2_000
/** Where a named parameter keeps what it is set to: `{ name: 'Wifi.Passphrase', default: … }`. */
const SETTINGS: ReadonlySet<string> = new Set([
  'value',
  'values',
  'default',
  'allowed',
  'from',
  'to',
  'current',
])

export class Redactor {
  private readonly secrets = new Set<string>()
  /** Each secret in all its forms. */
  private readonly known = new Set<string>()
  private passedOver = false
  private pattern: RegExp | undefined

  /** `secrets`: what this program itself holds and must not give away. */
  constructor(secrets: Iterable<string> = []) {
    for (const secret of secrets) this.learn(secret)
  }

  /** From now on this text is removed wherever it stands. Too short ones are passed over. */
  learn(secret: string): void {
    const text = secret.trim()
    if (text.length < KNOWN_MIN || text === REDACTED || PLAIN.test(text) || this.secrets.has(text)) return
    if (this.secrets.size >= SECRETS_MAX) {
      this.passedOver = true
      return
    }
    this.secrets.add(text)
    for (const form of formsOf(text)) this.known.add(form)
    this.pattern = undefined
  }

  /** Whether there were more secrets than are remembered: those are not found where no name or look gives them away. */
  get full(): boolean {
    return this.passedOver
  }

  /** Remembers what stands under secret names, without changing anything. */
  study(value: unknown, depth = 0): void {
    if (typeof value !== 'object' || value === null || depth > DEPTH_MAX || ArrayBuffer.isView(value)) return
    const emptied = isNamedSecret(value)
    for (const [key, item] of entriesOf(value)) {
      if ((emptied && SETTINGS.has(key)) || isSecretName(key)) this.learnAll(item)
      else this.study(item, depth + 1)
    }
  }

  /** A copy without secrets; bytes are counted, not written. */
  value(value: unknown): unknown {
    this.study(value)
    return this.clean(value, 0)
  }

  text(text: string): string {
    return this.withoutKnown(redactText(this.withoutKnown(text)))
  }

  /** JSON of a value, on one line or, for people, on several. */
  json(value: unknown, indent?: number): string {
    return this.withoutKnown(JSON.stringify(this.value(value), null, indent) ?? 'null')
  }

  /** One line of JSON as it was written elsewhere; what is not JSON is taken as text. */
  line(line: string): string {
    if (!SUSPICIOUS.test(line) && this.withoutKnown(line) === line) return line
    let parsed: unknown
    try {
      parsed = JSON.parse(line)
    } catch {
      return this.text(line)
    }
    return this.json(parsed)
  }

  private clean(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.text(value)
    if (typeof value === 'bigint') return value.toString()
    if (typeof value !== 'object' || value === null) return value
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
    if (depth > DEPTH_MAX) return '[deeper]'
    if (Array.isArray(value)) return value.map((item) => this.clean(item, depth + 1))
    if (value instanceof Map || value instanceof Set) return this.clean([...value], depth)
    if (value instanceof Date) return value.toISOString()
    const source = value instanceof Error ? { ...value, name: value.name, message: value.message } : value
    const emptied = isNamedSecret(source)
    return Object.fromEntries(
      Object.entries(source).map(([key, item]) => [
        this.text(key),
        (emptied && SETTINGS.has(key)) || isSecretName(key)
          ? emptiedValue(item)
          : this.clean(item, depth + 1),
      ]),
    )
  }

  private learnAll(value: unknown): void {
    if (typeof value === 'string') this.learn(value)
    else if (typeof value === 'number') this.learn(String(value))
    else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value))
      for (const item of Object.values(value)) this.learnAll(item)
  }

  private withoutKnown(text: string): string {
    if (this.known.size === 0) return text
    this.pattern ??= new RegExp(
      [...this.known]
        .sort((a, b) => b.length - a.length)
        .map(escaped)
        .join('|'),
      'gi',
    )
    return text.replace(this.pattern, REDACTED)
  }
}

/** Words that stand under secret names and are none. */
const PLAIN =
  /^(?:true|false|null|undefined|default|unknown|wpa[123]?(?:-\w+)?|required|optional|disabled|enabled)$/i

const entriesOf = (value: object): [string, unknown][] =>
  value instanceof Map || value instanceof Set
    ? [...value].map((item, i) => [String(i), item])
    : Object.entries(value)

const emptiedValue = (value: unknown): unknown => (value === undefined || value === '' ? value : REDACTED)

/** `{ name: 'Wifi.Passphrase', value: … }`: the name stands beside the value instead of before it. */
const isNamedSecret = (value: object): boolean => {
  const named = value as { name?: unknown; key?: unknown; parameter?: unknown }
  return [named.name, named.key, named.parameter].some(
    (one) => typeof one === 'string' && isSecretName(one) && one.length <= 64 && !/\s/.test(one),
  )
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** A text as it may stand in a file: as it is, as JSON, in a URL, in base64 and in hex. */
const formsOf = (text: string): string[] => {
  const bytes = Buffer.from(text)
  const base64 = bytes.toString('base64')
  return [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    base64.replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    bytes.toString('hex').match(/../g)?.join(':') ?? '',
  ].filter((form) => form.length >= KNOWN_MIN)
}
