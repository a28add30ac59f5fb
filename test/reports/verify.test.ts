/** Reports as they are handed over: what is accepted, and that every change is found and named. */
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signManifest } from '../../electron/identity/cms'
import { sha256Hex } from '../../electron/identity/pem'
import { reportContent } from '../../electron/reports/content'
import { MANIFEST, REPORT_FILES, SIGNATURE, writeManifest } from '../../electron/reports/form'
import { sealReport } from '../../electron/reports/seal'
import { type VerifyOptions, verifyReport } from '../../electron/reports/verify'
import { zipBytes } from '../../electron/store/zip-write'
import { makeTempDir } from '../helpers/temp-dir'
import { certify, crlOf, DAY, NOW, revoke, root } from '../identity/make'
import { facts } from './make'
import { controllerOf, type TestSite, testSite } from './site'

let temp: ReturnType<typeof makeTempDir>
let site: TestSite
let folders: string[]
let zip: Buffer
let copies = 0

beforeAll(async () => {
  temp = makeTempDir('iotmc-report-')
  site = await testSite(join(temp.path, 'data'))
  const { desk, records } = site.open()
  for (const language of ['en', 'de', 'en'] as const)
    await desk.make({ language, customer: 'Example customer' })
  zip = Buffer.from((await desk.file(2, 'zip')).data)
  records.close()
  folders = [1, 2, 3].map((n) => join(site.folder, 'reports', String(n)))
})
afterAll(() => temp.remove())

const given = (): VerifyOptions => ({ ca: site.ca.pem })
const copyOf = (n: number): string => {
  copies += 1
  const path = join(temp.path, `copy-${copies}`)
  cpSync(folders[n - 1] ?? '', path, { recursive: true })
  return path
}
const asFile = (bytes: Buffer): string => {
  copies += 1
  const path = join(temp.path, `file-${copies}.zip`)
  writeFileSync(path, bytes)
  return path
}
const kinds = async (path: string, options: VerifyOptions = given()) =>
  (await verifyReport(path, options)).problems.map(({ kind }) => kind)

describe('a report is right', () => {
  it('as a folder and as a ZIP, by the authority as a file or by its fingerprint in any spelling', async () => {
    const { fingerprint } = site.ca.facts.summary
    for (const path of [folders[1] ?? '', asFile(zip)]) {
      for (const options of [
        given(),
        { fingerprint },
        { fingerprint: fingerprint.replaceAll(':', '').toLowerCase() },
        { ...given(), fingerprint },
      ]) {
        expect(await verifyReport(path, options)).toEqual({
          ok: true,
          problems: [],
          sequence: 2,
          madeAt: '2027-01-15T12:00:00Z',
          site: 'Example site',
          signer: { subject: 'CN=Example site controller', fingerprint: sha256Hex(site.controller.der) },
        })
      }
    }
  })

  it('with the report before it, and in no other order', async () => {
    const [first, second, third] = folders
    expect(await kinds(second ?? '', { ...given(), previous: first })).toEqual([])
    expect(await kinds(third ?? '', { ...given(), previous: asFile(zip) })).toEqual([])
    expect(await kinds(third ?? '', { ...given(), previous: first })).toEqual(['chain'])
    expect(await kinds(first ?? '', { ...given(), previous: second })).toEqual(['chain'])
    const changed = copyOf(1)
    writeFileSync(join(changed, 'report.csv'), 'x')
    expect(await kinds(second ?? '', { ...given(), previous: changed })).toEqual(['chain'])
  })

  it('long after its certificate has ended: what counts is when it was signed', async () => {
    const old = await certify({
      name: 'Example site controller',
      issuer: site.ca,
      uris: [`urn:${site.udn}`, 'urn:iotmc-org:role:Admin', 'urn:iotmc-org:signs:report'],
      notAfter: NOW + DAY / 2,
    })
    expect(await kinds(await sealed({ signer: old }))).toEqual([])
    const ended = await certify({
      name: 'Example site controller',
      issuer: site.ca,
      uris: [`urn:${site.udn}`, 'urn:iotmc-org:role:Admin', 'urn:iotmc-org:signs:report'],
      notBefore: NOW - 3 * DAY,
      notAfter: NOW - DAY,
    })
    expect(await kinds(await sealed({ signer: ended }))).toEqual(['signer'])
  })
})

/** A report signed by somebody else, in a folder. */
const sealed = async (o: {
  signer?: TestSite['controller']
  ca?: TestSite['ca']
  udn?: string
}): Promise<string> => {
  const { ca = site.ca, signer = site.controller, udn = site.udn } = o
  const about = {
    name: 'Example site',
    controllerUdn: udn,
    authority: 'CN=Example site CA',
    authorityFingerprint: ca.facts.summary.fingerprint,
  }
  const { files } = await sealReport(reportContent(facts({ site: about })), {
    signer: { keyPem: signer.keyPem, chainPem: signer.pem },
    siteCaPem: ca.pem,
  })
  copies += 1
  const path = join(temp.path, `sealed-${copies}`)
  mkdirSync(path)
  for (const { name, bytes } of files) writeFileSync(join(path, name), bytes)
  return path
}

describe('a signer is refused', () => {
  it('without a word about whom to trust', async () => {
    expect(await kinds(folders[0] ?? '', {})).toEqual(['signer'])
    expect(await kinds(folders[0] ?? '', { fingerprint: 'AB:CD' })).toEqual(['signer'])
    expect(await kinds(folders[0] ?? '', { ca: 'no certificate' })).toEqual(['signer'])
    expect(await kinds(folders[0] ?? '', { ...given(), fingerprint: 'ab'.repeat(32) })).toEqual(['signer'])
  })

  it('of another authority, also of one with the same name', async () => {
    const other = await root('Example site CA')
    const theirs = await sealed({ ca: other, signer: await controllerOf(other, site.udn) })
    expect(await kinds(theirs)).toEqual(['signer'])
    expect(await kinds(theirs, { ca: other.pem })).toEqual([])
    expect(await kinds(theirs, { fingerprint: site.ca.facts.summary.fingerprint })).toEqual(['signer'])
    expect(await kinds(folders[0] ?? '', { ca: other.pem })).toEqual(['signer'])
  })

  it('that is a device or a client of the site, or another controller', async () => {
    for (const role of ['Basic', 'Public']) {
      const device = await controllerOf(site.ca, site.udn, role)
      expect(await kinds(await sealed({ signer: device })), role).toEqual(['signer'])
    }
    const plain = await certify({ name: 'TH-10', issuer: site.ca, uris: [`urn:${site.udn}`] })
    expect(await kinds(await sealed({ signer: plain }))).toEqual(['signer'])
    // As `access issue --role Admin` makes it: it may do what the controller may, and name itself in what it signs.
    const program = await certify({
      name: 'Other program',
      issuer: site.ca,
      uris: [`urn:${site.udn}`, 'urn:iotmc-org:role:Admin'],
    })
    expect(await kinds(await sealed({ signer: program }))).toEqual(['signer'])
    const sister = await controllerOf(site.ca, 'uuid:00000000-0000-4000-8000-000000000042')
    expect(await kinds(await sealed({ signer: sister }))).toEqual(['signer'])
  })

  it('that stands in the revocation list of the site, and no other', async () => {
    const stolen = await controllerOf(site.ca, site.udn)
    const report = await sealed({ signer: stolen })
    expect(await kinds(report, { ...given(), crls: [await crlOf(site.ca, [])] })).toEqual([])
    const crls = [await crlOf(site.ca, [revoke(stolen)])]
    expect(await kinds(report, { ...given(), crls })).toEqual(['signer'])
    expect(await kinds(folders[0] ?? '', { ...given(), crls })).toEqual([])
  })
})

describe('a change is named', () => {
  it('by the file that was changed, is missing, or was put there', async () => {
    for (const name of ['report.json', 'report.csv', 'report.pdf', 'site-ca.pem']) {
      const longer = copyOf(2)
      writeFileSync(join(longer, name), Buffer.concat([readFileSync(join(longer, name)), Buffer.from('\n')]))
      expect(await verifyReport(longer, given())).toMatchObject({
        ok: false,
        problems: expect.arrayContaining([{ kind: 'file-changed', detail: name }]),
      })
      const without = copyOf(2)
      rmSync(join(without, name))
      expect((await verifyReport(without, given())).problems).toContainEqual({
        kind: 'file-missing',
        detail: name,
      })
    }
    const more = copyOf(2)
    writeFileSync(join(more, 'report.docx'), 'x')
    expect((await verifyReport(more, given())).problems).toEqual([
      { kind: 'file-extra', detail: 'report.docx' },
    ])
    for (const name of [MANIFEST, SIGNATURE]) {
      const without = copyOf(2)
      rmSync(join(without, name))
      expect((await verifyReport(without, given())).problems).toEqual([
        { kind: 'file-missing', detail: name },
      ])
    }
  })

  it('also where a file is a link or a folder', async () => {
    const linked = copyOf(2)
    renameSync(join(linked, 'report.pdf'), join(temp.path, 'elsewhere.pdf'))
    symlinkSync(join(temp.path, 'elsewhere.pdf'), join(linked, 'report.pdf'))
    expect(await kinds(linked)).toEqual(['form'])
    const nested = copyOf(2)
    rmSync(join(nested, 'report.pdf'))
    mkdirSync(join(nested, 'report.pdf'))
    expect(await kinds(nested)).toEqual(['form'])
  })

  it('where files of two reports were put together', async () => {
    const mixed = copyOf(2)
    cpSync(join(folders[0] ?? '', 'report.pdf'), join(mixed, 'report.pdf'))
    expect(await kinds(mixed)).toEqual(['file-changed'])
    const swapped = copyOf(2)
    cpSync(join(folders[0] ?? '', SIGNATURE), join(swapped, SIGNATURE))
    expect(await kinds(swapped)).toEqual(['signature'])
  })

  it('where the manifest was written anew without the key', async () => {
    const forged = copyOf(2)
    const manifest = JSON.parse(readFileSync(join(forged, MANIFEST), 'utf8'))
    const csv = Buffer.from('forged')
    writeFileSync(join(forged, 'report.csv'), csv)
    const entry = manifest.files.find((file: { name: string }) => file.name === 'report.csv')
    Object.assign(entry, { size: csv.length, sha256: sha256Hex(csv) })
    writeFileSync(join(forged, MANIFEST), writeManifest(manifest))
    expect(await kinds(forged)).toEqual(['signature'])
    writeFileSync(join(forged, MANIFEST), JSON.stringify(manifest))
    expect(await kinds(forged)).toEqual(['form', 'signature'])
  })

  it('where a manifest names other files than a report has, whoever signed it', async () => {
    const odd = copyOf(2)
    const manifest = JSON.parse(readFileSync(join(odd, MANIFEST), 'utf8'))
    const bytes = writeManifest({ ...manifest, files: manifest.files.slice(0, 2) })
    writeFileSync(join(odd, MANIFEST), bytes)
    const { keyPem, pem } = site.controller
    writeFileSync(
      join(odd, SIGNATURE),
      await signManifest({ manifest: bytes, keyPem, chainPem: pem, now: new Date(NOW) }),
    )
    expect(await kinds(odd)).toEqual(['form'])
  })

  it('where a ZIP is not one of six plain files', async () => {
    const entries = REPORT_FILES.map((name) => ({ name, bytes: readFileSync(join(folders[1] ?? '', name)) }))
    expect(await kinds(asFile(await zipBytes(entries)))).toEqual([])
    for (const files of [
      entries.slice(1),
      [...entries].reverse(),
      [...entries, { name: 'x', bytes: Buffer.from('x') }],
    ])
      expect(await kinds(asFile(await zipBytes(files)))).toEqual(['form'])
    expect(await kinds(asFile(Buffer.concat([zip, Buffer.from('x')])))).toEqual(['form'])
    expect(await kinds(asFile(zip.subarray(0, -1)))).toEqual(['form'])
    expect(await kinds(asFile(Buffer.from('no ZIP')))).toEqual(['form'])
  })

  it('and a path with nothing there is an error of its own', async () => {
    await expect(verifyReport(join(temp.path, 'nothing'), given())).rejects.toMatchObject({
      code: 'FILE_INVALID',
    })
  })
})
