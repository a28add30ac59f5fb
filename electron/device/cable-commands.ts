/** What a device answers by cable in every phase: who it is, a proof of its key, its label, a network, a wipe. */
import { verify } from 'node:crypto'
import type { LabelFacts } from '../contract/label'
import { nextPhase, type Phase } from '../contract/phases'
import { readCertificate } from '../identity/certificate'
import { generateKeyPem, keySigner } from '../identity/keys'
import { toPem } from '../identity/pem'
import type { Clock } from '../net/clock'
import { type Board, leafHash } from './board'
import type { FaultSwitch } from './fault-switch'
import type { DeviceLog } from './log'
import { acceptNetwork, networkStatusOf } from './network'
import { refuse } from './refusal'
import type { StateFile } from './state-file'
import { orderWipe, type WipeTools } from './wipe'

/** Domains of what the factory key signs, so that no answer can pass for another. */
const CHALLENGE = Buffer.from('iotmc-challenge\0')
const WIPED = Buffer.from('iotmc-wiped')
/** Domain of what the site's authority signs to have a device wiped. */
const WIPE = Buffer.from('iotmc-wipe')
const NONCE_BYTES = { min: 16, max: 64 } as const

export interface CableTools extends Pick<WipeTools, 'banks' | 'keeper'> {
  readonly clock: Clock
  readonly log: DeviceLog
  readonly board: Board
  readonly faults: FaultSwitch
  /** Told after a stored change of phase, trust or network. */
  readonly onPhase: () => void
}

export const info = (board: Board) => {
  const { model, hardwareRevision, firmwareVersion, hardwareId, keyStorage, phase, subject, chain } =
    board.facts()
  const [leaf] = chain
  return {
    version: 1 as const,
    model,
    hardwareRevision,
    firmwareVersion,
    hardwareId,
    keyStorage,
    phase,
    locked: board.store !== undefined,
    hasKey: subject !== undefined,
    ...subject,
    ...(leaf ? { certificate: leafHash(leaf) } : {}),
    ...(board.store ? { networkStatus: networkStatusOf(board.store.current) } : {}),
  }
}

/** A part of the installed chain that fits into `maxBytes`. */
export const readChain = (board: Board, off: number, maxBytes: number) => {
  const all = Buffer.concat(board.facts().chain)
  if (all.length === 0) throw refuse('noKey')
  if (off > all.length) throw refuse('invalid')
  return { off, len: all.length, data: all.subarray(off, off + maxBytes) }
}

const checkNonce = (bytes: Uint8Array): Buffer => {
  if (bytes.length < NONCE_BYTES.min || bytes.length > NONCE_BYTES.max) throw refuse('invalid')
  return Buffer.from(bytes)
}

/** Proves that the board holds its key. */
export const challenge = async (
  { board, faults }: CableTools,
  nonce: Uint8Array,
): Promise<{ sig: Buffer }> => {
  const { subject } = board.facts()
  if (!subject) throw refuse('noKey')
  const text = Buffer.concat([CHALLENGE, checkNonce(nonce), Buffer.from(subject.udn)])
  if (faults.has('wrong-challenge')) return { sig: await keySigner(generateKeyPem()).sign(text) }
  return { sig: board.element.sign(text) }
}

const deviceOf = (board: Board, ...phases: readonly Phase[]): StateFile => {
  const { store } = board
  if (!store || !phases.includes(store.current.phase)) throw refuse('wrongPhase')
  return store
}

/** What is printed on the label; whoever holds the cable could read it there. */
export const label = (board: Board): LabelFacts => {
  const { udn, serialNumber, setupCode } = deviceOf(board, 'provisioning').current
  return { udn, serialNumber, setupCode }
}

/** Takes a network and the site's authority. Nothing of the credential is logged. */
export const takeNetwork = (
  { board, clock, onPhase }: CableTools,
  given: { readonly ssid: string; readonly credential: string; readonly anchor: Uint8Array },
): { phase: Phase } => {
  const store = deviceOf(board, 'provisioning', 'commissioning')
  const { ssid, credential, anchor } = given
  const before = store.current
  acceptNetwork(store, { ssid, credential, anchorPem: toPem('CERTIFICATE', anchor) }, clock.now())
  if (store.current !== before) onPhase()
  return { phase: store.current.phase }
}

/** Makes an unlocked board blank; has a device forget its site, when that site's authority signed for it. */
export const takeWipe = (
  { board, log, onPhase, ...tools }: CableTools,
  order: { readonly nonce: Uint8Array; readonly sig?: Uint8Array | undefined },
): { proof?: Buffer } => {
  const { store } = board
  if (!store) {
    board.blankAgain()
    log('blank')
    return {}
  }
  const { udn, anchorPem, phase, lastWipe } = store.current
  const nonce = checkNonce(order.nonce)
  // The answer was lost: the anchor that could judge the signature went with the wipe.
  if (!anchorPem && lastWipe?.nonce === nonce.toString('base64'))
    return { proof: Buffer.from(lastWipe.proof, 'base64') }
  if (!anchorPem || !order.sig || !nextPhase(phase, 'decommission-ordered')) throw refuse('notAuthorized')
  const text = Buffer.concat([WIPE, nonce, Buffer.from(udn)])
  const { publicKey } = readCertificate(anchorPem).x509
  if (!verify('sha256', text, publicKey, order.sig)) throw refuse('notAuthorized')
  const proof = board.element.sign(Buffer.concat([WIPED, nonce, Buffer.from(udn)]))
  const done = { nonce: nonce.toString('base64'), proof: proof.toString('base64') }
  try {
    orderWipe(
      { ...tools, store, keys: board.keys },
      { nonce: nonce.toString('hex'), also: { lastWipe: done } },
    )
  } finally {
    if (store.current.phase !== phase) onPhase()
  }
  return { proof }
}
