/** The bundles that this laptop keeps, each a folder named by its id. There is either all of a bundle or none of it. */
import { statSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { asIotmcError, IotmcError } from '../contract/errors'
import type { FirmwareBundle, FirmwareLibrary, FirmwareSigner } from '../contract/firmware'
import { FIRMWARE_LIMITS } from '../contract/timings'
import { syncFolder, writeFileDurably } from '../identity/atomic-file'
import type { TrustStore } from '../identity/trust'
import { bundleId, type CheckedBundle, readBundle } from './bundle'
import { describeSigner, type FirmwareTrust, judgeSigner, signerTrust } from './cms'
import { type BundleFiles, filesIn, type KeptBundle, readKept, writeAdded } from './library-folder'

export type { BundleFiles } from './library-folder'

const ADDING = '.adding-'
const REMOVING = '.removing-'
/** Left free on the disk beside a bundle. */
const SPARE_BYTES = 1024 * 1024

export interface LibraryOptions {
  /** Asked at each judgement, so that a change counts at once. */
  readonly trust: () => FirmwareTrust
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Free bytes for this person where the folder lies; the disk's own figure unless told otherwise. */
  readonly freeBytes?: (folder: string) => Promise<number>
}

export interface AddOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void
}

/** One process has a library open at a time. */
export class Library {
  readonly #folder: string
  readonly #o: LibraryOptions
  readonly #trust: TrustStore
  readonly #kept = new Map<string, KeptBundle>()
  /** Additions and removals go one after another. */
  #last: Promise<unknown> = Promise.resolve()

  private constructor(folder: string, o: LibraryOptions) {
    this.#folder = folder
    this.#o = o
    this.#trust = signerTrust(o.trust, o.now)
  }

  /** Makes the folder where there is none; what an addition or a removal that was cut short left there goes away. */
  static async open(folder: string, o: LibraryOptions): Promise<Library> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const library = new Library(folder, o)
    for (const name of await readdir(folder)) {
      const path = join(folder, name)
      if (name.startsWith(ADDING) || name.startsWith(REMOVING))
        await rm(path, { recursive: true, force: true })
      else if (/^[0-9a-f]{64}$/.test(name)) {
        // A damaged one is left where it is, unlisted: adding its bundle again puts it right.
        const kept = readKept(path, name)
        if (kept) library.#kept.set(name, kept)
      }
    }
    return library
  }

  /** All bundles, newest first, each judged anew. */
  async list(): Promise<FirmwareLibrary> {
    const bundles = [...this.#kept.values()].map((kept) => this.#view(kept))
    bundles.sort((a, b) => b.addedAtMs - a.addedAtMs || (a.id < b.id ? -1 : 1))
    return {
      bundles,
      usedBytes: bundles.reduce((sum, { bytes }) => sum + bytes, 0),
      freeBytes: await this.#freeBytes(),
    }
  }

  /** One bundle, judged anew. */
  get(id: string): FirmwareBundle | undefined {
    const kept = this.#kept.get(id)
    return kept && this.#view(kept)
  }

  /** Paths of a bundle's files. Throws BUNDLE_UNKNOWN. */
  files(id: string): BundleFiles {
    if (!this.#kept.has(id)) throw new IotmcError('BUNDLE_UNKNOWN', { subject: id.slice(0, 8) })
    return filesIn(join(this.#folder, id))
  }

  /** Checks a bundle and keeps it; one that is there already stays as it is. Throws as readBundle does, and NO_SPACE. */
  add(path: string, o: AddOptions = {}): Promise<FirmwareBundle> {
    return this.#inTurn(async () => {
      const id = await bundleId(path)
      const kept = this.#kept.get(id)
      if (kept && !imageProblem(kept)) {
        // The same manifest; whether this file is whole is still worth saying.
        await this.#read(path, o)
        return this.#view(kept)
      }
      await this.#checkRoom(path)
      return this.#view(await this.#keep(path, id, o))
    })
  }

  /** Throws BUNDLE_UNKNOWN; BUSY where the system does not let it go now. */
  remove(id: string): Promise<void> {
    return this.#inTurn(async () => {
      this.files(id)
      const aside = join(this.#folder, `${REMOVING}${id}`)
      try {
        await rename(join(this.#folder, id), aside)
      } catch (cause) {
        throw new IotmcError('BUSY', { subject: id.slice(0, 8), cause })
      }
      this.#kept.delete(id)
      syncFolder(this.#folder)
      // What can not be removed now goes when the library is opened again.
      await rm(aside, { recursive: true, force: true }).catch(() => undefined)
    })
  }

  async #keep(path: string, id: string, o: AddOptions): Promise<KeptBundle> {
    const aside = join(this.#folder, `${ADDING}${id}`)
    const target = join(this.#folder, id)
    try {
      await rm(aside, { recursive: true, force: true })
      await mkdir(aside, { mode: 0o700 })
      const files = filesIn(aside)
      const checked = await this.#read(path, { ...o, imageTo: files.image })
      if (checked.id !== id)
        throw new IotmcError('BUNDLE_INVALID', { subject: path, detail: 'it changed meanwhile' })
      writeFileDurably(files.manifest, checked.manifestBytes)
      writeFileDurably(files.signature, checked.signatureBytes)
      writeAdded(aside, this.#o.now())
      syncFolder(aside)
      await rm(target, { recursive: true, force: true })
      await rename(aside, target)
      syncFolder(this.#folder)
    } catch (thrown) {
      await rm(aside, { recursive: true, force: true })
      const full = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC'
      throw full ? noSpace('the disk is full', thrown) : asIotmcError(thrown)
    }
    const kept = readKept(target, id)
    if (!kept) throw new IotmcError('DATA_DAMAGED', { subject: target, detail: 'it can not be read back' })
    this.#kept.set(id, kept)
    return kept
  }

  #read(path: string, o: AddOptions & { readonly imageTo?: string }): Promise<CheckedBundle> {
    return readBundle(path, { ...o, ...this.#o.trust(), now: this.#o.now() })
  }

  async #checkRoom(path: string): Promise<void> {
    if (this.#kept.size >= FIRMWARE_LIMITS.bundlesMax)
      throw noSpace(`the library holds ${FIRMWARE_LIMITS.bundlesMax} bundles, which is all it takes`)
    const { size } = await stat(path)
    const free = await this.#freeBytes()
    if (free < size + SPARE_BYTES) throw noSpace(`${size + SPARE_BYTES} bytes are needed, ${free} are free`)
  }

  async #freeBytes(): Promise<number> {
    if (this.#o.freeBytes) return this.#o.freeBytes(this.#folder)
    const { bavail, bsize } = await statfs(this.#folder)
    return bavail * bsize
  }

  #view(kept: KeptBundle): FirmwareBundle {
    const { id, manifest, bytes, addedAtMs } = kept
    const { signer, problem } = this.#judge(kept)
    return { id, manifest, signer, ...(problem ? { problem } : {}), bytes, addedAtMs }
  }

  #judge(kept: KeptBundle): { signer: FirmwareSigner; problem?: FirmwareBundle['problem'] } {
    try {
      const signer = judgeSigner(kept.signature, this.#trust)
      const problem = imageProblem(kept)
      return { signer, ...(problem ? { problem } : {}) }
    } catch (thrown) {
      const { code, detail } = asIotmcError(thrown)
      return {
        signer: describeSigner(kept.signature.signer),
        problem: { code, ...(detail ? { detail } : {}) },
      }
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }
}

// Only its length: the hash is checked when it was added, and by every device that takes it.
const imageProblem = ({ files, manifest }: KeptBundle): FirmwareBundle['problem'] => {
  const size = statSync(files.image, { throwIfNoEntry: false })?.size
  if (size === manifest.image.size) return undefined
  return { code: 'IMAGE_TRUNCATED', detail: `${size ?? 0} of ${manifest.image.size} bytes on this laptop` }
}

const noSpace = (detail: string, cause?: unknown): IotmcError =>
  new IotmcError('NO_SPACE', { subject: 'This laptop', detail, cause })
