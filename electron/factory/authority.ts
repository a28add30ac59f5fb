/**
 * Who may issue device identities here: a root that stays offline in a folder of its own, and below it one authority
 * per station, which the root limits in date, number and depth.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { IotmcError } from '../contract/errors'
import { makeAside } from '../identity/aside'
import { writeFileDurably } from '../identity/atomic-file'
import { Authority } from '../identity/authority'
import { readCertificate } from '../identity/certificate'
import { generateKeyPem, keySigner, publicKeyOf, type Signer } from '../identity/keys'
import { toPem } from '../identity/pem'
import { quotaOf } from '../identity/quota'
import { checkAuthorityRequest, createAuthorityRequest } from '../identity/request'
import { Vault } from '../identity/vault'
import { checkStationTime, commonNameOf, readStationChain, type StationChain } from './authority-chain'

const ROOT_NAME = 'factory-root'
const ROOT_YEARS = 30
const SECRET = 'station-authority'

export interface RootFacts {
  readonly commonName: string
  readonly fingerprint: string
  readonly pem: string
}

/** A signer that says whose certificate vouches for its key. */
export interface CertifiedSigner extends Signer {
  readonly certificatePem: string
}

/** What a station issues with. Its certificate may be expired or used up: ask `notAfterMs` and `quota` first. */
export interface StationAuthority {
  readonly authority: Authority
  readonly rootPem: string
  readonly commonName: string
  readonly fingerprint: string
  readonly rootName: string
  readonly rootFingerprint: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** Certificates that the root allows; absent = no limit. */
  readonly quota?: number
  /** The same key, for statements of the station such as the ledger's checkpoints. */
  readonly signer: CertifiedSigner
}

/**
 * Makes the root of a factory in `dir`: its key in a vault with a passphrase of its own, its certificate beside it as
 * `root.pem`. Throws REQUEST_REFUSED if there is one already.
 */
export const createRoot = async (
  dir: string,
  o: { commonName: string; passphrase: string; years?: number; now: Date; scryptCost?: number },
): Promise<RootFacts> => {
  const { commonName, passphrase, years = ROOT_YEARS, now, scryptCost } = o
  const exists = new IotmcError('REQUEST_REFUSED', { subject: dir, detail: 'there is a root already' })
  if (Vault.exists(dir)) throw exists
  const made = await makeAside(dir, async (aside) => {
    const vault = await Vault.create(aside, { passphrase, ...(scryptCost ? { scryptCost } : {}) })
    const root = await Authority.create(vault, ROOT_NAME, { commonName, years, pathLen: 1, now })
    writeFileDurably(join(aside, 'root.pem'), root.certificatePem, 0o644)
  })
  if (!made) throw exists
  return rootFacts(readFileSync(join(dir, 'root.pem'), 'utf8'))
}

/** The root kept in `dir`, without its passphrase; undefined if there is none. Throws CERTIFICATE_INVALID. */
export const rootOf = (dir: string): RootFacts | undefined => {
  const path = join(dir, 'root.pem')
  return existsSync(path) && Vault.exists(dir) ? rootFacts(readFileSync(path, 'utf8')) : undefined
}

/**
 * Lets the root in `dir` answer a station's request: an authority for devices only, for `days` days and, unless
 * `quota` is absent, that many certificates. The same request may be answered again. Throws REQUEST_INVALID, VALUE_INVALID,
 * SETUP_NEEDED (no root here), PASSPHRASE_WRONG, LOCKED_OUT, IDENTITY_EXPIRED (the root itself).
 */
export const signStation = async (
  dir: string,
  o: { requestPem: string; passphrase: string; quota?: number | undefined; days: number; now: Date },
): Promise<{ chainPem: string; subject: string; fingerprint: string }> => {
  // Before the passphrase: a request that can't be read costs no try.
  const csr = checkAuthorityRequest(o.requestPem)
  if (!(o.days > 0)) throw new IotmcError('VALUE_INVALID', { detail: 'not a number of days' })
  const vault = await Vault.open(dir, { passphrase: o.passphrase, now: () => o.now.getTime() })
  const root = await Authority.open(vault, ROOT_NAME)
  if (!root) throw new IotmcError('DATA_DAMAGED', { subject: dir, detail: 'the root has no key' })
  const { pem, fingerprint } = await root.issueAuthority({ csr, days: o.days, quota: o.quota, now: o.now })
  return { chainPem: pem + root.chainPem, subject: csr.commonName, fingerprint }
}

const storedSchema = z.object({
  version: z.literal(1),
  /** Asked for, not answered yet. */
  pending: z.object({ keyPem: z.string(), commonName: z.string(), requestPem: z.string() }).optional(),
  /** In use. */
  current: z.object({ keyPem: z.string(), chainPem: z.string() }).optional(),
})
type Stored = z.infer<typeof storedSchema>

/**
 * The station's request to its root, PEM. Its key is born in the vault and stays there; asked again before the answer
 * was installed, it is the same key. An authority in use stays in use meanwhile.
 */
export const requestStation = async (vault: Vault, o: { commonName: string }): Promise<string> => {
  const stored = load(vault)
  const { pending } = stored
  if (pending?.commonName === o.commonName) return pending.requestPem
  const keyPem = pending?.keyPem ?? generateKeyPem()
  const requestPem = await createAuthorityRequest(keySigner(keyPem), o.commonName)
  save(vault, { ...stored, pending: { keyPem, commonName: o.commonName, requestPem } })
  return requestPem
}

/** The request that waits for its answer, PEM. */
export const pendingStation = (vault: Vault): string | undefined => load(vault).pending?.requestPem

/**
 * Installs the root's answer (station first, root last) and gives the authority; the same answer again changes nothing.
 * Throws CERTIFICATE_INVALID (not an answer to this station's request), AUTHORITY_UNTRUSTED, AUTHORITY_EXPIRED.
 */
export const installStation = async (
  vault: Vault,
  chainPem: string,
  o: { now: Date },
): Promise<StationAuthority> => {
  const chain = readStationChain(chainPem)
  checkStationTime(chain, o.now.getTime())
  const { pending, current } = load(vault)
  const answered = [pending, current].find(
    (one) => one && publicKeyOf(one.keyPem).equals(chain.station.publicKeySpki),
  )
  if (!answered)
    throw new IotmcError('CERTIFICATE_INVALID', {
      subject: chain.station.summary.subject,
      detail: 'it is not for the key that this station asked with',
    })
  const { keyPem } = answered
  const authority = stationAuthority(keySigner(keyPem), chainPem, chain)
  save(vault, {
    version: 1,
    ...(answered === pending || !pending ? {} : { pending }),
    current: { keyPem, chainPem: authority.authority.chainPem },
  })
  return authority
}

/** The station's authority as installed, in date or not; undefined if there is none. Throws DATA_DAMAGED. */
export const openStationAuthority = async (vault: Vault): Promise<StationAuthority | undefined> => {
  const { current } = load(vault)
  if (!current) return undefined
  return stationAuthority(keySigner(current.keyPem), current.chainPem, readStationChain(current.chainPem))
}

const stationAuthority = (signer: Signer, chainPem: string, chain: StationChain): StationAuthority => {
  const { station, root } = chain
  const authority = Authority.withSigner(signer, chainPem)
  const quota = quotaOf(station.der)
  return {
    authority,
    rootPem: toPem('CERTIFICATE', root.der),
    commonName: commonNameOf(station),
    fingerprint: station.summary.fingerprint,
    rootName: commonNameOf(root),
    rootFingerprint: root.summary.fingerprint,
    notBeforeMs: Math.max(...chain.all.map(({ notBeforeMs }) => notBeforeMs)),
    notAfterMs: Math.min(...chain.all.map(({ notAfterMs }) => notAfterMs)),
    ...(quota === undefined ? {} : { quota }),
    signer: {
      publicKeySpki: signer.publicKeySpki,
      certificatePem: authority.certificatePem,
      sign: (data) => signer.sign(data),
    },
  }
}

const rootFacts = (pem: string): RootFacts => {
  const facts = readCertificate(pem)
  return { commonName: commonNameOf(facts), fingerprint: facts.summary.fingerprint, pem }
}

const load = (vault: Vault): Stored => {
  const secret = vault.get(SECRET)
  if (!secret) return { version: 1 }
  try {
    return storedSchema.parse(JSON.parse(secret.toString('utf8')))
  } catch {
    // The cause is dropped: it could quote the key.
    throw new IotmcError('DATA_DAMAGED', { detail: 'the station authority can not be read' })
  }
}

const save = (vault: Vault, stored: Stored): void => vault.put(SECRET, Buffer.from(JSON.stringify(stored)))
