/** The state document on disk: read once, changed only by whole, flushed replacements. */
import { join } from 'node:path'
import { IotmcError } from '../contract/errors'
import { readFileBounded, writeFileAtomic } from './atomic-file'
import { type DeviceState, deviceStateSchema } from './state'

const STATE_MAX_BYTES = 256 * 1024

const parseState = (path: string, text: string): DeviceState => {
  const damaged = (detail: string, cause?: unknown) =>
    new IotmcError('DATA_DAMAGED', { subject: path, detail, cause })
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (cause) {
    throw damaged('not JSON', cause)
  }
  const checked = deviceStateSchema.safeParse(document)
  if (checked.success) return checked.data
  const issue = checked.error.issues[0]
  throw damaged(`${issue?.path.join('.') || 'document'}: ${issue?.message ?? 'invalid'}`)
}

export class StateFile {
  readonly folder: string
  #state: DeviceState

  private constructor(folder: string, state: DeviceState) {
    this.folder = folder
    this.#state = state
  }

  /** The state in a folder, undefined where there is none; DATA_DAMAGED names the member that is wrong. */
  static open(folder: string): StateFile | undefined {
    const path = join(folder, 'state.json')
    const text = readFileBounded(path, STATE_MAX_BYTES)
    return text === undefined ? undefined : new StateFile(folder, parseState(path, text))
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
    const next = parseState(path, text)
    writeFileAtomic(path, text)
    this.#state = next
  }
}
