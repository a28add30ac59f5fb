import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  AUDIT_ACTIONS,
  auditTextKey,
  subjectFilter,
  withNewer,
  withNewest,
} from '../../../renderer/model/audit'
import { deviceRow, udnOf } from '../../helpers/device-row'

const electron = join(import.meta.dirname, '../../../electron')

it('has words for every action that the sources write into the audit', () => {
  const written = new Set<string>()
  const files = ['site', 'station', 'operation', 'enrollment'].flatMap((folder) =>
    readdirSync(join(electron, folder)).map((name) => join(folder, name)),
  )
  for (const file of [...files, 'controller.ts'].filter((name) => name.endsWith('.ts'))) {
    const text = readFileSync(join(electron, file), 'utf8')
    for (const [, action = ''] of text.matchAll(
      /(?:\baudit|\.note)\(\s*(?:(?:by|undefined|NOBODY|this\.current\(\)|found && \{[^}]*\}),\s*)?'([a-zA-Z.-]+)'/g,
    ))
      written.add(action)
    for (const [, action = ''] of text.matchAll(/\bnoted\([^,]+, '([a-z-]+)'/g)) written.add(action)
  }
  expect(written.size).toBeGreaterThan(40)
  expect([...written].filter((action) => auditTextKey(action) === undefined).sort()).toEqual([])
})

it('has a text key for each action, and none for another', () => {
  expect(new Set(AUDIT_ACTIONS.map(auditTextKey)).size).toBe(AUDIT_ACTIONS.length)
  expect(auditTextKey('rollout.started')).toBe('rollout-started')
  expect(auditTextKey('toString')).toBeUndefined()
})

describe('the device filter', () => {
  const devices = [
    deviceRow(1, { name: 'Pump room 1', serialNumber: 'PX200-01' }),
    deviceRow(2, { name: 'Pump room 10', serialNumber: 'PX200-02' }),
  ]
  it.each([
    ['pump ROOM 1', udnOf(1)],
    ['room 10', udnOf(2)],
    ['px200-02', udnOf(2)],
    ['pump', 'pump'],
    [' nothing ', 'nothing'],
    ['  ', ''],
  ])('%j asks for %j', (text, asked) => {
    expect(subjectFilter(text, devices)).toBe(asked)
  })
})

it('newer lines come once, before the others', () => {
  const line = (id: number) => ({ id, atMs: id, actor: 'a', action: 'x' })
  const lines = [line(3), line(2)]
  expect(withNewer(lines, [line(5), line(4), line(3)]).map(({ id }) => id)).toEqual([5, 4, 3, 2])
  expect(withNewer(lines, [line(3)])).toBe(lines)
})

it('a newest page that does not reach what is known begins anew, so that no hole looks like the whole', () => {
  const page = (ids: number[], more: boolean) => ({
    lines: ids.map((id) => ({ id, atMs: id, actor: 'a', action: 'x' })),
    more,
  })
  const known = page([3, 2], true)
  expect(withNewest(known, page([5, 4, 3], true))).toEqual(page([5, 4, 3, 2], true))
  expect(withNewest(known, page([9, 8], true))).toEqual(page([9, 8], true))
  expect(withNewest(page([], false), page([2, 1], false))).toEqual(page([2, 1], false))
})
