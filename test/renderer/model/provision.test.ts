import { describe, expect, it } from 'vitest'
import type { Device } from '../../../electron/contract/device'
import type { Job } from '../../../electron/contract/job'
import { concerns, isOverCable, udnOf } from '../../../renderer/model/job-subject'
import {
  afterFailure,
  lockedSeconds,
  networkBlock,
  serialBlock,
  ssidBytes,
  ssidTooLong,
  stageOfProvision,
  targetOfJob,
  targetUdn,
  waitingForNetwork,
} from '../../../renderer/model/provision'
import { devices, udn } from '../harness/sample'
import { atCable } from '../harness/sample-factory'

const PORT = '/dev/ttyUSB0'
const found = (phase: string, trusted = true, change = {}) => ({
  state: 'found' as const,
  device: atCable(PORT, phase, trusted, change),
})
const job = (change: Partial<Job> = {}): Job => ({
  id: 'job-1',
  kind: 'provision',
  subject: udn(11),
  batch: 'b',
  params: { via: 'network', ssid: 'Plant' },
  state: 'failed',
  steps: [],
  attempt: 1,
  createdAtMs: 1000,
  updatedAtMs: 1000,
  ...change,
})
const meter = devices()[10] as Device

describe('a device at a cable', () => {
  it.each([
    ['not-looked', { state: 'none' as const }],
    ['looking', { state: 'looking' as const }],
    ['not-found', { state: 'failed' as const, code: 'SERIAL_SILENT' }],
    ['no-identity', found('manufacturing')],
    ['no-identity', found('provisioning', true, { locked: false })],
    ['no-identity', found('provisioning', true, { check: undefined })],
    ['not-trusted', found('provisioning', false)],
    ['has-site', found('operation')],
    ['busy', found('decommissioning')],
    [undefined, found('provisioning')],
    [undefined, found('commissioning')],
  ])('can go on or not: %s', (block, look) => expect(serialBlock(look)).toBe(block))

  it('is known by the UDN that it told', () => {
    expect(targetUdn({ via: 'serial', path: PORT, look: found('provisioning') })).toMatch(/^uuid:/)
    expect(targetUdn({ via: 'serial', path: PORT, look: { state: 'none' } })).toBeUndefined()
  })
})

describe('a device on its setup network', () => {
  it.each([
    ['nothing', '', undefined],
    ['not-heard', udn(99), undefined],
    ['no-identity', udn(11), { ...meter, phase: 'manufacturing' as const }],
    ['has-network', udn(1), { ...meter, phase: 'operation' as const }],
    ['offline', udn(11), { ...meter, online: false }],
    [undefined, udn(11), meter],
  ])('can go on or not: %s', (block, id, device) => expect(networkBlock(id, device)).toBe(block))

  it('is offered while it is in provisioning only, in the order of serial numbers', () => {
    const other = { ...meter, udn: udn(50), serialNumber: 'EM3-9' }
    expect(waitingForNetwork([...devices(), other]).map((device) => device.serialNumber)).toEqual([
      'EM3-9',
      'EM3-01091',
    ])
  })
})

describe('the name of a network', () => {
  it('is measured in bytes, not in letters', () => {
    expect(ssidBytes('Halle Süd')).toBe(10)
    expect(ssidTooLong('x'.repeat(32))).toBe(false)
    expect(ssidTooLong('ü'.repeat(17))).toBe(true)
  })
})

describe('the wizard', () => {
  const target = { via: 'network', udn: udn(11) } as const
  it('watches until its job has ended', () => {
    expect(stageOfProvision({ step: 'network', target }, undefined)).toBe('network')
    expect(stageOfProvision({ step: 'job', target, id: 'job-1' }, job({ state: 'running' }))).toBe('watch')
    expect(stageOfProvision({ step: 'job', target, id: 'job-1' }, job())).toBe('result')
  })

  it('opens on jobs that were started elsewhere', () => {
    expect(targetOfJob(job())).toEqual(target)
    expect(targetOfJob(job({ subject: PORT }))).toMatchObject({ via: 'serial', path: PORT })
  })

  it.each([
    ['code', 'network', 'SETUP_CODE_WRONG'],
    ['code', 'network', 'LOCKED_OUT'],
    ['both', 'network', 'SECRET_NEEDED'],
    ['network', 'serial', 'SECRET_NEEDED'],
    ['both', 'network', 'NETWORK_NOT_JOINED'],
    ['network', 'serial', 'NETWORK_NOT_JOINED'],
    ['retry', 'network', 'DEVICE_UNREACHABLE'],
    ['retry', 'serial', 'SERIAL_UNPLUGGED'],
  ] as const)('leads to "%s" on the %s road after %s', (how, via, code) =>
    expect(afterFailure(job({ error: { code } }), via)).toBe(how),
  )

  it('counts down the seconds that a locked device told, and nothing else', () => {
    const locked = job({ error: { code: 'LOCKED_OUT', detail: 'try again in 60 s' } })
    expect(lockedSeconds(locked, 1000)).toBe(60)
    expect(lockedSeconds(locked, 43_500)).toBe(18)
    expect(lockedSeconds(locked, 90_000)).toBe(0)
    expect(lockedSeconds(job({ error: { code: 'LOCKED_OUT' } }), 1000)).toBe(0)
    expect(lockedSeconds(job({ error: { code: 'TIMED_OUT', detail: 'after 60 s' } }), 1000)).toBe(0)
  })
})

describe('a job', () => {
  it('is about the device that its subject or its parameters name', () => {
    expect(udnOf(job())).toBe(udn(11))
    expect(udnOf(job({ subject: PORT, params: { udn: udn(3) } }))).toBe(udn(3))
    expect(udnOf(job({ subject: PORT }))).toBeUndefined()
  })

  it('stands in the history of its device, the making in the factory by serial number', () => {
    expect(concerns(job(), meter)).toBe(true)
    expect(concerns(job({ kind: 'inject', subject: 'EM3-01091' }), meter)).toBe(true)
    expect(concerns(job({ subject: 'EM3-01091' }), meter)).toBe(false)
    expect(concerns(job({ subject: udn(1) }), meter)).toBe(false)
  })

  it('goes over a cable or a network', () => {
    expect(isOverCable(job())).toBe(false)
    expect(isOverCable(job({ subject: PORT }))).toBe(true)
    expect(isOverCable(job({ kind: 'inject', subject: 'PX200-1' }))).toBe(true)
    expect(isOverCable(job({ kind: 'commission' }))).toBe(false)
  })
})
