/** Files of one bundle as answers to GET and HEAD: from disk, whole or in part, never other bytes than were offered. */
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { IotmcError } from '../contract/errors'
import { FIRMWARE_LIMITS } from '../contract/timings'
import type { Blocks } from './repository-blocks'
import { pump } from './repository-pump'
import { partOf } from './repository-range'

export type Served = 'manifest.json' | 'manifest.p7s' | 'image'

const TYPES: Readonly<Record<Served, string>> = {
  'manifest.json': 'application/json',
  'manifest.p7s': 'application/pkcs7-signature',
  image: 'application/octet-stream',
}

/** What a file must be: `sha256` as hex, absent for the signature, whose hash nobody has written down. */
export type ServedFile =
  | { readonly name: 'image'; readonly path: string; readonly size: number; readonly sha256: string }
  | { readonly name: Exclude<Served, 'image'>; readonly path: string; readonly sha256?: string }

/** An open file: `send` writes a part of it and ends the answer. */
interface Source {
  readonly size: number
  readonly etag: string
  send(res: ServerResponse, part: { readonly from: number; readonly length: number }): Promise<void>
  close(): Promise<void>
}

const SMALL_MAX_BYTES = Math.max(FIRMWARE_LIMITS.manifestMaxBytes, FIRMWARE_LIMITS.signatureMaxBytes)

const changed = (name: Served): IotmcError =>
  new IotmcError('DATA_DAMAGED', { subject: name, detail: 'changed on disk since it was offered' })

/** An image is known by its size, since its hash is the device's to check; the small files are hashed at each request. */
const openSource = async (file: ServedFile, blocks: Blocks): Promise<Source> => {
  const handle = await open(file.path, 'r')
  let streams = false
  try {
    const { size } = await handle.stat()
    if (file.name === 'image') {
      if (size !== file.size) throw changed(file.name)
      streams = true
      return {
        size,
        etag: `"${file.sha256}"`,
        send: (res, part) => pump(handle, res, part, blocks),
        close: () => handle.close(),
      }
    }
    if (size > SMALL_MAX_BYTES) throw changed(file.name)
    const bytes = await handle.readFile()
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    if (file.sha256 !== undefined && file.sha256 !== sha256) throw changed(file.name)
    return {
      size: bytes.length,
      etag: `"${sha256}"`,
      send: async (res, { from, length }) => void res.end(bytes.subarray(from, from + length)),
      close: async () => undefined,
    }
  } finally {
    if (!streams) await handle.close()
  }
}

/**
 * Answers 200, 206, 304, 412 or 416. Resolves when the file is closed: after the last byte or when the client goes away.
 * Rejects before any byte of the answer with DATA_DAMAGED or the file's own error; a failure later destroys the answer.
 */
export const sendFile = async (
  req: IncomingMessage,
  res: ServerResponse,
  file: ServedFile,
  blocks: Blocks,
): Promise<void> => {
  const source = await openSource(file, blocks)
  try {
    const { size, etag } = source
    const part = partOf(req.method, req.headers, source)
    const about = { etag, 'accept-ranges': 'bytes', 'cache-control': 'private, no-cache' }
    if (!('from' in part)) {
      const range = part.status === 416 ? { 'content-range': `bytes */${size}` } : {}
      const length = part.status === 304 ? {} : { 'content-length': 0 }
      res.writeHead(part.status, { ...about, ...range, ...length }).end()
      return
    }
    const { from, length } = part
    res.writeHead(part.status, {
      ...about,
      'content-type': TYPES[file.name],
      'content-length': length,
      ...(part.status === 206 ? { 'content-range': `bytes ${from}-${from + length - 1}/${size}` } : {}),
    })
    if (req.method === 'HEAD') res.end()
    else await source.send(res, part)
  } catch (thrown) {
    // The announced length can't be kept any more: only a broken connection tells the truth.
    if (res.headersSent) res.destroy()
    throw thrown
  } finally {
    await source.close()
  }
}
