import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { delayAfter } from '../../electron/identity/throttle'
import { type OsKeyStore, Vault } from '../../electron/identity/vault'
import { makeTempDir } from '../helpers/temp-dir'

// Key derivation, fsync and hundreds of signatures, maybe on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const PASSPHRASE = 'Grüße vom Prüfstand'
const FAST = 2 ** 14

let temp: ReturnType<typeof makeTempDir>
let dir: string
beforeEach(() => {
  temp = makeTempDir()
  dir = join(temp.path, 'vault')
})
afterEach(() => temp.remove())

const create = (passphrase = PASSPHRASE): Promise<Vault> =>
  Vault.create(dir, { passphrase, scryptCost: FAST })

/** Reversible and bound to one "user", as the key store of an operating system is. */
const keyStore = (user: number): OsKeyStore => ({
  name: 'test',
  seal: (plain) => Buffer.concat([Buffer.of(user), plain.map((byte) => byte ^ 0x5a)]),
  open: (sealed) => {
    if (sealed[0] !== user) throw new Error('not yours')
    return Buffer.from(sealed.subarray(1).map((byte) => byte ^ 0x5a))
  },
})

test('a secret comes back after reopening, and is nowhere in the files', async () => {
  const vault = await create()
  vault.put('controller-key', Buffer.from('very secret content'))
  const again = await Vault.open(dir, { passphrase: PASSPHRASE })
  expect(again.get('controller-key')?.toString()).toBe('very secret content')
  expect(again.get('other')).toBeUndefined()
  for (const name of readdirSync(dir)) {
    const bytes = readFileSync(join(dir, name))
    expect(bytes.includes('very secret'), name).toBe(false)
    expect(bytes.includes('Prüfstand'), name).toBe(false)
    expect(statSync(join(dir, name)).mode & 0o777, name).toBe(0o600)
  }
  expect(statSync(dir).mode & 0o777).toBe(0o700)
})

test('the same passphrase typed in decomposed letters opens it', async () => {
  await create()
  await expect(Vault.open(dir, { passphrase: PASSPHRASE.normalize('NFD') })).resolves.toBeInstanceOf(Vault)
})

test('a wrong passphrase, none, and no vault are told apart', async () => {
  await expect(Vault.open(dir, { passphrase: PASSPHRASE })).rejects.toMatchObject({ code: 'SETUP_NEEDED' })
  await create()
  await expect(Vault.open(dir, { passphrase: 'wrong' })).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' })
  await expect(Vault.open(dir, {})).rejects.toMatchObject({ code: 'VAULT_LOCKED' })
})

test('a vault is not made twice, nor without anything to open it', async () => {
  await expect(Vault.create(dir, {})).rejects.toMatchObject({ code: 'USAGE' })
  await create()
  await expect(create()).rejects.toMatchObject({ code: 'REQUEST_REFUSED' })
})

test('wrong tries wait longer each time, across restarts, and the right one ends it', async () => {
  await create()
  let nowMs = 1_000_000
  const attempt = (passphrase: string) => Vault.open(dir, { passphrase, now: () => nowMs })
  for (let i = 0; i < 3; i++)
    await expect(attempt('wrong')).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' })
  await expect(attempt(PASSPHRASE)).rejects.toMatchObject({ code: 'LOCKED_OUT', detail: 'try again in 2 s' })
  nowMs += 2_000
  await expect(attempt('wrong')).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' })
  nowMs += 3_999
  await expect(attempt(PASSPHRASE)).rejects.toMatchObject({ code: 'LOCKED_OUT' })
  nowMs -= 900_000
  await expect(attempt(PASSPHRASE)).rejects.toMatchObject({ detail: 'try again in 4 s' })
  nowMs += 904_001
  await expect(attempt(PASSPHRASE)).resolves.toBeInstanceOf(Vault)
  await expect(attempt('wrong')).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' })
  await expect(attempt(PASSPHRASE)).resolves.toBeInstanceOf(Vault)
})

test('parallel wrong tries do not slip past the delay', async () => {
  await create()
  const tries = Array.from({ length: 6 }, () =>
    Vault.open(dir, { passphrase: 'wrong', now: () => 5 }).catch((e) => e.code),
  )
  const codes = await Promise.all(tries)
  expect(codes.filter((code) => code === 'PASSPHRASE_WRONG')).toHaveLength(3)
  expect(codes.filter((code) => code === 'LOCKED_OUT')).toHaveLength(3)
})

test('a damaged counter of wrong tries gains nothing', async () => {
  await create()
  writeFileSync(join(dir, 'wrong-tries.json'), '{')
  await expect(Vault.open(dir, { passphrase: 'wrong', now: () => 9 })).rejects.toMatchObject({
    code: 'LOCKED_OUT',
  })
})

test('the delay doubles from the third failure and ends at a quarter of an hour', () => {
  expect([0, 1, 2, 3, 4, 5, 12, 60, 5000].map(delayAfter)).toEqual([
    0, 0, 0, 2_000, 4_000, 8_000, 900_000, 900_000, 900_000,
  ])
})

test('the key store of the operating system opens it without a passphrase', async () => {
  const vault = await Vault.create(dir, { osKeyStore: keyStore(1) })
  vault.put('key', Buffer.from('x'))
  expect((await Vault.open(dir, { osKeyStore: keyStore(1) })).get('key')?.toString()).toBe('x')
  await expect(Vault.open(dir, { osKeyStore: keyStore(2) })).rejects.toMatchObject({ code: 'VAULT_LOCKED' })
})

test('where the key store fails, an added passphrase opens it; and the other way round', async () => {
  const vault = await Vault.create(dir, { osKeyStore: keyStore(1) })
  vault.put('key', Buffer.from('x'))
  await vault.addPassphrase(PASSPHRASE)
  const moved = await Vault.open(dir, { osKeyStore: keyStore(2), passphrase: PASSPHRASE })
  expect(moved.get('key')?.toString()).toBe('x')
  moved.addOsKeyStore(keyStore(2))
  expect((await Vault.open(dir, { osKeyStore: keyStore(2) })).get('key')?.toString()).toBe('x')
})

test('a new passphrase replaces the old one', async () => {
  const vault = await create()
  await vault.addPassphrase('another one')
  await expect(Vault.open(dir, { passphrase: PASSPHRASE })).rejects.toMatchObject({
    code: 'PASSPHRASE_WRONG',
  })
  await expect(Vault.open(dir, { passphrase: 'another one' })).resolves.toBeInstanceOf(Vault)
})

test('every damaged octet of a sealed file is noticed', async () => {
  const vault = await create()
  vault.put('key', Buffer.from('secret'))
  const path = join(dir, 'key.sealed')
  const good = readFileSync(path)
  for (let i = 0; i < good.length; i++) {
    const bad = Buffer.from(good)
    bad[i] = (bad[i] ?? 0) ^ 1
    writeFileSync(path, bad)
    expect(() => vault.get('key'), `octet ${i}`).toThrow(expect.objectContaining({ code: 'DATA_DAMAGED' }))
  }
  for (const length of [0, 3, 20, good.length - 1]) {
    writeFileSync(path, good.subarray(0, length))
    expect(() => vault.get('key')).toThrow(expect.objectContaining({ code: 'DATA_DAMAGED' }))
  }
})

test('a sealed file under another name, or of another vault, is refused', async () => {
  const vault = await create()
  vault.put('key-a', Buffer.from('a'))
  writeFileSync(join(dir, 'key-b.sealed'), readFileSync(join(dir, 'key-a.sealed')))
  expect(() => vault.get('key-b')).toThrow(expect.objectContaining({ code: 'DATA_DAMAGED' }))
})

test('a damaged vault file is told from a wrong passphrase', async () => {
  await create()
  const path = join(dir, 'vault.json')
  const good = readFileSync(path, 'utf8')
  const sealed = /"sealed": "(.)/.exec(good)?.[1]
  const damaged = [
    good.slice(0, 100),
    '',
    good.replace('"version": 1', '"version": 2'),
    good.replace(`"sealed": "${sealed}`, `"sealed": "${sealed === 'A' ? 'B' : 'A'}`),
  ]
  for (const text of damaged) {
    writeFileSync(path, text)
    await expect(Vault.open(dir, { passphrase: PASSPHRASE })).rejects.toMatchObject({ code: 'DATA_DAMAGED' })
  }
  writeFileSync(path, good)
  await expect(Vault.open(dir, { passphrase: PASSPHRASE })).resolves.toBeInstanceOf(Vault)
})

test.each(['', '../x', 'A', 'a/b', '.hidden', 'x'.repeat(200)])(
  '%j is no name for a secret',
  async (name) => {
    const vault = await create()
    expect(() => vault.put(name, Buffer.from('x'))).toThrow(
      expect.objectContaining({ code: 'VALUE_INVALID' }),
    )
    expect(() => vault.get(name)).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }))
  },
)

test('writing leaves no temporary file behind', async () => {
  const vault = await create()
  vault.put('key', Buffer.from('1'))
  vault.put('key', Buffer.from('2'))
  expect(readdirSync(dir).sort()).toEqual(['key.sealed', 'vault.json'])
  expect(existsSync(join(dir, 'wrong-tries.json'))).toBe(false)
})
