import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { IotmcError } from '../contract/errors'
import { writeFileDurably } from './atomic-file'

/** scrypt cost of new wraps: 2^16 × 8 × 128 bytes = 64 MiB and about a quarter of a second. */
export const SCRYPT_COST = 2 ** 16
const SCRYPT_COST_MAX = 2 ** 20
const BLOCK_SIZE = 8

const base64 = z
  .string()
  .regex(/^[A-Za-z0-9+/]*={0,2}$/)
  .max(65_536)

const bodySchema = z.object({
  version: z.literal(1),
  id: z.string().min(16).max(64),
  passphrase: z
    .object({
      kdf: z.literal('scrypt'),
      cost: z
        .number()
        .int()
        .min(2 ** 14)
        .max(SCRYPT_COST_MAX),
      salt: base64,
      sealed: base64,
    })
    .optional(),
  osKeyStore: z.object({ name: z.string().max(64), sealed: base64 }).optional(),
})
/** The vault's key file: the data key, wrapped under a passphrase, by the OS key store, or both. */
export type VaultFile = z.infer<typeof bodySchema>

const fileSchema = z.object({ checksum: z.string(), body: bodySchema })

/** Reads the key file; the checksum tells damage from a wrong passphrase. Throws DATA_DAMAGED. */
export const readVaultFile = (path: string): VaultFile => {
  try {
    const { checksum, body } = fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
    if (checksum !== checksumOf(body)) throw new Error('checksum')
    return body
  } catch (cause) {
    throw new IotmcError('DATA_DAMAGED', { subject: path, detail: 'the vault file is damaged', cause })
  }
}

export const writeVaultFile = (path: string, body: VaultFile): void =>
  writeFileDurably(path, `${JSON.stringify({ checksum: checksumOf(body), body }, null, 2)}\n`)

export const vaultFileExists = (path: string): boolean => existsSync(path)

// Over the parsed shape, so that key order in the file does not matter.
const checksumOf = (body: VaultFile): string =>
  createHash('sha256')
    .update(JSON.stringify(bodySchema.parse(body)))
    .digest('hex')

/** Wraps the data key under a passphrase. */
export const wrapWithPassphrase = async (
  dataKey: Buffer,
  passphrase: string,
  id: string,
  cost = SCRYPT_COST,
): Promise<NonNullable<VaultFile['passphrase']>> => {
  const salt = randomBytes(16)
  const key = await deriveKey(passphrase, salt, cost)
  return {
    kdf: 'scrypt',
    cost,
    salt: salt.toString('base64'),
    sealed: seal(key, dataKey, `vault-key ${id}`).toString('base64'),
  }
}

/** The data key, or undefined if the passphrase is wrong. */
export const unwrapWithPassphrase = async (
  wrap: NonNullable<VaultFile['passphrase']>,
  passphrase: string,
  id: string,
): Promise<Buffer | undefined> => {
  const key = await deriveKey(passphrase, Buffer.from(wrap.salt, 'base64'), wrap.cost)
  return open(key, Buffer.from(wrap.sealed, 'base64'), `vault-key ${id}`)
}

// NFC, so that "ü" typed on another keyboard or system is the same passphrase.
const deriveKey = (passphrase: string, salt: Buffer, cost: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const maxmem = cost * BLOCK_SIZE * 128 * 2
    scrypt(passphrase.normalize('NFC'), salt, 32, { N: cost, r: BLOCK_SIZE, p: 1, maxmem }, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })

const IV_BYTES = 12
const TAG_BYTES = 16

/** AES-256-GCM: iv ‖ tag ‖ ciphertext, bound to `context`. */
export const seal = (key: Buffer, plain: Buffer, context: string): Buffer => {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(Buffer.from(context))
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), body])
}

/** The plain bytes, or undefined if key, context or bytes are not right. */
export const open = (key: Buffer, sealed: Buffer, context: string): Buffer | undefined => {
  if (sealed.length < IV_BYTES + TAG_BYTES) return undefined
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(Buffer.from(context))
    decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
    return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()])
  } catch {
    return undefined
  }
}
