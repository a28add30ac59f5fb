/** The certificate of decommissioning: whole, sealed, and borne out by OpenSSL alone. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DecommissionRecord } from '../../electron/contract/decommission'
import { certificateContent } from '../../electron/reports/decommission-content'
import { certificatePdf } from '../../electron/reports/decommission-pdf'
import { CERTIFICATE_FORM } from '../../electron/reports/form'
import { verifyReport } from '../../electron/reports/verify'
import { makeTempDir } from '../helpers/temp-dir'
import { decommissionWorld, ORDER, UDN } from './decommission-world'

let temp: ReturnType<typeof makeTempDir>
let w: Awaited<ReturnType<typeof decommissionWorld>>
let record: DecommissionRecord
let zip: string
const folder = () => join(temp.path, 'site', 'decommissions', '1')

beforeAll(async () => {
  temp = makeTempDir()
  w = await decommissionWorld(join(temp.path, 'site'))
  const { desk, runner } = w.open()
  const [id = ''] = desk.start({ ...ORDER, note: 'Goes to the workshop. '.repeat(17), revokeIdevid: true })
  await new Promise<void>((resolve) => {
    runner.on('changed', (jobs) => jobs.some(({ state }) => state === 'done') && resolve())
    const turn = setInterval(() => w.clock.advance(1_000), 2)
    runner.on('changed', (jobs) => jobs.some(({ state }) => state === 'done') && clearInterval(turn))
  })
  const [only] = desk.ofDevice(UDN)
  if (!only) throw new Error('no record')
  record = only
  zip = join(temp.path, 'certificate.zip')
  writeFileSync(zip, (await desk.file(id, 'zip')).data)
})
afterAll(() => temp.remove())

const openssl = (...args: readonly string[]): string =>
  execFileSync('openssl', args, { cwd: folder(), encoding: 'utf8', stdio: 'pipe' })

describe('a certificate of decommissioning', () => {
  it('is right as ZIP and as folder', async () => {
    const ca = w.siteCa.pem
    expect(await verifyReport(zip, { ca })).toMatchObject({ ok: true, problems: [], sequence: 1 })
    expect((await verifyReport(folder(), { ca })).ok).toBe(true)
    expect((await verifyReport(zip, { ca: w.factory.pem })).ok).toBe(false)
  })

  it('is borne out by OpenSSL: the device signed the statement, the controller the manifest', () => {
    const content = JSON.parse(readFileSync(join(folder(), 'certificate.json'), 'utf8'))
    const work = join(temp.path, 'work')
    mkdirSync(work)
    // From the JSON alone.
    writeFileSync(join(work, 'statement'), content.proof.statement)
    writeFileSync(join(work, 'signature'), Buffer.from(content.proof.signature, 'base64'))
    writeFileSync(join(work, 'chain.pem'), content.proof.chainPem)
    writeFileSync(join(work, 'root.pem'), w.factory.pem)
    writeFileSync(join(work, 'key.pem'), openssl('x509', '-in', join(work, 'chain.pem'), '-pubkey', '-noout'))
    const signature = ['-signature', join(work, 'signature'), join(work, 'statement')]
    expect(openssl('dgst', '-sha256', '-verify', join(work, 'key.pem'), ...signature)).toContain('OK')
    const chain = ['-CAfile', join(work, 'root.pem'), '-untrusted', join(work, 'chain.pem')]
    expect(openssl('verify', '-attime', '1800100000', ...chain, join(work, 'chain.pem'))).toContain('OK')
    // Likewise from the files, as the paper says.
    writeFileSync(join(work, 'key2.pem'), openssl('x509', '-in', 'identity.pem', '-pubkey', '-noout'))
    const files = ['-signature', 'statement.sig', 'statement.json']
    expect(openssl('dgst', '-sha256', '-verify', join(work, 'key2.pem'), ...files)).toContain('OK')
    const seal = ['-inform', 'DER', '-in', 'manifest.p7s', '-content', 'manifest.json', '-binary']
    openssl(
      'cms',
      '-verify',
      ...seal,
      '-CAfile',
      'site-ca.pem',
      '-purpose',
      'any',
      '-attime',
      '1800100000',
      '-out',
      join(work, 'out'),
    )
  })

  it.each(CERTIFICATE_FORM.files)('tells that %s was changed', async (name) => {
    const copy = join(temp.path, `copy-${name}`)
    mkdirSync(copy)
    for (const file of CERTIFICATE_FORM.files) {
      const bytes = readFileSync(join(folder(), file))
      if (file === name) bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
      writeFileSync(join(copy, file), bytes)
    }
    expect((await verifyReport(copy, { ca: w.siteCa.pem })).ok).toBe(false)
  })

  it.each(['en', 'de'] as const)(
    'is one page of paper in %s, however much there is to say',
    async (language) => {
      const { proof } = record
      if (!proof) throw new Error('no proof')
      const long = 'Temperature and humidity sensor, third floor, south-western corner of the cold store'
      const revoked = Array.from({ length: 40 }, (_, i) => ({
        kind: 'LDevID' as const,
        serialNumber: `4${i}`.padEnd(32, 'A'),
        atMs: w.clock.now(),
      }))
      const content = certificateContent({
        sequence: 12,
        nowMs: w.clock.now(),
        program: 'IoTMC Technician 0.1.0',
        site: {
          name: long,
          controllerUdn: UDN,
          authority: 'CN=Example site CA',
          authorityFingerprint: w.siteCa.facts.summary.fingerprint,
        },
        language,
        record: { ...record, proof, name: long, place: long, note: long.repeat(5).slice(0, 400), revoked },
        statement: JSON.parse(proof.statement),
      })
      const pdf = await certificatePdf(content)
      expect(pdf.toString('latin1').match(/\/Type \/Page\b/g)).toHaveLength(1)
      expect((await certificatePdf(content)).equals(pdf)).toBe(true)
      if (process.env.KEEP_PDF) writeFileSync(`${process.env.KEEP_PDF}-${language}.pdf`, pdf)
    },
  )
})
