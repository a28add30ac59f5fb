/** A small typed emitter: a listener that throws does not keep the others from hearing. */
export class Emitter<Events extends { [K in keyof Events]: unknown[] }> {
  private readonly listeners: { [K in keyof Events]?: Set<(...args: Events[K]) => void> } = {}

  constructor(private readonly onThrow: (error: unknown) => void = () => undefined) {}

  /** Returns the function that takes the listener away again. */
  on<K extends keyof Events>(name: K, listener: (...args: Events[K]) => void): () => void {
    const set = this.listeners[name] ?? new Set<(...args: Events[K]) => void>()
    this.listeners[name] = set
    set.add(listener)
    return () => {
      set.delete(listener)
    }
  }

  emit<K extends keyof Events>(name: K, ...args: Events[K]): void {
    for (const listener of this.listeners[name] ?? []) {
      try {
        listener(...args)
      } catch (error) {
        this.onThrow(error)
      }
    }
  }

  has(name: keyof Events): boolean {
    return (this.listeners[name]?.size ?? 0) > 0
  }
}
