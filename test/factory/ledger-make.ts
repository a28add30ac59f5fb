/** Ledgers for tests: an authority to sign with, boards with keys of their own, and the way of a board to its end. */
import { join } from 'node:path'
import type { StepName } from '../../electron/contract/job'
import {
  createRoot,
  installStation,
  requestStation,
  type StationAuthority,
  signStation,
} from '../../electron/factory/authority'
import { Ledger, type LedgerHead, type LedgerOptions } from '../../electron/factory/ledger'
import { UNIT_STEPS } from '../../electron/factory/ledger-machine'
import { generateKeyPem } from '../../electron/identity/keys'
import { type CheckedRequest, checkRequest, createRequest } from '../../electron/identity/request'
import { Vault } from '../../electron/identity/vault'
import { VirtualClock } from '../helpers/virtual-clock'

export const NOW = Date.UTC(2027, 0, 15, 12)
/** Fast to derive; these vaults protect nothing. */
export const COST = 2 ** 14
export const MODEL = 'PX-200'

/** A root and a station below it, in folders of `dir`. */
export const makeStation = async (
  dir: string,
  o: { quota?: number; days?: number; name?: string } = {},
): Promise<StationAuthority & { vault: Vault; rootDir: string }> => {
  const { quota, days = 365, name = 'Line 1' } = o
  const rootDir = join(dir, `root-${name}`)
  await createRoot(rootDir, {
    commonName: 'Maker Root',
    passphrase: 'root',
    now: new Date(NOW),
    scryptCost: COST,
  })
  const vault = await Vault.create(join(dir, `vault-${name}`), { passphrase: 'station', scryptCost: COST })
  const requestPem = await requestStation(vault, { commonName: name })
  const now = new Date(NOW)
  const { chainPem } = await signStation(rootDir, { requestPem, passphrase: 'root', quota, days, now })
  return { ...(await installStation(vault, chainPem, { now })), vault, rootDir }
}

/** A head in memory. */
export const memoryHead = (): LedgerHead & { text: string | undefined } => {
  const head = {
    text: undefined as string | undefined,
    read: () => head.text,
    write: (text: string) => {
      head.text = text
    },
  }
  return head
}

export interface Bench {
  readonly ledger: Ledger
  readonly clock: VirtualClock
  readonly head: ReturnType<typeof memoryHead>
}

/** A ledger at `path` with a clock of its own. */
export const openLedger = (
  path: string,
  o: Partial<LedgerOptions> & { clock?: VirtualClock; head?: Bench['head'] } = {},
): Bench => {
  const clock = o.clock ?? new VirtualClock(NOW)
  const head = o.head ?? memoryHead()
  const ledger = Ledger.open(path, { station: 'Line 1', signer: () => undefined, ...o, clock, head })
  return { ledger, clock, head }
}

/** What a board brings along. */
export interface Board {
  readonly hardwareId: string
  readonly keyPem: string
}

let boards = 0
/** A board that no test has had before. */
export const newBoard = (): Board => ({
  hardwareId: (++boards).toString(16).padStart(24, '0'),
  keyPem: generateKeyPem(),
})

export const reserve = (
  ledger: Ledger,
  serialNumber: string,
  board: Board,
  more: { model?: string; lane?: string; operator?: string } = {},
) =>
  ledger.reserve({
    serialNumber,
    model: MODEL,
    hardwareId: board.hardwareId,
    keyStorage: 'secure-element',
    operator: 'Operator 17',
    lane: '1',
    ...more,
  })

/** The board's request for the unit's certificate. */
export const requestOf = async (
  ledger: Ledger,
  serialNumber: string,
  board: Board,
): Promise<CheckedRequest> => {
  const unit = ledger.unit(serialNumber)
  if (!unit) throw new Error('not reserved')
  const { udn, model } = unit
  return checkRequest(await createRequest({ keyPem: board.keyPem, udn, serialNumber, model }))
}

/** Promise, signature and record of a unit's certificate. */
export const certify = async (
  ledger: Ledger,
  station: StationAuthority,
  serialNumber: string,
  board: Board,
) => {
  const csr = await requestOf(ledger, serialNumber, board)
  const { publicKeySha256, der: csrDer } = csr
  const { fingerprint: authorityFingerprint, quota } = station
  const promise = ledger.reserveCertificate(serialNumber, {
    publicKeySha256,
    csrDer,
    authorityFingerprint,
    quota,
  })
  if ('pem' in promise) return promise
  const unit = ledger.unit(serialNumber)
  const issued = await station.authority.issueIdevid({
    csr,
    udn: unit?.udn ?? '',
    serialNumber,
    model: unit?.model ?? '',
    now: new Date(promise.atMs),
    certificateSerial: promise.certificateSerial,
  })
  return ledger.issued(serialNumber, issued)
}

export const STEPS = Object.keys(UNIT_STEPS) as (keyof typeof UNIT_STEPS)[]

/** Takes a reserved unit through all steps up to and with `last`. */
export const walk = async (
  ledger: Ledger,
  station: StationAuthority,
  serialNumber: string,
  board: Board,
  last: StepName = 'complete',
): Promise<void> => {
  for (const step of STEPS) {
    ledger.begin(serialNumber, step)
    if (step === 'issue') await certify(ledger, station, serialNumber, board)
    ledger.done(serialNumber, step)
    if (step === last) return
  }
}
