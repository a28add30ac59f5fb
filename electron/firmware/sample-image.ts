/**
 * Firmware for the reference device to run: a program of one ES module, without any import but Node's own, that tells how
 * it does in JSON lines on stdout and ends with its stdin. Each bad behaviour is one that real images have shown.
 */
import { FIRMWARE_TIMINGS } from '../contract/timings'

/** crash: exits with 1 at once. crash-later: runs first. silent: never says that it runs. hang: runs, then no sign of life. */
export const BEHAVIOURS = ['healthy', 'crash', 'crash-later', 'error', 'hang', 'silent', 'unhealthy'] as const
export type Behaviour = (typeof BEHAVIOURS)[number]

export interface SampleImage {
  readonly version: string
  readonly behaviour: Behaviour
  /** Bytes of padding after the program, so that the image has a size worth downloading. */
  readonly padBytes?: number
  /** From "running" until it misbehaves, or tells of its good health. */
  readonly afterMs?: number
  /** Between two signs of life. */
  readonly aliveEveryMs?: number
}

const PAD_LINE = `//${'='.repeat(77)}\n`

/** The image as a file's bytes: UTF-8 text of an ES module. */
export const sampleImage = (o: SampleImage): Buffer => {
  const facts = {
    version: o.version,
    behaviour: o.behaviour,
    afterMs: o.afterMs ?? 100,
    aliveEveryMs: o.aliveEveryMs ?? FIRMWARE_TIMINGS.aliveEveryMs,
  }
  return Buffer.concat([
    Buffer.from(`const facts = ${JSON.stringify(facts)}\n${PROGRAM}`),
    padding(o.padBytes ?? 0),
  ])
}

// Comment lines; the last is cut to the byte.
const padding = (bytes: number): Buffer => {
  if (bytes <= 0) return Buffer.alloc(0)
  const pad = Buffer.alloc(bytes, PAD_LINE)
  const rest = bytes % PAD_LINE.length
  // What is left of a line too short to be a comment must be no program either.
  if (rest > 0 && rest < 3) pad.fill('\n', bytes - rest)
  return pad
}

const PROGRAM = `
import { writeSync } from 'node:fs'

const { version, behaviour, afterMs, aliveEveryMs } = facts
const say = (line) => {
  try {
    writeSync(1, JSON.stringify(line) + '\\n')
  } catch (error) {
    if (error.code !== 'EAGAIN') process.exit(0)
  }
}
if (behaviour === 'crash') process.exit(1)

// Whoever started it is gone: so is it.
process.stdin.on('end', () => process.exit(0))
process.stdin.on('error', () => process.exit(0))
process.stdin.resume()

if (behaviour !== 'silent') {
  say({ event: 'running', version })
  const alive = setInterval(() => say({ event: 'alive' }), aliveEveryMs)
  setTimeout(() => {
    if (behaviour === 'healthy') say({ event: 'health', ok: true })
    if (behaviour === 'unhealthy') say({ event: 'health', ok: false })
    if (behaviour === 'error') say({ event: 'error', code: 'SELF_TEST_FAILED' })
    if (behaviour === 'hang') clearInterval(alive)
    if (behaviour === 'crash-later') process.exit(1)
  }, afterMs)
}
`
