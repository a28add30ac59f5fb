/** A Map that forgets its least recently used entry when it is full. */
export class BoundedMap<K, V> {
  readonly #max: number
  readonly #entries = new Map<K, V>()

  constructor(max: number) {
    this.#max = max
  }

  /** The value for `key`, made by `make` if it is not known. */
  take(key: K, make: () => V): V {
    const known = this.#entries.get(key)
    const value = known === undefined && !this.#entries.has(key) ? make() : (known as V)
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size > this.#max) {
      const oldest = this.#entries.keys().next()
      if (!oldest.done) this.#entries.delete(oldest.value)
    }
    return value
  }
}
