/** Operation and diagnostics from a terminal, on real programs: what is printed, what is changed, how it exits. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exitCode } from '../../electron/contract/errors'
import { type DeviceOnStage, openssl, Stage } from './stage'

let stage: Stage
let device: DeviceOnStage

beforeAll(async () => {
  stage = new Stage()
  mkdirSync(stage.path('usb'))
  await stage.cli('trust', 'list', '--interface', 'lo')
  const extra = ['--health-interval', '1', '--external-storage', stage.path('usb')]
  device = await stage.device('PX200-00001', ...extra)
  await stage.trust(stage.factoryRoot)
  await stage.commission(device.udn)
}, 60_000)
afterAll(() => stage.close())

const cli = (...args: readonly string[]) => stage.cli(...args, '--interface', 'lo')

/** A command of which failure is the point: exit code, and what it wrote. */
const ended = async (...args: readonly string[]) => {
  const program = stage.start('cli', [...args, '--interface', 'lo', '--json'])
  return { code: await program.ended, lines: program.lines, err: program.stderr() }
}

describe('health and self-tests', () => {
  it('health watch prints reports as they come', async () => {
    const lines = await cli('health', 'watch', '--udn', device.udn, '--seconds', '6')
    const reports = lines.filter((line) => line.feed === 'events' && line.atMs !== undefined)
    expect(reports.length).toBeGreaterThan(1)
    expect(reports.at(-1)).toMatchObject({ udn: device.udn, level: 'ok', alarms: [] })
  })

  it('test run measures on the device and ends well', async () => {
    const tests = ['reachable', 'identity', 'health', 'memory', 'flash', 'sensor', 'ping', 'throughput']
    const asked = tests.flatMap((name) => ['--test', name])
    const [check] = (await cli('test', 'run', '--udn', device.udn, ...asked)).slice(-1)
    expect(check).toMatchObject({ udn: device.udn, verdict: 'ok', findings: [{ finding: 'all-well' }] })
    const entries = check?.entries as { test: string; verdict: string; measures: unknown[] }[]
    for (const name of tests) expect(entries.find(({ test }) => test === name)?.verdict).toBe('ok')
  })

  it('test run with a name that nobody knows ends in a finding and its own exit code', async () => {
    const asked = ['--test', 'dns', '--dns-name', 'no-such-name.invalid', '--dns-server', '127.0.0.1']
    const { code, err } = await ended('test', 'run', '--udn', device.udn, ...asked)
    expect(code).toBe(exitCode('CHECK_FAILED'))
    expect(err).toContain('name-service')
  })

  it('test run with a test that there is not is refused before anything is opened', async () => {
    const { code } = await ended('test', 'run', '--udn', device.udn, '--test', 'colour')
    expect(code).toBe(exitCode('USAGE'))
  })
})

describe('the log', () => {
  it('get fetches and prints, export writes four formats, clear removes what is stored', async () => {
    const got = await cli('log', 'get', '--udn', device.udn, '--severity', 'notice')
    const sequences = got.map((line) => Number(line.sequence))
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b))
    expect(got.some((line) => String(line.message).includes('Phase is now operation'))).toBe(true)
    for (const format of ['jsonl', 'syslog', 'otlp', 'csv']) {
      const file = stage.path(`log.${format}`)
      await cli('log', 'export', '--format', format, '--out', file)
      expect(readFileSync(file, 'utf8')).toContain('Phase is now operation')
    }
    expect(() => JSON.parse(readFileSync(stage.path('log.otlp'), 'utf8')) as unknown).not.toThrow()
    const jobs = await cli('log', 'clear', '--udn', device.udn)
    expect(jobs.at(-1)).toMatchObject({ state: 'done', step: 'read-back' })
    const [after] = await cli(
      'call',
      '--udn',
      device.udn,
      '--action',
      'Diagnostics.GetDiagnosticsLog',
      ...all,
    )
    expect(Number(after?.OldestSequence)).toBeGreaterThan(Math.max(...sequences))
    // Nothing that was cleared there is gone here.
    const stored = await cli('log', 'get', '--udn', device.udn, '--stored', '--severity', 'notice')
    expect(stored.map((line) => Number(line.sequence))).toEqual(expect.arrayContaining(sequences))
  })

  it('the device writes its log to a storage of its own', async () => {
    const [answer] = await cli('log', 'write', '--udn', device.udn, '--name', 'visit.jsonl')
    const lines = readFileSync(stage.path('usb', 'visit.jsonl'), 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(Number(answer?.written))
    const { code } = await ended('log', 'write', '--udn', device.udn, '--name', '../visit')
    expect(code).toBe(exitCode('USAGE'))
  })
})

const all = ['MinSeverity=7', 'From=', 'To=', 'AfterSequence=0', 'Limit=1'].flatMap((text) => ['--arg', text])

describe('configuration', () => {
  it('set, get, diff and apply from a file; each read back', async () => {
    const set = await cli('config', 'set', '--udn', device.udn, '--value', 'Device.Location=Pit & north')
    expect(set.at(-1)).toMatchObject({ state: 'done', step: 'read-back' })
    const [read] = await cli('config', 'get', '--udn', device.udn)
    expect(read?.values).toMatchObject({ 'Device.Location': 'Pit & north' })
    const file = stage.path('site.yaml')
    await cli('config', 'get', '--udn', device.udn, '--format', 'yaml', '--out', file)
    writeFileSync(file, readFileSync(file, 'utf8').replace('Pit & north', 'Pit 2'))
    const [row] = await cli('config', 'apply', '--file', file, '--dry-run')
    expect(row?.changes).toEqual([expect.objectContaining({ from: 'Pit & north', to: 'Pit 2' })])
    expect((await cli('config', 'apply', '--file', file)).at(-1)).toMatchObject({ state: 'done' })
    const [again] = await cli('config', 'get', '--udn', device.udn)
    expect(again?.values).toMatchObject({ 'Device.Location': 'Pit 2' })
  })

  it('a value that the device would refuse is not sent', async () => {
    const { code } = await ended('config', 'set', '--udn', device.udn, '--value', 'Pump.MinSpeed=1')
    expect(code).toBe(exitCode('VALUE_OUT_OF_RANGE'))
    const { code: unknown } = await ended(
      'config',
      'set',
      '--udn',
      device.udn,
      '--value',
      'Device.Colour=red',
    )
    expect(unknown).toBe(exitCode('UNKNOWN_PARAMETER'))
  })
})

describe('reports and bundles', () => {
  it('a report is made, openssl accepts it, and one changed byte is found', async () => {
    const file = stage.path('handover.zip')
    await cli('report', 'make', '--customer', 'Example customer', '--out', file)
    const [good] = await stage.cli('report', 'verify', file, '--ca', stage.siteCa)
    expect(good).toMatchObject({ ok: true, sequence: 1 })
    const folder = stage.path('handover')
    mkdirSync(folder)
    await unzip(file, folder)
    await openssl(
      ...['cms', '-verify', '-binary', '-inform', 'DER', '-in', `${folder}/manifest.p7s`],
      ...['-content', `${folder}/manifest.json`, '-CAfile', stage.siteCa, '-purpose', 'any'],
      ...['-out', stage.path('verified')],
    )
    expect(readFileSync(stage.path('verified'))).toEqual(readFileSync(`${folder}/manifest.json`))
    const bytes = readFileSync(file)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    writeFileSync(file, bytes)
    const program = stage.start('cli', ['report', 'verify', file, '--ca', stage.siteCa, '--json'])
    expect(await program.ended).toBe(exitCode('REPORT_INVALID'))
  })

  it('a bundle of a device holds its log and configuration', async () => {
    const file = stage.path('bundle.zip')
    await cli('bundle', 'make', '--udn', device.udn, '--out', file)
    const folder = stage.path('bundle')
    mkdirSync(folder)
    await unzip(file, folder)
    const place = `${folder}/devices/${device.udn.slice('uuid:'.length)}`
    expect(readFileSync(`${place}/configuration.json`, 'utf8')).toContain('Pump.MinSpeed')
    expect(existsSync(`${folder}/index.json`)).toBe(true)
  })
})

const unzip = async (file: string, folder: string): Promise<void> => {
  const { tool } = await import('./stage')
  const { code, err } = await tool('unzip', ['-q', file, '-d', folder])
  if (code !== 0) throw new Error(err)
}

describe('accounts and the audit', () => {
  it('with accounts a command needs one, and its role must suffice', async () => {
    const withPin = (pin: string, ...args: readonly string[]) => {
      process.env.IOTMC_PIN = pin
      try {
        return ended(...args)
      } finally {
        delete process.env.IOTMC_PIN
      }
    }
    process.env.IOTMC_NEW_PIN = '246802'
    await cli('access', 'add', 'Supervisor 1', '--role', 'supervisor')
    delete process.env.IOTMC_NEW_PIN
    expect((await ended('log', 'export', '--format', 'csv')).code).toBe(exitCode('SIGN_IN_NEEDED'))
    const wrong = await withPin('000000', 'trust', 'list', '--account', 'Supervisor 1')
    expect(wrong.code).toBe(exitCode('SIGN_IN_WRONG'))
    process.env.IOTMC_NEW_PIN = '135791'
    const added = await withPin(
      '246802',
      'access',
      'add',
      'Viewer 1',
      '--role',
      'viewer',
      '--account',
      'Supervisor 1',
    )
    delete process.env.IOTMC_NEW_PIN
    expect(added.code).toBe(0)
    const viewer = ['--account', 'Viewer 1']
    expect((await withPin('135791', 'log', 'export', '--format', 'csv', ...viewer)).code).toBe(0)
    const fetch = await withPin('135791', 'log', 'clear', '--udn', device.udn, ...viewer)
    expect(fetch.code).toBe(exitCode('ROLE_TOO_LOW'))
    const audit = await withPin('246802', 'audit', 'list', '--account', 'Supervisor 1')
    const actions = audit.lines.map((line) => line.action)
    expect(actions).toEqual(
      expect.arrayContaining(['account-added', 'sign-in', 'sign-in-failed', 'log.cleared']),
    )
    const verified = await withPin('246802', 'audit', 'verify', '--account', 'Supervisor 1')
    expect(verified.lines[0]).toMatchObject({ ok: true })
  })
})
