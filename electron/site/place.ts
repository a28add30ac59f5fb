/** One data folder while the program has it: its lock, its settings, and the site once the vault is open. */
import { mkdirSync } from 'node:fs'
import { IotmcError } from '../contract/errors'
import type { SetupRequest } from '../contract/ipc'
import { Authority } from '../identity/authority'
import { openPracticeFactory } from '../identity/practice-factory'
import { type OsKeyStore, Vault } from '../identity/vault'
import { listInterfaces } from '../net/interfaces'
import { acquireLock } from '../store/lock'
import { type DataPaths, dataPaths } from '../store/paths'
import type { SettingsStore } from '../store/settings'
import { appBundleDesk } from './app-bundle'
import type { BundleDesk } from './bundle-desk'
import type { Desk } from './desk'
import type { Emit, Log } from './events'
import { Site } from './site'
import { SITE_CA } from './site-identity'

export interface Place {
  readonly dataDir: string
  readonly practice: boolean
}

export interface PlaceOptions {
  readonly openSettings: (dataDir: string) => SettingsStore
  readonly interfaces?: readonly string[]
  readonly log: Log
  readonly emit: Emit
  readonly desk?: Desk
}

type VaultOpener = { readonly passphrase?: string; readonly osKeyStore?: OsKeyStore }

/** Takes the data folder. Errors: DATA_IN_USE. */
export const openPlace = (place: Place, options: PlaceOptions): OpenPlace => {
  mkdirSync(place.dataDir, { recursive: true, mode: 0o700 })
  const paths = dataPaths(place.dataDir)
  return new OpenPlace(place.practice, paths, acquireLock(paths.lock), options)
}

export class OpenPlace {
  readonly settings: SettingsStore
  site: Site | undefined

  constructor(
    readonly practice: boolean,
    private readonly paths: DataPaths,
    private readonly unlockFolder: () => void,
    private readonly options: PlaceOptions,
  ) {
    this.settings = options.openSettings(paths.root)
  }

  /** Whether the first run is over: there is a vault, and its settings say so. */
  get hasVault(): boolean {
    return this.settings.get().setupDone && Vault.exists(this.paths.vault)
  }

  /** First run. Repeatable until it has succeeded. Errors: VAULT_LOCKED without a way to lock it, FILE_INVALID, CERTIFICATE_INVALID, PASSPHRASE_WRONG. */
  async setup(request: SetupRequest, osKeyStore: OsKeyStore | undefined): Promise<void> {
    const { passphrase, pkcs12 } = request
    // A wrong import passphrase must leave nothing behind, so the file is read before the vault is made.
    const imported = pkcs12 ? await readPkcs12(pkcs12) : undefined
    const opener: VaultOpener = {
      ...(passphrase ? { passphrase } : {}),
      ...(osKeyStore ? { osKeyStore } : {}),
    }
    if (!passphrase && !osKeyStore) throw new IotmcError('VAULT_LOCKED', { detail: 'a passphrase is needed' })
    const vault = Vault.exists(this.paths.vault)
      ? await Vault.open(this.paths.vault, opener)
      : await Vault.create(this.paths.vault, opener)
    if (imported) await Authority.import(vault, SITE_CA, imported)
    const { technician, siteName, interfaces } = request
    this.settings.set({ technician, siteName, interfaces })
    await this.openSite(vault)
    this.settings.set({ setupDone: true })
  }

  /** Errors: PASSPHRASE_WRONG, VAULT_LOCKED, DATA_DAMAGED. */
  async unlock(opener: VaultOpener): Promise<void> {
    await this.openSite(await Vault.open(this.paths.vault, opener))
  }

  /** Sets the practice site up with no questions, and trusts the practice factory in it. */
  async openPractice(passphrase: string): Promise<void> {
    if (!this.site) {
      const siteName = 'Practice site'
      await this.setup(
        { technician: 'Practice', siteName, interfaces: [loopbackName()], passphrase },
        undefined,
      )
    }
    const factory = await openPracticeFactory(this.paths.practiceFactory)
    this.site?.shelf.add(factory.certificatePem, true)
  }

  /** Without an open site only the program's own bundle can be made, and nothing of the site is in it. */
  bundles(): BundleDesk {
    return this.site?.operation.bundles ?? appBundleDesk(this.paths, () => this.settings.get())
  }

  async close(): Promise<void> {
    await this.site?.close()
    this.site = undefined
    this.unlockFolder()
  }

  private async openSite(vault: Vault): Promise<void> {
    const { settings, paths, practice } = this
    const { log, emit, interfaces, desk } = this.options
    const options = {
      settings,
      paths,
      practice,
      log,
      emit,
      vault,
      ...(interfaces ? { interfaces } : {}),
      ...(desk ? { desk } : {}),
    }
    this.site = await Site.open(options)
  }
}

/** Loaded when it is needed: the library that reads PKCS#12 is large, and most starts never see such a file. */
const readPkcs12 = async ({ base64, passphrase }: NonNullable<SetupRequest['pkcs12']>) => {
  const { importPkcs12 } = await import('../identity/pkcs12')
  return importPkcs12(Buffer.from(base64, 'base64'), passphrase)
}

/** Practice devices live on the loopback interface, whatever this system calls it. */
const loopbackName = (): string => {
  const loopback = listInterfaces().find((entry) => entry.loopback)
  if (!loopback) throw new IotmcError('NETWORK_UNAVAILABLE', { detail: 'there is no loopback interface' })
  return loopback.name
}
