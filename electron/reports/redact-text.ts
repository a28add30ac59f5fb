/** Secrets in running text, found by what stands around them. Pure. */
import { REDACTED, SECRET_KEY } from '../log'

/** Words of a field's name: `Wifi.preSharedKey` → wifi, pre, shared, key. */
const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)

const SECRET_WORDS: ReadonlySet<string> = new Set([
  'pin',
  'pins',
  'psk',
  'pwd',
  'passwd',
  'pass',
  'passcode',
  'passwort',
  'kennwort',
  'bearer',
  'cookie',
  'apikey',
  'puk',
])

/** Whether a field of this name keeps a secret. `code` alone is the cause of a record, and a public key is no secret. */
export const isSecretName = (name: string): boolean => {
  if (SECRET_KEY.test(name)) return true
  const words = wordsOf(name)
  if (words.some((word) => SECRET_WORDS.has(word))) return true
  return words.at(-1) === 'key' && !words.includes('public')
}

const NAME =
  '(?:pass(?:word|phrase|wd|code|wort)|pwd|kennwort|secret|credentials?|set-?up[ _-]?code|psk|pin|api[ _-]?key|' +
  '(?:access|auth|bearer|refresh)?[ _-]?token|private[ _-]?key|pre-?shared[ _-]?key)'
/** Up to the end of the line, or to where the next `name=` begins: a passphrase has blanks and commas in it. */
const REST =
  '(?:"(?:[^"\\\\\\n]|\\\\.)*"|\'[^\'\\n]*\'|[^\\n]*?(?=[&;,]?\\s*[\\w.-]{2,40}\\s*[=:](?!/)|[\\n]|$))'

/** None goes over a stretch of text again from each of its places: long texts of devices would hold everything up. */
const RULES: readonly (readonly [pattern: RegExp, put: string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, REDACTED],
  // A label, whole or cut: what follows the serial number is the setup code.
  [/\b(IOTMC1:[0-9a-f-]{0,36}:[A-Z0-9.-]{0,40}:)[0-9A-Z]+/gi, `$1${REDACTED}`],
  [/\b((?:proxy-)?authorization["']?\s*[:=]\s*)[^\n]*/gi, `$1${REDACTED}`],
  [/\b((?:set-)?cookie["']?\s*[:=]\s*)[^\n]*/gi, `$1${REDACTED}`],
  [/\b(bearer\s+)[A-Za-z0-9._~+/=-]{6,}/gi, `$1${REDACTED}`],
  [/([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#]*@/gi, `$1${REDACTED}@`],
  [
    new RegExp(`(${NAME}["']?\\s*(?:=>|[:=]|\\bis\\b|\\blautet\\b)\\s*)(?!\\[redacted\\])${REST}`, 'gi'),
    `$1${REDACTED}`,
  ],
  // Without a sign between: only what looks like one, so that "the PIN was changed" stays.
  [
    /\b((?:set-?up[ _-]?code|einrichtungscode|passphrase|password|passwort|kennwort|psk|pin|token|secret)\s+)(?=[^\s]*\d)[^\s,;]{4,}/gi,
    `$1${REDACTED}`,
  ],
]

/** Quick question whether a text could hold anything that the rules look for. */
export const SUSPICIOUS =
  /pass|pwd|kennwort|secret|credential|code|psk|pin|key|token|private|iotmc1|authorization|bearer|cookie|@|puk|pkcs/i

/** A text without what gives itself away as a secret; the words around it stay. */
export const redactText = (text: string): string =>
  RULES.reduce((rest, [pattern, put]) => rest.replace(pattern, put), text)
