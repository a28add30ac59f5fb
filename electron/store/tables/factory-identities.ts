/** Factory certificates of devices as TLS has proven them when they enrolled: what a proof of theirs is checked against, also when they are gone. */
import type { Database } from '../database'

export interface FactoryIdentityTable {
  /** The certificate first, then what came with it, PEM; by its SHA-256 as in CertificateSummary. */
  get(fingerprint: string): string | undefined
  put(fingerprint: string, chainPem: string): void
}

/** The `factoryIdentities` table. */
export const factoryIdentityTable = (database: Database): FactoryIdentityTable => {
  const get = database.prepare('SELECT chainPem FROM factoryIdentities WHERE fingerprint = ?')
  const put = database.prepare(
    `INSERT INTO factoryIdentities (fingerprint, chainPem) VALUES (:fingerprint, :chainPem)
     ON CONFLICT (fingerprint) DO UPDATE SET chainPem = excluded.chainPem`,
  )
  return {
    get: (fingerprint) => (get.get(fingerprint) as { chainPem: string } | undefined)?.chainPem,
    put: (fingerprint, chainPem) => void put.run({ fingerprint, chainPem }),
  }
}
