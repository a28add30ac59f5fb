/** Every command in the guides, played from top to bottom on real programs: what a newcomer types works as it stands. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generateKeyPem, publicKeyOf } from '../../electron/identity/keys'
import {
  blocksOf,
  guideText,
  inlineCommands,
  npmCommands,
  type Played,
  playGuide,
  runLine,
} from '../helpers/guide'
import { startProgram } from '../helpers/program'
import { Stage, tool } from './stage'

const GUIDES = [
  'README.md',
  'docs/technicians.md',
  'docs/factory.md',
  'docs/device-makers.md',
  'docs/site-plan.md',
  'docs/reports.md',
]

/** Blocks that are no commands. */
const SHOWN_ONLY = new Set(['csv', 'text'])

/** Commands of the terminal that stand in the running text alone: the test that plays each, and the words there. */
const PLAYED_BY: Readonly<Record<string, { readonly test: string; readonly as: string }>> = {
  'firmware confirm': { test: 'test/interop/firmware-terminal.test.ts', as: "('confirm', '--udn', udn)" },
  'firmware revert': { test: 'test/interop/firmware-terminal.test.ts', as: "('revert', '--udn', udn)" },
  'decommission close': {
    test: 'test/interop/end-terminal.test.ts',
    as: "['decommission', 'close', '--udn'",
  },
  'jobs cancel': { test: 'test/interop/life-terminal.test.ts', as: "('jobs', 'cancel', " },
  'jobs resume': { test: 'test/interop/end-terminal.test.ts', as: "('jobs', 'resume')" },
}

/**
 * The commands of npm: `here` are run below, as they stand. What opens a window or runs all tests is run by the named
 * file, through the script that the command is.
 */
const RUN_BY: Readonly<Record<string, 'here' | { script: string; by: string; as: string }>> = {
  'npm run demo': 'here',
  'npm run cli -- --help': 'here',
  'npm run device -- --help': 'here',
  'npm run bench': 'here',
  'npm run device': {
    script: 'build/run.mjs device',
    by: 'docs/device-makers.md',
    as: '\nnpm run device -- --state',
  },
  'npm start': { script: 'build/start.mjs', by: 'test/e2e/start.e2e.ts', as: "['start', '--', '--data'" },
  'npm start -- --practice': {
    ...{ script: 'build/start.mjs', by: 'test/e2e/start.e2e.ts' },
    as: "'--practice'",
  },
  'npm run pictures': {
    ...{ script: 'build/run.mjs pictures', by: 'test/e2e/start.e2e.ts' },
    as: "['run', 'pictures', '--'",
  },
  // Both are what runs this: all stages, of which the check and the packaging call the scripts of these two commands.
  'npm test': { script: 'build/test.mjs', by: 'build/test.mjs', as: "vitestStage('interop'" },
  'npm test -- --only interop': {
    script: 'build/test.mjs',
    by: 'build/test.mjs',
    as: "vitestStage('interop'",
  },
  'npm run check': {
    script: 'build/check.mjs',
    by: 'build/test.mjs',
    as: "{ runChecks } from './check.mjs'",
  },
  'npm run package': { script: 'build/package.mjs', by: 'build/test.mjs', as: 'packageApp([], ' },
}

let stage: Stage
beforeEach(() => {
  stage = new Stage()
})
afterEach(() => stage.close())

const PASSPHRASE = 'interop-test-passphrase'
const home = (...parts: readonly string[]) => stage.path('home', ...parts)

/** A home of the reader with a site in it that listens on the loopback. */
const makeHome = (...sites: readonly string[]): void => {
  mkdirSync(home(), { recursive: true })
  for (const site of sites) {
    mkdirSync(home(site), { recursive: true })
    writeFileSync(home(site, 'settings.json'), JSON.stringify({ interfaces: ['lo'] }))
  }
}

const expectWell = ({ code, out, err }: Played): void => {
  const at = out.lastIndexOf('## line')
  expect({
    code,
    at: out.slice(at, at + 60).split('\n')[0],
    err: code === 0 ? '' : err.slice(-1500),
  }).toEqual({
    code: 0,
    at: expect.stringContaining('## line'),
    err: '',
  })
}

const signer = async (): Promise<void> => {
  const factory = await stage.factory()
  const keyPem = generateKeyPem()
  const { chainPem } = await factory.issueFirmwareSigner({
    publicKeySpki: publicKeyOf(keyPem),
    name: 'Example signer',
    now: new Date(),
    validityDays: 30,
  })
  writeFileSync(home('signer.key'), keyPem)
  writeFileSync(home('signer.pem'), chainPem)
  writeFileSync(home('root.pem'), factory.certificatePem)
  writeFileSync(home('maker-root.pem'), factory.certificatePem)
}

const APP = `console.log('{"event":"running","version":"1.5.0"}')
setInterval(() => console.log('{"event":"alive"}'), 1000)
process.stdin.on('end', () => process.exit(0)).resume()
`

describe('the guide', () => {
  it('for technicians', { timeout: 300_000 }, async ({ signal }) => {
    makeHome()
    await stage.cli('trust', 'list', '--interface', 'lo')
    writeFileSync(stage.path('site', 'settings.json'), JSON.stringify({ interfaces: ['lo'] }))
    const storage = home('usb')
    mkdirSync(storage)
    const [one, old, fresh] = await Promise.all(
      ['PX200-00001', 'PX200-00002', 'PX200-00003'].map((serial) =>
        stage.device(serial, '--external-storage', storage, '--health-interval', '1'),
      ),
    )
    if (!one || !old || !fresh) throw new Error('no devices')
    await stage.trust(stage.factoryRoot)
    for (const { udn } of [one, old]) await stage.commission(udn)
    await signer()
    writeFileSync(home('app.bin'), APP)
    writeFileSync(
      home('site.csv'),
      `serial,name,place,group\n${one.serial},Pump of the line,Row 3,North hall\n`,
    )
    const ca = await tool('openssl', ['x509', '-in', stage.siteCa, '-noout', '-fingerprint', '-sha256'])
    expectWell(
      await playGuide(
        blocksOf(guideText('docs/technicians.md')),
        home(),
        {
          IOTMC_DATA: stage.path('site'),
          IOTMC_PASSPHRASE: PASSPHRASE,
          UDN: one.udn,
          SERIAL: one.serial,
          OLD: old.udn,
          OLD_SERIAL: old.serial,
          NEW: fresh.udn,
          FINGERPRINT: ca.out.trim().split('=')[1] ?? '',
        },
        signal,
      ),
    )
    for (const file of ['pump.zip', 'site.log', 'site.yaml', 'handover.zip', 'certificate.pdf', 'site.crl'])
      expect(existsSync(home(file)), file).toBe(true)
  })

  it('for factories', { timeout: 120_000 }, async ({ signal }) => {
    makeHome('data')
    const env = { IOTMC_DATA: home('data'), IOTMC_PASSPHRASE: PASSPHRASE }
    expectWell(await playGuide(blocksOf(guideText('docs/factory.md')), home(), env, signal))
    expect(existsSync(home('ledger.jsonl'))).toBe(true)
  })

  it('for device makers', { timeout: 240_000 }, async ({ signal }) => {
    makeHome('bench-site')
    const made = startProgram('cli', ['trust', 'list', '--interface', 'lo'], {
      IOTMC_DATA: home('bench-site'),
      IOTMC_PASSPHRASE: 'only for the bench',
    })
    expect(await made.ended, made.stderr()).toBe(0)
    const anchor = join(home('bench-site'), 'public', 'site-ca.pem')
    const device = await stage.device('PX200-00009', '--phase', 'provisioning')
    const { setupCode } = device.program.lines[0] as { setupCode: string }
    writeFileSync(home('factory-root.pem'), (await stage.factory()).certificatePem)
    writeFileSync(home('app.mjs'), APP)
    expect(existsSync(anchor)).toBe(true)
    expectWell(
      await playGuide(
        blocksOf(guideText('docs/device-makers.md')),
        home(),
        {
          UDN: device.udn,
          SERIAL: device.serial,
          IOTMC_SETUP_CODE: setupCode,
        },
        signal,
      ),
    )
    expect(existsSync(home('certificate.zip'))).toBe(true)
  })

  it('to the site plan', { timeout: 120_000 }, async ({ signal }) => {
    makeHome('data')
    const text = guideText('docs/site-plan.md')
    const [, csv = ''] = /^```csv\n([\s\S]*?)^```$/m.exec(text) ?? []
    writeFileSync(home('plan.csv'), csv)
    const env = { IOTMC_DATA: home('data'), IOTMC_PASSPHRASE: PASSPHRASE }
    const played = await playGuide(blocksOf(text), home(), env, signal)
    expectWell(played)
    expect(played.out).toContain('2 devices in the plan')
    expect(existsSync(home('site.csv'))).toBe(true)
  })

  it('to reports', { timeout: 180_000 }, async ({ signal }) => {
    makeHome()
    await stage.cli('trust', 'list', '--interface', 'lo')
    writeFileSync(stage.path('site', 'settings.json'), JSON.stringify({ interfaces: ['lo'] }))
    const { udn, serial } = await stage.device('PX200-00001')
    await stage.trust(stage.factoryRoot)
    await stage.commission(udn)
    await stage.cli('decommission', 'run', '--udn', udn, '--confirm', `WIPE ${serial}`, '--interface', 'lo')
    writeFileSync(home('maker-root.pem'), (await stage.factory()).certificatePem)
    const ca = await tool('openssl', ['x509', '-in', stage.siteCa, '-noout', '-fingerprint', '-sha256'])
    const env = {
      IOTMC_DATA: stage.path('site'),
      IOTMC_PASSPHRASE: PASSPHRASE,
      UDN: udn,
      FINGERPRINT: ca.out.trim().split('=')[1] ?? '',
    }
    const played = await playGuide(blocksOf(guideText('docs/reports.md')), home(), env, signal)
    expectWell(played)
    for (const right of ['urn:iotmc-org:signs:report', 'Verified OK', 'identity.pem: OK'])
      expect(played.out).toContain(right)
  })

  it('has no block of commands that is not played', () => {
    for (const file of GUIDES) {
      const text = guideText(file)
      const fences = [...text.matchAll(/^```(.*)\n[\s\S]*?^```$/gm)].map(([, kind]) => kind)
      const commands = fences.filter((kind) => !SHOWN_ONLY.has(kind ?? ''))
      expect(commands.length, file).toBe(blocksOf(text).length)
      expect(text, file).not.toMatch(/^ {4}\S/m)
    }
  })

  it('names no command of the terminal that nothing plays', { timeout: 120_000 }, async () => {
    const commands = async (...words: string[]): Promise<string> =>
      (await tool(process.execPath, [join(import.meta.dirname, '../../out/main/cli.js'), ...words, '--help']))
        .out
    const known = new Set(
      [...(await commands()).matchAll(/^ {2}([a-z][a-z-]+)/gm)].map(([, name = '']) => name),
    )
    const inline = new Set(GUIDES.flatMap((file) => inlineCommands(guideText(file), known)))
    expect(inline.size).toBeGreaterThan(10)
    const blocks = GUIDES.flatMap((file) => blocksOf(guideText(file))).map(({ text }) => text)
    for (const command of inline) {
      const here = blocks.some((text) => `${text}\n`.match(new RegExp(`npm run cli -- ${command}\\s`)))
      const elsewhere = PLAYED_BY[command]
      expect(here || elsewhere !== undefined, `${command} is played nowhere`).toBe(true)
      if (elsewhere) expect(guideText(elsewhere.test), command).toContain(elsewhere.as)
    }
    for (const command of Object.keys(PLAYED_BY)) expect([...inline], 'needed no more').toContain(command)
  })

  it('names no command of npm that nothing runs', () => {
    // The README's block is no script: each of its lines is a command by itself.
    const lines = blocksOf(guideText('README.md')).flatMap(({ text }) => text.trim().split('\n'))
    expect(lines.length).toBeGreaterThan(0)
    const named = new Set([
      ...lines.map((line) => line.replace(/ +#.*$/, '')),
      ...GUIDES.flatMap((file) => npmCommands(guideText(file))),
    ])
    const scripts = JSON.parse(guideText('package.json')).scripts as Record<string, string>
    for (const command of named) {
      const how = RUN_BY[command]
      expect(how, `${command} is run nowhere`).toBeDefined()
      if (how === undefined || how === 'here') continue
      const script = /^npm (?:run )?(\S+)/.exec(command)?.[1] ?? ''
      expect(scripts[script], command).toBe(`node ${how.script}`)
      expect(guideText(how.by), command).toContain(how.as)
    }
    for (const command of Object.keys(RUN_BY)) expect([...named], 'needed no more').toContain(command)
  })

  it('is right about the commands of npm that end by themselves', { timeout: 180_000 }, async ({
    signal,
  }) => {
    for (const command of Object.keys(RUN_BY).filter((one) => RUN_BY[one] === 'here')) {
      // A benchmark is enough to know that they start.
      const words = command === 'npm run bench' ? `${command} -- parse` : command
      const { code, out, err } = await runLine(words, signal)
      expect({ command, code, err: code === 0 ? '' : err.slice(-1500) }).toEqual({
        command,
        code: 0,
        err: '',
      })
      expect(out.length, command).toBeGreaterThan(100)
    }
  })
})
