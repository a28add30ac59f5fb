/** A factory made by nobody but OpenSSL: its root, and device identities as 802.1AR asks for. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CertificateFiles, openssl } from './stage'

export interface OpensslFactory {
  readonly root: string
  identity(device: {
    readonly udn: string
    readonly serial: string
    readonly model: string
  }): Promise<CertificateFiles>
}

const rootConfig = (name: string): string => `
[req]
distinguished_name = dn
x509_extensions = ca
prompt = no
utf8 = yes
string_mask = utf8only
[dn]
CN = ${name}
[ca]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
`

const identityConfig = (device: { udn: string; serial: string }): string => `
[idevid]
keyUsage = critical, digitalSignature, keyAgreement
extendedKeyUsage = clientAuth, serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = URI:urn:${device.udn}, otherName:1.3.6.1.5.5.7.8.4;SEQ:module
[module]
type = OID:2.999.7
serial = FORMAT:ASCII, OCTETSTRING:${device.serial}
`

const newKey = (file: string): Promise<string> =>
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', file)

/** Makes the factory in `folder`; its root carries `name`. */
export const makeOpensslFactory = async (folder: string, name: string): Promise<OpensslFactory> => {
  mkdirSync(folder, { recursive: true })
  const at = (file: string): string => join(folder, file)
  writeFileSync(at('root.cnf'), rootConfig(name))
  await newKey(at('root.key'))
  await openssl(
    ...['req', '-x509', '-new', '-key', at('root.key'), '-config', at('root.cnf')],
    ...['-days', '3650', '-sha256', '-out', at('root.pem')],
  )
  return {
    root: at('root.pem'),
    identity: async (device) => {
      const [key, csr, cert, config] = ['key', 'csr', 'pem', 'cnf'].map((end) =>
        at(`${device.serial}.${end}`),
      )
      if (!key || !csr || !cert || !config) throw new Error('no file names')
      writeFileSync(config, identityConfig(device))
      await newKey(key)
      const subject = `/CN=${device.model} ${device.serial}/serialNumber=${device.serial}`
      await openssl('req', '-new', '-key', key, '-subj', subject, '-out', csr)
      await openssl(
        ...['x509', '-req', '-in', csr, '-CA', at('root.pem'), '-CAkey', at('root.key'), '-sha256'],
        ...['-days', '3000', '-extfile', config, '-extensions', 'idevid', '-out', cert],
      )
      // What is refused later must not be refused for being malformed.
      await openssl('verify', '-x509_strict', '-CAfile', at('root.pem'), cert)
      return { key, cert }
    },
  }
}
