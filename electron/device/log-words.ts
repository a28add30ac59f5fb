/**
 * What the device's events are called in its log: one line for each, and nothing of an event but the facts named here.
 * Events without a line are not kept. Pure.
 */
import { SEVERITIES, type Severity } from '../contract/device-log'
import type { RecordDraft } from './log-trim'

type Facts = Readonly<Record<string, unknown>>

interface Words {
  readonly severity: Severity | ((facts: Facts) => Severity)
  readonly component: string
  readonly code: string
  /** `{name}` stands for a fact. */
  readonly message: string
  /** Facts that are kept beside it. Public ones: no key, setup code or credential. */
  readonly keep?: readonly string[]
  /** Others can have it happen as often as they like: the same again within some seconds is only counted. */
  readonly often?: true
}

const words = (
  severity: Words['severity'],
  component: string,
  code: string,
  message: string,
  more: Pick<Words, 'keep' | 'often'> = {},
): Words => ({ severity, component, code: `${component}.${code}`, message, ...more })

const updateSeverity = ({ state, code }: Facts): Severity => {
  if (state === 'failed' || code !== undefined) return 'error'
  return state === 'rolled-back' ? 'warning' : 'notice'
}
const why = ['code', 'detail'] as const
const reading = { keep: ['sensor', 'value'] } as const
const often = true

const WORDS: Readonly<Record<string, Words>> = {
  // Life of the device
  up: words('notice', 'system', 'up', 'Started and reachable', { keep: ['bootId'] }),
  stopping: words('notice', 'system', 'stopping', 'Told to end: {why}'),
  reboot: words('notice', 'system', 'reboot', 'Restarts as ordered'),
  'start-failed': words('error', 'system', 'start-failed', 'Could not start: {code}', { often }),
  'change-failed': words('error', 'system', 'change-failed', 'A change failed: {code}', { keep: why }),
  defect: words('critical', 'system', 'defect', 'Defect in the firmware', { keep: ['service'], often }),
  phase: words('notice', 'lifecycle', 'phase', 'Phase is now {phase}', { keep: ['phase'] }),
  identify: words('notice', 'lifecycle', 'identify', 'Shows itself for {seconds} s'),
  blank: words('notice', 'lifecycle', 'blank', 'The board is blank again'),
  fault: words('notice', 'system', 'fault', 'Played fault {name}', { keep: ['name'] }),
  // Who may
  'peer-refused': words('warning', 'access', 'peer-refused', 'Peer at {remote} refused: {code}', {
    keep: ['remote', ...why],
    often,
  }),
  'controller-refused': words('warning', 'access', 'controller-refused', 'Controller refused: {code}', {
    keep: ['udn', ...why],
    often,
  }),
  'revocation-list': words('notice', 'access', 'revocation-list', 'Revocation list {number} is in force', {
    keep: ['number', 'entries'],
  }),
  'revocation-list-older': words(
    'warning',
    'access',
    'revocation-list-older',
    'Revocation list {number} refused: {kept} is in force',
    { keep: ['number', 'kept'], often },
  ),
  'revocation-list-damaged': words(
    'error',
    'access',
    'revocation-list-damaged',
    'The revocation list could not be read; it is fetched again',
  ),
  'revocation-list-problem': words(
    'informational',
    'access',
    'revocation-list-problem',
    'No revocation list: {code}',
    { keep: why, often },
  ),
  'setup-code-refused': words('warning', 'access', 'setup-code', 'Setup code refused: {code}', {
    keep: ['code'],
  }),
  action: words('notice', 'access', 'action', '{action} by {by}', { keep: ['action', 'by', 'role'] }),
  'action-refused': words('warning', 'access', 'action-refused', '{action} by {by} refused: {code}', {
    keep: ['action', 'by', 'role', 'code'],
    often,
  }),
  'call-refused': words('warning', 'access', 'call-refused', '{action} by {by} refused: {code}', {
    keep: ['action', 'by', 'role', 'code'],
    often,
  }),
  // Membership
  'anchor-accepted': words('notice', 'enrollment', 'anchor', "The site's authority is known"),
  'anchor-refused': words('error', 'enrollment', 'anchor-refused', 'Authority refused: {code}', {
    keep: why,
    often,
  }),
  enrollment: words('notice', 'enrollment', 'step', 'Enrolment goes on: {step}', { keep: ['step'] }),
  'enrollment-problem': words('warning', 'enrollment', 'problem', 'Enrolment waits at {step}: {code}', {
    keep: ['step', ...why],
    often,
  }),
  renewed: words('notice', 'enrollment', 'renewed', 'Certificate renewed'),
  'renewal-problem': words('warning', 'enrollment', 'renewal', 'Certificate not renewed: {code}', {
    keep: ['code'],
    often,
  }),
  // Configuration
  configured: words('notice', 'configuration', 'changed', 'Configuration {version} is in use', {
    keep: ['version', 'by'],
  }),
  // Network
  'network-change': words('notice', 'network', 'change', 'Goes to another network'),
  'network-trying': words('notice', 'network', 'trying', 'Tries network {ssid}', { keep: ['ssid'] }),
  'network-joined': words('notice', 'network', 'joined', 'Joined network {ssid}', { keep: ['ssid'] }),
  'network-failed': words('error', 'network', 'failed', 'Network {ssid} not joined: {status}', {
    keep: ['ssid', 'status'],
  }),
  'event-not-delivered': words('informational', 'network', 'event', 'An event of {service} got no answer', {
    keep: ['service', 'status'],
    often,
  }),
  // Firmware
  booting: words('informational', 'firmware', 'booting', 'Boots {slot} with {version}', {
    keep: ['slot', 'version'],
  }),
  running: words('notice', 'firmware', 'running', 'Firmware {version} runs', { keep: ['slot', 'version'] }),
  'no-image': words('alert', 'firmware', 'no-image', 'No bank holds firmware that can start'),
  'image-failed': words('critical', 'firmware', 'image-failed', 'Firmware did not start: {code}', {
    keep: why,
    often,
  }),
  'image-fault': words('critical', 'firmware', 'image-fault', 'Firmware {version} failed: {reason}', {
    keep: ['slot', 'version', 'reason', 'detail'],
  }),
  'firmware-version': words('notice', 'firmware', 'version', 'Firmware version is {version}'),
  'firmware-problem': words('error', 'firmware', 'problem', 'Update problem: {code}', { keep: why, often }),
  'firmware-retry': words('warning', 'firmware', 'retry', 'Download goes on after {code}', {
    keep: ['failures', ...why],
    often,
  }),
  'firmware-watch': words('debug', 'firmware', 'watch', 'Hears of firmware from {controller}'),
  'firmware-watch-problem': words(
    'informational',
    'firmware',
    'watch-problem',
    'No news of firmware: {code}',
    {
      often,
    },
  ),
  'firmware-available': words('informational', 'firmware', 'available', 'Firmware on offer: {versions}'),
  'update-damaged': words('error', 'firmware', 'plan-lost', 'The planned update could not be read'),
  update: words(updateSeverity, 'firmware', 'update', 'Update to {version}: {state}', {
    keep: ['updateId', 'version', 'state', 'code', 'rollback'],
  }),
  // Cable
  'serial-open': words('informational', 'serial', 'open', 'Serial port open'),
  'serial-closed': words('informational', 'serial', 'closed', 'Serial port closed'),
  'serial-missing': words('informational', 'serial', 'missing', 'Serial port is not there: {code}', {
    often,
  }),
  'serial-failed': words('error', 'serial', 'failed', 'Serial side ended: {code}', { often }),
  'serial-reboot': words('notice', 'serial', 'reboot', 'Restarts as ordered by cable'),
  'command-failed': words('warning', 'serial', 'command', 'Command {command} by cable failed: {code}', {
    keep: ['command', 'code'],
    often,
  }),
  // Diagnostics
  'log-begun': words('notice', 'log', 'begun', 'A new log begins', { keep: ['wipes'] }),
  'log-damaged': words('error', 'log', 'damaged', 'The old log could not be read; a new one begins'),
  'log-cleared': words('notice', 'log', 'cleared', 'Cleared through {through} by {by}', {
    keep: ['through', 'removed', 'by'],
  }),
  'log-exported': words('notice', 'log', 'exported', '{records} records written to {file}', {
    keep: ['records', 'file'],
  }),
  'test-begun': words('notice', 'test', 'begun', 'Test {id} {type} begins', { keep: ['id', 'type'] }),
  'test-canceled': words('notice', 'test', 'cancelled', 'Test {id} {type} cancelled', {
    keep: ['id', 'type'],
  }),
  'test-completed': words(
    ({ status }) => (status === 'ok' ? 'notice' : 'warning'),
    'test',
    'completed',
    'Test {id} {type} ended: {status}',
    { keep: ['id', 'type', 'status', 'reason'] },
  ),
  'sensor-range': words('error', 'sensor', 'range', '{sensor} reads {value}, which cannot be', reading),
  'temperature-high': words('error', 'sensor', 'temperature', 'Too warm: {value}', reading),
  'supply-low': words('error', 'sensor', 'supply', 'Supply is low: {value}', reading),
  'memory-low': words('warning', 'system', 'memory', 'Little memory is left: {value}', reading),
  storm: words('notice', 'sensor', 'sample', 'Sample {n}', { keep: ['n'] }),
}

/** Events that are told on stderr only, with the reason why the log leaves them out. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  'identify-over': 'its beginning says when it ends',
  'peer-confined': 'controllers confine factory identities; a device has nobody to confine',
}

const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(textOf).join(', ')
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? '' : String(value)
}

/** What an event is in the log; undefined where it is not kept there. */
export const wordsFor = (event: string, facts: Facts): (RecordDraft & { often: boolean }) | undefined => {
  const found = Object.hasOwn(WORDS, event) ? WORDS[event] : undefined
  if (!found) return undefined
  // Each event that is not delivered would be the cause of the next.
  if (event === 'event-not-delivered' && facts.service === 'Diagnostics') return undefined
  const severity = typeof found.severity === 'function' ? found.severity(facts) : found.severity
  const kept = (found.keep ?? []).flatMap((name) => {
    const text = textOf(facts[name])
    return text === '' ? [] : [[name, text] as const]
  })
  return {
    severity: SEVERITIES.indexOf(severity),
    component: found.component,
    code: found.code,
    message: found.message.replace(/\{(\w+)\}/g, (_all, name: string) => textOf(facts[name])).trim(),
    ...(kept.length > 0 ? { data: Object.fromEntries(kept) } : {}),
    often: found.often ?? false,
  }
}

/** Every event that has its line. */
export const KEPT_EVENTS: readonly string[] = Object.keys(WORDS)
