/** Whoever waits for news of one device, so that news of one wakes nobody of thousands of others. */
export class Wakes {
  private readonly listeners = new Map<string, Set<() => void>>()

  /** Calls back at news of this device; the result ends it. */
  on(udn: string, listener: () => void): () => void {
    const set = this.listeners.get(udn) ?? new Set()
    this.listeners.set(udn, set.add(listener))
    return () => {
      set.delete(listener)
      if (set.size === 0 && this.listeners.get(udn) === set) this.listeners.delete(udn)
    }
  }

  wake(udns: readonly string[]): void {
    for (const udn of udns) for (const listener of [...(this.listeners.get(udn) ?? [])]) listener()
  }
}
