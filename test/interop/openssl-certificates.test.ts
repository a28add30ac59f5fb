import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Authority } from '../../electron/identity/authority'
import { readCertificate } from '../../electron/identity/certificate'
import { readCrl } from '../../electron/identity/crl'
import { generateKeyPem, publicKeyOf } from '../../electron/identity/keys'
import { checkRequest, createRequest } from '../../electron/identity/request'
import { Vault } from '../../electron/identity/vault'
import { newUdn } from '../identity/make'
import { type OpensslFolder, opensslFolder } from './openssl'

let folder: OpensslFolder
let authority: Authority
const udn = newUdn()
const now = new Date()

beforeAll(async () => {
  folder = opensslFolder()
  const vault = await Vault.create(join(folder.path, 'vault'), {
    passphrase: 'a passphrase',
    scryptCost: 2 ** 14,
  })
  authority = await Authority.create(vault, 'site-ca', {
    commonName: 'Werk Süd Site CA',
    years: 10,
    pathLen: 0,
  })
  folder.file('ca.pem', authority.certificatePem)
})
afterAll(() => folder.remove())

const order = async () => ({
  csr: await checkRequest(
    await createRequest({ keyPem: generateKeyPem(), udn, serialNumber: 'SN-1', model: 'TH-10' }),
  ),
  udn,
  serialNumber: 'SN-1',
  model: 'TH-10',
  now,
})
const text = (name: string, pem: string): string =>
  folder.run('x509', '-noout', '-text', '-nameopt', 'utf8', '-in', folder.file(name, pem)).output

test('the CA certificate is a strict, self-signed CA', () => {
  expect(
    folder.run('verify', '-x509_strict', '-check_ss_sig', '-CAfile', 'ca.pem', 'ca.pem').output,
  ).toContain('OK')
  const shown = text('ca.pem', authority.certificatePem)
  expect(shown).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/)
  expect(shown).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/)
  expect(shown).toContain('CN=Werk Süd Site CA')
})

test.each(['sslclient', 'sslserver'])(
  'LDevID, IDevID and controller certificate verify strictly as %s',
  async (purpose) => {
    const issued = {
      ldevid: await authority.issueLdevid({ ...(await order()), validityDays: 397 }),
      idevid: await authority.issueIdevid(await order()),
      controller: await authority.issueController({
        publicKeySpki: publicKeyOf(generateKeyPem()),
        udn,
        role: 'Admin',
        name: 'Laptop',
        now,
      }),
    }
    for (const [name, one] of Object.entries(issued)) {
      const file = folder.file(`${name}.pem`, one.pem)
      const { ok, output } = folder.run(
        'verify',
        '-x509_strict',
        '-purpose',
        purpose,
        '-CAfile',
        'ca.pem',
        file,
      )
      expect(ok, output).toBe(true)
    }
  },
)

test('an LDevID shows the profile with the right critical flags', async () => {
  const shown = text(
    'ldevid.pem',
    (await authority.issueLdevid({ ...(await order()), validityDays: 90 })).pem,
  )
  expect(shown).toMatch(/Key Usage: critical\s+Digital Signature, Key Agreement\n/)
  expect(shown).toMatch(/Extended Key Usage: \s+TLS Web Client Authentication, TLS Web Server Authentication/)
  expect(shown).toMatch(new RegExp(`Subject Alternative Name: \\s+URI:urn:${udn}\\n`))
  expect(shown).toMatch(/Subject Key Identifier: \n/)
  expect(shown).toMatch(/Authority Key Identifier: \n/)
  expect(shown).toContain('Subject: CN=TH-10 SN-1, serialNumber=SN-1')
  expect(shown).toMatch(/Signature Algorithm: ecdsa-with-SHA256/)
})

test('an IDevID has the GeneralizedTime of 802.1AR and a hardwareModuleName that parses', async () => {
  const { pem } = await authority.issueIdevid(await order())
  const file = folder.file('idevid.pem', pem)
  const outline = folder.run('asn1parse', '-in', file).output
  expect(outline).toMatch(/GENERALIZEDTIME\s+:99991231235959Z/)
  expect(outline).toMatch(/UTCTIME/)
  const at = /(\d+):d=\d+.*OBJECT\s+:X509v3 Subject Alternative Name\n\s*(\d+):/.exec(outline)?.[2] ?? ''
  const names = folder.run('asn1parse', '-in', file, '-strparse', at, '-i').output
  // [0] IMPLICIT OtherName { id-on-hardwareModuleName, [0] EXPLICIT { hwType, hwSerialNum } }
  expect(names).toMatch(
    /OBJECT\s+:1\.3\.6\.1\.5\.5\.7\.8\.4\n.*cons:\s+cont \[ 0 \]\s*\n.*cons:\s+SEQUENCE\s*\n.*OBJECT\s+:2\.999\.1\n.*OCTET STRING\s+:SN-1/,
  )
  expect(names).toMatch(/cons:\s+cont \[ 0 \]\s*\n.*OBJECT\s+:1\.3\.6\.1\.5\.5\.7\.8\.4/)
})

test('openssl verifies our request, and shows its SAN', async () => {
  const csr = await createRequest({ keyPem: generateKeyPem(), udn, serialNumber: 'SN-1', model: 'Fühler 10' })
  const { ok, output } = folder.run(
    'req',
    '-verify',
    '-noout',
    '-text',
    '-nameopt',
    'utf8',
    '-in',
    folder.file('r.csr', csr),
  )
  expect(ok).toBe(true)
  expect(output).toContain('verify OK')
  expect(output).toContain(`URI:urn:${udn}`)
  expect(output).toContain('CN=Fühler 10 SN-1, serialNumber=SN-1')
})

test('a request and a key made by openssl are accepted, and the certificate issued on it verifies', async () => {
  folder.run('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'sec1.pem')
  const made = folder.run(
    'req',
    '-new',
    '-key',
    'sec1.pem',
    '-subj',
    '/CN=TH-10/serialNumber=SN-7',
    '-addext',
    `subjectAltName=URI:urn:${udn.toUpperCase().replace('UUID', 'uuid')},DNS:x.example`,
    '-addext',
    'keyUsage=critical,digitalSignature',
    '-out',
    'theirs.csr',
  )
  expect(made.ok, made.output).toBe(true)
  const pem = folder.run('req', '-in', 'theirs.csr').output
  const csr = await checkRequest(pem, { udn, serialNumber: 'SN-7' })
  const issued = await authority.issueLdevid({
    csr,
    udn,
    serialNumber: 'SN-7',
    model: 'TH-10',
    now,
    validityDays: 90,
  })
  expect(
    folder.run('verify', '-x509_strict', '-CAfile', 'ca.pem', folder.file('theirs.pem', issued.pem)).ok,
  ).toBe(true)
})

test.each([
  ['RSA', ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']],
  ['Ed25519', ['genpkey', '-algorithm', 'ed25519']],
  ['secp256k1', ['ecparam', '-name', 'secp256k1', '-genkey', '-noout']],
  ['explicit parameters', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-param_enc', 'explicit']],
])('a request of openssl with a key on %s is refused', async (_, args) => {
  folder.run(...args, '-out', 'odd.pem')
  expect(folder.run('req', '-new', '-key', 'odd.pem', '-subj', '/CN=x', '-out', 'odd.csr').ok).toBe(true)
  await expect(checkRequest(folder.run('req', '-in', 'odd.csr').output)).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
  })
})

test('openssl verifies our revocation list and finds the revoked certificate by it', async () => {
  const issued = await authority.issueLdevid({ ...(await order()), validityDays: 90 })
  const crl = await authority.issueCrl(
    [{ serialNumber: issued.serialNumber, atMs: now.getTime(), reason: 5 }],
    now,
  )
  const file = folder.file('crl.pem', crl)
  const shown = folder.run('crl', '-in', file, '-CAfile', 'ca.pem', '-noout', '-text').output
  expect(shown).toContain('verify OK')
  expect(shown).toContain('Version 2')
  expect(shown).toContain('Cessation Of Operation')
  const leaf = folder.file('revoked.pem', issued.pem)
  expect(folder.run('verify', '-crl_check', '-CAfile', 'ca.pem', '-CRLfile', file, leaf).output).toContain(
    'certificate revoked',
  )
  const empty = folder.file('empty.pem', await authority.issueCrl([], now))
  expect(folder.run('crl', '-in', empty, '-CAfile', 'ca.pem', '-noout', '-text').output).toContain(
    'No Revoked Certificates',
  )
  expect(folder.run('verify', '-crl_check', '-CAfile', 'ca.pem', '-CRLfile', empty, leaf).ok).toBe(true)
})

test('a long revocation list is written, verified by openssl and read again in good time', async () => {
  const revoked = Array.from({ length: 5_000 }, (_, i) => ({
    serialNumber: (0x10000 + i).toString(16),
    atMs: now.getTime(),
    reason: 1,
  }))
  const crl = await authority.issueCrl(revoked, now)
  expect(
    folder.run('crl', '-in', folder.file('long.pem', crl), '-CAfile', 'ca.pem', '-noout').output,
  ).toContain('verify OK')
  const list = readCrl(crl)
  expect(list.serials.size).toBe(5_000)
  expect(list.signedBy(readCertificate(authority.certificatePem))).toBe(true)
})

test('a root with an RSA key, or certificates signed by RSA, are read but trusted by nothing here', () => {
  folder.run(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'rsa.key',
    '-subj',
    '/CN=RSA root',
    '-out',
    'rsa.pem',
  )
  const facts = readCertificate(folder.run('x509', '-in', 'rsa.pem').output)
  expect(facts.summary).toMatchObject({ subject: 'CN=RSA root', isCa: true })
})
