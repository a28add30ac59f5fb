/**
 * The wipe: what a site has left on a device is overwritten and removed, what the factory gave it stays. The order is
 * stored first, and from then on the state names nothing of the site; a start that finds it goes on with the rest. The
 * statement that it is done, and its proof, are stored in the same write as the phase that follows.
 */
import { sign } from 'node:crypto'
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { activeSlot } from '../contract/banks'
import { WIPE_ITEMS, type WipeItem, wipeStatementSchema } from '../contract/decommission'
import { IotmcError } from '../contract/errors'
import { nextPhase, type Phase, type PhaseEvent } from '../contract/phases'
import { syncFolder } from '../identity/atomic-file'
import { BankStore } from './bank-store'
import type { FaultSwitch } from './fault-switch'
import type { KeyFiles } from './key-files'
import type { LogKeeper } from './log-keeper'
import { parametersOf } from './models'
import { factoryConfiguration } from './parameters'
import { OPEN_GUARD } from './setup-code'
import { shred } from './shred'
import type { DeviceState } from './state'
import type { StateFile } from './state-file'
import { dropHeldState, filesToWipe, holdOldState, type WipeFile } from './wipe-files'

export interface WipeTools {
  readonly store: StateFile
  readonly keys: KeyFiles
  /** The banks as they are open; those of the folder unless told. */
  readonly banks?: BankStore | undefined
  /** Keeps the log that is open; without it the log's file goes like every other. */
  readonly keeper?: LogKeeper | undefined
  /** Ends the process at one of the steps. */
  readonly faults?: Pick<FaultSwitch, 'dieOnce'> | undefined
  /** How one file goes; by itself as ./shred does it. */
  readonly shred?: typeof shred
}

export interface WipeOrder {
  /** Lower-case hex digits, 32 to 128. */
  readonly nonce: string
  /** Stored with the order. */
  readonly also?: Partial<DeviceState>
}

/** What the state forgets with the order itself. */
const FORGOTTEN = {
  network: undefined,
  joining: undefined,
  networkStatus: undefined,
  anchorPem: undefined,
  ldevidGeneration: undefined,
  group: undefined,
  enrollment: undefined,
  renewal: undefined,
  setupGuard: OPEN_GUARD,
} as const satisfies Partial<DeviceState>

/** In this order; each is there to be cut after. */
const FILE_STEPS = [
  ['state', ['configuration']],
  ['keys', ['site-keys']],
  ['log', ['log']],
  ['health', ['health']],
  ['bank', ['standby-bank']],
] as const satisfies readonly (readonly [string, readonly WipeItem[]])[]

const phaseAfter = (from: Phase, event: PhaseEvent): Phase => {
  const phase = nextPhase(from, event)
  if (!phase) throw new IotmcError('WRONG_PHASE', { detail: from })
  return phase
}

/**
 * Wipes the device; when it returns all of it is durable. WRONG_PHASE and BUSY (the boot step is at work) leave everything
 * as it is; ACTION_FAILED where the disk refuses: then it is gone on with at the next start.
 */
export const orderWipe = (tools: WipeTools, { nonce, also = {} }: WipeOrder): void => {
  const { store, faults } = tools
  const phase = phaseAfter(store.current.phase, 'decommission-ordered')
  const banks = banksOf(tools)
  if (banks?.booting) throw new IotmcError('BUSY', { detail: 'the device is starting' })
  faults?.dieOnce('die-before-wipe')
  begin(tools, { ...also, phase, wiping: { nonce, items: measured(tools, banks) } })
  finishWipe(tools)
}

/** Goes on with a wipe whose order is stored; nothing without one. */
export const finishWipe = (tools: WipeTools): void => {
  const { store, faults } = tools
  dropHeldState(store.folder)
  if (store.current.phase !== 'decommissioning') return
  // As an older version of this program has left it.
  if (!store.current.wiping) begin(tools, { wiping: { items: [] } })
  faults?.dieOnce('die-in-wipe-order')
  removeAll(tools)
  store.update({
    phase: phaseAfter('decommissioning', 'wiped'),
    wiping: undefined,
    ...proven(tools),
  })
}

/** What a device states that was wiped last, and the signature under it. ACTION_FAILED where it never was. */
export const lastProof = ({ decommissioned }: DeviceState): { Statement: string; Proof: string } => {
  if (!decommissioned) throw new IotmcError('ACTION_FAILED', { detail: 'never wiped' })
  return { Statement: decommissioned.statement, Proof: decommissioned.proof }
}

const begin = ({ store }: WipeTools, change: Partial<DeviceState>): void => {
  const { model, wipes = 0 } = store.current
  holdOldState(store.folder)
  store.update({
    ...FORGOTTEN,
    configuration: factoryConfiguration(parametersOf(model)),
    // Counted here: from now on the log is another one too.
    wipes: wipes + 1,
    ...change,
  })
}

const removeAll = (tools: WipeTools): void => {
  const { store, keeper, faults } = tools
  const banks = banksOf(tools)
  if (banks) endTrial(banks)
  keeper?.follow()
  const find = () =>
    filesToWipe(store.folder, { standby: banks?.standby, ...(keeper ? { keepLog: true } : {}) })
  const files = find()
  for (const [step, items] of FILE_STEPS) {
    shredAll(
      tools,
      files.filter(({ item }) => (items as readonly WipeItem[]).includes(item)),
    )
    faults?.dieOnce(`die-in-wipe-${step}`)
  }
  // After its files: a bank that is not empty yet is looked at again after a cut.
  banks?.apply({ type: 'erased' })
  faults?.dieOnce('die-in-wipe-table')
  shredAll(
    tools,
    find().filter(({ item }) => item === 'update-order'),
  )
  faults?.dieOnce('die-in-wipe-update')
  shredAll(tools, find())
  faults?.dieOnce('die-in-wipe-list')
}

const shredAll = (tools: WipeTools, files: readonly WipeFile[]): void => {
  const remove = tools.shred ?? shred
  try {
    for (const { path } of files) remove(path)
    for (const folder of new Set(files.map(({ path }) => dirname(path)))) syncFolder(folder)
  } catch (cause) {
    throw new IotmcError('ACTION_FAILED', { detail: 'the state folder cannot be wiped', cause })
  }
}

const banksOf = ({ store, banks }: WipeTools): BankStore | undefined =>
  banks ?? (BankStore.exists(store.folder) ? BankStore.open(store.folder) : undefined)

/** What runs stays, be it on trial: the other bank, which it would go back to, is what is wiped. */
const endTrial = (banks: BankStore): void => {
  const { trial } = banks.table
  if (!trial) return
  const started = activeSlot(banks.table) !== banks.table.confirmed
  if (!started) banks.apply({ type: 'disarmed' })
  // Killed while it was being started: nobody knows whether it can run.
  else if (banks.table.banks[banks.active].bootAttempts > 0)
    banks.apply({ type: 'faulted', reason: 'boot-failed' })
  else banks.apply({ type: 'confirmed' })
}

const bytesOf = (value: unknown): number =>
  value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value))

/** How much there is of each item, in bytes, before any of it goes. */
const measured = (
  { store }: WipeTools,
  banks: BankStore | undefined,
): { item: WipeItem; bytes: number }[] => {
  const { anchorPem, network, joining, group, configuration, setupGuard } = store.current
  const inState: Partial<Record<WipeItem, number>> = {
    'site-anchor': bytesOf(anchorPem),
    network: bytesOf(network) + bytesOf(joining),
    configuration: bytesOf(configuration) + bytesOf(group),
    'setup-guard': bytesOf(setupGuard),
  }
  const files = filesToWipe(store.folder, { standby: banks?.standby })
  return WIPE_ITEMS.map((item) => ({
    item,
    bytes:
      files
        .filter((file) => file.item === item)
        .reduce((sum, file) => sum + (statSync(file.path, { throwIfNoEntry: false })?.size ?? 0), 0) +
      (inState[item] ?? 0),
  }))
}

const proven = ({ store, keys }: WipeTools): Partial<DeviceState> => {
  const { wiping, udn, serialNumber, model, wipes = 1 } = store.current
  if (wiping?.nonce === undefined) return {}
  const statement = JSON.stringify(
    wipeStatementSchema.parse({
      format: 1,
      statement: 'wiped',
      udn,
      serialNumber,
      model,
      nonce: wiping.nonce,
      wipes,
      items: wiping.items,
    }),
  )
  const proof = sign('sha256', Buffer.from(statement), keys.idevid().keyPem).toString('base64')
  return { decommissioned: { nonce: wiping.nonce, statement, proof } }
}
