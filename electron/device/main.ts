/** The process: arguments, lock, one line when ready, signals, exit codes (docs/protocol.md, reference device). */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { asIotmcError, exitCode, IotmcError } from '../contract/errors'
import { openPracticeFactory } from '../identity/practice-factory'
import { systemClock, systemRandom } from '../net/clock'
import { listInterfaces } from '../net/interfaces'
import { acquireLock } from '../store/lock'
import { dataPaths, defaultDataDir } from '../store/paths'
import { type DeviceArguments, helpText, parseArguments } from './arguments'
import { removeLeftovers } from './atomic-file'
import { ReferenceDevice } from './device'
import { KeyFiles } from './key-files'
import { stderrLog as log } from './log'
import { manufacture } from './manufacture'
import { StateFile } from './state-file'

const PARENT_POLL_MS = 1_000

const checkInterfaces = (names: readonly string[]): void => {
  const known = listInterfaces().map((each) => each.name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw new IotmcError('USAGE', {
    detail: `--interface ${unknown} does not exist here; there are ${known.join(', ')}`,
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

const run = async (given: DeviceArguments): Promise<void> => {
  checkInterfaces(given.interfaces)
  const folder = openFolder(given.state)
  const release = acquireLock(join(folder, 'lock'))
  process.once('exit', release)
  removeLeftovers(folder)
  const site = dataPaths(defaultDataDir())
  const factoryFolder = resolve(given.factory ?? site.practiceFactory)
  const anchorFile = resolve(given.anchor ?? site.siteCa)
  const openFactory = () => openPracticeFactory(factoryFolder)
  const keys = new KeyFiles(folder)
  const made = { random: systemRandom, now: new Date(systemClock.now()) }
  const store =
    StateFile.open(folder) ?? (await manufacture(folder, keys, given.making, await openFactory(), made))
  const device = new ReferenceDevice({
    clock: systemClock,
    random: systemRandom,
    log,
    store,
    keys,
    interfaces: given.interfaces,
    faults: given.faults,
    anchorFile,
    openFactory,
  })
  endWith(device, given.parent)
  const places = await device.start()
  const { udn, serialNumber: serial, model, phase, bootId, setupCode } = store.current
  const factoryRoot = join(factoryFolder, 'root.pem')
  const ready = {
    event: 'ready',
    udn,
    serial,
    model,
    phase,
    ...places,
    pid: process.pid,
    bootId,
    setupCode,
    factoryRoot,
  }
  process.stdout.write(`${JSON.stringify(ready)}\n`)
}

/** Ends in order on a signal, and when the process that asked for this device has ended. */
const endWith = (device: ReferenceDevice, parent: number | undefined): void => {
  let ending = false
  const end = (why: string): void => {
    if (ending) return
    ending = true
    log('stopping', { why })
    device.stop().then(
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
