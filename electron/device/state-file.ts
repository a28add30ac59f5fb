/** The state document on disk: read once, changed only by whole, flushed replacements. */
import { join } from 'node:path'
import { writeFileAtomic } from './atomic-file'
import { parseDocument, readDocument } from './document-file'
import { type DeviceState, deviceStateSchema } from './state'

export class StateFile {
  readonly folder: string
  #state: DeviceState

  private constructor(folder: string, state: DeviceState) {
    this.folder = folder
    this.#state = state
  }

  /** The state in a folder, undefined where there is none; DATA_DAMAGED names the member that is wrong. */
  static open(folder: string): StateFile | undefined {
    const state = readDocument(join(folder, 'state.json'), deviceStateSchema)
    return state && new StateFile(folder, state)
  }

  /** The first state of a blank device. */
  static create(folder: string, state: DeviceState): StateFile {
    const file = new StateFile(folder, state)
    file.update({})
    return file
  }

  get current(): DeviceState {
    return this.#state
  }

  /** Stores a changed state; when it returns, the change survives a power cut. Undefined removes a member. */
  update(change: Partial<DeviceState>): void {
    const path = join(this.folder, 'state.json')
    const text = `${JSON.stringify({ ...this.#state, ...change }, undefined, 2)}\n`
    // Read as after a restart: what is in memory is what is on disk, and nothing unreadable is ever written.
    const next = parseDocument(path, text, deviceStateSchema)
    writeFileAtomic(path, text)
    this.#state = next
  }
}
