import { describe, expect, it } from 'vitest'
import type { Alarm, DeviceHealth } from '../../electron/contract/health'
import type { Job } from '../../electron/contract/job'
import type { DiscoveredDevice } from '../../electron/discovery/registry'
import { type DeviceFacts, deviceState } from '../../electron/site/device-view'

const NOW = 1_800_000_000_000
const udn = 'uuid:00000000-0000-4000-8000-000000000001'

const heard = (phase: 'commissioning' | 'operation' | 'provisioning', online = true): DiscoveredDevice => ({
  udn,
  claim: { version: 1, phase, capabilities: ['enroll'] },
  addresses: [],
  reboots: 0,
  online,
  lastSeenMs: NOW,
  expiresAtMs: NOW + 1,
  warnings: [],
})
const job = (state: Job['state'], code?: NonNullable<Job['error']>['code']): Job => ({
  id: '1',
  kind: 'commission',
  subject: udn,
  batch: '1',
  params: {},
  state,
  steps: [],
  attempt: 1,
  createdAtMs: NOW,
  updatedAtMs: NOW,
  ...(code ? { error: { code } } : {}),
})

const health = (
  level: DeviceHealth['level'],
  feed: DeviceHealth['feed'],
  sign: Alarm['sign'],
): DeviceHealth => ({
  udn,
  level,
  feed,
  alarms: [{ sign, level: level === 'bad' ? 'bad' : 'warn', sinceMs: NOW }],
  values: {},
})

const rows: readonly [string, Omit<DeviceFacts, 'nowMs'>, string][] = [
  [
    'a plain UPnP device',
    { heard: { ...heard('operation'), claim: undefined } as DiscoveredDevice },
    'not-managed',
  ],
  ['a device that waits to be let in', { heard: heard('commissioning') }, 'new'],
  ['a device with no network yet', { heard: heard('provisioning') }, 'needs-network'],
  ['a device in operation', { heard: heard('operation') }, 'healthy'],
  ['a known device that is gone', { known: { udn } }, 'offline'],
  ['a job that needs a person', { heard: heard('commissioning'), job: job('needs-you') }, 'waiting-approval'],
  ['a running job', { heard: heard('commissioning'), job: job('running') }, 'working'],
  [
    'an identity that was refused',
    { heard: heard('commissioning'), job: job('failed', 'IDENTITY_REVOKED') },
    'not-trusted',
  ],
  [
    'an identity that was refused when it was checked',
    { heard: heard('commissioning'), refused: true },
    'not-trusted',
  ],
  [
    'a confirm that never came',
    { heard: heard('commissioning'), job: job('failed', 'NOT_CONFIRMED') },
    'waiting-confirm',
  ],
  [
    'a device that is too hot',
    { heard: heard('operation'), health: health('bad', 'events', 'temperature') },
    'unhealthy',
  ],
  [
    'one that was too hot and is silent now',
    { heard: heard('operation'), health: health('bad', 'quiet', 'temperature') },
    'unhealthy',
  ],
  [
    'a device that is off, whatever its certificate',
    { heard: heard('operation', false), health: health('bad', 'none', 'certificate-expired') },
    'offline',
  ],
  ['a silent device', { heard: heard('operation'), health: health('warn', 'quiet', 'quiet') }, 'quiet'],
  [
    'a device worth a look',
    { heard: heard('operation'), health: health('warn', 'polled', 'events-blocked') },
    'attention',
  ],
  [
    'a certificate that ends soon, and nothing else',
    {
      heard: heard('operation'),
      known: { udn, ldevidNotAfter: new Date(NOW + 1000).toISOString() },
      health: health('warn', 'events', 'certificate-expiring'),
    },
    'certificate-expiring',
  ],
  [
    'a warm device at work',
    { heard: heard('operation'), job: job('running'), health: health('bad', 'events', 'temperature') },
    'working',
  ],
  ['any other failure', { heard: heard('commissioning'), job: job('failed', 'TIMED_OUT') }, 'failed'],
  [
    'a certificate that ends soon',
    { heard: heard('operation'), known: { udn, ldevidNotAfter: new Date(NOW + 86_400_000).toISOString() } },
    'certificate-expiring',
  ],
  [
    'one that is being wiped',
    { heard: heard('operation'), decommissioned: 'queued', job: job('running') },
    'working',
  ],
  [
    'one whose decommissioning has failed',
    { heard: heard('operation'), decommissioned: 'queued', job: job('failed', 'PROOF_INVALID') },
    'failed',
  ],
  [
    'one that was revoked and left at that',
    { heard: heard('operation'), decommissioned: 'revoked' },
    'not-trusted',
  ],
  ['one that was revoked and is off', { known: { udn }, decommissioned: 'queued' }, 'offline'],
  ['one that has left', { known: { udn }, decommissioned: 'certified' }, 'not-managed'],
  ['one that was wiped', { heard: heard('provisioning'), decommissioned: 'certified' }, 'needs-network'],
  ['one that asks to come back', { heard: heard('commissioning'), decommissioned: 'certified' }, 'new'],
]

describe('the state shown for a device', () => {
  it.each(rows)('%s', (_what, facts, state) => {
    expect(deviceState({ ...facts, nowMs: NOW })).toBe(state)
  })
})
