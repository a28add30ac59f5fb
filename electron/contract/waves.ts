/** Splits the devices of a rollout into waves. */

/** How devices are split: so many first, then until so much of all of them (percent, growing) is reached, then the rest. */
export interface WaveShape {
  readonly canary: number
  readonly percents: readonly number[]
}

/** Each device in exactly one wave, in the order given; no wave is empty. */
export const wavesOf = (
  udns: readonly string[],
  { canary, percents }: WaveShape,
): readonly (readonly string[])[] => {
  const all = [...new Set(udns)]
  const ends = [Math.floor(canary), ...percents.map((percent) => Math.round((all.length * percent) / 100))]
  const waves: (readonly string[])[] = []
  let taken = 0
  for (const end of [...ends, all.length]) {
    if (end <= taken) continue
    const wave = all.slice(taken, end)
    if (wave.length > 0) waves.push(wave)
    taken = Math.min(end, all.length)
  }
  return waves
}
