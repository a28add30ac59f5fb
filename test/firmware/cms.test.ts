/** Signatures over manifests: what is right, what is not, and who may sign. */
import { beforeAll, describe, expect, it } from 'vitest'
import { signManifest, verifyManifest } from '../../electron/firmware/cms'
import { practiceFirmwareSigner } from '../../electron/firmware/signer'
import { KEY_USAGE } from '../../electron/identity/extensions'
import { OID } from '../../electron/identity/oids'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { makeTempDir } from '../helpers/temp-dir'
import { certify, crlOf, DAY, type Entity, NOW, revoke, root } from '../identity/make'
import { type Maker, maker, signerOf } from './make'

const manifest = Buffer.from('{"what":"is signed"}')
let known: Maker
let signature: Buffer
beforeAll(async () => {
  known = await maker()
  signature = await sign(known.signer)
})

const sign = (signer: Entity, chain: readonly Entity[] = []): Promise<Buffer> =>
  signManifest({
    manifest,
    keyPem: signer.keyPem,
    chainPem: [signer, ...chain].map(({ pem }) => pem).join(''),
    now: new Date(NOW),
  })

const judge = (o: Partial<Parameters<typeof verifyManifest>[0]> = {}) =>
  verifyManifest({ manifest, signature, anchors: [known.root.pem], crls: [], now: NOW, ...o })

const refused = (code: string, detail: RegExp) =>
  expect.objectContaining({ code, detail: expect.stringMatching(detail) })

it('names the signer of a manifest and the root that it was traced to', async () => {
  expect(await judge()).toEqual({
    subject: 'CN=Firmware signer 1',
    fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    notAfter: new Date(NOW + 365 * DAY).toISOString(),
    root: 'Example maker',
  })
})

it('takes a signer with authorities between it and the root, if they travel with it', async () => {
  const middle = await certify({ name: 'Example maker, firmware', issuer: known.root, ca: true, pathLen: 0 })
  const signer = await signerOf(middle)
  expect(await judge({ signature: await sign(signer, [middle]) })).toMatchObject({ root: 'Example maker' })
  await expect(judge({ signature: await sign(signer) })).rejects.toThrow(
    refused('SIGNER_REFUSED', /no trusted/),
  )
})

it('takes what the practice factory signs', async () => {
  const folder = makeTempDir()
  try {
    const factory = await openPracticeFactory(folder.path)
    const now = new Date()
    const key = await practiceFirmwareSigner(factory, now)
    const made = await signManifest({ manifest, ...key, now })
    const judged = judge({ signature: made, anchors: [factory.certificatePem], now: now.getTime() })
    expect(await judged).toMatchObject({ root: 'IoTMC practice factory' })
  } finally {
    folder.remove()
  }
})

describe('a signer is refused', () => {
  const signerWith = (more: Parameters<typeof signerOf>[1]) => async () => ({
    signature: await sign(await signerOf(known.root, more)),
  })
  it.each<[string, () => Promise<Partial<Parameters<typeof verifyManifest>[0]>>, RegExp]>([
    ['without code signing', signerWith({ purposes: [OID.clientAuth, OID.serverAuth] }), /code signing/],
    ['without any purpose', signerWith({ purposes: undefined }), /code signing/],
    ['made for anything', signerWith({ purposes: [OID.anyExtendedKeyUsage] }), /code signing/],
    ['that may not sign', signerWith({ keyUsage: KEY_USAGE.keyAgreement }), /may not be used to sign/],
    ['that does not say whether it may sign', signerWith({ keyUsage: false }), /does not say/],
    ['that is a CA', signerWith({ ca: true, keyUsage: KEY_USAGE.digitalSignature }), /CA certificate/],
    ['that has expired', signerWith({ notAfter: NOW - 2000 }), /expired/],
    ['that is not valid yet', signerWith({ notBefore: NOW + DAY }), /not valid before/],
    [
      'of a foreign root',
      async () => ({ anchors: [(await root('Example maker 2')).pem] }),
      /no trusted root/,
    ],
    [
      'of a root with the same name',
      async () => ({ anchors: [(await root('Example maker')).pem] }),
      /another key/,
    ],
    ['without any root', async () => ({ anchors: [] }), /no trusted root/],
    ['that is revoked', async () => ({ crls: [await crlOf(known.root, [revoke(known.signer)])] }), /revoked/],
  ])('%s', async (_, make, detail) => {
    await expect(judge(await make())).rejects.toThrow(refused('SIGNER_REFUSED', detail))
  })

  it('below an authority for other purposes', async () => {
    const middle = await certify({
      name: 'Example maker, devices',
      issuer: known.root,
      ca: true,
      purposes: [OID.clientAuth],
    })
    const made = await sign(await signerOf(middle), [middle])
    await expect(judge({ signature: made })).rejects.toThrow(refused('SIGNER_REFUSED', /for this use/))
  })
})

it('without a clock, neither time nor revocation count, but everything else does', async () => {
  const old = await signerOf(known.root, { notAfter: NOW - DAY / 2 })
  const crls = [await crlOf(known.root, [revoke(old)])]
  expect(await judge({ signature: await sign(old), crls, now: undefined })).toMatchObject({
    root: 'Example maker',
  })
  const foreign = [(await root('Example maker 2')).pem]
  await expect(judge({ anchors: foreign, now: undefined })).rejects.toThrow(refused('SIGNER_REFUSED', /root/))
  const client = await signerOf(known.root, { purposes: [OID.clientAuth] })
  await expect(judge({ signature: await sign(client), now: undefined })).rejects.toThrow(
    refused('SIGNER_REFUSED', /code signing/),
  )
})

describe('a signature is refused', () => {
  it('over another manifest', async () => {
    await expect(judge({ manifest: Buffer.from('{"what":"was signed"}') })).rejects.toThrow(
      refused('SIGNATURE_INVALID', /not the one that was signed/),
    )
  })

  it.each([
    ['empty', Buffer.alloc(0)],
    ['no ASN.1', Buffer.from('not a signature')],
    ['PEM', Buffer.from('-----BEGIN CMS-----\nMAA=\n-----END CMS-----\n')],
    ['too large', Buffer.alloc(65_537, 0x30)],
  ])('that is %s', async (_, bytes) => {
    await expect(judge({ signature: bytes })).rejects.toThrow(refused('SIGNATURE_INVALID', /./))
  })

  it('with bytes after it, or cut anywhere', async () => {
    const longer = Buffer.concat([signature, Buffer.alloc(1)])
    await expect(judge({ signature: longer })).rejects.toThrow(refused('SIGNATURE_INVALID', /after the end/))
    for (let length = 0; length < signature.length; length += 7)
      await expect(judge({ signature: signature.subarray(0, length) })).rejects.toMatchObject({
        code: 'SIGNATURE_INVALID',
      })
  })
})

it('is not made with a key that the certificate is not for', async () => {
  const other = await maker()
  await expect(
    signManifest({ manifest, keyPem: other.signer.keyPem, chainPem: known.signer.pem, now: new Date(NOW) }),
  ).rejects.toMatchObject({ code: 'CERTIFICATE_INVALID' })
})
