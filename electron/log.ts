/** The program's own log: JSON lines in `<data>/logs/`, bounded in size, with secrets taken out. Free of Electron. */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'

type Fields = Readonly<Record<string, unknown>>
type Write = (fields: Fields, message: string) => void

/** Level methods take fields first, then a fixed sentence: what varies belongs in fields, where it is redacted. */
export interface Log {
  readonly debug: Write
  readonly info: Write
  readonly warn: Write
  readonly error: Write
}

/** Names of fields whose values are never written. */
export const SECRET_KEY =
  /pass(phrase|word)|secret|credential|setup.?code|private|key.?pem|pkcs12|token|^authorization$|^key$/i
const SECRET_TEXT = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g
/** What stands in the place of a secret. */
export const REDACTED = '[redacted]'
const DEPTH_MAX = 6
const TEXT_MAX = 4096

const redactError = (error: Error, depth: number): unknown => ({
  ...(redact({ ...error }, depth) as object),
  name: error.name,
  message: redact(error.message, depth),
  stack: redact(error.stack, depth),
  ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
})

/** A copy that is safe to write: values under secret names and private keys in texts are gone, bytes are counted. */
export const redact = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return value.replace(SECRET_TEXT, REDACTED).slice(0, TEXT_MAX)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (depth >= DEPTH_MAX) return '[deeper]'
  if (value instanceof Error) return redactError(value, depth)
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redact(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      SECRET_KEY.test(key) ? REDACTED : redact(item, depth + 1),
    ]),
  )
}

export interface LogFileOptions {
  readonly dir: string
  readonly name: string
  /** Size of one file before the next is begun; in all `keep + 1` files stay. */
  readonly maxBytes: number
  readonly keep: number
}

/** Appends at once (a crash must not eat the last lines) and moves full files to `name.1.log`, `name.2.log`, … */
export class LogFile {
  readonly #o: LogFileOptions
  #fd: number
  #size: number

  constructor(options: LogFileOptions) {
    this.#o = options
    mkdirSync(options.dir, { recursive: true })
    this.#fd = openSync(this.#path(0), 'a', 0o600)
    this.#size = fstatSync(this.#fd).size
  }

  /** Never throws: a full disk must not stop the work that is being logged. */
  write(line: string): void {
    try {
      if (this.#size + line.length > this.#o.maxBytes && this.#size > 0) this.#turn()
      this.#size += writeSync(this.#fd, line)
    } catch {
      // Nothing better can be done with a line that cannot be written.
    }
  }

  close(): void {
    closeSync(this.#fd)
  }

  #turn(): void {
    closeSync(this.#fd)
    rmSync(this.#path(this.#o.keep), { force: true })
    for (let n = this.#o.keep; n > 0; n--) {
      try {
        renameSync(this.#path(n - 1), this.#path(n))
      } catch {
        // That one does not exist yet.
      }
    }
    this.#fd = openSync(this.#path(0), 'a', 0o600)
    this.#size = fstatSync(this.#fd).size
  }

  #path(n: number): string {
    return join(this.#o.dir, n === 0 ? `${this.#o.name}.log` : `${this.#o.name}.${n}.log`)
  }
}

/** A log that writes redacted JSON lines to anything with `write`. */
export const createLog = (destination: { write(line: string): void }, level: pino.Level = 'info'): Log => {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redact(fields) as Record<string, unknown>,
      },
      serializers: { err: (already: unknown) => already },
    },
    destination,
  )
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  }
}

/** The program's log in `<dataDir>/logs/`, at most about 8 MiB in all. */
export const openLog = (
  dataDir: string,
  name = 'technician',
  level: pino.Level = 'info',
): Log & { close(): void } => {
  const file = new LogFile({ dir: join(dataDir, 'logs'), name, maxBytes: 2 * 1024 * 1024, keep: 3 })
  return { ...createLog(file, level), close: () => file.close() }
}
