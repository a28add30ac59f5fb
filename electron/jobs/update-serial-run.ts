/** One run of an update over a cable: the session, the board at its end, and the image that is to run there. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { IotmcError } from '../contract/errors'
import type { Manifest } from '../contract/firmware'
import { type JobNote, jobNote, jobNoteText } from '../contract/job-notes'
import { McubootCheck } from '../firmware/mcuboot-check'
import type { SmpSession } from '../serial/smp-session'
import type { StepContext } from './step'
import type { Asking } from './update-serial-ask'
import { readBoard, readSlots, type SerialBoard, type SerialSlot } from './update-serial-look'
import type { UpdateSerialTools } from './update-serial-tools'

/** The image of the bundle, checked on this laptop. */
export interface CheckedImage {
  readonly manifest: Manifest
  readonly bytes: Buffer
  /** What the device lists it by: SHA-256 of header, payload and protected trailer, hex. */
  readonly hash: string
}

/** The device's slots as they are now, seen from the image. */
export interface Standing {
  readonly slots: readonly SerialSlot[]
  /** Undefined where nothing runs: a bootloader answers in its place, to be repaired. */
  readonly active: SerialSlot | undefined
  /** The slot that lists the image, the running one first. */
  readonly ours: SerialSlot | undefined
  /** Whether the image is what runs. */
  readonly runs: boolean
}

/** How the journal names a board, so that a later step finds that another one is connected. */
export const boardTold = (board: SerialBoard | undefined): JobNote =>
  board
    ? jobNote('board', {
        model: board.model,
        revision: board.hardwareRevision,
        id: board.hardwareId.slice(0, 16),
      })
    : jobNote('board-silent')

/** As it stands in the journal. */
const boardNote = (board: SerialBoard | undefined): string => jobNoteText(boardTold(board), 'en') ?? ''

/** The note that a step left in the journal. */
const noteOf = (ctx: StepContext, step: string): string | undefined =>
  ctx.job.steps.find(({ name }) => name === step)?.note

export class SerialRun {
  private opened: SmpSession | undefined
  private wasOpen = false
  private image: CheckedImage | undefined

  constructor(
    readonly tools: UpdateSerialTools,
    readonly path: string,
    private readonly bundleId: string,
  ) {}

  /** The session: opened when first needed, anew when it broke, closed when the run ends. */
  async session({ signal }: StepContext): Promise<SmpSession> {
    if (this.opened) return this.opened
    const { session } = await this.tools.openSerial(this.path, signal).catch((thrown: unknown) => {
      if (this.wasOpen && thrown instanceof IotmcError && thrown.code === 'SERIAL_PORT_MISSING')
        throw new IotmcError('SERIAL_UNPLUGGED', { subject: this.path, cause: thrown })
      throw thrown
    })
    this.opened = session
    this.wasOpen = true
    const close = () => void session.close().catch(() => undefined)
    signal.addEventListener('abort', close, { once: true })
    if (signal.aborted) close()
    void session.closed.then(() => {
      signal.removeEventListener('abort', close)
      if (this.opened === session) this.opened = undefined
    })
    return session
  }

  /** As `session`, to ask with. */
  async asking(ctx: StepContext): Promise<Asking> {
    return { session: await this.session(ctx), clock: this.tools.clock, signal: ctx.signal }
  }

  /** Drops the session: what answers next is asked afresh what it is. */
  async hangUp(): Promise<void> {
    const session = this.opened
    this.opened = undefined
    await session?.close().catch(() => undefined)
  }

  /** The board, by its own word. Errors: FROZEN, OTHER_DEVICE when it is not the one that the first step found. */
  async board(ctx: StepContext): Promise<SerialBoard | undefined> {
    const board = await readBoard(await this.asking(ctx))
    if (board) this.tools.requireFree(board)
    const first = noteOf(ctx, 'connect')
    if (first === undefined || first === boardNote(board)) return board
    throw new IotmcError('OTHER_DEVICE', {
      subject: this.path,
      detail: `${boardNote(board)} is connected now`,
    })
  }

  /** How the same board stands now. Errors: OTHER_DEVICE. */
  async standing(ctx: StepContext): Promise<Standing> {
    await this.board(ctx)
    const { hash } = await this.checkedImage()
    const slots = await readSlots(await this.asking(ctx))
    const active = slots.find((slot) => slot.active)
    const runs = active?.hash === hash
    return { slots, active, ours: runs ? active : slots.find((slot) => slot.hash === hash), runs }
  }

  /** Reads and checks the image once a run. Errors: BUNDLE_UNKNOWN, HASH_MISMATCH, IMAGE_TRUNCATED, IMAGE_INVALID. */
  async checkedImage(): Promise<CheckedImage> {
    this.image ??= await this.loadImage()
    return this.image
  }

  private async loadImage(): Promise<CheckedImage> {
    const bundle = this.tools.bundle(this.bundleId)
    if (!bundle) throw new IotmcError('BUNDLE_UNKNOWN', { subject: this.bundleId.slice(0, 8) })
    const { manifest, imagePath, keys } = bundle
    const subject = `${manifest.model} ${manifest.version}`
    if (manifest.image.format !== 'mcuboot')
      throw new IotmcError('IMAGE_INVALID', { subject, detail: 'a cable takes MCUboot images only' })
    const bytes = await readFile(imagePath)
    if (bytes.length !== manifest.image.size)
      throw new IotmcError('IMAGE_TRUNCATED', {
        subject,
        detail: `${bytes.length} of ${manifest.image.size} bytes`,
      })
    if (createHash('sha256').update(bytes).digest('hex') !== manifest.image.sha256)
      throw new IotmcError('HASH_MISMATCH', { subject })
    const { version, securityVersion } = manifest
    const check = new McubootCheck({ version, securityVersion, size: bytes.length, keys })
    check.write(bytes)
    return { manifest, bytes, hash: check.end().hash.toString('hex') }
  }
}
