/** Settings of this laptop: one JSON file, always complete and valid for its readers. */
import { copyFileSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Conf from 'conf'
import { IotmcError } from '../contract/errors'
import { DEFAULT_SETTINGS, type Settings, settingsSchema } from '../contract/settings'
import { dataPaths } from './paths'

/** `get` is a memory read. `set` writes the file atomically and gives what now holds; VALUE_INVALID changes nothing. */
export interface SettingsStore {
  get(): Settings
  set(change: Partial<Settings>): Settings
  /** Where the unreadable file of an earlier run was put, if this start found one. */
  readonly brokenFile?: string
}

/** What `conf` and `electron-store` have in common here. */
export interface ConfLike {
  store: Record<string, unknown>
}

/** Options that both take; the file is `<cwd>/<configName>.<fileExtension>`. */
export interface ConfOptions {
  readonly cwd: string
  readonly configName: string
  readonly fileExtension: string
  readonly configFileMode: number
}

/**
 * Opens `<dataDir>/settings.json`. The Electron host passes `(o) => new ElectronStore(o)`, the terminal nothing. A file
 * that is not valid is kept as `settings.broken.json`; its fields that are valid by themselves still count.
 */
export const openSettings = (
  dataDir: string,
  make: (options: ConfOptions) => ConfLike = (options) => new Conf<Record<string, unknown>>(options),
): SettingsStore => {
  const broken = salvage(dataDir)
  const conf = make({ cwd: dataDir, configName: 'settings', fileExtension: 'json', configFileMode: 0o600 })
  if (broken) conf.store = broken.usable
  let current = complete(conf.store)
  return {
    ...(broken ? { brokenFile: broken.file } : {}),
    get: () => current,
    set: (change) => {
      const next = settingsSchema.safeParse({ ...current, ...change })
      if (!next.success) {
        const detail = next.error.issues[0]?.path.join('.') ?? 'settings'
        throw new IotmcError('VALUE_INVALID', { subject: 'settings', detail, cause: next.error })
      }
      conf.store = { ...conf.store, ...next.data }
      current = Object.freeze(next.data)
      return current
    },
  }
}

const complete = (stored: unknown): Settings =>
  Object.freeze({ ...DEFAULT_SETTINGS, ...settingsSchema.parse(stored) })

const salvage = (dataDir: string): { usable: Record<string, unknown>; file: string } | undefined => {
  const path = dataPaths(dataDir).settings
  const text = readIfThere(path)
  if (text === undefined) return undefined
  const stored = parse(text)
  if (settingsSchema.safeParse(stored).success) return undefined
  const file = join(dataDir, 'settings.broken.json')
  copyFileSync(path, file)
  rmSync(path)
  return { usable: validFields(stored), file }
}

const readIfThere = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined
    throw new IotmcError('DATA_DAMAGED', { subject: path, detail: 'cannot be read', cause: thrown })
  }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const validFields = (stored: unknown): Record<string, unknown> => {
  const usable: Record<string, unknown> = {}
  if (typeof stored !== 'object' || stored === null) return usable
  for (const [name, value] of Object.entries(stored)) {
    if (settingsSchema.safeParse({ [name]: value }).success && name in DEFAULT_SETTINGS) usable[name] = value
  }
  return usable
}
