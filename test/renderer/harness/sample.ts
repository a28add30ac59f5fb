import type { Group } from '../../../electron/contract/configuration'
import type { Device } from '../../../electron/contract/device'
import type { MissingReport, NetworkInterface } from '../../../electron/contract/discovery'
import type { ExpectedDevice } from '../../../electron/contract/enrollment'
import type { StationView } from '../../../electron/contract/factory'
import { DEFAULT_THRESHOLDS } from '../../../electron/contract/health'
import type { CertificateSummary, IdentityCheck, TrustRoot } from '../../../electron/contract/identity'
import type { Status } from '../../../electron/contract/ipc'
import type { Job } from '../../../electron/contract/job'
import type { Settings } from '../../../electron/contract/settings'
import { type AccessSample, accessSample } from './sample-access'
import { type DiagnosticsSample, diagnosticsSample } from './sample-diagnostics'
import type { EndSample } from './sample-end'
import { type FactorySample, factorySample } from './sample-factory'
import { type FirmwareSample, firmwareSample } from './sample-firmware'
import { type ReportsSample, reportsSample } from './sample-reports'
import { restingStation } from './sample-station'

/** Everything that the played main process answers with. Times are made relative to `nowMs`. */
export interface Sample extends ReportsSample, EndSample {
  readonly nowMs: number
  readonly status: Status
  readonly settings: Settings
  readonly interfaces: readonly NetworkInterface[]
  readonly devices: readonly Device[]
  readonly checks: Readonly<Record<string, IdentityCheck>>
  readonly groups: readonly Group[]
  readonly expected: readonly ExpectedDevice[]
  readonly roots: readonly TrustRoot[]
  readonly missing: MissingReport
  readonly jobs: readonly Job[]
  readonly station: StationView
  readonly factory: FactorySample
  readonly firmware: FirmwareSample
  readonly access: AccessSample
  readonly diagnostics: DiagnosticsSample
  /** How long a step of a played job takes. */
  readonly stepMs: number
  /** Devices whose confirmation never comes. */
  readonly failing: readonly string[]
}

const DAY = 86_400_000
export const NOW = Date.now()
const hex = (value: number, length: number) => value.toString(16).padStart(length, '0')
export const udn = (index: number): string => `uuid:2fac1234-31f8-11b4-a222-${hex(index, 12)}`

const fingerprint = (seed: number): string =>
  Array.from({ length: 32 }, (_, at) => hex((seed * 37 + at * 91 + 13) % 256, 2).toUpperCase()).join(':')

interface Spec {
  readonly name: string
  readonly model: string
  readonly state: Device['state']
  readonly phase?: Device['phase']
  readonly group?: string
  readonly firmware?: string
  readonly days?: number
  readonly serial?: string
  readonly seenS?: number
  readonly error?: string
}

const device = (spec: Spec, index: number): Device => {
  const managed = spec.state !== 'not-managed'
  const enrolled = spec.phase === 'operation' || spec.phase === 'maintenance'
  return {
    udn: udn(index),
    name: spec.name,
    manufacturer: 'Example maker',
    model: spec.model,
    ...(managed ? { serialNumber: spec.serial ?? `${spec.model.replace('-', '')}-0${1080 + index}` } : {}),
    managed,
    ...(managed ? {} : { unmanagedReason: 'no-header' as const }),
    ...(spec.phase ? { phase: spec.phase } : {}),
    capabilities: managed ? ['enroll', 'config', 'diag'] : [],
    ...(managed ? { claimedIdentity: '7c1f0a93e24451b8' } : {}),
    ...(spec.group ? { group: spec.group } : {}),
    ...(enrolled ? { configurationVersion: 4 } : {}),
    ...(spec.firmware ? { firmwareVersion: spec.firmware } : {}),
    ...(enrolled
      ? {
          proven: {
            kind: 'LDevID' as const,
            serialNumber: '4F21',
            fingerprint: fingerprint(index),
            notAfter: new Date(NOW + (spec.days ?? 300) * DAY).toISOString(),
            provenAtMs: NOW - 600_000,
          },
          ldevidNotAfter: new Date(NOW + (spec.days ?? 300) * DAY + 3_600_000).toISOString(),
        }
      : {}),
    addresses: [
      {
        address: `10.4.${Math.floor(index / 200) + 1}.${(index % 200) + 20}`,
        interfaceName: 'eth0',
        location: `http://10.4.1.${index}:8080/description.xml`,
        secureLocation: `https://10.4.1.${index}:8443/description.xml`,
        lastSeenMs: NOW - (spec.seenS ?? 3) * 1000,
      },
    ],
    bootId: 7,
    configId: 1,
    online: spec.state !== 'offline',
    lastSeenMs: NOW - (spec.seenS ?? (index % 9) + 1) * 1000,
    state: spec.state,
    ...(spec.error ? { lastErrorCode: spec.error } : {}),
    warnings: index === 3 ? ['UDN written in upper case: repaired'] : [],
  }
}

const SPECS: readonly Spec[] = [
  {
    name: 'Pump room 1',
    model: 'PX-200',
    state: 'healthy',
    phase: 'operation',
    group: 'North hall',
    firmware: '2.4.0',
  },
  {
    name: 'Pump room 2',
    model: 'PX-200',
    state: 'healthy',
    phase: 'operation',
    group: 'North hall',
    firmware: '2.3.1',
  },
  {
    name: 'Gate east',
    model: 'GC-10',
    state: 'waiting-confirm',
    phase: 'commissioning',
    group: 'Gates',
    firmware: '2.4.0',
  },
  {
    name: 'Gate west',
    model: 'GC-10',
    state: 'failed',
    phase: 'commissioning',
    group: 'Gates',
    firmware: '2.3.1',
    error: 'NOT_CONFIRMED',
  },
  {
    name: '',
    model: 'PX-200',
    state: 'waiting-approval',
    phase: 'commissioning',
    firmware: '2.4.0',
    serial: 'PX200-01180',
  },
  {
    name: '',
    model: 'PX-200',
    state: 'waiting-approval',
    phase: 'commissioning',
    firmware: '2.4.0',
    serial: 'PX200-01181',
  },
  {
    name: '',
    model: 'PX-200',
    state: 'not-trusted',
    phase: 'commissioning',
    firmware: '2.4.0',
    serial: 'PX200-00977',
    error: 'IDENTITY_NOT_TRUSTED',
  },
  {
    name: 'Air unit 3',
    model: 'AU-7',
    state: 'healthy',
    phase: 'operation',
    group: 'Roof',
    firmware: '1.9.2',
  },
  {
    name: 'Air unit 4',
    model: 'AU-7',
    state: 'certificate-expiring',
    phase: 'operation',
    group: 'Roof',
    firmware: '1.9.2',
    days: 21,
  },
  {
    name: 'Air unit 12',
    model: 'AU-7',
    state: 'offline',
    phase: 'operation',
    group: 'Roof',
    firmware: '1.9.2',
    seenS: 4_000,
  },
  { name: 'Meter 0181', model: 'EM-3', state: 'needs-network', phase: 'provisioning', firmware: '3.0.0' },
  { name: 'NAS (media server)', model: 'DS-218', state: 'not-managed' },
]

const STATES: readonly Device['state'][] = [
  'healthy',
  'healthy',
  'healthy',
  'healthy',
  'new',
  'offline',
  'healthy',
  'certificate-expiring',
]

/** The twelve devices of the pictures, or as many as asked. */
export const devices = (count = SPECS.length): readonly Device[] =>
  Array.from({ length: count }, (_, index) => {
    const known = SPECS[index]
    if (known) return device(known, index + 1)
    const state = STATES[index % STATES.length] ?? 'healthy'
    const model = ['PX-200', 'GC-10', 'AU-7'][index % 3] ?? 'PX-200'
    return device(
      {
        name: `${['Pump', 'Gate', 'Air unit'][index % 3]} ${index}`,
        model,
        state,
        phase: state === 'new' ? 'commissioning' : 'operation',
        firmware: '2.4.0',
        ...(state === 'new' ? {} : { group: ['North hall', 'Gates', 'Roof'][index % 3] ?? 'Roof' }),
        days: state === 'certificate-expiring' ? 12 : 300,
      },
      index + 1,
    )
  })

const certificate = (
  subject: string,
  issuer: string,
  seed: number,
  more: Partial<CertificateSummary> = {},
): CertificateSummary => ({
  subject,
  issuer,
  serialNumber: hex(seed, 4),
  fingerprint: fingerprint(seed),
  notBefore: '2024-01-01T00:00:00.000Z',
  notAfter: '2031-01-01T00:00:00.000Z',
  isCa: true,
  ...more,
})

const checkOf = (one: Device, index: number): IdentityCheck => {
  const trusted = one.state !== 'not-trusted'
  const root = trusted ? 'CN=Example root,O=Example' : 'CN=Test Root,O=Unknown'
  const site = one.phase === 'operation'
  return {
    udn: one.udn,
    trusted,
    ...(trusted
      ? {}
      : { code: 'IDENTITY_NOT_TRUSTED', detail: 'issuer CN=Test Root is not among the trusted roots' }),
    kind: site ? 'LDevID' : 'IDevID',
    chain: site
      ? [
          certificate('CN=Sample site Site CA', 'CN=Sample site Site CA', 900),
          certificate(`CN=${one.model} ${one.serialNumber}`, 'CN=Sample site Site CA', index, {
            isCa: false,
            udn: one.udn,
            deviceSerial: one.serialNumber ?? '',
            notAfter: one.ldevidNotAfter ?? '',
          }),
        ]
      : [
          certificate(root, root, trusted ? 800 : 801),
          certificate('CN=Line 4,O=Example', root, 810),
          certificate(`CN=${one.model} ${one.serialNumber}`, 'CN=Line 4,O=Example', index, {
            isCa: false,
            udn: one.udn,
            deviceSerial: one.serialNumber ?? '',
            notAfter: '9999-12-31T23:59:59.000Z',
          }),
        ],
    phase: one.phase ?? 'commissioning',
    checkedAtMs: NOW,
  }
}

const SETTINGS: Settings = {
  technician: 'Technician',
  siteName: 'Sample site',
  setupDone: true,
  language: 'en',
  theme: 'light',
  interfaces: [],
  allowOffSubnet: false,
  searchMxS: 3,
  policy: {
    mode: 'manual',
    defaultGroup: 'North hall',
    rules: [{ model: 'PX-200', serial: 'PX200-01*', group: 'North hall' }],
  },
  jobConcurrency: 8,
  thresholds: [...DEFAULT_THRESHOLDS],
}

const iface = (name: string, address: string, loopback = false): NetworkInterface => ({
  name,
  addresses4: address ? [{ address, netmask: '255.255.255.0', prefix: 24 }] : [],
  addresses6LinkLocal: loopback ? [] : ['fe80::5054:ff:fe12:3456'],
  loopback,
})

const missing: MissingReport = {
  takenAtMs: NOW,
  interfaces: [
    {
      name: 'eth0',
      family: 'IPv4',
      address: '10.4.1.5',
      listening: true,
      searchesSent: 12,
      sendErrors: 0,
      packetsHeard: 418,
      answersHeard: 120,
      notifiesHeard: 290,
      malformed: 1,
      lastHeardMs: NOW - 2000,
      receiveBufferBytes: 425_984,
      receiveBufferAsked: 8_388_608,
    },
    {
      name: 'wlan0',
      family: 'IPv4',
      address: '192.168.7.31',
      listening: true,
      searchesSent: 12,
      sendErrors: 0,
      packetsHeard: 0,
      answersHeard: 0,
      notifiesHeard: 0,
      malformed: 0,
      receiveBufferBytes: 425_984,
      receiveBufferAsked: 8_388_608,
    },
    {
      name: 'eth0',
      family: 'IPv6',
      address: 'fe80::5054:ff:fe12:3456',
      listening: false,
      problem: 'EADDRINUSE',
      searchesSent: 0,
      sendErrors: 3,
      packetsHeard: 0,
      answersHeard: 0,
      notifiesHeard: 0,
      malformed: 0,
      receiveBufferBytes: 0,
      receiveBufferAsked: 8_388_608,
    },
  ],
  unused: [iface('tun0', '10.8.0.2')],
  kernelDrops: 14,
  devicesListed: 12,
  refused: [
    {
      from: '10.4.1.90',
      interfaceName: 'eth0',
      usn: 'uuid:2fac1234-31f8-11b4-a222-08002b34c003::upnp:rootdevice',
      location: 'http://192.168.9.4/desc.xml',
      reason: 'off-subnet',
      count: 7,
      lastMs: NOW - 9000,
    },
    {
      from: '10.4.1.66',
      interfaceName: 'eth0',
      reason: 'malformed-packet',
      detail: 'no start line',
      count: 1,
      lastMs: NOW - 90_000,
    },
  ],
  hints: ['devices-refused', 'buffer-small', 'firewall-linux', 'vpn-active'],
}

/** A sample to change to taste. */
export const sample = (change: Partial<Sample> = {}): Sample => {
  const list = change.devices ?? devices()
  return {
    nowMs: NOW,
    status: {
      stage: 'ready',
      practice: false,
      station: false,
      osKeyStore: true,
      siteName: 'Sample site',
      technician: 'Technician',
      listening: ['eth0', 'wlan0'],
      controllerUdn: udn(0),
      siteAuthority: { subject: 'CN=Sample site CA', fingerprint: fingerprint(900) },
      version: '0.1.0',
    },
    settings: SETTINGS,
    interfaces: [
      iface('lo', '127.0.0.1', true),
      iface('eth0', '10.4.1.5'),
      iface('wlan0', '192.168.7.31'),
      iface('tun0', '10.8.0.2'),
    ],
    checks: Object.fromEntries(list.map((one, index) => [one.udn, checkOf(one, index + 1)])),
    groups: [
      {
        name: 'Gates',
        values: { 'report/interval': '60', 'gate/closeAfterSeconds': '20' },
        version: 2,
        members: 2,
      },
      {
        name: 'North hall',
        values: {
          'report/interval': '30',
          'alarm/temperatureMax': '78.5',
          'network/timeServer': '10.4.1.1',
          'led/brightness': '40',
        },
        version: 4,
        members: 2,
      },
      { name: 'Roof', values: {}, version: 1, members: 3 },
    ],
    expected: [
      { serialNumber: 'PX200-01081', name: 'Pump room 1', group: 'North hall' },
      { serialNumber: 'PX200-01180', name: 'Pump room 5', group: 'North hall' },
      { serialNumber: 'GC10-00991', name: 'Gate north', group: 'Gates' },
    ],
    roots: [
      {
        ...certificate('CN=Example root,O=Example', 'CN=Example root,O=Example', 800),
        name: 'Example root',
        addedAtMs: NOW - DAY,
        practice: false,
      },
    ],
    missing,
    jobs: [],
    station: restingStation(),
    factory: factorySample(),
    firmware: firmwareSample(list.map((one) => one.udn)),
    ...reportsSample(),
    diagnostics: diagnosticsSample(list, NOW),
    access: accessSample(
      NOW,
      list.map((one) => one.udn),
    ),
    stepMs: 120,
    failing: [],
    ...change,
    devices: list,
  }
}
