/** Rollouts and their members on disk: written whole, changed in part, there again after a restart. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDatabase } from '../../electron/store/database'
import { MIGRATIONS } from '../../electron/store/migrations'
import { Records } from '../../electron/store/records'
import type { RolloutMember, RolloutRecord } from '../../electron/store/tables/rollouts'
import { deviceRow, udnOf } from '../helpers/device-row'
import { BUNDLE_ID, manifestOf } from '../helpers/firmware-double'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'iotmc-rollouts-'))
  path = join(folder, 'records.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const recordOf = (id: string): RolloutRecord => ({
  id,
  plan: {
    bundleId: BUNDLE_ID,
    waves: [{ udns: [udnOf(1)] }, { udns: [udnOf(2)] }],
    passPercent: 100,
    soakMinutes: 10,
    errorPercent: 5,
    minimumSample: 1,
    downloadAhead: true,
    window: { from: '22:00', to: '04:00' },
    confirm: 'after-soak',
  },
  manifest: manifestOf(),
  state: 'running',
  wave: -1,
  createdAtMs: 1_000,
})

const memberOf = (rolloutId: string, n: number): RolloutMember => ({
  rolloutId,
  udn: udnOf(n),
  wave: n - 1,
  state: 'waiting',
  changedAtMs: 1_000,
})

const FULL: RolloutMember = {
  ...memberOf('r1', 2),
  state: 'rolledBack',
  changedAtMs: 5_000,
  jobId: 'j',
  status: {
    activeBank: 'A',
    banks: [
      { slot: 'A', state: 'valid', version: '1.0.0', sha256: 'aa', securityVersion: 1, bootAttempts: 0 },
      { slot: 'B', state: 'invalid', bootAttempts: 3 },
    ],
    securityVersion: 1,
    update: {
      updateId: 'u',
      version: '2.0.0',
      state: 'rolledBack',
      rollback: 'watchdog',
      activation: 'hold',
      receivedBytes: 10,
      totalBytes: 10,
    },
  },
  statusAtMs: 4_000,
  deadlineMs: 9_000,
  error: { code: 'ROLLED_BACK', subject: udnOf(2), detail: 'watchdog' },
}

it('come back as they were written, in their order', () => {
  const records = Records.open(path)
  records.rollouts.insert(recordOf('r1'), [memberOf('r1', 1), memberOf('r1', 2)])
  records.rollouts.insert(recordOf('r2'), [memberOf('r2', 1)])
  records.rollouts.save({ ...recordOf('r1'), state: 'paused', pauseReason: 'too-many-errors', wave: 1 })
  records.rollouts.saveMembers([FULL])
  records.close()
  const again = Records.open(path)
  expect(again.rollouts.list()).toEqual([
    { ...recordOf('r1'), state: 'paused', pauseReason: 'too-many-errors', wave: 1 },
    recordOf('r2'),
  ])
  expect(again.rollouts.members('r1')).toEqual([memberOf('r1', 1), FULL])
  expect(again.rollouts.members('r2')).toEqual([memberOf('r2', 1)])
  again.close()
})

it('a cleared field is gone', () => {
  const records = Records.open(path)
  records.rollouts.insert(recordOf('r1'), [FULL])
  records.rollouts.save({ ...recordOf('r1'), pauseReason: 'person', endedAtMs: 9, resumedAtMs: 8 })
  records.rollouts.save(recordOf('r1'))
  records.rollouts.saveMembers([memberOf('r1', 2)])
  expect(records.rollouts.list()).toEqual([recordOf('r1')])
  expect(records.rollouts.members('r1')).toEqual([memberOf('r1', 2)])
  records.close()
})

it('are written with all their members or not at all', () => {
  const records = Records.open(path)
  const broken = { ...memberOf('r1', 2), wave: Number.NaN }
  expect(() => records.rollouts.insert(recordOf('r1'), [memberOf('r1', 1), broken])).toThrow()
  expect(records.rollouts.list()).toEqual([])
  expect(records.rollouts.members('r1')).toEqual([])
  records.close()
})

it('records of the version before get the tables and keep what they have', () => {
  const [first = ''] = MIGRATIONS
  openDatabase(path, [first]).close()
  const older = Records.open(path)
  older.devices.patch(deviceRow(1).udn, { name: 'Device 1' })
  older.rollouts.insert(recordOf('r1'), [memberOf('r1', 1)])
  expect(older.devices.list()).toHaveLength(1)
  expect(older.rollouts.list()).toHaveLength(1)
  older.close()
})
