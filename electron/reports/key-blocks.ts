/** Private keys that go over several lines of a text whose lines are looked at one by one. */
import { REDACTED } from '../log'

const BEGIN = /-----BEGIN [A-Z ]*PRIVATE KEY-----(?![\s\S]*-----END [A-Z ]*PRIVATE KEY-----)/
const END = /-----END [A-Z ]*PRIVATE KEY-----/
/** A key of 16,384 bits has fewer; one that never ends takes no more than that of the text with it. */
const LINES_MAX = 250

export class KeyBlocks {
  private left = 0

  /** The lines, without those inside of a key. A line of JSON ends a key: its writer would have kept it on one line. */
  async *without(lines: AsyncIterable<string>): AsyncGenerator<string> {
    for await (const line of lines) {
      const outside = this.outside(line)
      if (outside !== undefined) yield outside
    }
  }

  private outside(line: string): string | undefined {
    if (line.startsWith('{')) this.left = 0
    if (this.left === 0) return this.begins(line)
    const end = END.exec(line)
    if (!end) {
      this.left -= 1
      return undefined
    }
    this.left = 0
    return this.begins(`${REDACTED}${line.slice(end.index + end[0].length)}`)
  }

  /** Of the line on which a key begins, the redactor takes what follows. */
  private begins(line: string): string {
    if (!line.startsWith('{') && BEGIN.test(line)) this.left = LINES_MAX
    return line
  }
}
