/**
 * Where a device keeps its factory key. It makes the key, tells the public half and signs; nothing gives the private half
 * up. In a real device this is a chip or a trusted execution environment. Here it is played: the key lies in the state
 * folder, sealed with AES-256-GCM under a wrapping key of this one device. Whoever can read the whole folder can open it,
 * so it protects nothing against a person at this computer; it keeps the key out of every file in readable form, as the
 * hardware would. A device that says `flash` has its key in a plain file, and says so.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
} from 'node:crypto'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { IotmcError } from '../contract/errors'
import type { KeyStorage } from '../contract/factory'
import { generateKeyPem, type Signer } from '../identity/keys'
import type { Random } from '../net/clock'
import { writeFileAtomic } from './atomic-file'

/** The plain key of a device without hardware for it; also that of a device which was never on a factory line. */
export const PLAIN_KEY = 'idevid.key'
const SEALED_KEY = 'element.sealed'
const WRAPPING_KEY = 'element.wrap'
const WRAPPING_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const FILE_MAX_BYTES = 4096

export class SecureElement {
  #key: KeyObject | undefined

  constructor(
    private readonly folder: string,
    readonly storage: KeyStorage,
    private readonly random: Random,
    /** What a key is made by; for faults. */
    private readonly newKeyPem: () => string = generateKeyPem,
  ) {}

  hasKey(): boolean {
    return existsSync(join(this.folder, this.storage === 'flash' ? PLAIN_KEY : SEALED_KEY))
  }

  /** Makes the key, in place of any earlier one; durable when it returns. ACTION_FAILED where the disk refuses. */
  makeKey(): void {
    this.#key = undefined
    const keyPem = this.newKeyPem()
    if (this.storage === 'flash') writeFileAtomic(join(this.folder, PLAIN_KEY), keyPem)
    else seal(this.folder, createPrivateKey(keyPem), this.random)
  }

  /** SubjectPublicKeyInfo, DER. DATA_DAMAGED where there is no key, or none that can be read. */
  publicKey(): Buffer {
    return createPublicKey(this.key()).export({ type: 'spki', format: 'der' })
  }

  /** ECDSA with SHA-256, DER. DATA_DAMAGED as above. */
  sign(data: Buffer): Buffer {
    return sign('sha256', data, this.key())
  }

  /** The key as a thing that signs, for requests. */
  signer(): Signer {
    return { publicKeySpki: this.publicKey(), sign: (data) => this.sign(data) }
  }

  /** Forgets the key for good. */
  destroy(): void {
    this.#key = undefined
    for (const name of this.storage === 'flash' ? [PLAIN_KEY] : [SEALED_KEY, WRAPPING_KEY])
      rmSync(join(this.folder, name), { force: true })
  }

  private key(): KeyObject {
    this.#key ??= this.storage === 'flash' ? plainKey(this.folder) : unseal(this.folder)
    return this.#key
  }
}

/**
 * The sealed key as PEM for TLS in this process's memory, because node:tls takes nothing else; hardware would do the
 * handshake's signature itself. Never written, never logged. Undefined where none is sealed; DATA_DAMAGED.
 */
export const sealedKeyForTls = (folder: string): string | undefined =>
  existsSync(join(folder, SEALED_KEY))
    ? unseal(folder).export({ type: 'pkcs8', format: 'pem' }).toString()
    : undefined

const seal = (folder: string, key: KeyObject, random: Random): void => {
  const wrapping = random.bytes(WRAPPING_BYTES)
  const nonce = random.bytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', wrapping, nonce)
  const plain = key.export({ type: 'pkcs8', format: 'der' })
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  plain.fill(0)
  // Without its new wrapping key, an earlier sealed key would be damage; so it goes first.
  rmSync(join(folder, SEALED_KEY), { force: true })
  writeFileAtomic(join(folder, WRAPPING_KEY), wrapping)
  writeFileAtomic(join(folder, SEALED_KEY), Buffer.concat([nonce, cipher.getAuthTag(), body]))
}

const unseal = (folder: string): KeyObject => {
  const path = join(folder, SEALED_KEY)
  const sealed = readBytes(path)
  try {
    const tagEnd = NONCE_BYTES + TAG_BYTES
    const wrapping = readBytes(join(folder, WRAPPING_KEY))
    const decipher = createDecipheriv('aes-256-gcm', wrapping, sealed.subarray(0, NONCE_BYTES))
    decipher.setAuthTag(sealed.subarray(NONCE_BYTES, tagEnd))
    const plain = Buffer.concat([decipher.update(sealed.subarray(tagEnd)), decipher.final()])
    return createPrivateKey({ key: plain, type: 'pkcs8', format: 'der' })
  } catch {
    // The cause is dropped: error texts of key parsers may quote their input.
    throw new IotmcError('DATA_DAMAGED', { subject: path, detail: 'the sealed key cannot be opened' })
  }
}

const plainKey = (folder: string): KeyObject => {
  const path = join(folder, PLAIN_KEY)
  try {
    return createPrivateKey(readBytes(path).toString('latin1'))
  } catch {
    throw new IotmcError('DATA_DAMAGED', { subject: path, detail: 'the key cannot be read' })
  }
}

const readBytes = (path: string): Buffer => {
  try {
    if (statSync(path).size <= FILE_MAX_BYTES) return readFileSync(path)
  } catch {
    // Said below, without the cause.
  }
  throw new IotmcError('DATA_DAMAGED', { subject: path, detail: 'no key' })
}
