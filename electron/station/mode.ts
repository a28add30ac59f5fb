/** What of the station's mode outlives the program: that it is on, and which lanes have locked themselves. */
import { z } from 'zod'
import type { Vault } from '../identity/vault'
import type { Log } from '../log'

const SECRET = 'station-mode'

const modeSchema = z.object({
  version: z.literal(1),
  active: z.boolean(),
  /** Paths of locked lanes, with their failures in a row. */
  locked: z.record(z.string(), z.number().int()),
})
type StoredMode = z.infer<typeof modeSchema>

/** Sealed in the vault, so that an operator can't end station mode with a text editor. */
export class Mode {
  private state: StoredMode

  /** Where the record is damaged, station mode is off: the rest of the program must not be lost with it. */
  constructor(
    private readonly vault: Pick<Vault, 'get' | 'put'>,
    log: Pick<Log, 'error'>,
  ) {
    this.state = { version: 1, active: false, locked: {} }
    try {
      const stored = vault.get(SECRET)
      if (stored) this.state = modeSchema.parse(JSON.parse(stored.toString()))
    } catch (err) {
      log.error({ err }, 'the mode of the station can not be read')
    }
  }

  get active(): boolean {
    return this.state.active
  }

  setActive(active: boolean): void {
    if (active !== this.state.active) this.save({ active })
  }

  /** Failures in a row of a locked lane; undefined where it is not locked. */
  lockOf(path: string): number | undefined {
    return this.state.locked[path]
  }

  setLock(path: string, failuresInRow: number | undefined): void {
    if (this.state.locked[path] === failuresInRow) return
    const { [path]: _, ...others } = this.state.locked
    this.save({ locked: failuresInRow === undefined ? others : { ...others, [path]: failuresInRow } })
  }

  private save(change: Partial<StoredMode>): void {
    const next = { ...this.state, ...change }
    this.vault.put(SECRET, Buffer.from(JSON.stringify(next)))
    this.state = next
  }
}
