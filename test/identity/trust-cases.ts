/** One table of chains with what the trust store and `openssl verify -x509_strict` must say of each. */
import { generateKeyPairSync } from 'node:crypto'
import type { ErrorCode } from '../../electron/contract/errors'
import { KEY_USAGE } from '../../electron/identity/extensions'
import { generateKeyPem, keySigner } from '../../electron/identity/keys'
import { OID } from '../../electron/identity/oids'
import type { Expectation } from '../../electron/identity/trust'
import {
  certify,
  crlOf,
  DAY,
  device,
  type Entity,
  NOW,
  nameConstraints,
  newUdn,
  revoke,
  root,
  strangeExtension,
} from './make'

export interface Situation {
  readonly chain: readonly Entity[]
  readonly roots?: readonly Entity[]
  readonly siteCa?: Entity
  readonly crls?: readonly string[]
  readonly nowMs?: number
  readonly expect?: Expectation
}

export interface TrustCase {
  readonly name: string
  readonly verdict: 'IDevID' | 'LDevID' | ErrorCode
  /** Part of the detail, where the cause matters. */
  readonly detail?: RegExp
  /** What openssl says where it differs: it knows no device profile, no UDN, no depth of ours. */
  readonly openssl?: 'accepts' | 'not asked'
  readonly make: () => Promise<Situation>
}

const udn = newUdn()
const p384 = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
const rsaSpki = (): Buffer =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'der' })

const ladder = async (levels: number, more: { pathLen?: number } = {}) => {
  const top = await root('Factory root', more)
  const middle: Entity[] = []
  for (let i = 0; i < levels; i++)
    middle.unshift(await certify({ name: `Factory level ${i + 1}`, issuer: middle[0] ?? top, ca: true }))
  return { top, middle, leaf: await device(middle[0] ?? top, udn) }
}

export const TRUST_CASES: readonly TrustCase[] = [
  {
    name: 'a device of a trusted factory root',
    verdict: 'IDevID',
    make: async () => {
      const { top, leaf } = await ladder(0)
      return { chain: [leaf], roots: [top], expect: { udn } }
    },
  },
  {
    name: 'a device below an intermediate that it sends',
    verdict: 'IDevID',
    make: async () => {
      const { top, middle, leaf } = await ladder(1)
      return { chain: [leaf, ...middle], roots: [top], expect: { udn, kind: 'IDevID' } }
    },
  },
  {
    name: 'intermediates sent in the wrong order, with the root among them',
    verdict: 'IDevID',
    make: async () => {
      const { top, middle, leaf } = await ladder(2)
      return { chain: [leaf, top, ...[...middle].reverse()], roots: [top] }
    },
  },
  {
    name: 'a chain of five certificates',
    verdict: 'IDevID',
    make: async () => {
      const { top, middle, leaf } = await ladder(3)
      return { chain: [leaf, ...middle], roots: [top] }
    },
  },
  {
    name: 'a chain of six certificates',
    verdict: 'IDENTITY_NOT_TRUSTED',
    detail: /too long/,
    openssl: 'accepts',
    make: async () => {
      const { top, middle, leaf } = await ladder(4)
      return { chain: [leaf, ...middle], roots: [top] }
    },
  },
  {
    name: 'a P-384 root',
    verdict: 'IDevID',
    make: async () => {
      const top = await root('Factory root', { keyPem: p384() })
      return { chain: [await device(top, udn)], roots: [top] }
    },
  },
  {
    name: 'a device of the site',
    verdict: 'LDevID',
    make: async () => {
      const site = await root('Site CA', { pathLen: 0 })
      return { chain: [await device(site, udn)], siteCa: site, expect: { udn, kind: 'LDevID' } }
    },
  },
  {
    name: 'a site CA that is itself an intermediate is an anchor',
    verdict: 'LDevID',
    make: async () => {
      const corporate = await root('Corporate root')
      const site = await certify({ name: 'Site CA', issuer: corporate, ca: true, pathLen: 0 })
      return { chain: [await device(site, udn), site], siteCa: site }
    },
  },
  {
    name: 'the corporate root above the site CA is no anchor',
    verdict: 'IDENTITY_NOT_TRUSTED',
    make: async () => {
      const corporate = await root('Corporate root')
      const site = await certify({ name: 'Site CA', issuer: corporate, ca: true, pathLen: 0 })
      const other = await certify({ name: 'Other CA', issuer: corporate, ca: true, pathLen: 0 })
      return { chain: [await device(other, udn), other, corporate], siteCa: site }
    },
  },
  {
    name: 'a missing intermediate',
    verdict: 'IDENTITY_NOT_TRUSTED',
    detail: /no trusted root/,
    make: async () => {
      const { top, leaf } = await ladder(1)
      return { chain: [leaf], roots: [top] }
    },
  },
  {
    name: 'an unknown root, even when sent',
    verdict: 'IDENTITY_NOT_TRUSTED',
    make: async () => {
      const stranger = await root('Strange root')
      return { chain: [await device(stranger, udn), stranger], roots: [await root('Factory root')] }
    },
  },
  {
    name: 'a self-signed device',
    verdict: 'IDENTITY_NOT_TRUSTED',
    make: async () => {
      const leaf = await certify({ name: 'TH-10 SN-1', uris: [`urn:${udn}`] })
      return { chain: [leaf], roots: [await root('Factory root')] }
    },
  },
  {
    name: 'a root with the right name but another key',
    verdict: 'IDENTITY_NOT_TRUSTED',
    detail: /another key/,
    make: async () => {
      const [real, impostor] = [await root('Factory root'), await root('Factory root')]
      return { chain: [await device(impostor, udn)], roots: [real] }
    },
  },
  {
    name: 'two trusted roots with one name: the second made it',
    verdict: 'IDevID',
    make: async () => {
      const [first, second] = [await root('Factory root'), await root('Factory root')]
      return { chain: [await device(second, udn)], roots: [first, second] }
    },
  },
  {
    name: 'two trusted roots with one name and no key identifiers to tell them apart',
    verdict: 'IDevID',
    openssl: 'not asked',
    make: async () => {
      const [first, second] = [await root('Factory root'), await root('Factory root')]
      return { chain: [await device(second, udn, { withoutKeyIds: true })], roots: [first, second] }
    },
  },
  {
    name: 'a signature by another key',
    verdict: 'IDENTITY_NOT_TRUSTED',
    detail: /wrong signature/,
    make: async () => {
      const top = await root('Factory root')
      return { chain: [await device(top, udn, { signer: keySigner(generateKeyPem()) })], roots: [top] }
    },
  },
  {
    name: 'a wrong signature on the intermediate',
    verdict: 'IDENTITY_NOT_TRUSTED',
    detail: /wrong signature on CN=Middle/,
    make: async () => {
      const top = await root('Factory root')
      const forged = keySigner(generateKeyPem())
      const middle = await certify({ name: 'Middle', issuer: top, ca: true, signer: forged })
      return { chain: [await device(middle, udn), middle], roots: [top] }
    },
  },
  {
    name: 'an expired device certificate',
    verdict: 'IDENTITY_EXPIRED',
    detail: /expired on/,
    make: async () => {
      const top = await root('Factory root')
      return {
        chain: [await device(top, udn, { notBefore: NOW - 9 * DAY, notAfter: NOW - DAY })],
        roots: [top],
      }
    },
  },
  {
    name: 'valid to the last second',
    verdict: 'IDevID',
    // RFC 5280 §4.1.2.5 includes the last second; openssl does not.
    openssl: 'not asked',
    make: async () => {
      const top = await root('Factory root')
      return { chain: [await device(top, udn, { notAfter: NOW })], roots: [top] }
    },
  },
  {
    name: 'one second after the end',
    verdict: 'IDENTITY_EXPIRED',
    make: async () => {
      const top = await root('Factory root')
      return { chain: [await device(top, udn, { notAfter: NOW })], roots: [top], nowMs: NOW + 1000 }
    },
  },
  {
    name: 'a device certificate not valid yet',
    verdict: 'IDENTITY_EXPIRED',
    detail: /not valid before/,
    make: async () => {
      const top = await root('Factory root')
      return { chain: [await device(top, udn, { notBefore: NOW + DAY })], roots: [top] }
    },
  },
  {
    name: 'an expired intermediate',
    verdict: 'IDENTITY_EXPIRED',
    detail: /Middle expired/,
    make: async () => {
      const top = await root('Factory root')
      const middle = await certify({
        name: 'Middle',
        issuer: top,
        ca: true,
        notBefore: NOW - 9 * DAY,
        notAfter: NOW - DAY,
      })
      return { chain: [await device(middle, udn), middle], roots: [top] }
    },
  },
  {
    name: 'an expired root',
    verdict: 'IDENTITY_EXPIRED',
    make: async () => {
      const top = await root('Factory root', { notBefore: NOW - 9 * DAY, notAfter: NOW - DAY })
      return { chain: [await device(top, udn)], roots: [top] }
    },
  },
  {
    name: 'an old intermediate beside its renewed one',
    verdict: 'IDevID',
    openssl: 'not asked',
    make: async () => {
      const top = await root('Factory root')
      const keyPem = generateKeyPem()
      const dates = { notBefore: NOW - 9 * DAY, notAfter: NOW - DAY }
      const old = await certify({ name: 'Middle', issuer: top, ca: true, keyPem, ...dates })
      const renewed = await certify({ name: 'Middle', issuer: top, ca: true, keyPem })
      return { chain: [await device(old, udn), old, renewed], roots: [top] }
    },
  },
  {
    name: 'a revoked device',
    verdict: 'IDENTITY_REVOKED',
    make: async () => {
      const top = await root('Factory root')
      const leaf = await device(top, udn)
      return { chain: [leaf], roots: [top], crls: [await crlOf(top, [revoke(leaf)])] }
    },
  },
  {
    name: 'a revoked intermediate',
    verdict: 'IDENTITY_REVOKED',
    detail: /level 1 is revoked/,
    make: async () => {
      const { top, middle, leaf } = await ladder(1)
      const crls = [await crlOf(top, middle.map(revoke)), await crlOf(middle[0] as Entity, [])]
      return { chain: [leaf, ...middle], roots: [top], crls }
    },
  },
  {
    name: 'a device revoked by its intermediate',
    verdict: 'IDENTITY_REVOKED',
    make: async () => {
      const { top, middle, leaf } = await ladder(1)
      const crls = [await crlOf(top, []), await crlOf(middle[0] as Entity, [revoke(leaf)])]
      return { chain: [leaf, ...middle], roots: [top], crls }
    },
  },
  {
    name: 'revoked and expired: revoked says more',
    verdict: 'IDENTITY_REVOKED',
    make: async () => {
      const top = await root('Factory root')
      const leaf = await device(top, udn, { notBefore: NOW - 9 * DAY, notAfter: NOW - DAY })
      return { chain: [leaf], roots: [top], crls: [await crlOf(top, [revoke(leaf)])] }
    },
  },
  {
    name: 'a list with nobody on it',
    verdict: 'IDevID',
    make: async () => {
      const top = await root('Factory root')
      return { chain: [await device(top, udn)], roots: [top], crls: [await crlOf(top, [])] }
    },
  },
  {
    name: 'a list that is out of date still counts',
    verdict: 'IDENTITY_REVOKED',
    openssl: 'not asked',
    make: async () => {
      const top = await root('Factory root')
      const leaf = await device(top, udn)
      return { chain: [leaf], roots: [top], crls: [await crlOf(top, [revoke(leaf)], NOW - 300 * DAY)] }
    },
  },
  {
    name: 'a forged list counts for nothing',
    verdict: 'IDevID',
    openssl: 'not asked',
    make: async () => {
      const top = await root('Factory root')
      const leaf = await device(top, udn)
      return {
        chain: [leaf],
        roots: [top],
        crls: [await crlOf(top, [revoke(leaf)], NOW, keySigner(generateKeyPem()))],
      }
    },
  },
  {
    name: 'the list of another root with the same name and serial counts for nothing',
    verdict: 'IDevID',
    openssl: 'not asked',
    make: async () => {
      const [top, namesake] = [await root('Factory root'), await root('Factory root')]
      const leaf = await device(top, udn)
      return { chain: [leaf], roots: [top, namesake], crls: [await crlOf(namesake, [revoke(leaf)])] }
    },
  },
  {
    name: 'a damaged list beside a good one',
    verdict: 'IDENTITY_REVOKED',
    openssl: 'not asked',
    make: async () => {
      const top = await root('Factory root')
      const leaf = await device(top, udn)
      const good = await crlOf(top, [revoke(leaf)])
      return { chain: [leaf], roots: [top], crls: [good.slice(0, 200), 'garbage', good] }
    },
  },
  {
    name: 'issued by a device',
    verdict: 'IDENTITY_NOT_TRUSTED',
    detail: /is not a CA/,
    make: async () => {
      const top = await root('Factory root')
      const other = await certify({ name: 'TH-10 SN-9', issuer: top, keyUsage: false })
      return { chain: [await device(other, udn), other], roots: [top] }
    },
  },
  {
    name: 'an issuer with basicConstraints that say no',
    verdict: 'IDENTITY_NOT_TRUSTED',
    detail: /is not a CA/,
    make: async () => {
      const top = await root('Factory root')
      const usage = KEY_USAGE.keyCertSign
      const other = await certify({ name: 'No CA', issuer: top, ca: false, pathLen: 0, keyUsage: usage })
      return { chain: [await device(other, udn), other], roots: [top] }
    },
  },
  {
    name: 'an issuer without keyCertSign',
    verdict: 'IDENTITY_NOT_TRUSTED',
    detail: /may not sign/,
    make: async () => {
      const top = await root('Factory root')
      const other = await certify({ name: 'Middle', issuer: top, ca: true, keyUsage: KEY_USAGE.cRLSign })
      return { chain: [await device(other, udn), other], roots: [top] }
    },
  },
  {
    name: 'a path longer than pathLen allows',
    verdict: 'IDENTITY_NOT_TRUSTED',
    detail: /no CA this far below/,
    make: async () => {
      const { top, middle, leaf } = await ladder(1, { pathLen: 0 })
      return { chain: [leaf, ...middle], roots: [top] }
    },
  },
  {
    name: 'a path exactly as long as pathLen allows',
    verdict: 'IDevID',
    make: async () => {
      const { top, middle, leaf } = await ladder(2, { pathLen: 2 })
      return { chain: [leaf, ...middle], roots: [top] }
    },
  },
  {
    name: 'an RSA key in the device certificate',
    verdict: 'IDENTITY_NOT_TRUSTED',
    detail: /not P-256/,
    openssl: 'accepts',
    make: async () => {
      const top = await root('Factory root')
      return { chain: [await device(top, udn, { publicKeySpki: rsaSpki() })], roots: [top] }
    },
  },
  {
    name: 'a CA certificate as identity',
    verdict: 'IDENTITY_NOT_TRUSTED',
    detail: /no device identity/,
    make: async () => {
      const { top, middle } = await ladder(1)
      return { chain: middle, roots: [top] }
    },
  },
  {
    name: 'the root itself as identity',
    verdict: 'IDENTITY_NOT_TRUSTED',
    make: async () => {
      const top = await root('Factory root')
      return { chain: [top], roots: [top] }
    },
  },
  {
    name: 'a certificate for signing code only',
    verdict: 'IDENTITY_NOT_TRUSTED',
    detail: /not be used for TLS/,
    make: async () => {
      const top = await root('Factory root')
      return { chain: [await device(top, udn, { purposes: ['1.3.6.1.5.5.7.3.3'] })], roots: [top] }
    },
  },
  {
    name: 'a certificate for servers where a client is judged',
    verdict: 'IDENTITY_NOT_TRUSTED',
    make: async () => {
      const top = await root('Factory root')
      const leaf = await device(top, udn, { purposes: [OID.serverAuth] })
      return { chain: [leaf], roots: [top], expect: { usage: 'client' } }
    },
  },
  {
    name: 'no extended key usage at all, as 802.1AR allows',
    verdict: 'IDevID',
    make: async () => {
      const top = await root('Factory root')
      return { chain: [await certify({ name: 'TH-10', issuer: top, uris: [`urn:${udn}`] })], roots: [top] }
    },
  },
  {
    name: 'a key that may not sign',
    verdict: 'IDENTITY_NOT_TRUSTED',
    detail: /not be used to sign/,
    openssl: 'not asked',
    make: async () => {
      const top = await root('Factory root')
      return { chain: [await device(top, udn, { keyUsage: KEY_USAGE.keyAgreement })], roots: [top] }
    },
  },
  {
    name: 'an unknown critical extension',
    verdict: 'IDENTITY_NOT_TRUSTED',
    detail: /unknown critical/,
    make: async () => {
      const top = await root('Factory root')
      return { chain: [await device(top, udn, { extra: [strangeExtension(true)] })], roots: [top] }
    },
  },
  {
    name: 'an intermediate with name constraints, which are not processed here',
    verdict: 'IDENTITY_NOT_TRUSTED',
    detail: /unknown critical/,
    openssl: 'not asked',
    make: async () => {
      const top = await root('Factory root')
      const middle = await certify({ name: 'Middle', issuer: top, ca: true, extra: [nameConstraints()] })
      return { chain: [await device(middle, udn), middle], roots: [top] }
    },
  },
  {
    name: 'an unknown extension that is not critical',
    verdict: 'IDevID',
    make: async () => {
      const top = await root('Factory root')
      return { chain: [await device(top, udn, { extra: [strangeExtension(false)] })], roots: [top] }
    },
  },
  {
    name: 'another UDN',
    verdict: 'UDN_MISMATCH',
    openssl: 'accepts',
    make: async () => {
      const { top, leaf } = await ladder(0)
      return { chain: [leaf], roots: [top], expect: { udn: newUdn() } }
    },
  },
  {
    name: 'no UDN where one is expected',
    verdict: 'UDN_MISMATCH',
    openssl: 'accepts',
    make: async () => {
      const top = await root('Factory root')
      return {
        chain: [await device(top, udn, { uris: ['https://example.org/'] })],
        roots: [top],
        expect: { udn },
      }
    },
  },
  {
    name: 'two UDNs in one certificate',
    verdict: 'UDN_MISMATCH',
    openssl: 'accepts',
    make: async () => {
      const top = await root('Factory root')
      const leaf = await device(top, udn, { uris: [`urn:${udn}`, `urn:${newUdn()}`] })
      return { chain: [leaf], roots: [top], expect: { udn } }
    },
  },
  {
    name: 'an untrusted certificate with another UDN is untrusted first',
    verdict: 'IDENTITY_NOT_TRUSTED',
    make: async () => {
      const stranger = await root('Strange root')
      return {
        chain: [await device(stranger, udn)],
        roots: [await root('Factory root')],
        expect: { udn: newUdn() },
      }
    },
  },
  {
    name: 'a factory certificate where a site certificate is expected',
    verdict: 'IDENTITY_NOT_TRUSTED',
    openssl: 'not asked',
    make: async () => {
      const { top, leaf } = await ladder(0)
      return { chain: [leaf], roots: [top], siteCa: await root('Site CA'), expect: { kind: 'LDevID' } }
    },
  },
]
