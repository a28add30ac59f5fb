/** The program's own bundle while no site is open: nobody knows who asks, so nothing of the site is in it. */
import { join } from 'node:path'
import { PRODUCT_VERSION } from '../contract/names'
import type { Settings } from '../contract/settings'
import { type Clock, systemClock } from '../net/clock'
import { listInterfaces } from '../net/interfaces'
import type { DataPaths } from '../store/paths'
import { BundleDesk } from './bundle-desk'

/** Of a line of the log: texts of the program itself, without names, addresses and devices. */
const OWN_FIELDS = ['level', 'time', 'pid', 'msg', 'code', 'call'] as const

/** A desk that makes bundles of the program alone; anything else is SETUP_NEEDED. */
export const appBundleDesk = (
  paths: DataPaths,
  settings: () => Settings,
  clock: Clock = systemClock,
): BundleDesk =>
  new BundleDesk({
    clock,
    folder: join(paths.root, 'bundles'),
    app: {
      program: `IoTMC Technician ${PRODUCT_VERSION}`,
      settings: () => ({ language: settings().language, theme: settings().theme }),
      interfaces: () => listInterfaces().map(({ loopback }) => ({ loopback })),
      listening: () => [],
      databases: [paths.records, paths.diagnostics, paths.ledger],
      logsFolder: paths.logsFolder,
      logLine: ownWords,
      jobs: () => [],
    },
  })

const ownWords = (line: string): string | undefined => {
  try {
    const fields = JSON.parse(line) as Record<string, unknown> | null
    const own = OWN_FIELDS.flatMap((name) => (fields?.[name] === undefined ? [] : [[name, fields[name]]]))
    return JSON.stringify(Object.fromEntries(own))
  } catch {
    return undefined
  }
}
