import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { splitPem } from '../../electron/identity/certificate'
import { importPkcs12 } from '../../electron/identity/pkcs12'
import { certify, type Entity, root } from '../identity/make'
import { type OpensslFolder, opensslFolder } from './openssl'

let folder: OpensslFolder
let corporate: Entity
let site: Entity
const PASSPHRASE = 'Prüfstand-4'

beforeAll(async () => {
  folder = opensslFolder()
  corporate = await root('Corporate root')
  site = await certify({ name: 'Site CA', issuer: corporate, ca: true, pathLen: 0 })
  folder.file('site.key', site.keyPem)
  folder.file('site.pem', site.pem)
  folder.file('corporate.pem', corporate.pem)
})
afterAll(() => folder.remove())

const pack = (args: readonly string[], passphrase = PASSPHRASE): Buffer => {
  const base = ['pkcs12', '-export', '-inkey', 'site.key', '-in', 'site.pem', '-certfile', 'corporate.pem']
  const { ok, output } = folder.run(...base, '-passout', `pass:${passphrase}`, '-out', 'out.p12', ...args)
  if (!ok) throw new Error(output)
  return readFileSync(join(folder.path, 'out.p12'))
}

const FORMS: readonly (readonly [string, readonly string[]])[] = [
  ['modern: AES-256, SHA-256', []],
  ['AES-128', ['-keypbe', 'AES-128-CBC', '-certpbe', 'AES-128-CBC']],
  ['legacy: RC2-40 and 3DES, SHA-1', ['-legacy']],
  ['3DES for both', ['-legacy', '-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'SHA1']],
  ['certificates not encrypted', ['-certpbe', 'NONE']],
  ['key not encrypted', ['-keypbe', 'NONE', '-certpbe', 'NONE']],
  ['SHA-512 in the MAC', ['-macalg', 'SHA512']],
  ['many rounds', ['-iter', '10000']],
  ['no MAC', ['-nomac']],
]

test.each(FORMS)('a file of openssl is read: %s', (_, args) => {
  for (const passphrase of [PASSPHRASE, 'plain ascii', 'Ω 秘密 🔑']) {
    const { keyPem, chainPem } = importPkcs12(pack(args, passphrase), passphrase)
    expect(splitPem(chainPem), passphrase).toEqual([site.pem, corporate.pem])
    expect(folder.run('pkey', '-in', folder.file('read.key', keyPem), '-pubout').output).toBe(
      folder.run('pkey', '-in', 'site.key', '-pubout').output,
    )
  }
})

test.each(FORMS.slice(0, 3))('a wrong passphrase is told as such: %s', (_, args) => {
  const data = pack(args)
  for (const wrong of ['', 'wrong', `${PASSPHRASE} `])
    expect(() => importPkcs12(data, wrong)).toThrow(expect.objectContaining({ code: 'PASSPHRASE_WRONG' }))
})

test('what is no CA file is refused with its cause', async () => {
  const data = pack([])
  const invalid = (bytes: Buffer) => expect(() => importPkcs12(bytes, PASSPHRASE))
  invalid(Buffer.from('garbage')).toThrow(expect.objectContaining({ code: 'FILE_INVALID' }))
  invalid(Buffer.alloc(0)).toThrow(expect.objectContaining({ code: 'FILE_INVALID' }))
  invalid(data.subarray(0, 400)).toThrow(expect.objectContaining({ code: 'FILE_INVALID' }))
  invalid(Buffer.alloc(400_000, 0x30)).toThrow(expect.objectContaining({ code: 'FILE_INVALID' }))
  const leaf = await certify({ name: 'TH-10', issuer: corporate })
  folder.file('leaf.pem', leaf.pem)
  folder.file('leaf.key', leaf.keyPem)
  invalid(pack(['-inkey', 'leaf.key', '-in', 'leaf.pem'])).toThrow(
    expect.objectContaining({ code: 'CERTIFICATE_INVALID' }),
  )
  invalid(pack(['-nocerts', '-certfile', 'leaf.pem'])).toThrow()
  folder.run(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'rsa.key',
    '-subj',
    '/CN=RSA',
    '-out',
    'rsa.pem',
  )
  for (const legacy of [[], ['-legacy']])
    invalid(pack(['-inkey', 'rsa.key', '-in', 'rsa.pem', ...legacy])).toThrow(
      expect.objectContaining({ code: 'CERTIFICATE_INVALID' }),
    )
})

test('a file that asks for endless key derivation is refused at once', () => {
  const data = pack(['-iter', '300000', '-keypbe', 'NONE', '-certpbe', 'NONE'])
  const started = performance.now()
  expect(() => importPkcs12(data, PASSPHRASE)).toThrow(expect.objectContaining({ code: 'FILE_INVALID' }))
  expect(performance.now() - started).toBeLessThan(8_000)
})

test('no error text quotes the passphrase or the key', () => {
  for (const [, args] of FORMS) {
    try {
      importPkcs12(pack(args), 'a wrong secret')
    } catch (error) {
      expect(`${(error as Error).stack} ${String((error as Error).cause)}`).not.toContain('a wrong secret')
    }
  }
})
