/** openssl judges the signatures that are made here, and makes some to be judged. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readBundle } from '../../electron/firmware/bundle'
import { signManifest, verifyManifest } from '../../electron/firmware/cms'
import { generateKeyPem } from '../../electron/identity/keys'
import { OID } from '../../electron/identity/oids'
import { sha256Hex } from '../../electron/identity/pem'
import { type Maker, maker, manifestOf, pack, signerOf } from '../firmware/make'
import { certify, crlOf, DAY, type Entity, NOW, revoke, root } from '../identity/make'
import { type OpensslFolder, opensslFolder } from './openssl'

let folder: OpensslFolder
let known: Maker
const manifest = Buffer.from('{"what": "is signed"}\r\n')
beforeEach(async () => {
  folder = opensslFolder()
  folder.file('manifest.json', manifest)
  known = await maker()
})
afterEach(() => folder.remove())

interface Judged {
  readonly signature: Buffer
  readonly manifest?: Buffer
  readonly anchors?: readonly Entity[]
  readonly crls?: readonly string[]
  readonly nowMs?: number
}

/** With the flags that docs/protocol.md states, and a fixed time. */
const byOpenssl = ({ signature, anchors = [known.root], crls = [], nowMs = NOW, ...o }: Judged) => {
  folder.file('judged.json', o.manifest ?? manifest)
  folder.file('judged.p7s', signature)
  folder.file('anchors.pem', [...anchors.map(({ pem }) => pem), ...crls].join(''))
  const args = ['-binary', '-inform', 'DER', '-in', 'judged.p7s', '-content', 'judged.json']
  args.push('-CAfile', 'anchors.pem', '-no-CApath', '-no-CAstore', '-purpose', 'any')
  args.push('-attime', String(Math.floor(nowMs / 1000)), '-out', 'out.json')
  if (crls.length > 0) args.push('-crl_check')
  return folder.run('cms', '-verify', ...args)
}

const byUs = ({ signature, anchors = [known.root], crls = [], nowMs = NOW, ...o }: Judged) =>
  verifyManifest({
    manifest: o.manifest ?? manifest,
    signature,
    anchors: anchors.map(({ pem }) => pem),
    crls,
    now: nowMs,
  }).then(
    () => 'accepted',
    (error) => error.code,
  )

const signedByUs = (signer: Entity, chain: readonly Entity[] = []): Promise<Buffer> =>
  signManifest({
    manifest,
    keyPem: signer.keyPem,
    chainPem: [signer, ...chain].map(({ pem }) => pem).join(''),
    now: new Date(NOW),
  })

const signedByOpenssl = (signers: readonly Entity[], ...more: string[]): Buffer => {
  const args = ['cms', '-sign', '-binary', '-in', 'manifest.json', '-outform', 'DER', '-out', 'made.p7s']
  for (const [i, { pem, keyPem }] of signers.entries())
    args.push('-signer', folder.file(`signer-${i}.pem`, pem), '-inkey', folder.file(`key-${i}.pem`, keyPem))
  const { ok, output } = folder.run(...args, ...more)
  expect(ok, output).toBe(true)
  return readFileSync(join(folder.path, 'made.p7s'))
}

const both = async (judged: Judged) => ({ openssl: byOpenssl(judged).ok, us: await byUs(judged) })
const ACCEPTED = { openssl: true, us: 'accepted' }

describe('both accept', () => {
  it('what is signed here, with and without authorities between', async () => {
    expect(await both({ signature: await signedByUs(known.signer) })).toEqual(ACCEPTED)
    expect(readFileSync(join(folder.path, 'out.json'))).toEqual(manifest)
    const middle = await certify({
      name: 'Example maker, firmware',
      issuer: known.root,
      ca: true,
      pathLen: 0,
    })
    const signature = await signedByUs(await signerOf(middle), [middle])
    expect(await both({ signature })).toEqual(ACCEPTED)
  })

  it.each([[[]], [['-keyid']], [['-nosmimecap']], [['-md', 'sha256']]])(
    'what openssl signs with %j',
    async (more) => {
      expect(await both({ signature: signedByOpenssl([known.signer], ...more) })).toEqual(ACCEPTED)
    },
  )

  it('what openssl signs with an authority between', async () => {
    const middle = await certify({
      name: 'Example maker, firmware',
      issuer: known.root,
      ca: true,
      pathLen: 0,
    })
    const signer = await signerOf(middle)
    const signature = signedByOpenssl([signer], '-certfile', folder.file('middle.pem', middle.pem))
    expect(await both({ signature })).toEqual(ACCEPTED)
  })

  it('a signer beside whom another is revoked', async () => {
    const other = await signerOf(known.root)
    const crls = [await crlOf(known.root, [revoke(other)])]
    expect(await both({ signature: await signedByUs(known.signer), crls })).toEqual(ACCEPTED)
  })
})

it('a structure made here is as openssl would have it', async () => {
  folder.file('made.p7s', await signedByUs(known.signer))
  const { output } = folder.run('cms', '-cmsout', '-print', '-noout', '-inform', 'DER', '-in', 'made.p7s')
  for (const part of [
    'pkcs7-signedData',
    'eContent: <ABSENT>',
    'contentType',
    'messageDigest',
    'signingTime',
  ])
    expect(output).toContain(part)
  expect(output).toContain('ecdsa-with-SHA256')
  const structure = folder.run('asn1parse', '-inform', 'DER', '-in', 'made.p7s')
  expect(structure.ok, structure.output).toBe(true)
})

describe('both refuse', () => {
  it('another manifest', async () => {
    const judged = { signature: await signedByUs(known.signer), manifest: Buffer.from('{"what": "is not"}') }
    expect(await both(judged)).toEqual({ openssl: false, us: 'SIGNATURE_INVALID' })
  })

  it('a signature changed in its attributes, its value, or its certificate', async () => {
    for (const good of [await signedByUs(known.signer), signedByOpenssl([known.signer])]) {
      const digestAt = good.indexOf(Buffer.from('2a864886f70d010904', 'hex')) + 20
      const certificateAt = good.indexOf(known.signer.der) + known.signer.der.length - 4
      const nameAt = good.indexOf('Firmware signer 1')
      for (const at of [digestAt, good.length - 4, certificateAt, nameAt]) {
        const signature = Buffer.from(good)
        signature[at] = (signature[at] ?? 0) ^ 1
        const { openssl, us } = await both({ signature })
        expect(openssl, `byte ${at}`).toBe(false)
        expect(us, `byte ${at}`).toMatch(/^SIGN(ATURE_INVALID|ER_REFUSED)$/)
      }
    }
  })

  it('a signer that has expired, is not valid yet, is revoked, or is of a foreign root', async () => {
    const refused = { openssl: false, us: 'SIGNER_REFUSED' }
    const signature = await signedByUs(known.signer)
    expect(await both({ signature, nowMs: NOW + 366 * DAY })).toEqual(refused)
    expect(await both({ signature, nowMs: NOW - 2 * DAY })).toEqual(refused)
    expect(await both({ signature, crls: [await crlOf(known.root, [revoke(known.signer)])] })).toEqual(
      refused,
    )
    expect(await both({ signature, anchors: [await root('Example maker 2')] })).toEqual(refused)
    expect(await both({ signature, anchors: [await root('Example maker')] })).toEqual(refused)
  })
})

describe('only we refuse, by the rules of this profile', () => {
  it.each<[string, () => Promise<Buffer>, string]>([
    [
      'a signer that is not made for code signing',
      async () => signedByUs(await signerOf(known.root, { purposes: [OID.clientAuth] })),
      'SIGNER_REFUSED',
    ],
    [
      'a signer without any purpose',
      async () => signedByUs(await signerOf(known.root, { purposes: undefined })),
      'SIGNER_REFUSED',
    ],
    [
      'two signers',
      async () => signedByOpenssl([known.signer, await signerOf(known.root, { keyPem: generateKeyPem() })]),
      'SIGNATURE_INVALID',
    ],
    ['no signed attributes', async () => signedByOpenssl([known.signer], '-noattr'), 'SIGNATURE_INVALID'],
    ['a manifest inside', async () => signedByOpenssl([known.signer], '-nodetach'), 'SIGNATURE_INVALID'],
    ['another hash', async () => signedByOpenssl([known.signer], '-md', 'sha512'), 'SIGNATURE_INVALID'],
  ])('%s', async (_, make, us) => {
    expect(await both({ signature: await make() })).toEqual({ openssl: true, us })
  })

  it('a signature without the certificate of its signer', async () => {
    const signature = signedByOpenssl([known.signer], '-nocerts')
    expect(await byUs({ signature })).toBe('SIGNATURE_INVALID')
  })
})

it('openssl judges the parts of a whole bundle', async () => {
  const path = await pack(folder.path, { signer: known.signer })
  const bundle = await readBundle(path, { anchors: [known.root.pem], crls: [], now: NOW })
  const judged = { signature: bundle.signatureBytes, manifest: bundle.manifestBytes }
  expect(await both(judged)).toEqual(ACCEPTED)
  const image = join(folder.path, 'image.bin')
  await bundle.copyImage(image)
  expect(folder.run('dgst', '-sha256', '-r', image).output).toContain(bundle.manifest.image.sha256)
})

describe('the outer form', () => {
  const trust = () => ({ anchors: [known.root.pem], crls: [], now: NOW })

  it('is a ZIP for unzip, which finds the same three files', async () => {
    const path = await pack(folder.path, { signer: known.signer })
    const { manifest: read } = await readBundle(path, trust())
    const unzipped = spawnSync('unzip', ['-o', '-qq', path, '-d', join(folder.path, 'unzipped')], {
      encoding: 'utf8',
    })
    expect(unzipped.status, unzipped.stderr).toBe(0)
    expect(readdirSync(join(folder.path, 'unzipped')).sort()).toEqual(
      ['manifest.json', 'manifest.p7s', read.image.file].sort(),
    )
    const image = folder.run('dgst', '-sha256', '-r', join('unzipped', read.image.file))
    expect(image.output).toContain(read.image.sha256)
  })

  it('may be made with python and openssl alone', async () => {
    const image = Buffer.from('any image')
    const made = manifestOf({
      image: { file: 'image.bin', format: 'raw', size: image.length, sha256: sha256Hex(image) },
    })
    folder.file('manifest.json', JSON.stringify(made))
    folder.file('image.bin', image)
    folder.file('manifest.p7s', signedByOpenssl([known.signer]))
    const script = `
import zipfile
with zipfile.ZipFile('made.iotfw', 'w') as bundle:
    for name in ['manifest.json', 'manifest.p7s', 'image.bin']:
        bundle.write(name)
`
    const python = spawnSync('python3', ['-c', script], { cwd: folder.path, encoding: 'utf8' })
    expect(python.status, python.stderr).toBe(0)
    expect((await readBundle(join(folder.path, 'made.iotfw'), trust())).manifest).toEqual(made)
  })
})
