/**
 * What the factory line orders by cable: key, certificate, lock. The effect of each is on disk before its answer leaves,
 * and each may be repeated: after a power cut at any point the same command gives the same answer.
 */
import { createHash } from 'node:crypto'
import { udnSchema } from '../contract/device'
import { serialNumberSchema } from '../contract/factory'
import { SMP_LIMITS } from '../contract/smp'
import { type CertificateFacts, readCertificate } from '../identity/certificate'
import { derBlocks } from '../identity/pem'
import { createRequest } from '../identity/request'
import { type Clock, delay } from '../net/clock'
import { type Board, leafHash } from './board'
import { splitDer } from './der'
import type { FactoryFile } from './factory-file'
import type { FaultSwitch } from './fault-switch'
import { refuse } from './refusal'

/** With its root a chain has at most five certificates. */
const CHAIN_CERTIFICATES_MAX = 4

export interface FactoryTools {
  readonly clock: Clock
  readonly board: Board
  readonly faults: FaultSwitch
  /** How long the secure element takes for a key. */
  readonly keygenMs: number
  /** Told once the identity is locked in. */
  readonly onLocked: () => void
}

const blankOf = (board: Board): FactoryFile => {
  if (!board.blank) throw refuse('wrongPhase')
  return board.blank
}

/** Makes the key for a subject, and gives the request that was made then, ever the same one. */
export const keygen = async (
  tools: FactoryTools,
  wanted: { readonly serialNumber: string; readonly udn: string },
  signal: AbortSignal,
): Promise<{ csr: Buffer }> => {
  const { board, faults } = tools
  const blank = blankOf(board)
  const { subject, model } = blank.current
  if (subject) {
    if (subject.serialNumber !== wanted.serialNumber || subject.udn !== wanted.udn)
      throw refuse('otherSubject')
    return { csr: Buffer.from(subject.csr, 'base64') }
  }
  const { serialNumber, udn } = wanted
  if (!serialNumberSchema.safeParse(serialNumber).success || !udnSchema.safeParse(udn).success)
    throw refuse('invalid')
  if (tools.keygenMs > 0) await delay(tools.clock, tools.keygenMs, signal)
  board.element.makeKey()
  faults.dieOnce('die-during-keygen')
  const [csr] = derBlocks(
    await createRequest({ signer: board.element.signer(), serialNumber, udn, model }),
    'CERTIFICATE REQUEST',
  )
  if (!csr) throw refuse('storage')
  blank.update({ subject: { serialNumber, udn, csr: csr.toString('base64') } })
  return { csr }
}

export interface CertificatePart {
  readonly off: number
  readonly data: Uint8Array
  readonly len?: number | undefined
  readonly sha?: Uint8Array | undefined
}
export interface CertificateTaken {
  readonly off: number
  /** SHA-256 of the leaf, once all of it is installed. */
  readonly sha256?: Buffer
}

/** Takes a part of the chain. The answer says where the next one begins; the sender obeys it. */
export const takeCertificate = (board: Board, part: CertificatePart): CertificateTaken => {
  const blank = blankOf(board)
  const { subject } = blank.current
  if (!subject) throw refuse('noKey')
  const data = Buffer.from(part.data)
  if (part.off === 0) {
    const taken = begin(blank, part)
    if (taken) return taken
  }
  const { upload } = blank.current
  if (!upload) return { off: 0 }
  const received = Buffer.from(upload.received, 'base64')
  if (part.off !== received.length) return { off: received.length }
  if (data.length === 0 || received.length + data.length > upload.length) throw refuse('invalid')
  const all = Buffer.concat([received, data])
  if (all.length < upload.length) {
    blank.update({ upload: { ...upload, received: all.toString('base64') } })
    return { off: all.length }
  }
  return install(board, blank, all, upload.sha256)
}

/** Begins an upload, goes on with one of the same content, or answers for what is installed already. */
const begin = (blank: FactoryFile, { len, sha }: CertificatePart): CertificateTaken | undefined => {
  if (len === undefined || len < 1 || len > SMP_LIMITS.chainMaxBytes || sha?.length !== 32)
    throw refuse('invalid')
  const sha256 = Buffer.from(sha).toString('hex')
  const { upload, chain } = blank.current
  const installed = chain === undefined ? undefined : Buffer.from(chain, 'base64')
  const [leaf] = installed ? (splitDer(installed) ?? []) : []
  if (installed && leaf && sha256Of(installed) === sha256)
    return { off: installed.length, sha256: leafHash(leaf) }
  if (upload?.sha256 === sha256 && upload.length === len) {
    const off = Buffer.from(upload.received, 'base64').length
    return off > 0 ? { off } : undefined
  }
  blank.update({ upload: { length: len, sha256, received: '' } })
  return undefined
}

const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

const install = (board: Board, blank: FactoryFile, all: Buffer, sha256: string): CertificateTaken => {
  try {
    if (sha256Of(all) !== sha256) throw refuse('invalid')
    const leaf = checkChain(board, all)
    blank.update({ chain: all.toString('base64'), upload: undefined })
    return { off: all.length, sha256: leafHash(leaf.der) }
  } catch (thrown) {
    // What can never be installed must not be gone on with.
    if (blank.current.upload) blank.update({ upload: undefined })
    throw thrown
  }
}

/** A device has no clock yet and knows no root: it checks key, names and that each certificate is signed by the next. */
const checkChain = (board: Board, all: Buffer): CertificateFacts => {
  const ders = splitDer(all) ?? []
  if (ders.length < 1 || ders.length > CHAIN_CERTIFICATES_MAX) throw refuse('invalid')
  const chain = ders.map((der) => readCertificate(der))
  const [leaf] = chain
  const { subject } = board.facts()
  if (!leaf) throw refuse('invalid')
  if (!leaf.publicKeySpki.equals(board.element.publicKey())) throw refuse('keyMismatch')
  if (leaf.udn !== subject?.udn || leaf.deviceSerial !== subject?.serialNumber) throw refuse('otherSubject')
  for (const [index, issuer] of chain.slice(1).entries()) {
    const issued = chain[index]
    if (!issuer.isCa || !issued?.x509.verify(issuer.x509.publicKey)) throw refuse('invalid')
  }
  return leaf
}

/** Locks the identity in and makes the setup code; repeated while the device waits for a network, it says so again. */
export const lock = ({ board, faults, onLocked }: FactoryTools): { phase: 'provisioning' } => {
  const facts = board.facts()
  if (board.blank) {
    if (!facts.subject || facts.chain.length === 0) throw refuse('noKey')
    board.lock(() => faults.dieOnce('die-during-lock'))
    onLocked()
  } else if (facts.phase !== 'provisioning') throw refuse('wrongPhase')
  return { phase: 'provisioning' }
}
