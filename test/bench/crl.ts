/** A revocation list of 20,000 entries: made, one more added, read; beside `openssl verify -crl_check` on the same list. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCertificate } from '../../electron/identity/certificate'
import { type Revocation, readCrl } from '../../electron/identity/crl'
import { generateKeyPem } from '../../electron/identity/keys'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { checkRequest, createRequest } from '../../electron/identity/request'
import { makeTempDir } from '../helpers/temp-dir'
import { median, type Print } from './support/print'

const ENTRIES = 20_000
const RUNS = 5

const timed = async <T>(work: () => T | Promise<T>): Promise<readonly [ms: number, value: T]> => {
  const start = performance.now()
  const value = await work()
  return [performance.now() - start, value]
}

/**
 * Each run has 20,000 revocations that were never put into a list before. Theirs has the start of a program in it, and
 * judges one certificate by the list; ours reads the list and checks its signature, once for all certificates.
 */
export const run = async (print: Print): Promise<void> => {
  const folder = makeTempDir('iotmc-bench-crl-')
  try {
    const { ca, pem, serialNumber } = await prepare(folder.path)
    const issuer = readCertificate(ca.certificatePem)
    const times: Record<'made' | 'added' | 'read' | 'verified', number[]> = {
      ...{ made: [], added: [], read: [], verified: [] },
    }
    const file = (name: string): string => join(folder.path, name)
    writeFileSync(file('ca.pem'), ca.certificatePem)
    writeFileSync(file('device.pem'), pem)
    const openssl = (list: string): number | null => {
      writeFileSync(file('list.pem'), list)
      const args = ['verify', '-crl_check', '-CAfile', 'ca.pem', '-CRLfile', 'list.pem', 'device.pem']
      return spawnSync('openssl', args, { cwd: folder.path, stdio: 'ignore' }).status
    }
    for (let n = 0; n < RUNS; n += 1) {
      const now = new Date()
      const revoked: Revocation[] = Array.from({ length: ENTRIES }, (_, index) => ({
        serialNumber: (BigInt(n * ENTRIES + index + 1) << 64n).toString(16),
        atMs: now.getTime() - index * 1000,
        reason: 5,
      }))
      const [made, list] = await timed(() => ca.issueCrl(revoked, now, 2 * n + 1))
      const more = [...revoked, { serialNumber, atMs: now.getTime(), reason: 1 }]
      const [added, longer] = await timed(() => ca.issueCrl(more, now, 2 * n + 2))
      const [read, facts] = await timed(() => {
        const found = readCrl(longer)
        if (!found.signedBy(issuer)) throw new Error('the list is not signed by its authority')
        return found
      })
      const [verified, status] = await timed(() => openssl(list))
      // Both must say the same, of the list and of the one that has the device.
      if (status !== 0 || openssl(longer) === 0) throw new Error('openssl judges the lists otherwise')
      if (facts.serials.size !== ENTRIES + 1) throw new Error(`${facts.serials.size} entries were read`)
      for (const [name, ms] of Object.entries({ made, added, read, verified }))
        times[name as keyof typeof times].push(ms)
    }
    print('crl-20000-made', Number(median(times.made).toFixed(1)), 'ms')
    print('crl-20000-one-added', Number(median(times.added).toFixed(1)), 'ms')
    print('crl-20000-read', Number(median(times.read).toFixed(1)), 'ms')
    print('crl-20000-openssl-verify', Number(median(times.verified).toFixed(1)), 'ms')
  } finally {
    folder.remove()
  }
}

const prepare = async (folder: string) => {
  const ca = await openPracticeFactory(folder)
  const names = { udn: 'uuid:00000000-0000-4000-8000-000000000001', serialNumber: 'BENCH-1', model: 'EM-3' }
  const csr = await checkRequest(await createRequest({ keyPem: generateKeyPem(), ...names }))
  const { pem, serialNumber } = await ca.issueIdevid({ csr, ...names, now: new Date() })
  return { ca, pem, serialNumber }
}
