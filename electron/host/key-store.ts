/** The operating system's key store as the vault sees it. */
import { safeStorage } from 'electron'
import type { OsKeyStore } from '../identity/vault'

/** Linux backends that keep the key beside the data or cannot say: no protection, so they count as none. */
const NO_PROTECTION: readonly string[] = ['basic_text', 'unknown']

const backend = (): string => {
  if (process.platform === 'darwin') return 'keychain'
  return process.platform === 'win32' ? 'dpapi' : safeStorage.getSelectedStorageBackend()
}

/** Undefined where there is none: a passphrase is needed then. Only after the app is ready. */
export const osKeyStore = (): OsKeyStore | undefined => {
  const name = backend()
  if (NO_PROTECTION.includes(name) || !safeStorage.isEncryptionAvailable()) return undefined
  return {
    name,
    seal: (plain) => safeStorage.encryptString(plain.toString('base64')),
    open: (sealed) => Buffer.from(safeStorage.decryptString(sealed), 'base64'),
  }
}
