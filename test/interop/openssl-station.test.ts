import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  createRoot,
  installStation,
  requestStation,
  type StationAuthority,
  signStation,
} from '../../electron/factory/authority'
import { Ledger } from '../../electron/factory/ledger'
import { readData } from '../../electron/factory/ledger-entry'
import { readCertificate, splitPem } from '../../electron/identity/certificate'
import { generateKeyPem, keySigner } from '../../electron/identity/keys'
import { OID } from '../../electron/identity/oids'
import { checkRequest, createRequest } from '../../electron/identity/request'
import { Vault } from '../../electron/identity/vault'
import { systemClock } from '../../electron/net/clock'
import { certify, newUdn } from '../identity/make'
import { type OpensslFolder, opensslFolder } from './openssl'

const HARDWARE = '1.3.6.1.4.1.99999.7.1'
const SERIAL = 'PX-000042'
const COST = 2 ** 14
const udn = newUdn()

let folder: OpensslFolder
let station: StationAuthority
let requestPem: string
let chain: string[]
let deviceKey: string

beforeAll(async () => {
  folder = opensslFolder()
  const now = new Date()
  const rootDir = join(folder.path, 'root')
  await createRoot(rootDir, { commonName: 'Werk Süd Root', passphrase: 'root', now, scryptCost: COST })
  const vault = await Vault.create(join(folder.path, 'vault'), { passphrase: 'station', scryptCost: COST })
  requestPem = await requestStation(vault, { commonName: 'Linie 1' })
  const answer = await signStation(rootDir, { requestPem, passphrase: 'root', quota: 70_000, days: 365, now })
  station = await installStation(vault, answer.chainPem, { now })
  deviceKey = generateKeyPem()
  const names = { udn, serialNumber: SERIAL, model: 'PX-200' }
  const csr = await checkRequest(await createRequest({ keyPem: deviceKey, ...names }))
  const issued = await station.authority.issueIdevid({ csr, ...names, now, hardwareType: HARDWARE })
  chain = splitPem(issued.chainPem)
  folder.file('root.pem', station.rootPem)
  folder.file('leaf.pem', chain[0] ?? '')
  folder.file('station.pem', chain[1] ?? '')
})
afterAll(() => folder.remove())

const verify = (...args: string[]): string =>
  folder.run('verify', '-x509_strict', '-CAfile', 'root.pem', ...args).output
const text = (file: string): string =>
  folder.run('x509', '-noout', '-text', '-nameopt', 'utf8', '-in', file).output

test.each(['sslclient', 'sslserver'])('root, station and IDevID verify strictly as %s', (purpose) => {
  expect(chain).toHaveLength(2)
  expect(verify('-check_ss_sig', 'root.pem')).toContain('OK')
  expect(verify('station.pem')).toContain('OK')
  expect(verify('-purpose', purpose, '-untrusted', 'station.pem', 'leaf.pem')).toContain('leaf.pem: OK')
  expect(verify('-purpose', purpose, 'leaf.pem')).toContain('unable to get local issuer certificate')
})

test('the station certificate says what the root allows it', () => {
  const shown = text('station.pem')
  expect(shown).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/)
  expect(shown).toMatch(/Key Usage: critical\s+Digital Signature, Certificate Sign, CRL Sign/)
  expect(shown).toContain('CN=Linie 1')
  expect(shown).toContain('CN=Werk Süd Root')
  // The quota: private, not critical, an INTEGER of 70 000.
  const quota = shown.indexOf(`${OID.issuanceQuota}: `)
  expect(quota).toBeGreaterThan(0)
  expect(shown.slice(quota, quota + 80)).not.toContain('critical')
  const parsed = folder.run('asn1parse', '-in', 'station.pem').output
  expect(parsed).toMatch(
    new RegExp(
      `OBJECT\\s+:${OID.issuanceQuota.replaceAll('.', '\\.')}\\n.*OCTET STRING\\s+\\[HEX DUMP\\]:0203011170`,
    ),
  )
  expect(text('root.pem')).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:1/)
})

test('the IDevID is one of 802.1AR: no end, serial number, hardwareModuleName of the configured type', () => {
  expect(text('leaf.pem')).toContain('Not After : Dec 31 23:59:59 9999 GMT')
  const outer = folder.run('asn1parse', '-in', 'leaf.pem').output
  expect(outer).toMatch(/GENERALIZEDTIME\s+:99991231235959Z/)
  expect(outer).toMatch(new RegExp(`:serialNumber\\n.*PRINTABLESTRING\\s+:${SERIAL}`))
  const san = /X509v3 Subject Alternative Name\n\s*(\d+):/.exec(outer)?.[1]
  const inner = folder.run('asn1parse', '-in', 'leaf.pem', '-strparse', san ?? '').output
  expect(inner).toMatch(/cont \[ 6 \]\s*.*\n/)
  expect(inner).toMatch(
    new RegExp(
      `cont \\[ 0 \\]\\s*\\n.*OBJECT\\s+:(Hardware Module Name|${OID.hardwareModuleName.replaceAll('.', '\\.')}|.*hardwareModuleName.*)\\n` +
        `.*cont \\[ 0 \\]\\s*\\n.*SEQUENCE\\s*\\n.*OBJECT\\s+:${HARDWARE.replaceAll('.', '\\.')}\\n.*OCTET STRING\\s+:${SERIAL}`,
    ),
  )
})

test('the request of a station is a proper one, signed with its key', () => {
  const file = folder.file('station.csr', requestPem)
  const { ok, output } = folder.run('req', '-verify', '-noout', '-subject', '-nameopt', 'utf8', '-in', file)
  expect(ok).toBe(true)
  expect(output).toMatch(/verify OK/i)
  expect(output).toContain('CN=Linie 1')
})

test('an authority below a station is refused for its path length', async () => {
  // Made with the station's own key, which its software would refuse to use for it.
  const facts = readCertificate(chain[1] ?? '')
  const issuer = { name: 'Linie 1', keyPem: '', der: facts.der, pem: chain[1] ?? '', facts }
  const below = await certify({
    name: 'Too deep',
    issuer,
    signer: station.signer,
    ca: true,
    notAfter: Date.now() + 86_400_000,
    notBefore: Date.now() - 1000,
  })
  const leaf = await certify({
    name: 'Device',
    issuer: below,
    signer: keySigner(below.keyPem),
    notAfter: Date.now() + 86_400_000,
    notBefore: Date.now() - 1000,
  })
  folder.file('others.pem', (chain[1] ?? '') + below.pem)
  folder.file('deep.pem', leaf.pem)
  expect(verify('-untrusted', 'others.pem', 'deep.pem')).toContain('path length constraint exceeded')
})

test('a checkpoint of the ledger verifies with nothing but openssl and the documented text', () => {
  const ledger = Ledger.open(join(folder.path, 'ledger.sqlite'), {
    clock: systemClock,
    station: 'Linie 1',
    signer: () => station.signer,
  })
  ledger.addRange({ model: 'PX-200', prefix: 'PX-', digits: 6, first: 1, last: 999 }, 'Lee')
  const entries = [...ledger.export('jsonl')]
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'entry')
  ledger.close()
  const [released, checkpoint] = entries
  const { signature = '', hash } = readData('checkpoint', checkpoint.data) ?? {}
  expect(hash).toBe(released.hash)
  folder.file(
    'entry.txt',
    `iotmc-ledger-entry-1\n${[released.seq, released.atMs, released.serialNumber, released.event, released.step, released.data, released.previousHash].join('\n')}\n`,
  )
  expect(folder.run('dgst', '-sha256', 'entry.txt').output).toContain(released.hash)
  const pub = folder.run('x509', '-in', 'station.pem', '-pubkey', '-noout').output
  folder.file('station.pub', pub)
  folder.file('checkpoint.sig', Buffer.from(signature, 'base64'))
  const said = (text: string) => {
    folder.file('checkpoint.txt', text)
    return folder.run(
      'dgst',
      '-sha256',
      '-verify',
      'station.pub',
      '-signature',
      'checkpoint.sig',
      'checkpoint.txt',
    ).output
  }
  const right = `iotmc-ledger-checkpoint-1\nLinie 1\n${released.seq}\n${hash}\n${checkpoint.atMs}\n`
  expect(said(right)).toContain('Verified OK')
  expect(said(right.replace('\n1\n', '\n2\n'))).toMatch(/Verification failure/i)
})
