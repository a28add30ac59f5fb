import type { Vault } from '../identity/vault'
import type { DataPaths } from '../store/paths'
import type { SettingsStore } from '../store/settings'
import type { Desk } from './desk'
import type { Emit, Log } from './events'

/** What a site is opened with. */
export interface SiteOptions {
  readonly paths: DataPaths
  readonly practice: boolean
  readonly settings: SettingsStore
  readonly vault: Vault
  readonly interfaces?: readonly string[]
  readonly log: Log
  readonly emit: Emit
  readonly desk?: Desk
}
