/** A wipe leaves nothing of the site, wherever it is cut, and keeps what the factory gave. */
import { createPublicKey, randomBytes, verify } from 'node:crypto'
import {
  cpSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { wipeStatementSchema } from '../../electron/contract/decommission'
import { BankStore } from '../../electron/device/bank-store'
import { FAULT_NAMES } from '../../electron/device/faults'
import { KeyFiles } from '../../electron/device/key-files'
import { LogKeeper } from '../../electron/device/log-keeper'
import { LogRing } from '../../electron/device/log-ring'
import { manufacture } from '../../electron/device/manufacture'
import { shred } from '../../electron/device/shred'
import { StateFile } from '../../electron/device/state-file'
import { finishWipe, lastProof, orderWipe } from '../../electron/device/wipe'
import type { Authority } from '../../electron/identity/authority'
import { generateKeyPem } from '../../electron/identity/keys'
import { systemClock, systemRandom } from '../../electron/net/clock'
import { makeAuthority, makeFolder } from '../helpers/device-site'

const NONCE = 'ab'.repeat(32)
const CUTS = FAULT_NAMES.filter((name) => name === 'die-before-wipe' || name.startsWith('die-in-wipe-'))
const making = {
  phase: 'commissioning',
  model: 'PX-200',
  hardwareRevision: 'C2',
  firmwareVersion: '1.4.0',
} as const
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

let made = ''
let site: Authority
let keyPem = ''
beforeAll(async () => {
  const factory = await makeAuthority('Factory')
  made = makeFolder('made')
  const tools = { random: systemRandom, now: new Date() }
  await manufacture(made, new KeyFiles(made), making, factory, tools)
  const image = randomBytes(4096)
  const first = { version: '1.4.0', sha256: 'a'.repeat(64), securityVersion: 1 }
  const signed = { manifest: Buffer.from('first'), signature: Buffer.from('first') }
  BankStore.create(made, { ...first, image, ...signed })
  site = await makeAuthority('Site')
  keyPem = generateKeyPem()
})

let folder = ''
let keys: KeyFiles
let store: StateFile
let banks: BankStore
/** What must be nowhere afterwards. */
let secrets: Record<string, string> = {}

beforeEach(() => {
  folder = makeFolder('wipe')
  cpSync(made, folder, { recursive: true })
  keys = new KeyFiles(folder)
  const found = StateFile.open(folder)
  if (!found) throw new Error('no state')
  store = found
  banks = BankStore.open(folder)
  secrets = {
    credential: 'credential-of-the-plant',
    group: 'Secret group',
    value: 'mqtt.secret-host.example',
    image: 'image bytes of the site',
    log: 'message of the site',
    update: 'order of the site',
    temporary: 'cut short while written',
    key: keyPem.split('\n')[1] ?? '',
    anchor: site.certificatePem.split('\n')[3] ?? '',
  }
  plant()
})

const plant = (): void => {
  const { configuration } = store.current
  const values = { ...configuration.values, 'Pump.MaxFlow': secrets.value ?? '' }
  store.update({
    phase: 'operation',
    anchorPem: site.certificatePem,
    network: { ssid: 'plant', credential: secrets.credential ?? '' },
    group: secrets.group,
    ldevidGeneration: 4,
    lastGeneration: 4,
    configuration: { version: 4, values, previous: configuration },
  })
  banks.apply({ type: 'write-begun', version: '1.5.0', sha256: 'b'.repeat(64), securityVersion: 1 })
  const standby = banks.paths('B').folder
  mkdirSync(join(folder, 'run'))
  for (const [name, text] of [
    ['ldevid-3.key', keyPem],
    ['ldevid-4.key', keyPem],
    ['ldevid-4.pem.77.tmp', site.certificatePem],
    ['state.json.77.tmp', secrets.temporary],
    ['banks.json.77.tmp', secrets.temporary],
    ['update.json', secrets.update],
    ['site-crl.pem', secrets.temporary],
    ['flash-test-00.scratch', secrets.temporary],
    [join('run', 'image-B.mjs'), secrets.image],
  ])
    writeFileSync(join(folder, name ?? ''), text ?? '')
  writeFileSync(join(standby, 'image.bin'), secrets.image ?? '')
  writeFileSync(join(standby, 'upload.json'), secrets.update ?? '')
  writeFileSync(join(folder, 'run', 'image-A.mjs'), 'runs')
}

const openKeeper = (of: StateFile): LogKeeper => {
  const clock = { now: () => systemClock.now(), synchronised: true }
  const ring = LogRing.open(folder, { clock, random: systemRandom })
  const keeper = new LogKeeper({ clock: systemClock, ring, next: () => undefined })
  keeper.bind(() => of.current)
  return keeper
}

const files = (): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

const found = (): string[] => {
  const all = files().map((path) => ({ path, text: readFileSync(path, 'latin1') }))
  return Object.entries(secrets).flatMap(([name, secret]) =>
    all.filter(({ text }) => text.includes(secret)).map(({ path }) => `${name} in ${path}`),
  )
}

const check = (of: StateFile): string => {
  expect(found()).toEqual([])
  const { current } = of
  expect(current).toMatchObject({ phase: 'provisioning', wipes: 1, lastGeneration: 4 })
  expect(current).not.toHaveProperty('wiping')
  const { Statement, Proof } = lastProof(current)
  const statement = wipeStatementSchema.parse(JSON.parse(Statement))
  expect(statement).toMatchObject({ udn: current.udn, serialNumber: current.serialNumber, nonce: NONCE })
  const bytes = Object.fromEntries(statement.items.map((each) => [each.item, each.bytes]))
  expect(bytes['site-keys']).toBeGreaterThan(2 * keyPem.length)
  for (const item of ['site-anchor', 'network', 'configuration', 'standby-bank', 'update-order'])
    expect(bytes[item], item).toBeGreaterThan(0)
  const key = createPublicKey(keys.idevidChain())
  expect(verify('sha256', Buffer.from(Statement), key, Buffer.from(Proof, 'base64'))).toBe(true)
  const open = BankStore.open(folder)
  expect([open.active, open.table.banks.B.state, open.table.banks.A.state]).toEqual(['A', 'empty', 'valid'])
  expect(readdirSync(open.paths('A').folder)).toHaveLength(3)
  expect(readFileSync(join(folder, 'run', 'image-A.mjs'), 'utf8')).toBe('runs')
  return Statement
}

describe('a wipe', () => {
  it('takes all that the site has left, its log included, and keeps the factory identity', () => {
    const keeper = openKeeper(store)
    keeper.log('setup-code-refused', { code: secrets.log })
    const before = keeper.ring.logId
    const kept = [store.current.setupCode, hex(readFileSync(join(folder, 'idevid.key')))]
    expect(found().map((each) => each.split(' ')[0])).toContain('log')
    orderWipe({ store, keys, banks, keeper }, { nonce: NONCE })
    check(store)
    expect(keeper.ring.logId).not.toBe(before)
    expect([store.current.setupCode, hex(readFileSync(join(folder, 'idevid.key')))]).toEqual(kept)
    keeper.log('log-begun')
    const logId = keeper.ring.logId
    keeper.ring.close()
    const again = openKeeper(store)
    expect(again.ring.logId).toBe(logId)
    again.ring.close()
  })

  it.each(CUTS)('cut by %s goes on at the next start to the same end', (cut) => {
    openKeeper(store).ring.close()
    const dieOnce = (name: string) => {
      if (name === cut) throw new Error('cut')
    }
    expect(() => orderWipe({ store, keys, banks, faults: { dieOnce } }, { nonce: NONCE })).toThrow('cut')
    const next = StateFile.open(folder)
    if (!next) throw new Error('no state')
    finishWipe({ store: next, keys })
    if (cut === 'die-before-wipe') {
      // Nothing was done: what was ordered is ordered again.
      expect(next.current).toMatchObject({ phase: 'operation', group: secrets.group })
      orderWipe({ store: next, keys }, { nonce: NONCE })
    }
    const text = check(next)
    finishWipe({ store: next, keys })
    expect(lastProof(next.current).Statement).toBe(text)
  })

  it('keeps what runs on trial, and wipes what it would go back to', () => {
    banks.apply({ type: 'write-verified' })
    banks.apply({ type: 'armed', manner: 'probation', neededS: 60 })
    const started = { ...banks.table, banks: { ...banks.table.banks } }
    started.banks.B = { ...started.banks.B, bootAttempts: 1 }
    writeFileSync(join(folder, 'banks.json'), JSON.stringify(started))
    banks = BankStore.open(folder)
    banks.apply({ type: 'running' })
    expect(banks.active).toBe('B')
    orderWipe({ store, keys, banks }, { nonce: NONCE })
    expect([banks.active, banks.table.trial, banks.table.banks.A.state]).toEqual(['B', undefined, 'empty'])
    expect(readFileSync(join(banks.paths('B').folder, 'image.bin'), 'utf8')).toBe(secrets.image)
    expect(readdirSync(banks.paths('A').folder)).toEqual([])
  })

  it('is refused where there is nothing to leave, and while the boot step has the banks', () => {
    banks.handOver()
    expect(() => orderWipe({ store, keys, banks }, { nonce: NONCE })).toThrow('BUSY')
    expect(store.current.phase).toBe('operation')
    store.update({ phase: 'provisioning' })
    expect(() => orderWipe({ store, keys }, { nonce: NONCE })).toThrow('WRONG_PHASE')
    expect(() => lastProof(store.current)).toThrow('ACTION_FAILED')
  })

  it('cut before the order was stored leaves the state that is in force as it is', () => {
    linkSync(join(folder, 'state.json'), join(folder, 'state.json.old'))
    finishWipe({ store, keys })
    expect(StateFile.open(folder)?.current).toEqual(store.current)
    expect(readdirSync(folder)).not.toContain('state.json.old')
  })
})

describe('shredding', () => {
  it('puts other bytes over a file before it goes', () => {
    const path = join(folder, 'a file')
    const other = join(folder, 'its other name')
    writeFileSync(path, 'x'.repeat(700_000))
    linkSync(path, other)
    expect(shred(path)).toBe(700_000)
    expect(statSync(other).size).toBe(700_000)
    expect(readFileSync(other, 'latin1')).not.toContain('xxxx')
    expect(shred(path)).toBe(0)
  })

  it('does not follow a link', () => {
    const path = join(folder, 'mine')
    writeFileSync(path, 'mine')
    symlinkSync(path, join(folder, 'link'))
    expect(shred(join(folder, 'link'))).toBe(0)
    expect(readFileSync(path, 'utf8')).toBe('mine')
    expect(readdirSync(folder)).not.toContain('link')
  })
})
