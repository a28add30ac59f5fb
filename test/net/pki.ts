/** Throwaway certificate authorities for tests: P-256, made in the process, never written anywhere. */
import { generateKeyPairSync, webcrypto } from 'node:crypto'
import * as asn1js from 'asn1js'
import * as pkijs from 'pkijs'
import type { TlsIdentity } from '../../electron/net/tls'

const engine = new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto as unknown as Crypto })

const P256 = { name: 'ECDSA', namedCurve: 'P-256' }

interface Keys {
  readonly keyPem: string
  readonly publicKey: CryptoKey
  readonly privateKey: CryptoKey
}

export interface TestCertificate extends TlsIdentity {
  readonly pem: string
  readonly der: Buffer
  readonly keys: Keys
  readonly name: string
}

export interface IssueOptions {
  readonly name: string
  readonly issuer?: TestCertificate
  readonly ca?: boolean
  readonly uris?: readonly string[]
  readonly notBefore?: Date
  readonly notAfter?: Date
  /** Adds an 802.1AR hardwareModuleName otherName to the SAN. */
  readonly hardwareModule?: boolean
  readonly eku?: readonly string[]
}

export const EKU = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const

const makeKeys = async (): Promise<Keys> => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keyPem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  const pkcs8 = pair.privateKey.export({ type: 'pkcs8', format: 'der' })
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' })
  return {
    keyPem,
    privateKey: (await webcrypto.subtle.importKey('pkcs8', pkcs8, P256, true, ['sign'])) as CryptoKey,
    publicKey: (await webcrypto.subtle.importKey('spki', spki, P256, true, ['verify'])) as CryptoKey,
  }
}

const pem = (der: ArrayBuffer): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der)
    .toString('base64')
    .replace(/(.{64})/g, '$1\n')
    .trimEnd()}\n-----END CERTIFICATE-----\n`

const nameOf = (text: string): pkijs.RelativeDistinguishedNames =>
  new pkijs.RelativeDistinguishedNames({
    typesAndValues: [
      new pkijs.AttributeTypeAndValue({ type: '2.5.4.3', value: new asn1js.Utf8String({ value: text }) }),
    ],
  })

const tagged = (tagNumber: number, value: asn1js.BaseBlock[]): asn1js.Constructed =>
  new asn1js.Constructed({ idBlock: { tagClass: 3, tagNumber }, value })

const uriName = (uri: string): asn1js.Primitive =>
  new asn1js.Primitive({ idBlock: { tagClass: 3, tagNumber: 6 }, valueHex: Buffer.from(uri) })

/** OtherName is tagged implicitly, which pkijs' GeneralName can't write; so the SAN is built by hand. */
const hardwareModuleName = (): asn1js.Constructed =>
  tagged(0, [
    new asn1js.ObjectIdentifier({ value: '1.3.6.1.5.5.7.8.4' }),
    tagged(0, [
      new asn1js.Sequence({
        value: [
          new asn1js.ObjectIdentifier({ value: '1.3.6.1.4.1.99999.1' }),
          new asn1js.OctetString({ valueHex: Buffer.from('SN-1') }),
        ],
      }),
    ]),
  ])

let serial = 1
const roots = new Set<string>()

/** Issues a certificate; without an issuer it signs itself. */
export const issue = async (o: IssueOptions): Promise<TestCertificate> => {
  const keys = await makeKeys()
  const certificate = new pkijs.Certificate()
  certificate.version = 2
  certificate.serialNumber = new asn1js.Integer({ value: serial++ })
  certificate.subject = nameOf(o.name)
  certificate.issuer = nameOf(o.issuer?.name ?? o.name)
  const notAfter = o.notAfter ?? new Date('9999-12-31T23:59:59Z')
  certificate.notBefore = new pkijs.Time({ type: 0, value: o.notBefore ?? new Date('2020-01-01T00:00:00Z') })
  certificate.notAfter = new pkijs.Time({ type: notAfter.getUTCFullYear() >= 2050 ? 1 : 0, value: notAfter })
  const extension = (extnID: string, critical: boolean, value: asn1js.BaseBlock): pkijs.Extension =>
    new pkijs.Extension({ extnID, critical, extnValue: value.toBER(false) })
  certificate.extensions = [
    extension('2.5.29.19', true, new pkijs.BasicConstraints({ cA: o.ca === true }).toSchema()),
    extension(
      '2.5.29.15',
      true,
      new asn1js.BitString({
        valueHex: new Uint8Array([o.ca ? 0x06 : 0x80]).buffer,
        unusedBits: o.ca ? 1 : 7,
      }),
    ),
  ]
  const names: asn1js.BaseBlock[] = (o.uris ?? []).map(uriName)
  if (o.hardwareModule) names.push(hardwareModuleName())
  if (names.length > 0) {
    certificate.extensions.push(extension('2.5.29.17', false, new asn1js.Sequence({ value: names })))
  }
  const eku = o.eku ?? (o.ca ? [] : [EKU.server, EKU.client])
  if (eku.length > 0) {
    certificate.extensions.push(
      extension('2.5.29.37', false, new pkijs.ExtKeyUsage({ keyPurposes: [...eku] }).toSchema()),
    )
  }
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey, engine)
  await certificate.sign(o.issuer?.keys.privateKey ?? keys.privateKey, 'SHA-256', engine)
  const der = certificate.toSchema(true).toBER(false)
  const own = pem(der)
  // The chain as a peer sends it: leaf, then issuers without the root.
  const above = o.issuer && !roots.has(o.issuer.pem) ? o.issuer.chainPem : ''
  return { name: o.name, keys, keyPem: keys.keyPem, pem: own, der: Buffer.from(der), chainPem: own + above }
}

/** A self-signed CA, left out of the chains that it issues. */
export const makeRoot = async (name: string): Promise<TestCertificate> => {
  const root = await issue({ name, ca: true })
  roots.add(root.pem)
  return root
}
