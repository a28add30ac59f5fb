/** Every command in the guides, played from top to bottom on real programs: what a newcomer types works as it stands. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generateKeyPem, publicKeyOf } from '../../electron/identity/keys'
import { blocksOf, guideText, inlineCommands, type Played, playGuide } from '../helpers/guide'
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
    for (const file of ['docs/site-plan.md', 'docs/reports.md']) {
      const text = guideText(file)
      const fences = [...text.matchAll(/^```(.*)\n[\s\S]*?^```$/gm)].map(([, kind]) => kind)
      expect(fences.filter((kind) => kind !== 'csv').length, file).toBe(blocksOf(text).length)
      expect(text, file).not.toMatch(/^ {4}\S/m)
    }
  })

  it('names no command that the terminal does not have', { timeout: 120_000 }, async () => {
    const commands = async (...words: string[]): Promise<string> =>
      (await tool(process.execPath, [join(import.meta.dirname, '../../out/main/cli.js'), ...words, '--help']))
        .out
    const known = new Set(
      [...(await commands()).matchAll(/^ {2}([a-z][a-z-]+)/gm)].map(([, name = '']) => name),
    )
    const inline = new Set(GUIDES.flatMap((file) => inlineCommands(guideText(file), known)))
    expect(inline.size).toBeGreaterThan(10)
    for (const command of inline) {
      const usage = (await commands(...command.split(' '))).split('\n')[0] ?? ''
      const [first, second] = command.split(' ')
      expect(usage, command).toContain(second && !usage.includes(`${first} [`) ? `${first} ${second}` : first)
    }
  })
})
