/** Our own service descriptions, from resources/scpd/: the single source of names, types and roles. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { IotmcError } from '../contract/errors'
import type { ServiceName } from '../contract/names'
import { parseScpd, type Scpd } from './scpd'

/** The sources, the built program and the packaged one keep `resources` at different heights above this file. */
const LEVELS_MAX = 5

const findFolder = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (let level = 0; level < LEVELS_MAX; level++) {
    const candidate = join(folder, 'resources', 'scpd')
    if (existsSync(join(candidate, 'Lifecycle.xml'))) return candidate
    folder = dirname(folder)
  }
  const { resourcesPath } = process as { resourcesPath?: string }
  return join(resourcesPath ?? process.cwd(), 'scpd')
}

let folder: string | undefined
const bytesOf = new Map<ServiceName, Buffer>()
const parsed = new Map<ServiceName, Scpd>()

/** The file as it is served. Throws DATA_DAMAGED where the installation lacks it. */
export const readScpdFile = (name: ServiceName): Buffer => {
  const known = bytesOf.get(name)
  if (known) return known
  folder ??= findFolder()
  try {
    const bytes = readFileSync(join(folder, `${name}.xml`))
    bytesOf.set(name, bytes)
    return bytes
  } catch (cause) {
    throw new IotmcError('DATA_DAMAGED', { subject: `resources/scpd/${name}.xml`, detail: 'missing', cause })
  }
}

/** The service description of one of our six services; read once. */
export const loadScpd = (name: ServiceName): Scpd => {
  const known = parsed.get(name)
  if (known) return known
  const scpd = parseScpd(readScpdFile(name))
  parsed.set(name, scpd)
  return scpd
}
