/** The bytes of one image on their way into the standby bank, hashed as they come. */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { asIotmcError, type ErrorCode, IotmcError } from '../contract/errors'
import type { Manifest } from '../contract/firmware'
import type { BankStore } from './bank-store'
import type { BankWriter } from './bank-writer'
import type { FaultSwitch } from './fault-switch'
import type { FirmwareOffer, FirmwareSource, ImageSink } from './firmware-source'
import { throwIfStopped } from './inbox'

export interface FillTools {
  readonly banks: BankStore
  readonly faults: FaultSwitch
  readonly source: FirmwareSource
}

/** Errors that no further attempt would change, whatever their code. */
const FINAL = new WeakSet<IotmcError>()
/** Whether an attempt more would end the same. */
export const isFinal = (error: IotmcError): boolean => FINAL.has(error)
/** Throws an error for good. */
export const final = (thrown: unknown): never => {
  const error = asIotmcError(thrown)
  FINAL.add(error)
  throw error
}
const refuse = (code: ErrorCode, detail: string): never => final(new IotmcError(code, { detail }))

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])
/** What the device's own disk refuses, no other attempt would change. NO_SPACE where it is full. */
export const onDisk = (write: () => void): void => {
  try {
    write()
  } catch (thrown) {
    const { code = '' } = ((thrown as Error).cause ?? {}) as NodeJS.ErrnoException
    final(FULL.has(code) ? new IotmcError('NO_SPACE', { detail: code, cause: thrown }) : thrown)
  }
}

/**
 * Fills the bank up to the whole image, from where it stands. What it throws is `isFinal`, or may be tried again: the
 * bank then holds what has come, or nothing where that was damaged.
 */
export const fillBank = async (
  { banks, faults, source }: FillTools,
  { image }: Manifest,
  offer: FirmwareOffer,
  writer: BankWriter,
  signal: AbortSignal,
): Promise<void> => {
  // Counted here: asking the disk for each part would cost more than writing it.
  let { received } = writer
  const before = received
  let hash = await hashSoFar(banks.paths(banks.standby).image, before, signal)
  let verdict: IotmcError | undefined
  /** What lies in the image itself is no fault of the connection, and survives whatever that makes of errors. */
  const judged = (check: () => void): void => {
    try {
      check()
    } catch (thrown) {
      const error = asIotmcError(thrown)
      if (FINAL.has(error)) verdict = error
      throw error
    }
  }
  const sink: ImageSink = {
    begin: (at, totalBytes) =>
      judged(() => {
        if (totalBytes < image.size) refuse('IMAGE_TRUNCATED', `${totalBytes} of ${image.size} bytes`)
        if (totalBytes > image.size) refuse('HASH_MISMATCH', `${totalBytes} instead of ${image.size} bytes`)
        if (at === received) return
        if (at !== 0) throw new IotmcError('BAD_ANSWER', { detail: 'another range than asked for' })
        onDisk(() => startOver(banks, writer))
        hash = createHash('sha256')
        received = 0
      }),
    take: (part) =>
      judged(() => {
        throwIfStopped(signal)
        if (received + part.length > image.size) refuse('HASH_MISMATCH', 'more bytes than announced')
        if (faults.once('disk-full')) refuse('NO_SPACE', 'ENOSPC')
        onDisk(() => writer.append(part))
        hash.update(part)
        received += part.length
        if (received >= image.size / 2) faults.dieOnce('die-in-download')
      }),
  }
  if (received < image.size)
    await source.image(offer, received, sink, signal).catch((thrown: unknown) => {
      throw verdict ?? thrown
    })
  throwIfStopped(signal)
  if (received < image.size) throw new IotmcError('IMAGE_TRUNCATED', { detail: 'cut short' })
  const found = hash.digest('hex')
  if (found === image.sha256) return
  if (before === 0) refuse('HASH_MISMATCH', `the image has ${found.slice(0, 16)}`)
  // What lay there from before may be what is wrong, as after a power cut: once more from the start.
  onDisk(() => startOver(banks, writer))
  throw new IotmcError('BAD_ANSWER', { detail: 'the bytes that lay in the bank were damaged' })
}

/** Throws away the image alone: `reset` takes all of the bank's files, and the manifest has to lie there again. */
const startOver = (banks: BankStore, writer: BankWriter): void => {
  const { manifest, signature } = banks.paths(banks.standby)
  const [kept, signed] = [readFileSync(manifest), readFileSync(signature)]
  writer.reset()
  writer.putManifest(kept, signed)
}

const hashSoFar = async (path: string, bytes: number, signal: AbortSignal): Promise<Hash> => {
  const hash = createHash('sha256')
  if (bytes === 0) return hash
  for await (const part of createReadStream(path, { end: bytes - 1, signal })) hash.update(part)
  return hash
}
