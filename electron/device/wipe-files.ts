/** Which files of a state folder a site has left there. What is not named here is the device's own, or nobody's. */
import { existsSync, linkSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Slot } from '../contract/banks'
import type { WipeItem } from '../contract/decommission'
import { bankPaths } from './banks-file'
import { LOG_FILE } from './log-ring'
import { REVOCATION_FILE } from './revocation-list'

const STATE_FILE = 'state.json'
/** Another name of the state as it was before a wipe was ordered, so that its bytes can be reached after it was replaced. */
const OLD_STATE = 'state.json.old'

/** File of a state folder: what it is to a wipe. */
export interface WipeFile {
  readonly path: string
  readonly item: WipeItem
}

/** Temporary files keep the name of what they were to become. */
const NAMES: readonly (readonly [RegExp, WipeItem])[] = [
  [/^ldevid-\d{1,9}\.(key|csr|pem)/, 'site-keys'],
  [new RegExp(`^${LOG_FILE}`), 'log'],
  [/^flash-test-[0-9a-f]+\.scratch$/, 'health'],
  [/^update\.json/, 'update-order'],
  [new RegExp(`^${REVOCATION_FILE}`), 'revocation-list'],
  [new RegExp(`^${OLD_STATE}$`), 'configuration'],
]
/** Everything else that was cut short while it was written: state, banks, trust. */
const CUT_SHORT = /\.tmp$/

const filesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map(({ name }) => name)
    : []

/** Everything that goes, the bank `standby` included; `keepLog` where the log is open and sees to itself. */
export const filesToWipe = (
  folder: string,
  { standby, keepLog = false }: { readonly standby: Slot | undefined; readonly keepLog?: boolean },
): WipeFile[] => {
  const own = filesIn(folder).flatMap((name) => {
    if (keepLog && name === LOG_FILE) return []
    const item = NAMES.find(([shape]) => shape.test(name))?.[1]
    if (!item && !CUT_SHORT.test(name)) return []
    return [{ path: join(folder, name), item: item ?? ('configuration' as const) }]
  })
  return [...own, ...(standby ? bankFiles(folder, standby) : [])]
}

const bankFiles = (folder: string, standby: Slot): WipeFile[] => {
  const bank = bankPaths(folder, standby).folder
  const run = join(folder, 'run')
  const paths = [
    ...filesIn(bank).map((name) => join(bank, name)),
    ...filesIn(run)
      .filter((name) => name.startsWith(`image-${standby}.`) || CUT_SHORT.test(name))
      .map((name) => join(run, name)),
  ]
  return paths.map((path) => ({ path, item: 'standby-bank' }))
}

/** Gives the state file a second name. Where a file system has no links, the old bytes are left to it. */
export const holdOldState = (folder: string): void => {
  const old = join(folder, OLD_STATE)
  rmSync(old, { force: true })
  try {
    linkSync(join(folder, STATE_FILE), old)
  } catch {
    // No links here; the new state counts all the same.
  }
}

/** Drops a second name of a state that was not replaced after all: its bytes are those of the state in force. */
export const dropHeldState = (folder: string): void => {
  const old = join(folder, OLD_STATE)
  const [held, now] = [old, join(folder, STATE_FILE)].map((path) => statSync(path, { throwIfNoEntry: false }))
  if (held && held.ino === now?.ino) rmSync(old, { force: true })
}
