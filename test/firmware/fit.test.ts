import { expect, it } from 'vitest'
import type { UnfitReason, UpdateState } from '../../electron/contract/firmware'
import { UPDATE_STATES } from '../../electron/contract/update-states'
import { type FitFacts, fitOf } from '../../electron/firmware/fit'

const manifest = {
  model: 'Pump P4',
  hardwareRevisions: ['B', 'C'],
  version: '2.4.0',
  securityVersion: 3,
}
const device: FitFacts = {
  udn: 'uuid:00000000-0000-4000-8000-000000000001',
  managed: true,
  enrolled: true,
  online: true,
  ota: true,
  model: 'Pump P4',
  hardwareRevision: 'C',
  firmwareVersion: '2.3.9',
  securityVersion: 3,
  updateState: 'idle',
}

it('a device that the firmware was made for fits', () => {
  expect(fitOf(device, manifest)).toEqual({ udn: device.udn, fits: true, currentVersion: '2.3.9' })
})

const CAUSES: readonly (readonly [UnfitReason, Partial<FitFacts>])[] = [
  ['not-managed', { managed: false, enrolled: false, model: undefined }],
  ['not-enrolled', { enrolled: false, ota: false }],
  ['no-ota', { ota: false, model: 'Valve V1' }],
  ['wrong-model', { model: 'Valve V1', hardwareRevision: 'A' }],
  ['wrong-revision', { hardwareRevision: 'A', firmwareVersion: '2.4.0' }],
  ['same-version', { firmwareVersion: '2.4.0', securityVersion: 9 }],
  ['same-version', { firmwareVersion: '2.4.0+factory' }],
  ['lower-version', { firmwareVersion: '2.10.0' }],
  ['security-version', { securityVersion: 4, updateState: 'probation' }],
  ['update-running', { updateState: 'probation', online: false }],
  ['unknown-state', { model: undefined }],
  ['unknown-state', { hardwareRevision: undefined }],
  ['unknown-state', { firmwareVersion: undefined }],
  ['unknown-state', { firmwareVersion: 'build 7' }],
]

it.each(CAUSES)('%s: one cause is told, the hardest (%o)', (reason, change) => {
  expect(fitOf({ ...device, ...change }, manifest)).toMatchObject({ fits: false, reason })
})

it('a device that is away fits and is held; one whose floor is not known is left to judge by itself', () => {
  expect(fitOf({ ...device, online: false }, manifest)).toMatchObject({ fits: true, reason: 'offline' })
  expect(fitOf({ ...device, securityVersion: undefined }, manifest).fits).toBe(true)
  expect(fitOf({ ...device, updateState: undefined }, manifest).fits).toBe(true)
})

it('what an earlier update came to does not keep the next one away, what is under way does', () => {
  const free: readonly UpdateState[] = ['idle', 'scheduled', 'confirmed', 'rolledBack', 'failed']
  for (const updateState of UPDATE_STATES)
    expect(fitOf({ ...device, updateState }, manifest).fits).toBe(free.includes(updateState))
})
