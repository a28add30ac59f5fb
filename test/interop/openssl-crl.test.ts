/** OpenSSL as the judge of the site's revocation list, at the length that a large site may come to. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Authority } from '../../electron/identity/authority'
import { readCertificate } from '../../electron/identity/certificate'
import { type CrlFacts, readCrl } from '../../electron/identity/crl'
import { systemClock } from '../../electron/net/clock'
import { issueClient } from '../../electron/site/client-certificates'
import type { RevocationDesk } from '../../electron/site/revocation-desk'
import { Records } from '../../electron/store/records'
import { makeAuthority } from '../helpers/device-site'
import { loneRevocationDesk } from '../helpers/lone-revocation-desk'
import { type OpensslFolder, opensslFolder } from './openssl'

const ENTRIES = 20_000

let folder: OpensslFolder
let authority: Authority
let records: Records
let desk: RevocationDesk
let good: string
let revoked: string
let goodSerial: string
let serialNumber: string

const someSerial = (): string => {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}

const client = async (name: string): Promise<{ pem: string; serialNumber: string }> => {
  const { certificates } = records
  const issuer = { authority, certificates, clock: systemClock, audit: () => undefined }
  const { chainPem, serialNumber } = await issueClient(issuer, { role: 'Basic', name, days: 30 })
  return { pem: chainPem, serialNumber }
}

beforeAll(async () => {
  folder = opensslFolder()
  authority = await makeAuthority('Site')
  folder.file('ca.pem', authority.certificatePem)
  records = Records.open(':memory:')
  desk = await loneRevocationDesk(records, authority)
  const fine = await client('Good')
  good = folder.file('good.pem', fine.pem)
  goodSerial = fine.serialNumber
  const bad = await client('Bad')
  revoked = folder.file('revoked.pem', bad.pem)
  serialNumber = bad.serialNumber
})
afterAll(async () => {
  await desk?.close()
  records?.close()
  folder?.remove()
})

const verified = (leaf: string, ...more: string[]) =>
  folder.run(
    'verify',
    '-crl_check',
    '-x509_strict',
    '-CAfile',
    'ca.pem',
    '-CRLfile',
    'crl.pem',
    ...more,
    leaf,
  )

describe(`a list of ${ENTRIES} certificates`, () => {
  beforeAll(async () => {
    const others = Array.from({ length: ENTRIES - 1 }, () => ({
      serialNumber: someSerial(),
      reason: 'cessation-of-operation' as const,
    }))
    await desk.revoke([...others, { serialNumber, reason: 'key-compromise' }])
    folder.file('crl.pem', desk.text('pem').data)
    folder.file('crl.der', desk.text('der').data)
  })

  it('is signed, and says number, issuer key, dates and reasons', () => {
    const shown = folder.run('crl', '-in', 'crl.pem', '-CAfile', 'ca.pem', '-noout', '-text').output
    expect(shown).toContain('verify OK')
    expect(shown).toContain('Version 2 (0x1)')
    expect(shown).toMatch(/X509v3 Authority Key Identifier:\s+([0-9A-F]{2}:){19}[0-9A-F]{2}/)
    expect(shown).toMatch(new RegExp(`X509v3 CRL Number:\\s+${desk.number}\\b`))
    expect(shown).toMatch(/Next Update: \w/)
    expect(shown.match(/ {4}Serial Number: /g)).toHaveLength(ENTRIES)
    expect(shown.match(/Cessation Of Operation/g)).toHaveLength(ENTRIES - 1)
    expect(shown.match(/Key Compromise/g)).toHaveLength(1)
    expect(desk.list()).toMatchObject({ entries: ENTRIES, number: desk.number })
  })

  it('is the same list as DER', () => {
    const asPem = folder.run('crl', '-inform', 'DER', '-in', 'crl.der', '-outform', 'PEM').output
    expect(asPem).toBe(folder.run('crl', '-in', 'crl.pem').output)
  })

  it('makes openssl refuse who stands in it and nobody else', () => {
    expect(verified(revoked).output).toContain('certificate revoked')
    expect(verified(revoked).ok).toBe(false)
    expect(verified(good)).toMatchObject({ ok: true })
  })

  it('grows by one certificate, under a higher number', async () => {
    const { number } = desk
    await desk.revoke([{ serialNumber: goodSerial, reason: 'superseded' }])
    folder.file('crl.pem', desk.text('pem').data)
    expect(verified(good).output).toContain('certificate revoked')
    const list = readCrl(desk.pem())
    expect(list.number).toBeGreaterThan(number)
    expect(list.serials.size).toBe(ENTRIES + 1)
    expect(list.signedBy(readCertificate(authority.certificatePem))).toBe(true)
  })
})

/** What `openssl ca` makes of its own index. */
const foreign = (lines: readonly string[]): CrlFacts => {
  folder.file('index.txt', lines.map((line) => `${line}\n`).join(''))
  folder.file('crlnumber', '0A\n')
  folder.file(
    'ca.cnf',
    `[ca]
default_ca = it
[it]
database = ${folder.path}/index.txt
crlnumber = ${folder.path}/crlnumber
default_md = sha256
default_crl_days = 7
crl_extensions = ext
[ext]
authorityKeyIdentifier = keyid
`,
  )
  const made = folder.run(
    ...['ca', '-gencrl', '-config', 'ca.cnf', '-keyfile', 'foreign.key', '-cert', 'foreign.pem'],
    ...['-out', 'foreign-crl.pem'],
  )
  expect(made.ok, made.output).toBe(true)
  return readCrl(folder.run('crl', '-in', 'foreign-crl.pem').output)
}

describe('a list that openssl made', () => {
  let ca: string
  beforeAll(() => {
    const made = folder.run(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
      ...['-keyout', 'foreign.key', '-out', 'foreign.pem', '-subj', '/CN=Foreign factory'],
    )
    expect(made.ok, made.output).toBe(true)
    ca = folder.run('x509', '-in', 'foreign.pem').output
  })

  it('is read: number, entries with and without reason, none that takes a hold back', () => {
    const at = '260101000000Z'
    const list = foreign([
      `R\t360101000000Z\t${at}\t00F1\tunknown\t/CN=a`,
      `R\t360101000000Z\t${at},keyCompromise\t0102030405060708090A0B0C0D0E0F10\tunknown\t/CN=b`,
      `R\t360101000000Z\t${at},removeFromCRL\t77\tunknown\t/CN=c`,
      `V\t360101000000Z\t\t78\tunknown\t/CN=d`,
    ])
    expect(list.number).toBe(10)
    expect([...list.serials].sort()).toEqual(['0102030405060708090A0B0C0D0E0F10', 'F1'])
    expect(list.signedBy(readCertificate(ca))).toBe(true)
    expect((list.nextUpdateMs ?? 0) - list.thisUpdateMs).toBe(7 * 24 * 3600_000)
  })

  it('may be empty', () => {
    expect(foreign([]).serials.size).toBe(0)
  })
})
