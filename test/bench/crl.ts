/** A revocation list of 20,000 certificates: made, grown by one, read and asked, beside openssl doing the same. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { readCertificate } from '../../electron/identity/certificate'
import { readCrl } from '../../electron/identity/crl'
import { systemClock } from '../../electron/net/clock'
import { issueClient } from '../../electron/site/client-certificates'
import { Records } from '../../electron/store/records'
import { makeAuthority } from '../helpers/device-site'
import { loneRevocationDesk } from '../helpers/lone-revocation-desk'
import { makeTempDir } from '../helpers/temp-dir'
import { median, type Print } from './support/print'

const ENTRIES = 20_000
const RUNS = 7
const GATHER_MS = 1_200

const timed = async (work: () => unknown): Promise<number> => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

const serials = (count: number): string[] =>
  Array.from({ length: count }, () => {
    const bytes = randomBytes(16)
    // Positive, and no leading zero byte: what authorities give.
    bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
    return bytes.toString('hex').toUpperCase()
  })

/**
 * Ours are the rows on disk and the list signed over them; openssl makes its list from an index in a text file. Checking
 * is reading the list from its text, its signature, and one certificate looked up in it; openssl's time has the start of
 * a program in it.
 */
export const run = async (print: Print): Promise<void> => {
  const folder = makeTempDir('iotmc-bench-crl-')
  const records = Records.open(join(folder.path, 'records.db'))
  const authority = await makeAuthority('Site')
  const desk = await loneRevocationDesk(records, authority)
  try {
    const ms = (name: string, value: number): void => print(name, Number(value.toFixed(1)), 'ms')
    const reason = 'cessation-of-operation' as const
    const revoked = serials(ENTRIES)
    const all = revoked.map((serialNumber) => ({ serialNumber, reason }))
    ms('crl-20000-make', await timed(() => desk.revoke(all)))
    const [one = ''] = serials(1)
    // A list is signed at most once a second; that wait is not what is measured.
    await setTimeout(GATHER_MS)
    ms('crl-20000-add-one', await timed(() => desk.revoke([{ serialNumber: one, reason }])))
    const issuer = readCertificate(authority.certificatePem)
    const client = {
      authority,
      certificates: records.certificates,
      clock: systemClock,
      audit: () => undefined,
    }
    const { chainPem } = await issueClient(client, { role: 'Basic', name: 'Not in the list', days: 30 })
    writeFileSync(join(folder.path, 'site-ca.pem'), authority.certificatePem)
    writeFileSync(join(folder.path, 'site-crl.pem'), desk.text('pem').data)
    writeFileSync(join(folder.path, 'judged.pem'), chainPem)
    const judge = openssl(folder.path, revoked)
    const own: number[] = []
    const theirs: number[] = []
    for (let n = 0; n < RUNS; n += 1) {
      own.push(await timed(() => checked(desk.pem(), issuer, one)))
      theirs.push(await timed(judge.check))
    }
    ms('crl-20000-check-p50', median(own))
    ms('crl-openssl-check-p50', median(theirs))
    ms('crl-openssl-start', await timed(judge.start))
    ms('crl-openssl-make', await timed(judge.make))
  } finally {
    await desk.close()
    records.close()
    folder.remove()
  }
}

const checked = (pem: string, issuer: ReturnType<typeof readCertificate>, serial: string): void => {
  const list = readCrl(pem)
  if (!list.signedBy(issuer) || !list.serials.has(serial)) throw new Error('the list is not what was made')
}

/** openssl with an authority and an index of its own, and our list to check. */
const openssl = (cwd: string, revoked: readonly string[]) => {
  const run = (...args: string[]): Buffer => execFileSync('openssl', args, { cwd, stdio: 'pipe' })
  const file = (name: string, text: string): void => writeFileSync(join(cwd, name), text)
  run(
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
    ...['-keyout', 'key.pem', '-out', 'ca.pem', '-subj', '/CN=Its own'],
  )
  const lines = revoked.map(
    (serial) => `R\t360101000000Z\t260101000000Z,cessationOfOperation\t${serial}\tunknown\t/CN=${serial}`,
  )
  file('index.txt', `${lines.join('\n')}\n`)
  file('crlnumber', '0A\n')
  const ca = [
    '[ca]\ndefault_ca = it\n[it]\ndatabase = index.txt\ncrlnumber = crlnumber',
    'default_md = sha256\ndefault_crl_days = 7\ncrl_extensions = ext\n[ext]\nauthorityKeyIdentifier = keyid\n',
  ]
  file('ca.cnf', ca.join('\n'))
  const made = ['-config', 'ca.cnf', '-keyfile', 'key.pem', '-cert', 'ca.pem', '-out', 'crl.pem']
  return {
    make: () => run('ca', '-gencrl', ...made),
    check: () =>
      run(
        ...['verify', '-crl_check', '-x509_strict', '-CAfile', 'site-ca.pem'],
        ...['-CRLfile', 'site-crl.pem', 'judged.pem'],
      ),
    start: () => run('version'),
  }
}
