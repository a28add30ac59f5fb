/** What a device prints between packets, as lines fit to show: bounded, without control characters. */
import { SMP_LIMITS } from '../contract/smp'

/** Colours and cursor movements of terminals. */
const ESCAPES = new RegExp(`${String.fromCharCode(27)}(\\[[0-?]*[ -/]*[@-~]|[@-Z\\\\-_])`, 'g')
const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu

/** One line for a person: escapes and controls gone, cut to length. */
export const cleanLine = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('utf8')
    .replace(ESCAPES, '')
    .replace(/\t/g, ' ')
    .replace(CONTROLS, '')
    .trimEnd()
    .slice(0, SMP_LIMITS.logLineMaxBytes)

/** The last lines, oldest first. */
export class LastLines {
  readonly #lines: string[] = []

  get lines(): readonly string[] {
    return this.#lines
  }

  add(line: string): void {
    this.#lines.push(line)
    if (this.#lines.length > SMP_LIMITS.logLinesKept) this.#lines.shift()
  }
}
