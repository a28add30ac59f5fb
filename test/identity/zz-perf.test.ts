import { test } from 'vitest'
import { mkdtempSync } from 'node:fs'
import { Vault } from '../../electron/identity/vault'
import { Authority } from '../../electron/identity/authority'
import { generateKeyPem } from '../../electron/identity/keys'
import { createRequest, checkRequest } from '../../electron/identity/request'
import { readCertificate } from '../../electron/identity/certificate'
test('x', async () => {
  const dir = mkdtempSync('/tmp/idt/v')
  const v = await Vault.create(dir + '/vault', { passphrase: 'aaaaaaaa', scryptCost: 2**14 })
  const ca = await Authority.create(v, 'site', { commonName: 'Plant', years: 10, pathLen: 0 })
  const udn = 'uuid:12345678-1234-1234-1234-1234567890ab'
  const csr = await createRequest({ keyPem: generateKeyPem(), udn, serialNumber: 'SN-1', model: 'TH-10' })
  const c = await checkRequest(csr, { udn, serialNumber: 'SN-1' })
  const now = new Date()
  const idev = await ca.issueIdevid({ csr: c, udn, serialNumber: 'SN-1', model: 'TH-10', now })
  const rate = async (name: string, n: number, f: () => unknown) => {
    for (let i = 0; i < 50; i++) await f()
    const t0 = process.cpuUsage(); const w = performance.now()
    for (let i = 0; i < n; i++) await f()
    const t = process.cpuUsage(t0)
    console.log(name, 'cpu/s', Math.round(n / ((t.user + t.system) / 1e6)), 'wall/s', Math.round(n / ((performance.now() - w) / 1e3)))
  }
  await rate('issue', 400, () => ca.issueLdevid({ csr: c, udn, serialNumber: 'SN-1', model: 'TH-10', now, validityDays: 90 }))
  await rate('check', 400, () => checkRequest(csr))
  await rate('read', 400, () => readCertificate(idev.pem))
}, 60000)
