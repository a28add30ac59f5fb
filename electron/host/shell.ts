/** The program's frame around the window: one instance, where Chromium keeps its data, what every page is denied. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { app, Menu } from 'electron'
import { restrictContents } from './contents-policy'
import { declarePageScheme } from './page'

/** Switches off what Chromium would otherwise ask the internet for by itself. */
const QUIET = [
  'disable-background-networking',
  'disable-component-update',
  'disable-domain-reliability',
  'no-pings',
]

export interface ShellOptions {
  readonly dataDir: string
  readonly devServer: string | undefined
  /** Another start with the same data folder: the person wants this window. */
  readonly onSecondStart: () => void
}

/** Must run before the app is ready. False = another instance has this data folder; it has been told. */
export const prepareShell = ({ dataDir, devServer, onSecondStart }: ShellOptions): boolean => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  // The instance lock lies in userData, so that each data folder has an instance of its own.
  app.setPath('userData', dataDir)
  app.setPath('sessionData', join(dataDir, 'chromium'))
  app.setPath('crashDumps', join(dataDir, 'chromium', 'crashes'))
  if (!app.requestSingleInstanceLock()) return false
  for (const name of QUIET) app.commandLine.appendSwitch(name)
  // Chromium does not start with both; only the test launcher, as root, passes the switch.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  // Else Electron builds its own menu before the window; ours comes after it.
  Menu.setApplicationMenu(null)
  declarePageScheme()
  restrictContents(app, devServer)
  app.on('second-instance', onSecondStart)
  return true
}
