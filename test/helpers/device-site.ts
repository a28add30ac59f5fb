/** A small site for tests of the device: an authority, and certificates that it issues. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Authority } from '../../electron/identity/authority'
import { generateKeyPem, keySigner, publicKeyOf } from '../../electron/identity/keys'
import { checkAuthorityRequest, createAuthorityRequest } from '../../electron/identity/request'
import { Vault } from '../../electron/identity/vault'
import type { TlsIdentity } from '../../electron/net/tls'

/** A folder of its own under the system's temporary one. */
export const makeFolder = (name: string): string => mkdtempSync(join(tmpdir(), `iotmc-${name}-`))

const makeVault = (): Promise<Vault> =>
  Vault.create(join(makeFolder('authority'), 'vault'), { passphrase: 'for tests', scryptCost: 2 ** 14 })

/** An authority in a vault of its own. */
export const makeAuthority = async (commonName: string, pathLen = 0): Promise<Authority> =>
  Authority.create(await makeVault(), 'ca', { commonName, years: 10, pathLen })

/** An authority below a root, whose key the test has. */
export const makeAuthorityBelow = async (commonName: string) => {
  const root = await makeAuthority(`Root of ${commonName}`, 1)
  const keyPem = generateKeyPem()
  const csr = checkAuthorityRequest(await createAuthorityRequest(keySigner(keyPem), commonName))
  const { pem } = await root.issueAuthority({ csr, days: 30, now: new Date() })
  const chainPem = `${pem}${root.certificatePem}`
  return {
    authority: await Authority.import(await makeVault(), 'ca', { keyPem, chainPem }),
    root,
    keyPem,
    pem,
  }
}

export interface SiteClient extends TlsIdentity {
  readonly udn: string
}

/** A client of the site with a role, such as a controller. */
export const makeClient = async (authority: Authority, role: 'Admin' | 'Basic'): Promise<SiteClient> => {
  const keyPem = generateKeyPem()
  const udn = `uuid:${randomUUID()}`
  const publicKeySpki = publicKeyOf(keyPem)
  const { chainPem } = await authority.issueController({
    publicKeySpki,
    udn,
    role,
    name: role,
    now: new Date(),
  })
  return { keyPem, chainPem, udn }
}
