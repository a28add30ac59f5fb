let context: AudioContext | undefined

/** Two short low tones for a scan that was not taken. Silent where there is no sound: the words say it all. */
export const refusalTone = (): void => {
  try {
    context ??= new AudioContext()
    void context.resume().catch(() => undefined)
    for (const startS of [0, 0.16]) {
      const at = context.currentTime + startS
      const tone = context.createOscillator()
      const volume = context.createGain()
      tone.type = 'square'
      tone.frequency.value = 220
      volume.gain.setValueAtTime(0.08, at)
      volume.gain.setTargetAtTime(0, at + 0.08, 0.015)
      tone.connect(volume).connect(context.destination)
      tone.start(at)
      tone.stop(at + 0.14)
    }
  } catch {
    // No audio device.
  }
}
