/** The yardstick of cold start: a window of the same runtime and size with one button in it and nothing behind. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const MAIN = `import { app, BrowserWindow } from 'electron'
app.setPath('userData', process.argv.at(-1))
const start = async () => {
  const webPreferences = { sandbox: true, contextIsolation: true }
  const window = new BrowserWindow({ width: 1366, height: 768, show: false, webPreferences })
  window.once('ready-to-show', () => window.show())
  await window.loadFile('index.html')
  await window.webContents.executeJavaScript(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))',
  )
  process.stdout.write('mark interactive\\n')
}
// Not awaited: the app becomes ready only after its main file is loaded.
void app.whenReady().then(start)
`
const PAGE =
  '<!doctype html><meta charset="utf-8"><title>empty</title><div id="root"><button>ok</button></div>'

/** Writes the app into a folder. Its last argument is its data folder. */
export const makeEmptyApp = (path: string): void => {
  mkdirSync(path, { recursive: true })
  writeFileSync(
    join(path, 'package.json'),
    JSON.stringify({ name: 'empty', version: '1.0.0', type: 'module', main: 'main.js' }),
  )
  writeFileSync(join(path, 'main.js'), MAIN)
  writeFileSync(join(path, 'index.html'), PAGE)
}
