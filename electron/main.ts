/** The Electron host. Wiring only: its parts are in host/ and ipc/, the work is the controller's. */
import { join, resolve } from 'node:path'
import { app, powerMonitor, session } from 'electron'
import type { Backend } from './host/backend'
import { reviveCrashedPage, watchFaults } from './host/faults'
import { readFlags, takePassphrase } from './host/flags'
import { markInteractive, reportMemory } from './host/marks'
import { installMenu } from './host/menu'
import { servePage } from './host/page'
import { isOwnUrl } from './host/page-path'
import { QuitGuard } from './host/quit-guard'
import { restrictSession } from './host/session-policy'
import { prepareShell } from './host/shell'
import { type MainWindow, openWindow } from './host/window'
import { receiveCalls } from './ipc/receive'
import { systemClock } from './net/clock'
import { defaultDataDir } from './store/paths'

const passphrase = takePassphrase(process.env)
const flags = readFlags(process.argv.slice(1), process.env)
const dataDir = resolve(flags.dataDir ?? defaultDataDir())
const devServer = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL
/** Byebyes, the steps under way and the journal get this long; what is left is resolved at the next start. */
const CLOSE_LIMIT_MS = 10_000

let window: MainWindow | undefined
let backend: Backend | undefined
/** Whether the page has called since it was loaded, and so can show the quit guard. */
let pageAnswers = false

const guard = new QuitGuard({
  clock: systemClock,
  limitMs: CLOSE_LIMIT_MS,
  running: () => backend?.running() ?? [],
  ask: (jobs) => pageAnswers && backend?.askToQuit(jobs) === true,
  close: async () => {
    if (window?.browser.isDestroyed() === false) window.browser.hide()
    await backend?.close()
  },
  exit: () => app.exit(0),
})

/** Loaded once the window is on its way, since a page takes longer to load than this. */
const loadBackend = async (opened: MainWindow): Promise<Backend> => {
  const { startBackend } = await import('./host/backend')
  installMenu(!app.isPackaged)
  backend = startBackend({
    dataDir,
    practice: flags.practice,
    passphrase,
    window: opened,
    quitAnswer: (quit) => guard.answer(quit),
  })
  watchFaults(backend.log, () => guard.request('now'))
  reviveCrashedPage(opened.browser, backend.log)
  return backend
}

const watchQuit = ({ browser, present }: MainWindow): void => {
  const hold = (event: { preventDefault(): void }): void => {
    if (guard.closed) return
    event.preventDefault()
    guard.request('ask')
    if (!guard.leaving) present()
  }
  browser.on('close', (event) => {
    // A locked station is left with a supervisor's PIN, not with Alt+F4.
    if (!guard.closed && !guard.leaving && backend?.stationActive()) event.preventDefault()
    else hold(event)
  })
  app.on('before-quit', hold)
  browser.on('session-end', () => guard.request('now'))
  powerMonitor.on('shutdown', () => guard.request('now'))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => guard.request('now'))
  browser.webContents.on('did-start-loading', () => {
    pageAnswers = false
  })
  browser.on('unresponsive', () => {
    pageAnswers = false
  })
  browser.on('responsive', () => {
    pageAnswers = true
  })
}

const start = async (): Promise<void> => {
  await app.whenReady()
  restrictSession(session.defaultSession, devServer)
  servePage(session.defaultSession, join(app.getAppPath(), 'out/renderer'))
  const opened = openWindow({
    appDir: app.getAppPath(),
    stateFile: join(dataDir, 'window.json'),
    devServer,
    devTools: !app.isPackaged,
  })
  window = opened
  const { webContents } = opened.browser
  const ready = loadBackend(opened)
  let marked = !flags.marks
  receiveCalls({
    isOwnUrl: (url) => isOwnUrl(url, devServer),
    isOwnSender: (id) => id === webContents.id,
    refused: (url) => backend?.log.warn({ url }, 'call from a foreign frame refused'),
    dispatch: async (name, request) => {
      pageAnswers = true
      const result = await (await ready).dispatch(name, request)
      if (!marked && name === 'app.status' && result.ok) {
        marked = true
        void markInteractive(webContents)
        reportMemory(() => backend?.deviceCount() ?? 0)
      }
      return result
    },
  })
  watchQuit(opened)
}

if (prepareShell({ dataDir, devServer, onSecondStart: () => window?.present() })) void start()
else app.exit(0)
