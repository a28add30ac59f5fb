import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IotmcError } from '../contract/errors'
import { writeFileDurably } from './atomic-file'
import { checkThrottle, clearFailures, noteFailure } from './throttle'
import {
  open,
  readVaultFile,
  seal,
  unwrapWithPassphrase,
  type VaultFile,
  vaultFileExists,
  wrapWithPassphrase,
  writeVaultFile,
} from './vault-file'

/** A key store of the operating system, given by the host (Electron safeStorage). */
export interface OsKeyStore {
  readonly name: string
  seal(plain: Buffer): Buffer
  open(sealed: Buffer): Buffer
}

/** What opens a vault. `scryptCost` is for making one only. */
export interface VaultKeys {
  readonly passphrase?: string
  readonly osKeyStore?: OsKeyStore
  readonly scryptCost?: number
  readonly now?: () => number
}

const MAGIC = Buffer.from('IOTV\x01', 'latin1')
const SECRET_NAME = /^[a-z0-9][a-z0-9.-]{0,100}$/

/**
 * Secrets at rest: a random 256-bit data key, wrapped by a passphrase and/or the OS key store, seals each secret with
 * AES-256-GCM into its own file, bound to its name and to this vault.
 */
export class Vault {
  readonly #dir: string
  readonly #dataKey: Buffer
  #file: VaultFile

  private constructor(dir: string, dataKey: Buffer, file: VaultFile) {
    this.#dir = dir
    this.#dataKey = dataKey
    this.#file = file
  }

  /** Makes a vault in `dir` (made if missing). Throws REQUEST_REFUSED if there is one, USAGE if nothing would open it. */
  static async create(dir: string, how: VaultKeys): Promise<Vault> {
    if (!how.passphrase && !how.osKeyStore)
      throw new IotmcError('USAGE', { detail: 'a vault needs a passphrase' })
    if (Vault.exists(dir))
      throw new IotmcError('REQUEST_REFUSED', { subject: dir, detail: 'there is a vault already' })
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    const dataKey = randomBytes(32)
    const id = randomBytes(16).toString('hex')
    const file: VaultFile = {
      version: 1,
      id,
      ...(how.passphrase
        ? { passphrase: await wrapWithPassphrase(dataKey, how.passphrase, id, how.scryptCost) }
        : {}),
      ...(how.osKeyStore ? { osKeyStore: wrapWithOs(dataKey, how.osKeyStore) } : {}),
    }
    writeVaultFile(keyFile(dir), file)
    return new Vault(dir, dataKey, file)
  }

  static exists(dir: string): boolean {
    return vaultFileExists(keyFile(dir))
  }

  /**
   * Opens a vault: by the OS key store where it can, else by the passphrase. Throws SETUP_NEEDED (no vault),
   * VAULT_LOCKED (no usable key given), PASSPHRASE_WRONG, LOCKED_OUT (too many wrong tries: wait), DATA_DAMAGED.
   */
  static async open(dir: string, how: VaultKeys): Promise<Vault> {
    if (!Vault.exists(dir)) throw new IotmcError('SETUP_NEEDED', { subject: dir, detail: 'no vault here' })
    const file = readVaultFile(keyFile(dir))
    const dataKey = openWithOs(file, how.osKeyStore) ?? (await openWithPassphrase(dir, file, how))
    return new Vault(dir, dataKey, file)
  }

  /** Keeps a secret under a name of `a-z 0-9 . -`; durable on return. */
  put(name: string, secret: Buffer): void {
    writeFileDurably(
      this.#path(name),
      Buffer.concat([MAGIC, seal(this.#dataKey, secret, this.#context(name))]),
    )
  }

  /** The secret, or undefined if there is none. Throws DATA_DAMAGED. */
  get(name: string): Buffer | undefined {
    const path = this.#path(name)
    let data: Buffer
    try {
      data = readFileSync(path)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw new IotmcError('DATA_DAMAGED', { subject: path, detail: 'a sealed file can not be read', cause })
    }
    const plain = data.subarray(0, MAGIC.length).equals(MAGIC)
      ? open(this.#dataKey, data.subarray(MAGIC.length), this.#context(name))
      : undefined
    if (!plain) throw new IotmcError('DATA_DAMAGED', { subject: path, detail: 'a sealed file is damaged' })
    return plain
  }

  /** Adds a passphrase, or replaces the one there was; the secrets stay as they are. */
  async addPassphrase(passphrase: string): Promise<void> {
    const wrap = await wrapWithPassphrase(this.#dataKey, passphrase, this.#file.id)
    this.#file = { ...this.#file, passphrase: wrap }
    writeVaultFile(keyFile(this.#dir), this.#file)
    clearFailures(throttleFile(this.#dir))
  }

  /** Lets the OS key store open this vault from now on. */
  addOsKeyStore(store: OsKeyStore): void {
    this.#file = { ...this.#file, osKeyStore: wrapWithOs(this.#dataKey, store) }
    writeVaultFile(keyFile(this.#dir), this.#file)
  }

  #path(name: string): string {
    if (!SECRET_NAME.test(name)) throw new IotmcError('VALUE_INVALID', { detail: 'not a name for a secret' })
    return join(this.#dir, `${name}.sealed`)
  }

  #context(name: string): string {
    return `secret ${this.#file.id} ${name}`
  }
}

const keyFile = (dir: string): string => join(dir, 'vault.json')
const throttleFile = (dir: string): string => join(dir, 'wrong-tries.json')

const wrapWithOs = (dataKey: Buffer, store: OsKeyStore): NonNullable<VaultFile['osKeyStore']> => ({
  name: store.name,
  sealed: store.seal(dataKey).toString('base64'),
})

const openWithOs = (file: VaultFile, store: OsKeyStore | undefined): Buffer | undefined => {
  if (!store || !file.osKeyStore) return undefined
  try {
    const dataKey = store.open(Buffer.from(file.osKeyStore.sealed, 'base64'))
    return dataKey.length === 32 ? dataKey : undefined
  } catch {
    // Another user, another computer, a reset key store: the passphrase, if there is one, still opens it.
    return undefined
  }
}

// One try at a time for each vault, so that parallel tries can not slip past the delay.
const turns = new Map<string, Promise<unknown>>()

const openWithPassphrase = (dir: string, file: VaultFile, how: VaultKeys): Promise<Buffer> => {
  const before = turns.get(dir) ?? Promise.resolve()
  const turn = before.then(
    () => tryPassphrase(dir, file, how),
    () => tryPassphrase(dir, file, how),
  )
  turns.set(dir, turn)
  const clear = () => {
    if (turns.get(dir) === turn) turns.delete(dir)
  }
  turn.then(clear, clear)
  return turn
}

const tryPassphrase = async (dir: string, file: VaultFile, how: VaultKeys): Promise<Buffer> => {
  const now = how.now ?? Date.now
  if (!file.passphrase || how.passphrase === undefined) throw new IotmcError('VAULT_LOCKED')
  checkThrottle(throttleFile(dir), now())
  const dataKey = await unwrapWithPassphrase(file.passphrase, how.passphrase, file.id)
  if (!dataKey) {
    noteFailure(throttleFile(dir), now())
    throw new IotmcError('PASSPHRASE_WRONG')
  }
  clearFailures(throttleFile(dir))
  return dataKey
}
