/** English words of a report on paper: the shape that the German ones have to satisfy. */
import type { DEVICE_STATES } from '../contract/device'
import type { HEALTH_METRICS, HEALTH_SIGNS } from '../contract/health'
import type { JOB_KINDS, JOB_STATES } from '../contract/job'
import type { PHASES } from '../contract/phases'
import type { Finding, Verdict } from '../contract/self-test'
import type { OpenKind } from './open-items'

type Of<T extends readonly string[]> = Readonly<Record<T[number], string>>

/** What can't be forgotten for a new state, kind or finding: the compiler asks for its word. */
export interface ReportWords {
  readonly text: { readonly [K in keyof typeof TEXT]: string }
  readonly open: Readonly<Record<OpenKind, string>>
  readonly state: Of<typeof DEVICE_STATES>
  readonly phase: Of<typeof PHASES>
  readonly job: Of<typeof JOB_KINDS>
  readonly jobState: Of<typeof JOB_STATES>
  readonly alarm: Of<typeof HEALTH_METRICS> & Of<typeof HEALTH_SIGNS>
  readonly finding: Readonly<Record<Finding, string>>
  readonly verdict: Readonly<Record<Verdict, string>>
}

const TEXT = {
  title: 'Site hand-over report',
  number: 'Report no.',
  page: 'Report {n}',
  site: 'Site',
  customer: 'Customer',
  place: 'Place',
  madeAt: 'Date and time',
  technician: 'Technician',
  authority: 'Site authority',
  controller: 'Controller',
  previous: 'Report before',
  first: 'none: this is the first report of this site',
  program: 'Made with',
  none: 'not given',
  unknown: 'unknown',
  devices: 'Devices',
  inOperation: 'In operation',
  failed: 'Failed',
  offline: 'Offline',
  other: 'Other state',
  expectedMissing: 'Expected, missing',
  alarms: 'Alarms',
  counting:
    'Each device counts once: in operation, failed, offline or in another state. Missing devices are on the site plan and were not found; they are not among the devices.',
  openNone: 'Nothing is open.',
  openOne: '1 item is open. It stands right after this overview.',
  openSome: '{n} items are open. They stand right after this overview.',
  notes: 'Notes',
  openTitle: 'Open items',
  openHint: 'Everything that failed, is missing, or was not known when this report was made.',
  devicesTitle: 'Devices',
  devicesHint:
    'What each device proved or told over its trusted connection. What is not known is marked “unknown”.',
  devicesNone: 'No device belongs to this site.',
  name: 'Name',
  model: 'Model',
  serial: 'Serial number',
  group: 'Group',
  stateHead: 'State',
  firmware: 'Firmware',
  bank: 'bank {slot}',
  configuration: 'Config.',
  certificate: 'Certificate until',
  health: 'Health',
  what: 'What',
  detail: 'Detail',
  good: 'good',
  warned: 'watch',
  bad: 'poor',
  checked: 'checked {date}',
  lastSeen: 'seen {date}',
  workTitle: 'Work done',
  workHint: 'All jobs on record. Each stands with its device and time in report.csv and report.json.',
  workNone: 'No job is on record.',
  kind: 'Kind of work',
  all: 'All',
  under: 'Under way',
  proofTitle: 'How to check this report',
  proof1:
    'This paper is one of six files. They belong together: report.json, report.csv and report.pdf say the same; manifest.json holds the SHA-256 of each; manifest.p7s is the signature of the site’s controller over the manifest; site-ca.pem is the certificate of the site authority.',
  proof2: 'To check the files with this program, without a network:',
  proof3:
    'Or with OpenSSL, and the certificate of the site authority that you were given when the site was set up:',
  proof4:
    'Compare the fingerprint with the one you were given, not with this paper: a forged report would print its own.',
  fingerprint: 'Fingerprint of the site authority (SHA-256)',
  auditFact: 'Audit record at this moment: {n} lines, last hash',
  auditNone: 'Audit record at this moment: {n} lines',
  replaced:
    'Some letters can not be printed here: they lost their marks or stand as “?”. They are whole in report.csv and report.json.',
  signTitle: 'Handed over and taken over',
  signTechnician: 'Technician: name, date, signature',
  signCustomer: 'Customer: name, date, signature',
} as const

export const ENGLISH_WORDS: ReportWords = {
  text: TEXT,
  open: {
    missing: 'Expected, not found',
    'not-trusted': 'Identity not trusted',
    'job-failed': 'Work failed',
    'certificate-expired': 'Certificate expired',
    unhealthy: 'Not healthy',
    alarm: 'Alarm',
    check: 'Health check: finding',
    offline: 'Offline',
    'not-commissioned': 'Not commissioned',
    waiting: 'Waits',
    'job-unfinished': 'Work not finished',
    'job-cancelled': 'Work cancelled',
    maintenance: 'In maintenance',
    'bank-invalid': 'Firmware bank invalid',
    'certificate-expiring': 'Certificate ends soon',
    'no-certificate': 'No proven certificate',
    quiet: 'Sends no reports',
    attention: 'Needs attention',
  },
  state: {
    failed: 'failed',
    'not-trusted': 'not trusted',
    unhealthy: 'not healthy',
    offline: 'offline',
    quiet: 'quiet',
    'waiting-approval': 'waits for approval',
    'waiting-confirm': 'not confirmed',
    attention: 'needs attention',
    'certificate-expiring': 'certificate ends soon',
    'needs-network': 'needs network',
    new: 'new',
    working: 'at work',
    healthy: 'healthy',
    'not-managed': 'not managed',
  },
  phase: {
    manufacturing: 'manufacturing',
    provisioning: 'provisioning',
    commissioning: 'commissioning',
    operation: 'operation',
    maintenance: 'maintenance',
    decommissioning: 'decommissioning',
  },
  job: {
    commission: 'Commission',
    inject: 'Identity in the factory',
    provision: 'Bring to the network',
    update: 'Firmware',
    'update-serial': 'Firmware by cable',
    configure: 'Configuration',
    'fetch-log': 'Fetch log',
    check: 'Health check',
    apply: 'Site plan applied',
    decommission: 'Decommissioning',
  },
  jobState: {
    queued: 'queued',
    waiting: 'waits',
    running: 'running',
    'needs-you': 'needs approval',
    done: 'Done',
    failed: 'Failed',
    cancelled: 'Cancelled',
    interrupted: 'interrupted',
  },
  alarm: {
    temperature: 'temperature',
    supply: 'supply voltage',
    memory: 'free memory',
    signal: 'radio signal',
    linkErrors: 'link errors',
    errors: 'errors logged',
    clockSkew: 'clock is wrong',
    uptime: 'uptime',
    quiet: 'sends no reports',
    'events-blocked': 'events do not get through',
    'certificate-expiring': 'certificate ends soon',
    'certificate-expired': 'certificate expired',
    restarted: 'restarted',
  },
  finding: {
    unreachable: 'not reachable',
    'not-trusted': 'identity not trusted',
    'flash-failing': 'flash memory fails',
    'memory-failing': 'working memory fails',
    'sensor-failing': 'sensor fails',
    'supply-low': 'supply voltage low',
    overheating: 'too hot',
    'firmware-on-trial': 'firmware on trial',
    'many-errors': 'many errors in the log',
    'network-poor': 'network is poor',
    'name-service': 'name service fails',
    'certificate-ending': 'certificate ends soon',
    'clock-wrong': 'clock is wrong',
    'values-out-of-range': 'values out of range',
    incomplete: 'check incomplete',
    'all-well': 'all well',
  },
  verdict: { ok: 'passed', warn: 'with remarks', bad: 'not passed', unknown: 'unknown', skipped: 'skipped' },
}
