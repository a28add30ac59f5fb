/** Whole sites from a terminal, on real programs: the plan, its groups, what devices are called, and their labels. */
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { exitCode } from '../../electron/contract/errors'
import { labelText } from '../../electron/contract/label'
import { type DeviceOnStage, Stage } from './stage'

const MISSING = 'PX200-00009'
/** A device answers a search when it likes within three seconds, and later on a busy machine. */
const HEARD = ['--seconds', '6'] as const

// Each command is a program of its own: many of them on a busy machine take their time.
vi.setConfig({ testTimeout: 180_000 })

let stage: Stage
let first: DeviceOnStage
let second: DeviceOnStage
let said = ''

const ended = async (...args: readonly string[]) => {
  const program = stage.start('cli', [...args, '--interface', 'lo', '--json'])
  const code = await program.ended
  said += `${JSON.stringify(program.lines)}\n${program.stderr()}\n`
  return { code, lines: program.lines, err: program.stderr() }
}
const well = async (...args: readonly string[]) => {
  const { code, lines, err } = await ended(...args)
  expect({ args, code, err }).toEqual({ args, code: 0, err: '' })
  return lines
}
const codeOf = async (...args: readonly string[]) => (await ended(...args)).code

const file = (name: string, ...lines: readonly string[]): string => {
  writeFileSync(stage.path(name), lines.map((line) => `${line}\n`).join(''))
  return stage.path(name)
}
const exported = async (from: 'plan' | 'site', name: string): Promise<string> => {
  await well('plan', 'export', '--from', from, '--out', stage.path(name), ...HEARD)
  return readFileSync(stage.path(name), 'utf8')
}
const stands = async (): Promise<Record<string, unknown>> =>
  Object.fromEntries((await well('plan', 'compare', ...HEARD)).map((row) => [row.serialNumber, row.stand]))
const setupCode = ({ program }: DeviceOnStage): string => String(program.lines[0]?.setupCode)

beforeAll(async () => {
  stage = new Stage()
  await stage.cli('trust', 'list', '--interface', 'lo')
  first = await stage.device('PX200-00001')
  second = await stage.device('PX200-00002')
  await stage.trust(stage.factoryRoot)
  await stage.commission(first.udn)
}, 120_000)
afterAll(() => stage.close())

describe('groups', () => {
  it('are saved with values and a parent, and listed', async () => {
    await well('group', 'save', 'Plant', '--value', 'Report.IntervalSeconds=30')
    await well('group', 'save', 'Hall', '--parent', 'Plant', '--value', 'Device.Location=Hall 7')
    const listed = await well('group', 'list')
    expect(listed.find(({ name }) => name === 'Hall')).toMatchObject({
      parent: 'Plant',
      values: { 'Device.Location': 'Hall 7' },
    })
    // A value that is not named stays.
    await well('group', 'save', 'Plant', '--value', 'Device.Location=Site')
    expect((await well('group', 'list')).find(({ name }) => name === 'Plant')).toMatchObject({
      values: { 'Report.IntervalSeconds': '30', 'Device.Location': 'Site' },
    })
  })

  it('are removed only when nothing is in them', async () => {
    for (const [code, ...words] of [
      ['GROUP_INVALID', 'remove', 'North'],
      ['GROUP_INVALID', 'remove', 'Plant'],
      ['GROUP_UNKNOWN', 'remove', 'Nowhere'],
      ['GROUP_INVALID', 'save', 'Plant', '--parent', 'Hall'],
      ['USAGE', 'save', 'Plant', '--value', 'nonsense'],
    ] as const)
      expect(await codeOf('group', ...words), words.join(' ')).toBe(exitCode(code))
    await well('group', 'save', 'Spare')
    await well('group', 'remove', 'Spare')
    expect((await well('group', 'list')).map(({ name }) => name)).not.toContain('Spare')
  })
})

describe('names and labels', () => {
  it('device describe says what a device is called; an unknown one is an error', async () => {
    await well('device', 'describe', '--udn', first.udn, '--name', 'Pump, "old"', '--place', 'Row 1')
    expect(await exported('site', 'named.csv')).toContain('"Pump, ""old"""')
    const unknown = 'uuid:00000000-0000-4000-8000-000000000000'
    expect(await codeOf('device', 'describe', '--udn', unknown, '--name', 'x')).toBe(
      exitCode('DEVICE_UNKNOWN'),
    )
  })

  it('device label tells its own label from another, and refuses what is none', async () => {
    const label = (text: string) => ['device', 'label', '--udn', first.udn, '--text', text] as const
    const own = labelText({ udn: first.udn, serialNumber: first.serial, setupCode: setupCode(first) })
    expect(await well(...label(own))).toMatchObject([{ state: 'matches', labelSerialNumber: first.serial }])
    expect(await well(...label(MISSING))).toMatchObject([{ state: 'foreign' }])
    expect(await codeOf(...label('no label at all'))).toBe(exitCode('LABEL_UNREADABLE'))
    expect(await well(...label(first.serial))).toMatchObject([{ state: 'matches' }])
  })
})

describe('the plan', () => {
  const HEAD = 'serial,name,place,group,set:Device.Location'
  const one = 'PX200-00001,"Pump, ""one""",Row 3,North,'
  const two = 'PX200-00002,Pump two,Row 4,Hall,Hall 8'

  it('is not taken when a line is wrong; each is told', async () => {
    const wrong = file('wrong.csv', 'serial,grupo', 'PX200-00001,North')
    expect(await codeOf('plan', 'import', wrong)).toBe(exitCode('FILE_INVALID'))
    const nowhere = file('nowhere.csv', 'serial,group', 'PX200-00001,Nowhere')
    const { code, lines } = await ended('plan', 'import', nowhere)
    expect(code).toBe(exitCode('FILE_INVALID'))
    expect(JSON.stringify(lines)).toContain('2')
    expect(await codeOf('plan', 'import', stage.path('not-there.csv'))).toBe(exitCode('FILE_INVALID'))
    expect((await exported('plan', 'empty.csv')).trim().split(/\r?\n/)).toHaveLength(1)
  })

  it('is imported, added to, and exported as what can be imported: byte by byte the same', async () => {
    expect(await well('plan', 'import', file('plan.csv', HEAD, one, two))).toEqual([{ devices: 2 }])
    const more = file('more.csv', 'serial,name', `${MISSING},Not there yet`)
    expect(await well('plan', 'import', more, '--add')).toEqual([{ devices: 3 }])
    const out = await exported('plan', 'out.csv')
    expect(await well('plan', 'import', stage.path('out.csv'))).toEqual([{ devices: 3 }])
    expect(await exported('plan', 'again.csv')).toBe(out)
    for (const cell of ['"Pump, ""one"""', 'Hall 8', MISSING]) expect(out).toContain(cell)
  })

  it('stands beside what is there; a dry run says what would be done and does nothing', async () => {
    const before = await stands()
    expect(before).toMatchObject({ [first.serial]: 'different', [MISSING]: 'missing' })
    const rows = await well('plan', 'apply', '--dry-run', ...HEARD)
    const kinds = (udn: string) =>
      (rows.find((row) => row.udn === udn)?.tasks as { kind: string }[] | undefined)?.map(({ kind }) => kind)
    expect(kinds(first.udn)).toEqual(['describe'])
    expect(kinds(second.udn)?.[0]).toBe('commission')
    expect(await stands()).toEqual(before)
  })

  it('applied, it makes the difference go away', async () => {
    const lines = await well('plan', 'apply', ...HEARD)
    for (const { udn } of [first, second])
      expect(lines.findLast((line) => line.udn === udn && line.job)).toMatchObject({ state: 'done' })
    expect(await stands()).toEqual({
      [first.serial]: 'present',
      [second.serial]: 'present',
      [MISSING]: 'missing',
    })
    expect(await exported('site', 'is.csv')).toContain('Row 4')
  })

  it('waits for who was never heard, until plan cancel calls it off', async () => {
    const called = await well('plan', 'cancel')
    expect(called).toMatchObject([{ state: 'failed', error: { code: 'CANCELLED' } }])
    expect(await well('plan', 'cancel')).toEqual([])
  })

  it('that was changed since is not what a device gets that was away: PLAN_STALE', async () => {
    await second.program.kill()
    const planned = (value: string) =>
      file('changed.csv', HEAD, one, two.replace('Row 4', 'Row 5').replace('Hall 8', value))
    await well('plan', 'import', planned('Hall 9'))
    await ended('plan', 'apply', ...HEARD)
    const { code, lines } = await ended('jobs', 'resume', '--seconds', '1')
    expect(code).toBe(exitCode('DEVICE_OFFLINE'))
    expect(lines.at(-1)).toMatchObject({ error: { code: 'DEVICE_OFFLINE', subject: second.udn } })
    await well('plan', 'import', planned('Hall 10'))
    second = await stage.device(second.serial)
    const resumed = await ended('jobs', 'resume')
    expect(resumed.code).toBe(exitCode('PLAN_STALE'))
    expect(resumed.lines.at(-1)).toMatchObject({ error: { code: 'PLAN_STALE', subject: second.udn } })
    await well('plan', 'apply', ...HEARD)
    expect(await stands()).toMatchObject({ [second.serial]: 'present' })
  })
})

it('a job that nobody has approved waits, until jobs cancel ends it', async () => {
  const fresh = await stage.device('PX200-00004')
  const asked = ['--udn', fresh.udn, '--group', 'North', '--policy', 'manual']
  expect(await codeOf('commission', ...asked)).toBe(exitCode('PENDING'))
  const waiting = async () =>
    (await well('jobs', 'list')).filter(({ subject, endedAtMs }) => subject === fresh.udn && !endedAtMs)
  const [job] = await waiting()
  expect(job).toBeDefined()
  await well('jobs', 'cancel', String(job?.id))
  expect((await well('jobs', 'list')).find(({ subject }) => subject === fresh.udn)).toMatchObject({
    state: 'cancelled',
  })
  expect(await well('jobs', 'resume')).toEqual([])
})

it('says no secret in all of this', () => {
  expect(said.length).toBeGreaterThan(1000)
  for (const secret of [setupCode(first), setupCode(second), 'interop-test-passphrase', 'PRIVATE KEY'])
    expect(said.includes(secret), secret).toBe(false)
})
