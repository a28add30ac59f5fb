/** Accounts and the audit in the terminal: the built program, one folder, each command a process of its own. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exitCode } from '../../electron/contract/errors'
import { openDatabase } from '../../electron/store/database'
import { startProgram } from '../helpers/program'
import { makeTempDir } from '../helpers/temp-dir'

/** Each command is a program of its own, up to eight in one test. */
const LONG_MS = 240_000

const temp = makeTempDir('iotmc-access-')
const data = join(temp.path, 'site')
const SUE = '246810'
const VIC = 'only looking'

const cli = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const common = ['--data', data, '--interface', 'lo', '--json']
  const program = startProgram('cli', [...args, ...common], { IOTMC_PASSPHRASE: 'for tests only', ...env })
  const code = await program.ended
  return { code, lines: program.lines, stderr: program.stderr() }
}
const asSue = (...args: readonly string[]) => cli([...args, '--account', 'Sue'], { IOTMC_PIN: SUE })
const wrong = (name: string) => cli(['jobs', 'list', '--account', name], { IOTMC_PIN: '999999' })
const asVic = (...args: readonly string[]) => cli([...args, '--account', 'vic'], { IOTMC_PIN: VIC })

beforeAll(async () => {
  const first = await cli(['access', 'add', 'Sue', '--role', 'supervisor'], { IOTMC_NEW_PIN: SUE })
  expect(first.stderr).toBe('')
  const second = await cli(['access', 'add', 'Vic', '--role', 'viewer', '--account', 'Sue'], {
    IOTMC_PIN: SUE,
    IOTMC_NEW_PIN: VIC,
  })
  expect(second.lines).toEqual([
    { name: 'Sue', role: 'supervisor' },
    { name: 'Vic', role: 'viewer' },
  ])
}, LONG_MS)
afterAll(() => temp.remove())

describe('a site with accounts', () => {
  it('does nothing for a command without one', async () => {
    const { code, lines } = await cli(['trust', 'list'])
    expect(code).toBe(exitCode('SIGN_IN_NEEDED'))
    expect(lines).toMatchObject([{ error: { code: 'SIGN_IN_NEEDED' } }])
  })

  it('lets a viewer look', async () => {
    expect(await asVic('access', 'list')).toMatchObject({
      code: 0,
      lines: [{ name: 'Sue' }, { name: 'Vic' }],
    })
  })

  it.each([
    [['jobs', 'resume'], 'technician'],
    [['access', 'remove', 'Sue'], 'supervisor'],
    [
      ['access', 'issue', '--role', 'Admin', '--name', 'x', '--days', '1', '--out', join(temp.path, 'no')],
      'supervisor',
    ],
    [['audit', 'export'], 'supervisor'],
  ] as const)('refuses a viewer %j, which needs a %s', async (args, needed) => {
    const { code, lines } = await asVic(...args)
    expect(code).toBe(exitCode('ROLE_TOO_LOW'))
    expect(lines).toMatchObject([{ error: { code: 'ROLE_TOO_LOW', subject: needed } }])
    expect(existsSync(join(temp.path, 'no'))).toBe(false)
  })

  it('keeps its last supervisor', async () => {
    expect((await asSue('access', 'remove', 'Sue')).code).toBe(exitCode('REQUEST_REFUSED'))
  })
})

describe('its audit', () => {
  it(
    'names who did what, is whole, and is found changed',
    async () => {
      for (const name of ['Nobody', 'Sue']) await wrong(name)
      const out = join(temp.path, 'audit.jsonl')
      expect((await asSue('audit', 'export', '--out', out)).code).toBe(0)
      const lines = readFileSync(out, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, string>)
      const said = lines.map(({ actor, role, action, subject }) => [actor, role, action, subject].join(' '))
      expect(said[0]).toMatch(/ {2}account-added Sue$/)
      expect(said).toContain('Sue supervisor account-added Vic')
      expect(said).toContain('Vic viewer sign-in Vic')
      expect(said.filter((line) => line === 'nobody  sign-in-failed Sue')).toHaveLength(1)
      expect(said.filter((line) => line === 'nobody  sign-in-failed unknown name')).toHaveLength(1)
      expect(readFileSync(out, 'utf8')).not.toMatch(/246810|only looking|999999/)
      expect((await asVic('audit', 'verify')).lines).toMatchObject([{ ok: true }])

      const database = openDatabase(join(data, 'records.sqlite'))
      database.exec(`DROP TRIGGER auditStands; UPDATE audit SET actor = 'Vic' WHERE id = 2`)
      database.close()
      const found = await asVic('audit', 'verify')
      expect(found.code).toBe(exitCode('AUDIT_DAMAGED'))
      expect(found.lines[0]).toMatchObject({ ok: false, firstWrong: 2, reason: 'changed' })
    },
    LONG_MS,
  )
})

it(
  'a wrong name and a wrong secret are told the same, and the next try has to wait, over processes',
  async () => {
    // A supervisor's right one has the earlier wrong ones forgotten.
    await asSue('jobs', 'list')
    for (const name of ['Nobody', 'Sue', 'Nobody', 'Sue', 'Nobody']) {
      const { code, lines } = await wrong(name)
      expect([code, lines]).toEqual([exitCode('SIGN_IN_WRONG'), [{ error: { code: 'SIGN_IN_WRONG' } }]])
    }
    const { code, lines } = await asVic('jobs', 'list')
    expect(code).toBe(exitCode('LOCKED_OUT'))
    expect(JSON.stringify(lines)).toMatch(/try again in \d+ s/)
  },
  LONG_MS,
)
