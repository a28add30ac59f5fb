/**
 * The boot step, a process of its own: `boot.js [--overwrite] STATE-FOLDER [ANCHOR-FILE…]`. It chooses the bank by the rules of
 * `contract/banks.ts`, has the attempt on disk before anything of the image runs, starts the image as its child, and
 * ends with it. It lives as long as its stdin: whoever started it is gone when that ends, and so is the image then.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { writeSync } from 'node:fs'
import { type BankTable, chooseBoot, type Slot } from '../contract/banks'
import { asIotmcError, IotmcError } from '../contract/errors'
import { readBanks, writeBanks } from './banks-file'
import type { BootLine } from './boot-lines'
import { chooseOverwrite, OVERWRITE } from './boot-overwrite'
import { programPath, verifyBank } from './boot-verify'

const EXIT = { usage: 2, noBank: 3 } as const

const overwrites = process.argv[2] === OVERWRITE
const [folder, ...anchorFiles] = process.argv.slice(overwrites ? 3 : 2)
const parent = process.ppid
let image: ChildProcess | undefined

const say = (line: BootLine): void => {
  try {
    writeSync(1, `${JSON.stringify(line)}\n`)
  } catch {
    // Nobody listens: stdin says so too.
  }
}

const complain = (what: string): void => {
  try {
    writeSync(2, `${what.replace(/\s+/g, ' ').slice(0, 500)}\n`)
  } catch {
    // As above.
  }
}

/** The parent is gone. */
const orphaned = (): void => {
  image?.kill('SIGKILL')
  process.exit(0)
}

/** Choice of a bank: the pure rules ask for a verdict on a bank, which takes time; then they are asked again. */
const choose = async (place: string): Promise<ReturnType<typeof chooseBoot> & { why: string }> => {
  const verdicts = new Map<Slot, boolean>()
  const reasons: string[] = []
  for (;;) {
    const table = readTable(place)
    const open: Slot[] = []
    const choice = (overwrites ? chooseOverwrite : chooseBoot)(table, (slot) => {
      const known = verdicts.get(slot)
      if (known === undefined) open.push(slot)
      return known ?? false
    })
    const [slot] = open
    if (slot === undefined) {
      // A parent that is gone may have a successor that decides already.
      if (process.ppid !== parent) orphaned()
      if (choice.table !== table) writeBanks(place, choice.table)
      return { ...choice, why: reasons.join('; ') }
    }
    const refused = await judge(place, table, slot)
    if (refused !== undefined) reasons.push(`bank ${slot}: ${refused}`)
    verdicts.set(slot, refused === undefined)
  }
}

const readTable = (place: string): BankTable => {
  const table = readBanks(place)
  if (!table) throw new IotmcError('DATA_DAMAGED', { subject: place, detail: 'no banks' })
  return table
}

/** Why a bank is not started; undefined where it may be. */
const judge = async (place: string, table: BankTable, slot: Slot): Promise<string | undefined> => {
  try {
    await verifyBank(place, table, slot, anchorFiles)
    return undefined
  } catch (thrown) {
    const { code, detail } = asIotmcError(thrown)
    return [code, detail].filter(Boolean).join(' ')
  }
}

const startImage = (program: string): void => {
  // Its lines go to the parent as they are; its stdin ends with this process.
  image = spawn(process.execPath, [program], { stdio: ['pipe', 1, 'ignore'] })
  image.stdin?.on('error', () => undefined)
  image.once('error', (error) => {
    complain(error.message)
    process.exit(1)
  })
  image.once('exit', (code, signal) => {
    say({ event: 'ended' })
    complain(`the image ended with ${signal ?? code}`)
    process.exit(code ?? 1)
  })
  if (image.pid !== undefined) say({ event: 'started', pid: image.pid })
}

const boot = async (place: string): Promise<void> => {
  const { table, slot, rolledBack, why } = await choose(place)
  if (slot === undefined) {
    say({ event: 'no-bank', detail: why.slice(0, 500) })
    process.exit(EXIT.noBank)
  }
  if (why) complain(why)
  const { version = '' } = table.banks[slot]
  say({ event: 'booting', slot, version, ...(rolledBack ? { rolledBack } : {}) })
  startImage(programPath(place, slot))
}

process.stdin.on('end', orphaned)
process.stdin.on('error', orphaned)
process.stdin.resume()
if (folder === undefined) {
  complain('boot: the state folder is missing')
  process.exit(EXIT.usage)
}
boot(folder).catch((thrown: unknown) => {
  const { code, subject, detail } = asIotmcError(thrown)
  complain([code, subject, detail].filter(Boolean).join(' '))
  process.exit(1)
})
