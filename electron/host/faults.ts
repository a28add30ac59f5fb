/** What happens when something breaks that nobody foresaw: it is logged, and the program ends in order or goes on. */
import { app, type BrowserWindow, dialog } from 'electron'
import type { Log } from '../log'

/** A page that dies again and again is not reloaded for ever. */
const RELOADS_MAX = 3

/** Reloads a crashed page: jobs live in the main process, so the person loses nothing but the view. */
export const reviveCrashedPage = (browser: BrowserWindow, log: Log): void => {
  let reloads = 0
  browser.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    log.error({ reason, exitCode, reloads }, 'page process gone')
    if (reason !== 'clean-exit' && reloads++ < RELOADS_MAX) browser.webContents.reload()
  })
  browser.webContents.on('did-fail-load', (_event, errorCode, reason, url) =>
    log.error({ errorCode, reason, url }, 'page did not load'),
  )
  browser.on('unresponsive', () => log.warn({}, 'page does not respond'))
  browser.webContents.on('preload-error', (_event, _path, err) => log.error({ err }, 'preload failed'))
}

const SENTENCE = {
  en: [
    'Unexpected fault',
    'The program has to close. Finished work is kept; unfinished jobs go on after the next start.',
  ],
  de: [
    'Unerwarteter Fehler',
    'Das Programm muss schließen. Fertige Arbeit bleibt erhalten; offene Aufträge gehen nach dem nächsten Start weiter.',
  ],
} as const

/** Logs rejections and goes on; after an exception that nobody caught the state is unknown, so `end` closes the program. */
export const watchFaults = (log: Log, end: () => void): void => {
  process.on('unhandledRejection', (err) => log.error({ err }, 'rejection not handled'))
  let ending = false
  process.on('uncaughtException', (err) => {
    log.error({ err }, 'exception not caught')
    if (ending) return
    ending = true
    const [title, text] = SENTENCE[app.getLocale().startsWith('de') ? 'de' : 'en']
    void dialog.showMessageBox({ type: 'error', message: title, detail: text }).then(end, end)
  })
}
