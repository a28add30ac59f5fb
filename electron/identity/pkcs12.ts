import { createPrivateKey, createPublicKey } from 'node:crypto'
import forge from 'node-forge'
import { IotmcError } from '../contract/errors'
import { checkAuthorityChain, type StoredAuthority } from './authority-file'
import { type CertificateFacts, readCertificate } from './certificate'
import { toPem } from './pem'
import { checkPkcs12Cost } from './pkcs12-cost'

const FILE_MAX_BYTES = 300_000
const { pki, asn1, pkcs12 } = forge

/**
 * A CA from a PKCS#12 file, modern (PBES2/AES) or legacy (RC2, 3DES): its key and its chain, CA first.
 * Throws FILE_INVALID, PASSPHRASE_WRONG, CERTIFICATE_INVALID (no CA, key not P-256 or P-384, key of another certificate).
 */
export const importPkcs12 = (data: Buffer, passphrase: string): StoredAuthority => {
  if (data.length > FILE_MAX_BYTES) throw new IotmcError('FILE_INVALID', { detail: 'the file is too large' })
  checkPkcs12Cost(data)
  const store = decrypt(data, passphrase)
  const bags = store.safeContents.flatMap((content) => content.safeBags)
  const certificates = bags.filter((bag) => bag.type === pki.oids.certBag).map(certificateOf)
  const keys = bags
    .filter((bag) => bag.type === pki.oids.pkcs8ShroudedKeyBag || bag.type === pki.oids.keyBag)
    .map(keyPemOf)
  if (keys.length === 0) throw new IotmcError('FILE_INVALID', { detail: 'no private key in the file' })
  if (certificates.length === 0)
    throw new IotmcError('FILE_INVALID', { detail: 'no certificate in the file' })
  const pairs = keys.flatMap((keyPem) => {
    const spki = spkiOf(keyPem)
    return certificates
      .filter((one) => spki.equals(one.publicKeySpki))
      .map((certificate) => ({ keyPem, certificate }))
  })
  const pair = pairs.find(({ certificate }) => certificate.isCa) ?? pairs[0]
  if (!pair)
    throw new IotmcError('CERTIFICATE_INVALID', { detail: 'key and certificate do not belong together' })
  const chainPem = chainUp(pair.certificate, certificates)
    .map(({ der }) => toPem('CERTIFICATE', der))
    .join('')
  checkAuthorityChain(chainPem, pair.keyPem)
  return { keyPem: pair.keyPem, chainPem }
}

const decrypt = (data: Buffer, passphrase: string): forge.pkcs12.Pkcs12Pfx => {
  const parse = (): forge.asn1.Asn1 => {
    try {
      return asn1.fromDer(forge.util.createBuffer(data.toString('binary')), true)
    } catch {
      throw new IotmcError('FILE_INVALID', { detail: 'not a PKCS#12 file' })
    }
  }
  try {
    return pkcs12.pkcs12FromAsn1(parse(), false, passphrase)
  } catch (first) {
    if (first instanceof IotmcError) throw first
    const message = first instanceof Error ? first.message : ''
    if (/MAC could not be verified|Invalid password/i.test(message)) throw new IotmcError('PASSPHRASE_WRONG')
    return decryptUtf8(parse(), passphrase, message)
  }
}

// The MAC has been checked with the passphrase as UTF-16 (RFC 7292 B.1). PBES2 takes its UTF-8 bytes, and forge takes
// one text for both: so the second try goes without the MAC.
const decryptUtf8 = (
  pfx: forge.asn1.Asn1,
  passphrase: string,
  firstMessage: string,
): forge.pkcs12.Pkcs12Pfx => {
  const parts = pfx.value
  try {
    if (/^[\x20-\x7e]*$/.test(passphrase) || !Array.isArray(parts)) throw new Error(firstMessage)
    pfx.value = parts.slice(0, 2)
    return pkcs12.pkcs12FromAsn1(pfx, false, forge.util.encodeUtf8(passphrase))
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : ''
    if (/decrypt|ASN\.1|Too few bytes|padding/i.test(message) && !/unsupported|not supported/i.test(message))
      throw new IotmcError('PASSPHRASE_WRONG', { detail: 'the content can not be decrypted' })
    throw new IotmcError('FILE_INVALID', { detail: 'not a PKCS#12 file that can be read' })
  }
}

const derOf = (node: forge.asn1.Asn1): Buffer => Buffer.from(asn1.toDer(node).getBytes(), 'binary')

const certificateOf = (bag: forge.pkcs12.Bag): CertificateFacts => {
  // forge keeps certificates with keys that it does not know (EC) as raw ASN.1.
  const node = bag.cert ? pki.certificateToAsn1(bag.cert) : bag.asn1
  if (!node) throw new IotmcError('FILE_INVALID', { detail: 'a certificate in the file can not be read' })
  return readCertificate(derOf(node))
}

const keyPemOf = (bag: forge.pkcs12.Bag): string => {
  if (bag.key)
    throw new IotmcError('CERTIFICATE_INVALID', { detail: 'RSA keys are not used here: P-256 or P-384' })
  try {
    const key = createPrivateKey({ key: derOf(bag.asn1), format: 'der', type: 'pkcs8' })
    return key.export({ type: 'pkcs8', format: 'pem' }).toString()
  } catch {
    throw new IotmcError('CERTIFICATE_INVALID', { detail: 'the private key can not be read' })
  }
}

const spkiOf = (keyPem: string): Buffer => createPublicKey(keyPem).export({ type: 'spki', format: 'der' })

const chainUp = (ca: CertificateFacts, all: readonly CertificateFacts[]): CertificateFacts[] => {
  const chain = [ca]
  for (let last = ca; chain.length < 5; ) {
    if (last.subjectDer.equals(last.issuerDer)) break
    const next = all.find(
      (one) =>
        !chain.includes(one) && last.x509.checkIssued(one.x509) && last.x509.verify(one.x509.publicKey),
    )
    if (!next) break
    chain.push(next)
    last = next
  }
  return chain
}
