/** The terminal's firmware commands on real programs: pack, verify, add, schedule, status, revert, confirm. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exitCode } from '../../electron/contract/errors'
import { sampleImage } from '../../electron/firmware/sample-image'
import { requirePrivateNetwork } from '../helpers/private-network'
import { type Program, startProgram } from '../helpers/program'
import { makeTempDir } from '../helpers/temp-dir'

const WITHIN_MS = 120_000
let temp: ReturnType<typeof makeTempDir>
let device: Program
let udn = ''
let root = ''

const env = () => ({ IOTMC_PASSPHRASE: 'terminal-test-passphrase', IOTMC_DATA: join(temp.path, 'site') })
const at = (name: string) => join(temp.path, name)

/** Runs one command; gives its exit code and its last line of JSON. */
const cli = async (...args: readonly string[]) => {
  const program = startProgram('cli', ['firmware', ...args, '--json'], env())
  const code = await program.ended
  return { code, last: program.lines.at(-1) ?? {}, lines: program.lines, stderr: program.stderr() }
}
const onSite = (...args: readonly string[]) => cli(...args, '--interface', 'lo')

/** The same while the device restarts: confirming is safe to repeat. */
const onSiteWhenBack = async (...args: readonly string[]) => {
  for (let left = 10; ; left -= 1) {
    const answer = await onSite(...args)
    if (answer.code === 0 || left <= 1) return answer
  }
}

const pack = async (version: string, out: string, ...more: readonly string[]) => {
  writeFileSync(at('app.mjs'), sampleImage({ version, behaviour: 'healthy' }))
  return cli(
    ...['pack', '--image', at('app.mjs'), '--vendor', 'Example maker', '--model', 'PX-200'],
    ...['--hardware-revision', 'C2', '--firmware-version', version, '--security-version', '1'],
    ...[
      '--probation-hours',
      String(2 / 3600),
      '--practice-factory',
      at('factory'),
      '--out',
      at(out),
      ...more,
    ],
  )
}

beforeAll(async () => {
  requirePrivateNetwork()
  temp = makeTempDir()
  device = startProgram(
    'device',
    [
      ...['--state', at('device'), '--interface', 'lo', '--phase', 'commissioning', '--model', 'PX-200'],
      ...[
        '--serial',
        'PX200-1',
        '--anchor',
        join(at('site'), 'public', 'site-ca.pem'),
        '--factory',
        at('factory'),
      ],
    ],
    env(),
  )
  const ready = await device.line(({ event }) => event === 'ready')
  udn = String(ready.udn)
  root = String(ready.factoryRoot)
  const site = (...args: readonly string[]) =>
    startProgram('cli', [...args, '--interface', 'lo'], env()).ended
  expect(await site('trust', 'add', root)).toBe(0)
  expect(await site('commission', '--udn', udn, '--group', 'North', '--policy', 'zero-touch')).toBe(0)
}, WITHIN_MS)
afterAll(async () => {
  await device?.kill('SIGTERM')
  temp?.remove()
})

describe('firmware in the terminal', () => {
  it(
    'packs a bundle that verify accepts, and refuses a changed one with its code',
    async () => {
      expect((await pack('1.5.0', 'good.iotfw')).code).toBe(0)
      const good = await cli('verify', at('good.iotfw'), '--root', root)
      expect(good).toMatchObject({ code: 0, last: { ok: true, manifest: { version: '1.5.0' } } })
      const bytes = readFileSync(at('good.iotfw'))
      const flip = (where: number): void => {
        const bent = Buffer.from(bytes)
        bent[where] = (bent[where] ?? 0) ^ 1
        writeFileSync(at('bent.iotfw'), bent)
      }
      flip(bytes.indexOf('"PX-200"') + 2)
      expect((await cli('verify', at('bent.iotfw'), '--root', root)).code).toBe(exitCode('SIGNATURE_INVALID'))
      flip(bytes.indexOf('const facts') + 3)
      expect((await cli('verify', at('bent.iotfw'), '--root', root)).code).toBe(exitCode('HASH_MISMATCH'))
      expect((await onSite('add', at('bent.iotfw'))).code).toBe(exitCode('HASH_MISMATCH'))
      expect((await onSite('list')).lines).toEqual([])
    },
    WITHIN_MS,
  )

  it(
    'rolls it out, and the device says so itself',
    async () => {
      expect((await onSite('add', at('good.iotfw'))).code).toBe(0)
      const done = await onSite('schedule', '--bundle', '1.5.0', '--udn', udn, '--until', 'done')
      expect(done, done.stderr).toMatchObject({ code: 0, last: { udn, state: 'confirmed' } })
      const { last } = await onSite('status', '--udn', udn)
      expect(last).toMatchObject({ activeBank: 'B', update: { version: '1.5.0', state: 'confirmed' } })
    },
    WITHIN_MS,
  )

  it(
    'goes back to the other bank on trial when told, and keeps it when told',
    async () => {
      const reverted = await onSite('revert', '--udn', udn)
      expect(reverted.code, reverted.stderr).toBe(0)
      const confirmed = await onSiteWhenBack('confirm', '--udn', udn)
      expect(confirmed.code, confirmed.stderr).toBe(0)
      expect((await onSite('status', '--udn', udn)).last).toMatchObject({ activeBank: 'A' })
    },
    WITHIN_MS,
  )

  it(
    'names what is wrong by its exit code',
    async () => {
      expect((await onSite('schedule', '--bundle', '9.9.9', '--udn', udn)).code).toBe(
        exitCode('BUNDLE_UNKNOWN'),
      )
      for (const bad of [
        ['--error-percent', 'soon'],
        ['--window', '25:00-26:00'],
        ['--start-at', 'tonight'],
      ]) {
        const refused = await onSite('schedule', '--bundle', '1.5.0', '--udn', udn, ...bad)
        expect(refused.code, refused.stderr).toBe(exitCode('USAGE'))
      }
      const unsigned = await pack('1.7.0', 'x.iotfw', '--probation-hours', 'soon')
      expect(unsigned.code).toBe(exitCode('USAGE'))
      const untrusted = await cli(
        'verify',
        at('good.iotfw'),
        '--root',
        join(at('site'), 'public', 'site-ca.pem'),
      )
      expect(untrusted.code).toBe(exitCode('SIGNER_REFUSED'))
    },
    WITHIN_MS,
  )
})
