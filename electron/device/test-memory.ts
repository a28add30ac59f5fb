/** The memory test: patterns written into a buffer and looked for again. */
import { setImmediate } from 'node:timers/promises'
import { throwIfStopped } from './inbox'
import { judged, measure, type TestOutcome } from './test-outcome'

export interface MemoryOptions {
  readonly bytes?: number
  /** What happens to written memory before it is read; tests play broken memory by it. */
  readonly meanwhile?: (memory: Uint32Array) => void
}

const MEMORY_BYTES = 4 * 1024 * 1024
/** Words that are looked at before others get their turn. */
const STRETCH_WORDS = 128 * 1024

/** All bits in both states, neighbours against each other, and the address, which shows lines that touch. */
const PATTERNS: readonly ((index: number) => number)[] = [
  () => 0x00000000,
  () => 0xffffffff,
  () => 0x55555555,
  () => 0xaaaaaaaa,
  (index) => Math.imul(index, 0x9e3779b1) >>> 0,
  (index) => ~Math.imul(index, 0x9e3779b1) >>> 0,
]

/** Errors: CANCELLED. */
export const testMemory = async (signal: AbortSignal, options: MemoryOptions = {}): Promise<TestOutcome> => {
  const memory = new Uint32Array((options.bytes ?? MEMORY_BYTES) / 4)
  const beganMs = performance.now()
  let wrong = 0
  const eachStretch = async (work: (from: number, to: number) => void): Promise<void> => {
    for (let from = 0; from < memory.length; from += STRETCH_WORDS) {
      throwIfStopped(signal)
      work(from, Math.min(memory.length, from + STRETCH_WORDS))
      await setImmediate()
    }
  }
  for (const pattern of PATTERNS) {
    await eachStretch((from, to) => {
      for (let i = from; i < to; i++) memory[i] = pattern(i)
    })
    options.meanwhile?.(memory)
    await eachStretch((from, to) => {
      for (let i = from; i < to; i++) if (memory[i] !== pattern(i)) wrong += 1
    })
  }
  const seconds = Math.max((performance.now() - beganMs) / 1000, 1e-6)
  const moved = (memory.byteLength * PATTERNS.length * 2) / 1e6
  const measures = [
    measure('memory.wrongWords', wrong, '', { high: 0 }),
    measure('memory.tested', memory.byteLength, 'B'),
    measure('memory.rate', moved / seconds, 'MB/s'),
  ]
  return judged(measures, 'memory-differs')
}
