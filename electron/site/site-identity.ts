/** The site's own certificates: its authority, and the controller's certificate that the authority signs. */
import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { Authority } from '../identity/authority'
import { generateKeyPem, publicKeyOf } from '../identity/keys'
import type { Vault } from '../identity/vault'
import type { TlsIdentity } from '../net/tls'
import type { DataPaths } from '../store/paths'
import type { Records } from '../store/records'

/** Name of the site authority's key in the vault. */
export const SITE_CA = 'site-ca'
const CONTROLLER_KEY = 'controller-key'
const SITE_CA_YEARS = 10

export interface SiteIdentity {
  readonly authority: Authority
  /** PEM of the issuing CA, at which the site's chains end; what devices learn as their anchor. */
  readonly anchorPem: string
  readonly controller: TlsIdentity
  readonly udn: string
  readonly bootId: number
}

/** Opens the site's identity, or makes it on first run. The controller's certificate is new at each start. */
export const openSiteIdentity = async (
  vault: Vault,
  records: Records,
  paths: DataPaths,
  names: { readonly siteName: string; readonly now: Date },
): Promise<SiteIdentity> => {
  const authority =
    (await Authority.open(vault, SITE_CA)) ??
    (await Authority.create(vault, SITE_CA, {
      commonName: `${names.siteName} CA`.slice(0, 63),
      years: SITE_CA_YEARS,
      pathLen: 0,
    }))
  // The issuing CA itself, not what may stand above it: a sister CA must not be able to make controllers.
  const anchorPem = authority.certificatePem
  mkdirSync(paths.publicFolder, { recursive: true })
  writeFileSync(paths.siteCa, anchorPem)
  const udn = records.facts.get('controllerUdn') ?? `uuid:${randomUUID()}`
  records.facts.set('controllerUdn', udn)
  const keyPem = vault.get(CONTROLLER_KEY)?.toString() ?? generateKeyPem()
  vault.put(CONTROLLER_KEY, Buffer.from(keyPem))
  const issued = await authority.issueController({
    publicKeySpki: publicKeyOf(keyPem),
    udn,
    role: 'Admin',
    signsReports: true,
    name: `${names.siteName} controller`.slice(0, 63),
    now: names.now,
  })
  return {
    authority,
    anchorPem,
    controller: { keyPem, chainPem: issued.chainPem },
    udn,
    bootId: records.facts.next('bootId'),
  }
}
