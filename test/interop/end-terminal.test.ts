/** The end of devices and of certificates from a terminal, on real programs: what is said, what is kept, how it exits. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { exitCode } from '../../electron/contract/errors'
import { curl, curlSubscribe } from './soap-by-curl'
import { type DeviceOnStage, openssl, Stage, tool } from './stage'

// Each command is a program of its own: many of them on a busy machine take their time.
vi.setConfig({ testTimeout: 180_000 })

let stage: Stage
let gone: DeviceOnStage
let away: DeviceOnStage
let lost: DeviceOnStage
let stays: DeviceOnStage
let said = ''
const setupCodes: string[] = []

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

const stateOf = async ({ udn }: DeviceOnStage) =>
  (await well('decommission', 'list')).find((one) => one.udn === udn)?.state

beforeAll(async () => {
  stage = new Stage()
  await stage.cli('trust', 'list', '--interface', 'lo')
  const [first, second, third, fourth] = await Promise.all(
    ['PX200-00001', 'PX200-00002', 'PX200-00003', 'PX200-00004'].map((serial) => stage.device(serial)),
  )
  if (!first || !second || !third || !fourth) throw new Error('no devices')
  ;[gone, away, lost, stays] = [first, second, third, fourth]
  for (const { program } of [gone, away, lost, stays]) setupCodes.push(String(program.lines[0]?.setupCode))
  await stage.trust(stage.factoryRoot)
  for (const { udn } of [gone, away, lost, stays]) await stage.commission(udn)
}, 120_000)
afterAll(() => stage.close())

describe('a device that is there', () => {
  it('decommission run without the words says what would be done and what to type, and does nothing', async () => {
    const [row, asked] = await well('decommission', 'run', '--udn', gone.udn)
    expect(row).toMatchObject({ udn: gone.udn, online: true, ldevids: [expect.any(String)] })
    expect(row).not.toHaveProperty('problem')
    expect(asked).toEqual({ confirm: `WIPE ${gone.serial}` })
    expect(await well('decommission', 'list')).toEqual([])
  })

  it('is left alone when the words are wrong', async () => {
    const run = ['decommission', 'run', '--udn', gone.udn, '--confirm', `WIPE ${away.serial}`]
    const { code, lines } = await ended(...run)
    expect(code).toBe(exitCode('PHRASE_WRONG'))
    expect(lines.at(-1)).toMatchObject({ error: { code: 'PHRASE_WRONG', detail: `WIPE ${gone.serial}` } })
    expect(await well('decommission', 'list')).toEqual([])
  })

  it('has no certificate of decommissioning yet, and no record to close', async () => {
    const out = stage.path('none.zip')
    expect(await codeOf('decommission', 'certificate', '--udn', gone.udn, '--out', out)).toBe(
      exitCode('DEVICE_UNKNOWN'),
    )
    const close = ['--note', 'nothing', '--confirm', `CLOSE ${gone.serial}`]
    expect(await codeOf('decommission', 'close', '--udn', gone.udn, ...close)).toBe(
      exitCode('DEVICE_UNKNOWN'),
    )
  })

  it('is revoked, wiped and certified with the right words, whatever their case', async () => {
    const asked = ['--confirm', ` wipe  ${gone.serial.toLowerCase()} `, '--note', 'end of its life']
    const lines = await well('decommission', 'run', '--udn', gone.udn, '--reason', 'retired', ...asked)
    expect(lines.at(-1)).toMatchObject({ udn: gone.udn, state: 'done' })
    const [record] = await well('decommission', 'list')
    expect(record).toMatchObject({
      udn: gone.udn,
      state: 'certified',
      reason: 'retired',
      note: 'end of its life',
      certificate: { sequence: 1 },
    })
    expect(await codeOf('decommission', 'run', '--udn', gone.udn, ...asked)).not.toBe(0)
  })

  it('its certificate is written as PDF, JSON and ZIP, and openssl finds signature and proof right', async () => {
    const certificate = ['decommission', 'certificate', '--udn', gone.udn, '--out']
    expect(await codeOf(...certificate, stage.path('c.txt'))).toBe(exitCode('USAGE'))
    for (const name of ['c.pdf', 'c.json', 'c.zip'])
      expect(await well(...certificate, stage.path(name))).toMatchObject([{ out: stage.path(name) }])
    expect(readFileSync(stage.path('c.pdf')).subarray(0, 5).toString()).toBe('%PDF-')
    const text = readFileSync(stage.path('c.json'), 'utf8')
    expect(JSON.parse(text)).toMatchObject({ kind: 'decommissioning' })
    said += text
    const unzipped = await tool('unzip', ['-q', stage.path('c.zip'), '-d', stage.path('c')])
    expect(unzipped).toMatchObject({ code: 0 })
    const part = (name: string) => stage.path('c', name)
    await openssl(
      ...['cms', '-verify', '-binary', '-inform', 'DER', '-in', part('manifest.p7s'), '-purpose', 'any'],
      ...['-content', part('manifest.json'), '-CAfile', stage.siteCa, '-out', part('content')],
    )
    await openssl('x509', '-in', part('identity.pem'), '-pubkey', '-noout', '-out', part('key.pem'))
    const proof = ['-signature', part('statement.sig'), part('statement.json')]
    expect(await openssl('dgst', '-sha256', '-verify', part('key.pem'), ...proof)).toContain('Verified OK')
    const verdict = await tool(process.execPath, [
      ...[new URL('../../out/main/cli.js', import.meta.url).pathname, 'report', 'verify'],
      ...[stage.path('c.zip'), '--ca', stage.siteCa],
    ])
    expect(verdict).toMatchObject({ code: 0 })
  })
})

describe('a device that is away', () => {
  it('is revoked at once; the command ends and says that it is offline', async () => {
    await away.program.kill()
    const asked = ['--confirm', `WIPE ${away.serial}`, '--seconds', '1']
    const { code, lines } = await ended('decommission', 'run', '--udn', away.udn, ...asked)
    expect(code).toBe(exitCode('DEVICE_OFFLINE'))
    expect(lines[0]).toMatchObject({ udn: away.udn, online: false })
    expect(lines.at(-1)).toMatchObject({ error: { code: 'DEVICE_OFFLINE', subject: away.udn } })
    expect(await stateOf(away)).toBe('queued')
    const [issued] = await well('revocation', 'certificates', '--search', away.udn)
    expect(issued).toMatchObject({ udn: away.udn, revoked: { reason: 'cessation-of-operation' } })
  })

  it('jobs resume ends by itself while it is away, and says so', async () => {
    const { code, lines } = await ended('jobs', 'resume', '--seconds', '1')
    expect(code).toBe(exitCode('DEVICE_OFFLINE'))
    expect(lines.at(0)).toMatchObject({ kind: 'decommission', subject: away.udn, state: 'waiting' })
    expect(lines.at(-1)).toMatchObject({ error: { code: 'DEVICE_OFFLINE', subject: away.udn } })
  })

  it('is wiped and certified by jobs resume once it is back', async () => {
    away = await stage.device(away.serial)
    const lines = await well('jobs', 'resume')
    expect(lines).toMatchObject([{ kind: 'decommission', subject: away.udn, state: 'done' }])
    expect(await stateOf(away)).toBe('certified')
    const out = stage.path('away.zip')
    expect(await well('decommission', 'certificate', '--udn', away.udn, '--out', out)).toMatchObject([
      { sequence: 2, out },
    ])
    expect(await well('jobs', 'resume')).toEqual([])
  })
})

describe('a device that never comes back', () => {
  const close = (words: string, note: string) =>
    ['decommission', 'close', '--udn', lost.udn, '--note', note, '--confirm', words] as const

  it('stays open until a person closes it with the right words and a reason', async () => {
    await lost.program.kill()
    const asked = ['--reason', 'lost', '--confirm', `WIPE ${lost.serial}`, '--seconds', '1']
    expect(await codeOf('decommission', 'run', '--udn', lost.udn, ...asked)).toBe(exitCode('DEVICE_OFFLINE'))
    const { code, lines } = await ended(...close('CLOSE', 'it was stolen'))
    expect(code).toBe(exitCode('PHRASE_WRONG'))
    expect(lines).toMatchObject([{ error: { code: 'PHRASE_WRONG', detail: `CLOSE ${lost.serial}` } }])
    expect(await codeOf(...close(`CLOSE ${lost.serial}`, ' '))).toBe(exitCode('VALUE_INVALID'))
    expect(await stateOf(lost)).toBe('queued')
  })

  it('is closed then, with no certificate and nothing left to wait for', async () => {
    expect(await well(...close(`CLOSE ${lost.serial}`, 'it was stolen'))).toMatchObject([
      { udn: lost.udn, state: 'closed', closed: { note: 'it was stolen' } },
    ])
    expect(await codeOf(...close(`CLOSE ${lost.serial}`, 'once more'))).toBe(exitCode('VALUE_INVALID'))
    const out = stage.path('lost.zip')
    expect(await codeOf('decommission', 'certificate', '--udn', lost.udn, '--out', out)).toBe(
      exitCode('DEVICE_UNKNOWN'),
    )
    expect(await well('jobs', 'resume')).toEqual([])
  })
})

describe('certificates', () => {
  const text = (...args: readonly string[]) => openssl('crl', ...args, '-noout', '-text')

  /** What a technician's program with this certificate gets from a real device: of a call, and of asking for events. */
  const ofDevice = async (name: string) => {
    const action = 'GetRevocationList'
    const { folder, secureLocation } = stays
    const server = join(folder, readdirSync(folder).find((file) => /^ldevid-\d+\.pem$/.test(file)) ?? '')
    const client = { key: stage.path(name, 'key.pem'), cert: stage.path(name, 'chain.pem') }
    const url = (path: string) => new URL(path, secureLocation).href
    return {
      call: await curl({ url: url('/control/Access'), service: 'Access', action, client, server }),
      events: await curlSubscribe({ url: url('/event/Lifecycle'), client, server }),
    }
  }

  it('a program calls a device and hears of it with the certificate that was issued for it', async () => {
    for (const name of ['reader', 'other'])
      await well(
        ...['access', 'issue', '--role', 'Basic', '--name', name === 'reader' ? 'Reader' : 'Other'],
        ...['--days', '30', '--out', stage.path(name)],
      )
    const { call, events } = await ofDevice('reader')
    expect(call).toMatchObject({ code: 0, status: 200 })
    expect(events).toEqual({ code: 0, status: 200 })
  })

  it('one is revoked with the right words only', async () => {
    const [reader] = await well('revocation', 'certificates', '--search', 'Reader')
    expect(reader).toMatchObject({ kind: 'Controller', role: 'Basic', own: false })
    expect(reader).not.toHaveProperty('revoked')
    const serial = String(reader?.serialNumber)
    const [before] = await well('revocation', 'list')
    const words = ['--confirm', `REVOKE ${serial.slice(-8)}`]
    expect(await codeOf('revocation', 'revoke', serial, '--confirm', 'REVOKE')).toBe(exitCode('PHRASE_WRONG'))
    expect(await codeOf('revocation', 'revoke', '0123456789', ...words)).toBe(exitCode('CERTIFICATE_UNKNOWN'))
    const [after] = await well('revocation', 'revoke', serial, '--reason', 'key-compromise', ...words)
    expect(after?.entries).toBe(Number(before?.entries) + 1)
    expect(Number(after?.number)).toBeGreaterThan(Number(before?.number))
  })

  it('the device refuses the revoked program as soon as it has the list, and no other', async () => {
    const [list] = await well('revocation', 'list')
    const { program } = await stage.serve()
    const has = async () => (await ofDevice('other')).call.field('CrlNumber')
    await expect.poll(has, { timeout: 60_000, interval: 500 }).toBe(String(list?.number))
    const { call, events } = await ofDevice('reader')
    expect([call.status, events.status]).toEqual([0, 0])
    expect([call.code, events.code]).not.toContain(0)
    expect(await ofDevice('other')).toMatchObject({ call: { status: 200 }, events: { status: 200 } })
    await stage.end(program)
  })

  it('the list is exported as PEM and DER; openssl verifies it and refuses who stands in it', async () => {
    const [pem, der] = [stage.path('site-list.pem'), stage.path('site-list.crl')]
    await well('revocation', 'export', '--out', pem)
    await well('revocation', 'export', '--out', der)
    const shown = await text('-in', pem)
    expect(await text('-inform', 'DER', '-in', der)).toBe(shown)
    const { err } = await tool('openssl', ['crl', '-in', pem, '-CAfile', stage.siteCa, '-noout'])
    expect(err).toContain('verify OK')
    const [list] = await well('revocation', 'list')
    expect(shown.match(/ {4}Serial Number: /g)).toHaveLength(Number(list?.entries))
    for (const one of await well('revocation', 'certificates'))
      expect(shown.includes(String(one.serialNumber).toUpperCase()), String(one.name)).toBe('revoked' in one)
    const check = ['-CAfile', stage.siteCa, '-CRLfile', pem, '-crl_check', stage.path('reader', 'chain.pem')]
    const { code, err: refused } = await tool('openssl', ['verify', ...check])
    expect(code).not.toBe(0)
    expect(refused).toContain('certificate revoked')
  })
})

it('says no secret in all of this', () => {
  expect(said.length).toBeGreaterThan(1000)
  for (const secret of [...setupCodes, 'interop-test-passphrase', 'PRIVATE KEY'])
    expect(said.includes(secret), secret).toBe(false)
})
