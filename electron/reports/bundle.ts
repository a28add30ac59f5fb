/** Writes a diagnostics bundle: one ZIP of parts that are made one after another, each without secrets and of bounded size. */
import { rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { asIotmcError, IotmcError } from '../contract/errors'
import { writeZip, type ZipEntry } from '../store/zip-write'
import { KeyBlocks } from './key-blocks'
import type { Redactor } from './redact'

/** Text of one file in the bundle: a value as JSON, lines of JSON, or lines of plain text. */
export type BundlePart =
  | { readonly name: string; readonly json: () => unknown | Promise<unknown> }
  | {
      readonly name: string
      readonly jsonLines: (signal: AbortSignal) => AsyncIterable<string> | Iterable<string>
    }
  | {
      readonly name: string
      readonly text: (signal: AbortSignal) => AsyncIterable<string> | Iterable<string>
    }

/** What could not be had, and why. */
export interface Missing {
  readonly udn?: string
  readonly what: string
  /** An error code, or one word. */
  readonly reason: string
}

export interface BundleHead {
  readonly scope: unknown
  readonly madeAt: string
  readonly program: string
  readonly missing: readonly Missing[]
}

export const INDEX = 'index.json'
export interface BundleLimits {
  readonly partChars: number
  readonly allChars: number
}
/** Characters of one part, and of a whole bundle, before they are packed. The newest lines are kept. */
const BUNDLE_LIMITS: BundleLimits = { partChars: 16 * 1024 * 1024, allChars: 512 * 1024 * 1024 }
const TOO_MANY_SECRETS =
  'There were more secrets than are looked for by their value: some may stand where neither a name nor their look tells.'
/** Lines between two turns of the event loop. */
const TURN = 100

/** There is all of the file or none. Errors: CANCELLED, FILE_INVALID. */
export const writeBundle = async (
  out: string,
  head: BundleHead,
  parts: readonly BundlePart[],
  o: { readonly redactor: Redactor; readonly signal: AbortSignal; readonly limits?: BundleLimits },
): Promise<void> => {
  const writing = new Writing(o.redactor, o.signal, o.limits ?? BUNDLE_LIMITS)
  const entries: ZipEntry[] = parts.map((part) => ({
    name: part.name,
    open: () => Readable.from(writing.lines(part), { objectMode: false }),
  }))
  // The last: only then is it known what became of the others.
  entries.push({ name: INDEX, open: () => Readable.from([writing.index(head)], { objectMode: false }) })
  try {
    await writeZip(out, entries, { compress: true, mode: 0o600, signal: o.signal })
  } catch (thrown) {
    await rm(out, { force: true })
    throw thrown
  }
}

class Writing {
  private readonly files: { name: string; chars: number }[] = []
  private readonly cut: { name: string; reason: string }[] = []
  private all = 0

  constructor(
    private readonly redactor: Redactor,
    private readonly signal: AbortSignal,
    private readonly limits: BundleLimits,
  ) {}

  async *lines(part: BundlePart): AsyncGenerator<string> {
    let chars = 0
    try {
      for await (const text of this.clean(part)) {
        this.signal.throwIfAborted()
        chars += text.length
        this.all += text.length
        yield text
      }
    } catch (thrown) {
      // A source that fails costs its own part, never the bundle; a cancel ends all of it.
      if (this.signal.aborted) throw new IotmcError('CANCELLED', { cause: this.signal.reason })
      this.cut.push({ name: part.name, reason: asIotmcError(thrown).code })
    }
    this.files.push({ name: part.name, chars })
  }

  index(head: BundleHead): string {
    const { files, cut } = this
    const about = {
      format: 1,
      kind: 'diagnostics-bundle',
      ...head,
      secrets: 'Secrets were taken out of every file and stand as [redacted].',
      ...(this.redactor.full ? { secretsBeyondLimit: TOO_MANY_SECRETS } : {}),
      files,
      cut,
    }
    return `${this.redactor.json(about, 2)}\n`
  }

  private async *clean(part: BundlePart): AsyncGenerator<string> {
    if ('json' in part) {
      yield `${this.redactor.json(await part.json(), 2)}\n`
      return
    }
    const source = 'jsonLines' in part ? part.jsonLines(this.signal) : part.text(this.signal)
    const keys = new KeyBlocks()
    let count = 0
    for await (const line of this.newest(part.name, keys.without(linesOf(source)))) {
      yield `${'jsonLines' in part ? this.redactor.line(line) : this.redactor.text(line)}\n`
      count += 1
      if (count % TURN === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** The last lines that fit; what was left out is told in the index. */
  private async *newest(name: string, lines: AsyncIterable<string>): AsyncGenerator<string> {
    const most = Math.max(0, Math.min(this.limits.partChars, this.limits.allChars - this.all))
    const kept: string[] = []
    let from = 0
    let chars = 0
    let failure: unknown
    try {
      for await (const line of lines) {
        kept.push(line)
        chars += line.length + 1
        for (; chars > most && from < kept.length; from += 1) chars -= (kept[from]?.length ?? 0) + 1
        // What was passed over must not stay in memory.
        if (from > 10_000) {
          kept.splice(0, from)
          from = 0
          this.tooLarge(name)
        }
      }
    } catch (thrown) {
      failure = thrown
    }
    if (from > 0) this.tooLarge(name)
    yield* kept.slice(from)
    // What came before it broke off is worth having.
    if (failure !== undefined) throw failure
  }

  private tooLarge(name: string): void {
    if (!this.cut.some((one) => one.name === name)) this.cut.push({ name, reason: 'too-large' })
  }
}

/** Whole lines out of pieces that end anywhere; empty ones are passed over. */
async function* linesOf(pieces: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of pieces) {
    const lines = (rest + piece).split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield line
  }
  if (rest !== '') yield rest
}
