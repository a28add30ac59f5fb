import { describe, expect, it } from 'vitest'
import type { DecommissionPreviewRow } from '../../../electron/contract/decommission'
import type { Device } from '../../../electron/contract/device'
import {
  countLeaving,
  leaveBlock,
  leavingRank,
  stagesOf,
  sumPreview,
} from '../../../renderer/model/decommission'
import { devices, udn } from '../harness/sample'

const row = (change: Partial<DecommissionPreviewRow> = {}): DecommissionPreviewRow => ({
  udn: udn(1),
  name: 'Pump room 1',
  online: true,
  ldevids: ['4f21'],
  idevid: 'aa',
  jobs: 0,
  ...change,
})

describe('the stages of a device that leaves', () => {
  it('are done up to its state; the next one is under way while the job runs', () =>
    expect(stagesOf('revoked', 'running')).toEqual([
      ['revoked', 'done'],
      ['wiped', 'now'],
      ['proven', 'later'],
      ['certified', 'later'],
    ]))

  it('wait with the device, and show where the job failed', () => {
    expect(stagesOf('queued', 'waiting').map(([, stand]) => stand)).toEqual([
      'done',
      'later',
      'later',
      'later',
    ])
    expect(stagesOf('wiped', 'failed').map(([, stand]) => stand)).toEqual(['done', 'done', 'failed', 'later'])
  })

  it('are all done at the end, and nothing is before its revocation', () => {
    expect(stagesOf('certified', 'done').every(([, stand]) => stand === 'done')).toBe(true)
    expect(stagesOf('frozen', 'queued').every(([, stand]) => stand === 'later')).toBe(true)
  })
})

describe('devices that leave together', () => {
  it('are counted once each', () =>
    expect(
      countLeaving([
        { state: 'certified', job: 'done' },
        { state: 'certified', job: undefined },
        { state: 'wiped', job: 'failed' },
        { state: 'queued', job: 'waiting' },
        { state: 'queued', job: undefined },
        { state: 'queued', job: 'running' },
        { state: 'ordered', job: 'queued' },
      ]),
    ).toEqual({ certified: 2, running: 2, queued: 2, failed: 1 }))

  it('show first what a person has to look at', () =>
    expect(leavingRank('wiped', 'failed')).toBeLessThan(leavingRank('revoked', 'running')))

  it('are summed without those that are left out', () =>
    expect(
      sumPreview([
        row({ jobs: 2 }),
        row({ udn: udn(2), online: false, ldevids: ['1', '2'] }),
        row({ udn: udn(3), problem: 'FROZEN', jobs: 9 }),
      ]),
    ).toEqual({ able: 2, leftOut: 1, online: 1, offline: 1, certificates: 3, identities: 2, jobs: 2 }))
})

describe('a device can leave', () => {
  const [member] = devices() as readonly [Device]

  it('when it is of this site, offline or not', () => {
    expect(leaveBlock(member)).toBeUndefined()
    expect(leaveBlock({ ...member, online: false, state: 'offline' })).toBeUndefined()
  })

  it('even when it says that it is new, where this site has given it a certificate', () =>
    expect(leaveBlock({ ...member, phase: 'provisioning' })).toBeUndefined())

  it('only once, and only when it is of this site', () => {
    const { ldevidNotAfter: _, ...stranger } = member
    expect(leaveBlock({ ...stranger, phase: 'commissioning' })).toBe('not-enrolled')
    expect(leaveBlock({ ...member, managed: false })).toBe('not-managed')
    expect(leaveBlock({ ...member, decommissioned: 'queued' })).toBe('wrong-phase')
    expect(leaveBlock({ ...member, decommissioned: 'certified' })).toBe('decommissioned')
  })
})
