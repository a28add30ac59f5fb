import { test } from 'vitest'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { Vault } from '/work/main/electron/identity/vault'
import { Authority } from '/work/main/electron/identity/authority'
import { generateKeyPem } from '/work/main/electron/identity/keys'
import { createRequest, checkRequest } from '/work/main/electron/identity/request'
import { readCertificate, splitPem } from '/work/main/electron/identity/certificate'
import { TrustStore } from '/work/main/electron/identity/trust'
test('x', async () => {
  const dir = mkdtempSync('/tmp/idt/v')
  const v = await Vault.create(dir + '/vault', { passphrase: 'aaaaaaaa' })
  const t = performance.now(); await Vault.open(dir+'/vault', { passphrase: 'aaaaaaaa' }); console.log('open', performance.now() - t)
  const ca = await Authority.create(v, 'site', { commonName: 'Plant', years: 10, pathLen: 0 })
  const udn = 'uuid:12345678-1234-1234-1234-1234567890ab'
  const keyPem = generateKeyPem()
  const csr = await createRequest({ keyPem, udn, serialNumber: 'SN-1', model: 'TH-10' })
  const c = await checkRequest(csr, { udn, serialNumber: 'SN-1' })
  const now = new Date()
  const idev = await ca.issueIdevid({ csr: c, udn, serialNumber: 'SN-1', model: 'TH-10', now })
  let t0 = performance.now()
  for (let i = 0; i < 1000; i++) await ca.issueLdevid({ csr: c, udn, serialNumber: 'SN-1', model: 'TH-10', now, validityDays: 90 })
  console.log('issue/s', 1000 / ((performance.now() - t0) / 1000))
  t0 = performance.now()
  for (let i = 0; i < 500; i++) await checkRequest(csr)
  console.log('check/s', 500 / ((performance.now() - t0) / 1000))
  t0 = performance.now()
  for (let i = 0; i < 500; i++) readCertificate(idev.pem)
  console.log('read/s', 500 / ((performance.now() - t0) / 1000))
  writeFileSync(dir + '/ca.pem', ca.certificatePem); writeFileSync(dir + '/leaf.pem', idev.pem); writeFileSync(dir + '/r.csr', csr)
  console.log(execFileSync('openssl', ['verify', '-x509_strict', '-CAfile', dir + '/ca.pem', dir + '/leaf.pem']).toString())
  console.log(execFileSync('openssl', ['x509', '-text', '-noout', '-in', dir + '/leaf.pem']).toString())
  console.log(execFileSync('openssl', ['x509', '-text', '-noout', '-in', dir + '/ca.pem']).toString())
  console.log(execFileSync('openssl', ['req', '-verify', '-text', '-noout', '-in', dir + '/r.csr']).toString())
  const crl = await ca.issueCrl([{ serialNumber: idev.serialNumber, atMs: +now, reason: 1 }], now)
  writeFileSync(dir + '/crl.pem', crl)
  console.log(execFileSync('openssl', ['crl', '-text', '-noout', '-in', dir + '/crl.pem', '-CAfile', dir + '/ca.pem']).toString())
  const f = readCertificate(idev.pem); console.log({ ...f, der: 0, x509: 0, publicKeySpki: 0 })
  const ts = new TrustStore({ roots: () => [ca.certificatePem], siteCa: () => undefined, crls: () => [], now: Date.now })
  console.log(ts.judge([f.der], { udn }))
  const ts2 = new TrustStore({ roots: () => [ca.certificatePem], siteCa: () => undefined, crls: () => [crl], now: Date.now })
  console.log(ts2.judge([f.der], { udn }))
})
