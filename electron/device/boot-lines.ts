/** What the boot step and the image that it started say on stdout: one JSON object in a line. */
import { z } from 'zod'
import { ROLLBACK_REASONS, SLOTS, type Slot } from '../contract/banks'

/** An image that was chosen, or runs. */
export interface RunningImage {
  readonly slot: Slot
  readonly version: string
}

const version = z.string().max(64)
const bootLineSchema = z.discriminatedUnion('event', [
  // The boot step's own.
  z.object({
    event: z.literal('booting'),
    slot: z.enum(SLOTS),
    version,
    rolledBack: z.enum(ROLLBACK_REASONS).optional(),
  }),
  z.object({ event: z.literal('no-bank'), detail: z.string().max(500).optional() }),
  z.object({ event: z.literal('started'), pid: z.number().int().min(1) }),
  z.object({ event: z.literal('ended') }),
  // The image's.
  z.object({ event: z.literal('running'), version }),
  z.object({ event: z.literal('alive') }),
  z.object({ event: z.literal('error'), code: z.string().max(64) }),
  z.object({ event: z.literal('health'), ok: z.boolean() }),
])
export type BootLine = z.infer<typeof bootLineSchema>

const LINE_MAX = 4096

/** Gathers text into lines. What is no line of these is dropped: an image may say what it likes. */
export class BootLines {
  private rest = ''

  constructor(private readonly take: (line: BootLine) => void) {}

  add(text: string): void {
    const lines = `${this.rest}${text}`.split('\n')
    // One that is too long stays too long to count.
    this.rest = (lines.pop() ?? '').slice(0, LINE_MAX + 1)
    for (const line of lines) {
      const said = line.length > LINE_MAX ? undefined : readLine(line)
      if (said) this.take(said)
    }
  }
}

const readLine = (text: string): BootLine | undefined => {
  try {
    return bootLineSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
