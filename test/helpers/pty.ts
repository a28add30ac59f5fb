/** A real serial cable made of two pseudo terminals, joined by socat. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { join } from 'node:path'

export interface PtyPair {
  readonly station: string
  readonly device: string
  /** Pulls the cable: both ends read an error, and their paths are gone. */
  unplug(): Promise<void>
  /** Plugs it in again, at the same paths. */
  replug(): Promise<void>
  stop(): Promise<void>
}

/** Starts socat and resolves when both ends are there; `dir` holds their names. */
export const startPtyPair = async (dir: string): Promise<PtyPair> => {
  const [station, device] = [join(dir, 'station'), join(dir, 'device')]
  let cable: Cable | undefined = await plugIn([station, device])
  const unplug = async () => {
    await cable?.cut()
    cable = undefined
  }
  const replug = async () => {
    cable ??= await plugIn([station, device])
  }
  return { station, device, unplug, replug, stop: unplug }
}

interface Cable {
  cut(): Promise<void>
}

const plugIn = async (ends: readonly string[]): Promise<Cable> => {
  const socat = spawn('socat', ['-d', '-d', ...ends.map((end) => `pty,raw,echo=0,link=${end}`)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const over = new Promise<void>((resolve) => socat.once('close', () => resolve()))
  await readyOf(socat)
  // socat ends when an end is closed for the last time; these keep both open, as a plugged cable is.
  const held = ends.map((end) => openSync(end, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK))
  return {
    cut: async () => {
      socat.kill()
      await over
      for (const handle of held.splice(0)) closeSync(handle)
    },
  }
}

/** socat says so when both ends exist and bytes flow. */
const readyOf = (socat: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = ''
    socat.once('error', reject)
    socat.once('close', () => reject(new Error(`socat ended: ${said}`)))
    socat.stderr?.on('data', (bytes: Buffer) => {
      said = (said + bytes).slice(-4000)
      if (said.includes('starting data transfer loop')) resolve()
    })
  })
