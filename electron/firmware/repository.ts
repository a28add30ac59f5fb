/** FirmwareRepository:1 of the controller: what is offered, what a device is told of it, and the files themselves. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { asIotmcError, IotmcError } from '../contract/errors'
import { type FirmwareBundle, firmwareVersionSchema } from '../contract/firmware'
import type { ActionHandler } from '../upnp/endpoint'
import { Blocks } from './repository-blocks'
import { type Served, type ServedFile, sendFile } from './repository-files'
import { compareVersions } from './version'

/** What the repository needs of the library. */
export interface RepositoryLibrary {
  get(id: string): FirmwareBundle | undefined
  files(id: string): { readonly manifest: string; readonly signature: string; readonly image: string }
}

export interface RepositoryOptions {
  readonly library: RepositoryLibrary
  /** Ids of the bundles that were offered when the program ended. */
  offered?(): readonly string[]
  readonly log?: (event: string, facts?: Readonly<Record<string, unknown>>) => void
}

/** Files of bundles are below it, on the secure side of the controller. */
export const FIRMWARE_PREFIX = '/firmware/'

const PATH = /^\/firmware\/([0-9a-f]{64})\/(manifest\.json|manifest\.p7s|image)$/
/** `FirmwareAvailable` is one event; its service description allows no more. */
const AVAILABLE_MAX_BYTES = 4096

const isNewer = (a: FirmwareBundle, b: FirmwareBundle): number =>
  compareVersions(b.manifest.version, a.manifest.version) ||
  b.manifest.releaseDate.localeCompare(a.manifest.releaseDate) ||
  b.addedAtMs - a.addedAtMs

const byRelease = (a: FirmwareBundle, b: FirmwareBundle): number =>
  b.manifest.releaseDate.localeCompare(a.manifest.releaseDate) || isNewer(a, b)

export class Repository {
  readonly #o: RepositoryOptions
  readonly #offered: Set<string>
  readonly #listeners = new Set<() => void>()
  readonly #blocks = new Blocks()

  constructor(options: RepositoryOptions) {
    this.#o = options
    this.#offered = new Set(options.offered?.() ?? [])
  }

  /** Ids that are offered and can be: still in the library, and nothing against them. */
  get offered(): readonly string[] {
    return this.#bundles().map((bundle) => bundle.id)
  }

  /** Downloads that run now. */
  get downloads(): number {
    return this.#blocks.taken
  }

  /** From now on devices find it. Throws BUNDLE_UNKNOWN, or the cause that speaks against the bundle. */
  offer(id: string): void {
    const bundle = this.#o.library.get(id)
    if (!bundle) throw new IotmcError('BUNDLE_UNKNOWN', { subject: id })
    if (bundle.problem) throw new IotmcError(bundle.problem.code, { subject: id })
    if (this.#offered.has(id)) return
    this.#offered.add(id)
    this.changed()
  }

  /** Devices no longer find it; downloads that run go on to their end. */
  withdraw(id: string): void {
    if (this.#offered.delete(id)) this.changed()
  }

  /** To be called too when the library or the trust in signers has changed. */
  changed(): void {
    for (const listener of this.#listeners) listener()
  }

  /** Called when `availability` may have changed; the returned function ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** JSON array of {model, version}, newest release first; where it is too long, superseded versions are left out first. */
  availability(): string {
    const seen = new Set<string>()
    const entries: { model: string; version: string }[] = []
    for (const { manifest } of [...this.#bundles()].sort(byRelease)) {
      const { model, version } = manifest
      const key = `${model}\0${version}`
      if (!seen.has(key)) entries.push({ model, version })
      seen.add(key)
    }
    while (Buffer.byteLength(JSON.stringify(entries)) > AVAILABLE_MAX_BYTES) {
      const superseded = entries.findLastIndex((entry) =>
        entries.some(
          (other) => other.model === entry.model && compareVersions(other.version, entry.version) > 0,
        ),
      )
      entries.splice(superseded < 0 ? entries.length - 1 : superseded, 1)
    }
    return JSON.stringify(entries)
  }

  /** Action name → handler; arguments have been checked against the SCPD before. */
  readonly actions: Readonly<Record<string, ActionHandler>> = {
    GetFirmwareInfo: (args) => {
      const { Model = '', HardwareRevision = '', CurrentVersion = '', WantedVersion = '' } = args
      const bundle = this.#choose(Model, HardwareRevision, CurrentVersion, WantedVersion)
      const { version, image, releaseDate, securityVersion } = bundle.manifest
      // Without a host: the device knows best by which address it reached us, zone and all.
      const base = `${FIRMWARE_PREFIX}${bundle.id}`
      return {
        Version: version,
        Size: String(image.size),
        Checksum: image.sha256,
        ReleaseDate: releaseDate,
        SecurityVersion: String(securityVersion),
        ManifestUrl: `${base}/manifest.json`,
        SignatureUrl: `${base}/manifest.p7s`,
        ImageUrl: `${base}/image`,
      }
    },
  }

  /** Answers a GET or HEAD for a file of an offered bundle; false for any other path, which is not answered then. */
  async serveFile(req: IncomingMessage, res: ServerResponse, path: string): Promise<boolean> {
    const [, id = '', name] = PATH.exec(path) ?? []
    const bundle = this.#offered.has(id) ? this.#o.library.get(id) : undefined
    if (!bundle || bundle.problem || !name) return false
    const startedMs = performance.now()
    try {
      await sendFile(req, res, this.#file(bundle, name as Served), this.#blocks)
      const ms = Math.round(performance.now() - startedMs)
      this.#o.log?.('firmware-served', { id, name, ms, status: res.statusCode, gone: res.destroyed })
    } catch (thrown) {
      const { code, detail } = asIotmcError(thrown, 'DATA_DAMAGED')
      this.#o.log?.('firmware-not-served', { id, name, code, detail })
      if (!res.headersSent) res.writeHead(500, { 'content-length': 0, connection: 'close' }).end()
    }
    return true
  }

  #file(bundle: FirmwareBundle, name: Served): ServedFile {
    const files = this.#o.library.files(bundle.id)
    const { size, sha256 } = bundle.manifest.image
    if (name === 'image') return { name, path: files.image, size, sha256 }
    // The id of a bundle is the hash of its manifest.
    if (name === 'manifest.json') return { name, path: files.manifest, sha256: bundle.id }
    return { name, path: files.signature }
  }

  #bundles(): FirmwareBundle[] {
    return [...this.#offered]
      .map((id) => this.#o.library.get(id))
      .filter((bundle): bundle is FirmwareBundle => bundle !== undefined && bundle.problem === undefined)
  }

  #choose(model: string, revision: string, current: string, wanted: string): FirmwareBundle {
    if (current && !wanted && !firmwareVersionSchema.safeParse(current).success) {
      throw new IotmcError('VALUE_INVALID', { subject: 'CurrentVersion', detail: 'not a version' })
    }
    const found = this.#bundles()
      .filter(({ manifest: m }) => m.model === model && m.hardwareRevisions.includes(revision))
      .filter(({ manifest: m }) =>
        wanted ? m.version === wanted : !current || compareVersions(m.version, current) > 0,
      )
      .sort(isNewer)[0]
    if (!found) throw new IotmcError('VERSION_NOT_OFFERED', { subject: model })
    return found
  }
}
