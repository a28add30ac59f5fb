/** The process: arguments, lock, a line of JSON when ready and when locked, signals, exit codes. */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { asIotmcError, exitCode, IotmcError } from '../contract/errors'
import { type Clock, systemClock, systemRandom } from '../net/clock'
import { listInterfaces } from '../net/interfaces'
import { acquireLock } from '../store/lock'
import { type DeviceArguments, helpText, parseArguments } from './arguments'
import { removeLeftovers } from './atomic-file'
import { deviceClock } from './device-clock'
import { FaultSwitch } from './fault-switch'
import { earlyFirmware } from './firmware-parts'
import { KeyFiles } from './key-files'
import { type DeviceLog, stderrLog } from './log'
import { LogKeeper } from './log-keeper'
import { LogRing } from './log-ring'
import type { Machine } from './machine'
import { StateFile } from './state-file'
import { finishWipe } from './wipe'

const PARENT_POLL_MS = 1_000

const checkInterfaces = (option: string, names: readonly string[]): void => {
  const known = listInterfaces().map((each) => each.name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw new IotmcError('USAGE', {
    detail: `--${option} ${unknown} does not exist here; there are ${known.join(', ')}`,
  })
}

const openFolder = (path: string): string => {
  const folder = resolve(path)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return folder
  } catch (cause) {
    throw new IotmcError('USAGE', { detail: `--state ${path} cannot be made or is not a folder`, cause })
  }
}

/** What is told from here on stands in the device's own log too. */
const openLog = (folder: string, given: DeviceArguments, clock: Clock): LogKeeper => {
  const ownClock = deviceClock(clock, given.faults)
  const ring = LogRing.open(folder, { clock: ownClock, random: systemRandom, bytes: given.logBytes })
  return new LogKeeper({ clock, ring, next: stderrLog })
}

/** Before anything else reads or opens what a wipe that was cut short has left. */
const goOnWiping = (folder: string, given: DeviceArguments): void => {
  const store = StateFile.open(folder)
  if (!store) return
  finishWipe({ store, keys: new KeyFiles(folder), faults: new FaultSwitch(given.faults, store, stderrLog) })
}

const run = async (given: DeviceArguments): Promise<void> => {
  checkInterfaces('interface', given.interfaces)
  checkInterfaces('setup-interface', given.setupInterfaces ?? [])
  const folder = openFolder(given.state)
  const release = acquireLock(join(folder, 'lock'))
  process.once('exit', release)
  goOnWiping(folder, given)
  removeLeftovers(folder)
  const clock = systemClock
  const keeper = openLog(folder, given, clock)
  const { log } = keeper
  const firmware = earlyFirmware(folder, given, { clock, log })
  // Loaded while the boot step works.
  const [{ Machine }, { openLink }] = await Promise.all([import('./machine'), import('../serial/link')])
  const say = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`)
  const tools = { clock, random: systemRandom, log, keeper, openLink, say, fail }
  const machine = new Machine(folder, given, tools, firmware)
  endWith(machine, given.parent, log)
  await machine.start()
}

/** Ends in order on a signal, and when the process that asked for this device has ended. */
const endWith = (machine: Machine, parent: number | undefined, log: DeviceLog): void => {
  let ending = false
  const end = (why: string): void => {
    if (ending) return
    ending = true
    log('stopping', { why })
    machine.stop().then(
      () => process.exit(0),
      (thrown: unknown) => fail(thrown),
    )
  }
  process.on('SIGTERM', () => end('SIGTERM'))
  process.on('SIGINT', () => end('SIGINT'))
  if (parent === undefined) return
  setInterval(() => {
    try {
      process.kill(parent, 0)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') end('parent ended')
    }
  }, PARENT_POLL_MS).unref()
}

const fail = (thrown: unknown): never => {
  const error = asIotmcError(thrown)
  const about = [error.subject, error.detail].filter(Boolean).join(': ')
  const line = error.code === 'USAGE' ? about : `${error.code}${about ? ` ${about}` : ''}`
  process.stderr.write(`device: ${line.replace(/\s+/g, ' ')}\n`)
  process.exit(exitCode(error.code))
}

// A reader that closes its end is no reason to stop.
process.stdout.on('error', () => undefined)
process.stderr.on('error', () => undefined)
process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)

try {
  const given = parseArguments(process.argv.slice(2))
  if (given === 'help') process.stdout.write(helpText())
  else run(given).catch(fail)
} catch (thrown) {
  fail(thrown)
}
