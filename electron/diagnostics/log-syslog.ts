/** A record as a syslog message of RFC 5424, one a line. */
import type { StoredRecord } from '../contract/device-log'

/** local0: free for what is on the spot (§6.2.1). */
const FACILITY = 16
/** SD-IDs of one's own need an enterprise number; this one is kept for documents (RFC 5612). */
const ENTERPRISE = 32473
const BOM = '\ufeff'

/** A header field: printable ASCII without blanks, cut to its greatest length; `-` where nothing is left (§6). */
const field = (text: string, max: number): string => text.replace(/[^\x21-\x7e]/g, '_').slice(0, max) || '-'

/** An SD-NAME: a header field without `=`, `]` and `"` (§6.3.2). */
const sdName = (text: string): string => field(text.replace(/[=\]"]/g, '_'), 32)

/** Control characters as `#` and three octal digits, as syslog servers write them: a line stays a line. */
const oneLine = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  text.replace(/[\u0000-\u001f\u007f]/g, (char) => `#${char.charCodeAt(0).toString(8).padStart(3, '0')}`)

/** A PARAM-VALUE: `"`, `\` and `]` get a backslash (§6.3.3). */
const sdValue = (text: string): string => oneLine(text).replace(/["\\\]]/g, '\\$&')

const sdElement = (id: string, params: readonly (readonly [string, string])[]): string =>
  `[${[id, ...params.map(([name, value]) => `${sdName(name)}="${sdValue(value)}"`)].join(' ')}]`

/** PRI VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG, and a line feed. Times are UTC. */
export const syslogLine = (record: StoredRecord): string => {
  const { severity, timeMs, udn, component, boot, code, message, data } = record
  const header = [
    `<${FACILITY * 8 + severity}>1`,
    new Date(timeMs).toISOString(),
    field(udn.replace(/^uuid:/, ''), 255),
    field(component, 48),
    String(boot),
    field(code, 32),
  ]
  const structured = [
    sdElement('timeQuality', [
      ['tzKnown', '1'],
      ['isSynced', record.clockSynchronised ? '1' : '0'],
    ]),
    sdElement(`log@${ENTERPRISE}`, [
      ['id', record.logId],
      ['sequence', String(record.sequence)],
      ['code', code],
    ]),
    ...(data && Object.keys(data).length > 0 ? [sdElement(`data@${ENTERPRISE}`, Object.entries(data))] : []),
  ]
  // A text in UTF-8 must begin with the mark (§6.4).
  const text = message === '' ? '' : ` ${BOM}${oneLine(message)}`
  return `${header.join(' ')} ${structured.join('')}${text}\n`
}
