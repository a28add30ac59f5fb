/** Waves as cards with bars: what stands in each, and what the rollout waits for. Pure. */
import type { RolloutView, WaveView } from '../../electron/contract/firmware'
import type { Tone } from './device-facts'

export const WAVE_TONE: Readonly<Record<WaveView['state'], Tone>> = {
  waits: 'neutral',
  running: 'info',
  passed: 'ok',
  failed: 'bad',
  stopped: 'neutral',
}

export const ROLLOUT_TONE: Readonly<Record<RolloutView['state'], Tone>> = {
  running: 'info',
  paused: 'warn',
  stopping: 'warn',
  stopped: 'neutral',
  done: 'ok',
}

export const SEGMENTS = ['confirmed', 'probation', 'bad', 'working', 'waiting'] as const
export type SegmentName = (typeof SEGMENTS)[number]

export interface Segment {
  readonly name: SegmentName
  readonly count: number
  /** Where it begins and how wide it is, as shares of the bar. */
  readonly from: number
  readonly share: number
}

/** The bar of a wave, left to right; segments with nothing in them are left out. */
export const segmentsOf = (wave: WaveView): readonly Segment[] => {
  const total = Math.max(1, wave.total)
  const counts: Readonly<Record<SegmentName, number>> = {
    confirmed: wave.confirmed,
    probation: wave.probation,
    bad: wave.rolledBack + wave.failed,
    working: wave.working,
    waiting: wave.waiting,
  }
  let from = 0
  const segments: Segment[] = []
  for (const name of SEGMENTS) {
    const count = counts[name]
    if (count > 0) segments.push({ name, count, from: from / total, share: count / total })
    from += count
  }
  return segments
}

export const COUNTED = ['confirmed', 'probation', 'working', 'rolledBack', 'failed', 'waiting'] as const
export type Counted = (typeof COUNTED)[number]

/** The counts worth words: those that are not nought. */
export const countsOf = (wave: WaveView): readonly (readonly [Counted, number])[] =>
  COUNTED.filter((name) => wave[name] > 0).map((name) => [name, wave[name]] as const)

export type WaveSentence =
  | 'downloading'
  | 'window'
  | 'soaking'
  | 'confirming'
  | 'working'
  | 'passed'
  | 'passedLast'
  | 'failed'
  | 'failedLast'
  | 'stopped'
  | 'waitsFirst'
  | 'waitsStart'
  | 'waitsShare'
  | 'waitsSoak'

/** One sentence under a wave's bar: what it does, or what it waits for. */
export const waveSentence = (rollout: RolloutView, index: number): WaveSentence => {
  const wave = rollout.waves[index]
  const { plan } = rollout
  const isLast = index === rollout.waves.length - 1
  switch (wave?.state) {
    case 'passed':
      return isLast ? 'passedLast' : 'passed'
    case 'failed':
      return isLast ? 'failedLast' : 'failed'
    case 'stopped':
      return 'stopped'
    case 'running':
      if (wave.bytesPerS > 0 && wave.receivedBytes < wave.totalBytes) return 'downloading'
      if (wave.working > 0) return plan.window && wave.probation + wave.confirmed === 0 ? 'window' : 'working'
      return plan.confirm === 'after-soak' ? 'soaking' : 'confirming'
    default:
      if (index === 0) return plan.startAt ? 'waitsStart' : 'waitsFirst'
      return plan.soakMinutes > 0 ? 'waitsSoak' : 'waitsShare'
  }
}

/** All waves of a rollout as one. */
export const totalOf = (rollout: RolloutView): WaveView => {
  const sum = (pick: (wave: WaveView) => number) => rollout.waves.reduce((all, wave) => all + pick(wave), 0)
  return {
    state: rollout.waves.find((wave) => wave.state === 'running')?.state ?? 'waits',
    total: sum((wave) => wave.total),
    waiting: sum((wave) => wave.waiting),
    working: sum((wave) => wave.working),
    probation: sum((wave) => wave.probation),
    confirmed: sum((wave) => wave.confirmed),
    rolledBack: sum((wave) => wave.rolledBack),
    failed: sum((wave) => wave.failed),
    receivedBytes: sum((wave) => wave.receivedBytes),
    totalBytes: sum((wave) => wave.totalBytes),
    bytesPerS: sum((wave) => wave.bytesPerS),
  }
}

export const isOver = (rollout: RolloutView): boolean =>
  rollout.state === 'done' || rollout.state === 'stopped'

/** Devices that a retry would take up again. */
export const toRetry = (rollout: RolloutView, stopped: number): number => {
  const { rolledBack, failed } = totalOf(rollout)
  return rolledBack + failed + stopped
}
