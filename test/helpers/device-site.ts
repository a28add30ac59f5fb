/** A small site for tests of the device: an authority, and certificates that it issues. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Authority } from '../../electron/identity/authority'
import { generateKeyPem, publicKeyOf } from '../../electron/identity/keys'
import { Vault } from '../../electron/identity/vault'
import type { TlsIdentity } from '../../electron/net/tls'

/** A folder of its own under the system's temporary one. */
export const makeFolder = (name: string): string => mkdtempSync(join(tmpdir(), `iotmc-${name}-`))

/** An authority in a vault of its own. */
export const makeAuthority = async (commonName: string): Promise<Authority> => {
  const vault = await Vault.create(join(makeFolder('authority'), 'vault'), {
    passphrase: 'for tests',
    scryptCost: 2 ** 14,
  })
  return Authority.create(vault, 'ca', { commonName, years: 10, pathLen: 0 })
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
