import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { applyBank, type BankInput, chooseBoot } from '../../electron/contract/banks'
import { BankStore } from '../../electron/device/bank-store'
import { writeBanks } from '../../electron/device/banks-file'
import { makeBanks } from '../../electron/device/factory-image'
import { parseManifest } from '../../electron/firmware/manifest'
import { type Factory, makeBench, makeFactory } from '../helpers/boot-bench'
import { makeFolder } from '../helpers/device-site'

const hash = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')
const begun = (content: string, version = '2.0.0', securityVersion = 1): BankInput => ({
  type: 'write-begun',
  version,
  sha256: hash(content),
  securityVersion,
})

let factory: Factory
let banks: BankStore
beforeAll(async () => {
  factory = await makeFactory()
})
beforeEach(async () => {
  banks = await makeBench(factory)
})
const again = (bankBytes?: number): BankStore => BankStore.open(banks.folder, { bankBytes })

describe('a device as it is made', () => {
  it('has its version in bank A and nothing in bank B', () => {
    expect(banks.table).toMatchObject({
      confirmed: 'A',
      floor: 1,
      banks: { A: { state: 'valid', version: '1.4.0' }, B: { state: 'empty' } },
    })
    expect([banks.active, banks.standby]).toEqual(['A', 'B'])
    expect(again().table).toEqual(banks.table)
  })

  it('has an image that openssl accepts, signed for its model', () => {
    const { folder, image, manifest: manifestPath, signature } = banks.paths('A')
    const options = ['-verify', '-binary', '-inform', 'DER', '-in', signature, '-content', manifestPath]
    const anchor = ['-CAfile', join(banks.folder, 'firmware-anchor.pem'), '-purpose', 'any']
    execFileSync('openssl', ['cms', ...options, ...anchor, '-out', join(folder, 'out')], { stdio: 'pipe' })
    const manifest = parseManifest(readFileSync(manifestPath))
    expect(manifest).toMatchObject({ model: 'PX-200', hardwareRevisions: ['C2'], version: '1.4.0' })
    expect(manifest.image.sha256).toBe(hash(readFileSync(image)))
    const other = join(folder, 'other.json')
    writeFileSync(other, readFileSync(manifestPath, 'utf8').replace('1.4.0', '1.4.1'))
    const altered = options.with(-1, other)
    expect(() => execFileSync('openssl', ['cms', ...altered, ...anchor], { stdio: 'pipe' })).toThrow()
  })

  it('is made by one signer, however many devices are made at once', async () => {
    const keys = await Promise.all(
      [1, 2, 3].map(async () => {
        const device = { model: 'GC-10', hardwareRevision: 'A', firmwareVersion: 'odd' }
        const made = await makeBanks(makeFolder('banks'), device, factory, new Date())
        expect(made.table.banks.A.version).toBe('1.0.0')
        return readFileSync(join(made.folder, 'firmware-keys.pem'), 'utf8')
      }),
    )
    expect(new Set(keys).size).toBe(1)
  })
})

describe('writing the standby bank', () => {
  it('goes on where it was cut short, for the same image only', async () => {
    banks.apply(begun('hello world'))
    banks.write().append(Buffer.from('hello '))
    const after = again()
    expect(after.write().received).toBe(6)
    const writer = after.write()
    writer.append(Buffer.from('world'))
    writer.done()
    expect(await after.write().sha256()).toBe(hash('hello world'))
    expect(after.write().content().toString()).toBe('hello world')
    after.apply(begun('hello world'))
    expect(after.write().received).toBe(11)
    after.apply(begun('another'))
    expect(after.write().received).toBe(0)
    after.write().append(Buffer.from('anothex'))
    after.apply({ type: 'write-rejected' })
    after.apply(begun('another'))
    expect(after.write().received).toBe(0)
  })

  it('takes nothing for its own that was there before the table said so', () => {
    banks.apply(begun('first'))
    banks.write().append(Buffer.from('first'))
    banks.write().putManifest(Buffer.from('{}'), Buffer.from('s'))
    const step = applyBank(banks.table, begun('second'))
    // Killed between the table and the files.
    if (step.ok) writeBanks(banks.folder, step.table)
    const after = again()
    expect(after.write().received).toBe(0)
    expect(existsSync(after.paths('B').signature)).toBe(false)
  })

  it('keeps nothing of what does not fit', () => {
    banks.apply(begun('x'))
    const writer = again(10).write()
    writer.append(Buffer.alloc(8))
    expect(() => writer.append(Buffer.alloc(3))).toThrow('NO_SPACE')
    expect(writer.received).toBe(8)
    writer.append(Buffer.alloc(2))
    writer.reset()
    expect(writer.received).toBe(0)
  })

  it('is refused without a write in the table, and while the boot step decides', () => {
    expect(() => banks.write()).toThrow('NO_STANDBY_BANK')
    expect(() => banks.apply({ type: 'armed', manner: 'probation', neededS: 1 })).toThrow('NO_STANDBY_BANK')
    expect(() => banks.apply(begun('x', '2.0.0', 0))).toThrow('SECURITY_VERSION_TOO_LOW')
    banks.handOver()
    expect(() => banks.apply(begun('x'))).toThrow('BUSY')
    banks.taken()
    banks.apply(begun('x'))
    banks.apply({ type: 'write-verified' })
    expect(banks.step({ type: 'armed', manner: 'probation', neededS: 1 }).reboot).toBe(true)
    expect(() => banks.apply(begun('y'))).toThrow('BUSY')
  })

  it('stops with its signal', async () => {
    banks.apply(begun('x'))
    banks.write().append(Buffer.alloc(100_000))
    await expect(banks.write().sha256(AbortSignal.abort())).rejects.toThrow()
  })
})

describe('the table on disk', () => {
  it('is refused where it is damaged', () => {
    writeFileSync(join(banks.folder, 'banks.json'), '{"confirmed":"C"}')
    expect(() => again()).toThrow('DATA_DAMAGED')
    expect(() => BankStore.open(makeFolder('none'))).toThrow('DATA_DAMAGED')
  })

  it('is the one in memory after every step, and no step touches the confirmed image', () => {
    const step: fc.Arbitrary<BankInput | 'boot'> = fc.oneof(
      fc.constantFrom('one', 'two').map((content) => begun(content)),
      fc.constantFrom<BankInput | 'boot'>(
        'boot',
        { type: 'write-verified' },
        { type: 'write-rejected' },
        { type: 'erased' },
        { type: 'armed', manner: 'probation', neededS: 60 },
        { type: 'running' },
        { type: 'ran', seconds: 5 },
        { type: 'faulted', reason: 'watchdog' },
        { type: 'confirmed' },
        { type: 'reverted' },
      ),
    )
    const start = banks.table
    const image = readFileSync(banks.paths('A').image)
    let switched = 0
    const onTrial: (BankInput | 'boot')[] = [
      begun('one'),
      { type: 'write-verified' },
      { type: 'armed', manner: 'probation', neededS: 60 },
      'boot',
      { type: 'running' },
    ]
    const steps = fc
      .tuple(fc.constantFrom([], onTrial), fc.array(step, { maxLength: 10 }))
      .map((parts) => parts.flat())
    fc.assert(
      fc.property(steps, (inputs) => {
        writeFileSync(banks.paths('A').image, image)
        writeBanks(banks.folder, start)
        let store = again()
        for (const input of inputs) {
          const { confirmed } = store.table
          const before = readFileSync(store.paths(confirmed).image)
          perform(store, input)
          expect(readFileSync(store.paths(confirmed).image)).toEqual(before)
          if (store.table.confirmed !== confirmed) switched += 1
          const { table } = store
          store = again()
          expect(store.table).toEqual(table)
        }
      }),
      // One way that surely ends on the other bank, whatever is drawn.
      { numRuns: 15, examples: [[[...onTrial, { type: 'confirmed' }]]] },
    )
    expect(switched).toBeGreaterThan(0)
  }, 30_000)
})

const perform = (store: BankStore, input: BankInput | 'boot'): void => {
  if (input === 'boot') {
    store.handOver()
    writeBanks(store.folder, chooseBoot(store.table, () => true).table)
    store.taken()
    return
  }
  try {
    store.apply(input)
    if (store.table.banks[store.standby].state === 'writing') store.write().append(Buffer.from('part'))
  } catch (thrown) {
    expect(String(thrown)).toMatch(/NO_STANDBY_BANK|BUSY|SECURITY_VERSION_TOO_LOW/)
  }
}
