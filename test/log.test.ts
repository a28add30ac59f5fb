import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { IotmcError } from '../electron/contract/errors'
import { createLog, LogFile, openLog } from '../electron/log'
import { makeTempDir } from './helpers/temp-dir'

const KEY = '-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----'

describe('what is logged', () => {
  const lines: string[] = []
  const log = createLog({ write: (line) => lines.push(line) }, 'debug')
  const logged = (fields: Record<string, unknown>): Record<string, unknown> => {
    lines.length = 0
    log.info(fields, 'message')
    return JSON.parse(lines[0] ?? '') as Record<string, unknown>
  }

  it('is a JSON line with time, level and message', () => {
    expect(logged({ udn: 'uuid:1' })).toMatchObject({ level: 'info', udn: 'uuid:1', msg: 'message' })
  })

  it.each([
    'passphrase',
    'password',
    'setupCode',
    'Credential',
    'keyPem',
    'privateKey',
    'clientSecret',
    'pkcs12',
  ])('hides %s at any depth', (name) => {
    logged({ [name]: 'hush', a: { b: [{ [name]: 'hush' }] } })
    expect(lines[0]).not.toContain('hush')
    expect(lines[0]).toContain('[redacted]')
  })

  it('hides private keys inside texts, also of errors and their causes', () => {
    const cause = Object.assign(new Error(`inner ${KEY}`), { passphrase: 'hush' })
    logged({ err: new IotmcError('FILE_INVALID', { detail: `saw ${KEY}`, cause }), text: KEY })
    expect(lines[0]).not.toContain('MIGH')
    expect(lines[0]).not.toContain('hush')
    expect(lines[0]).toContain('FILE_INVALID')
    expect(lines[0]).toContain('inner')
  })

  it('counts bytes instead of writing them, and survives circles', () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle
    expect(logged({ data: Buffer.alloc(3), circle, big: 1n })).toMatchObject({ data: '[3 bytes]', big: '1' })
  })
})

describe('the log file', () => {
  let dir: ReturnType<typeof makeTempDir>
  beforeEach(() => {
    dir = makeTempDir()
  })
  afterEach(() => dir.remove())

  it('stays within its size and keeps the newest lines', () => {
    const file = new LogFile({ dir: dir.path, name: 'a', maxBytes: 100, keep: 2 })
    for (let n = 0; n < 50; n++) file.write(`line ${String(n).padStart(4, '0')}\n`)
    file.close()
    const names = readdirSync(dir.path).sort()
    expect(names).toEqual(['a.1.log', 'a.2.log', 'a.log'])
    const all = ['a.2.log', 'a.1.log', 'a.log'].map((name) => readFileSync(`${dir.path}/${name}`, 'utf8'))
    expect(all.every((text) => text.length <= 100)).toBe(true)
    expect(all.join('').endsWith('line 0048\nline 0049\n')).toBe(true)
    expect(all.join('')).toContain('line 0030')
  })

  it('goes on in the file of the last start', () => {
    for (const text of ['first', 'second']) {
      const log = openLog(dir.path)
      log.warn({}, text)
      log.close()
    }
    const text = readFileSync(`${dir.path}/logs/technician.log`, 'utf8')
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { msg: string }).msg),
    ).toEqual(['first', 'second'])
  })

  it('does not throw when it cannot write', () => {
    const log = openLog(dir.path)
    log.close()
    expect(() => log.info({}, 'late')).not.toThrow()
  })
})
