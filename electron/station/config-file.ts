/** The station's configuration: one JSON file, always complete and valid for its readers. */
import { mkdirSync, readFileSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { IotmcError } from '../contract/errors'
import { DEFAULT_STATION_CONFIG, type StationConfig, stationConfigSchema } from '../contract/factory'
import { writeFileDurably } from '../identity/atomic-file'

export interface StationConfigStore {
  get(): StationConfig
  /** Durable on return. Errors: VALUE_INVALID, which changes nothing. */
  set(change: Partial<StationConfig>): StationConfig
}

/**
 * Opens `<data>/factory/station.json`; without one the defaults hold. A file that is not valid is put aside as
 * `….broken`, and its fields that are valid by themselves still count. Errors: DATA_DAMAGED (cannot be read).
 */
export const openStationConfig = (path: string): StationConfigStore => {
  let current = load(path)
  return {
    get: () => current,
    set: (change) => {
      const next = stationConfigSchema.safeParse({ ...current, ...change })
      if (!next.success) {
        const detail = next.error.issues[0]?.path.join('.') ?? 'configuration'
        throw new IotmcError('VALUE_INVALID', { subject: 'station', detail, cause: next.error })
      }
      const twice = next.data.lanes.find((lane, i) => next.data.lanes.indexOf(lane) !== i)
      if (twice !== undefined)
        throw new IotmcError('VALUE_INVALID', { subject: twice, detail: 'a port has one lane only' })
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      writeFileDurably(path, `${JSON.stringify(next.data, null, 2)}\n`)
      current = Object.freeze(next.data)
      return current
    },
  }
}

const load = (path: string): StationConfig => {
  const text = readIfThere(path)
  if (text === undefined) return DEFAULT_STATION_CONFIG
  const stored = parse(text)
  const whole = stationConfigSchema.safeParse(stored)
  if (whole.success) return Object.freeze(whole.data)
  renameSync(path, `${path}.broken`)
  return Object.freeze({ ...DEFAULT_STATION_CONFIG, ...validFields(stored) })
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

const validFields = (stored: unknown): Partial<StationConfig> => {
  const partial = stationConfigSchema.partial()
  const valid: Partial<StationConfig> = {}
  if (typeof stored !== 'object' || stored === null) return valid
  for (const [name, value] of Object.entries(stored)) {
    const field = partial.safeParse({ [name]: value })
    if (field.success) Object.assign(valid, field.data)
  }
  return valid
}
