/**
 * The real page and preload in a real Electron window, with a main process that plays the site: as many devices as are
 * wanted, and changes at any rate. What is measured is the way from the main process to the picture.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Runs inside Electron; its argument is a JSON file with what it plays. */
const mainOf = (
  scenario: string,
): string => `import { app, BrowserWindow, ipcMain, protocol, session } from 'electron'
import { readFileSync } from 'node:fs'
import { extname, join } from 'node:path'

const plan = JSON.parse(readFileSync(process.argv.at(-1), 'utf8'))
app.setPath('userData', plan.userData)
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.woff2': 'font/woff2', '.svg': 'image/svg+xml' }
protocol.registerSchemesAsPrivileged([{ scheme: 'iotmc', privileges: { standard: true, secure: true } }])
const say = (name, value) => process.stdout.write('mark ' + name + ' ' + JSON.stringify(value) + '\\n')
const pause = (ms) => new Promise((done) => setTimeout(done, ms))
const answers = new Map(Object.entries(plan.answers))
let window
let handedMs = 0
const send = (name, payload) => window.webContents.send('iotmc:event', name, JSON.stringify(payload))
const inPage = (code) => window.webContents.executeJavaScript('(async () => {' + code + '})()')

const rows = () => {
  handedMs = Date.now()
  for (let at = 0; at < plan.devices.length; at += 500)
    send('devices.delta', {
      reset: at === 0, last: at + 500 >= plan.devices.length, put: plan.devices.slice(at, at + 500), drop: [],
    })
}
const FRAMES = \`
  const frames = (count) => new Promise((done) => {
    const gaps = []
    let last = performance.now()
    const step = (now) => {
      gaps.push(now - last)
      last = now
      if (gaps.length < count) requestAnimationFrame(step)
      else done(gaps.slice(1).sort((a, b) => a - b))
    }
    requestAnimationFrame(step)
  })
\`
const shape = (sorted) => ({
  p50: sorted[Math.floor(sorted.length / 2)], p95: sorted[Math.floor(sorted.length * 0.95)], max: sorted.at(-1),
})

const start = async () => {
  session.defaultSession.protocol.registerFileProtocol('iotmc', ({ url }, answer) => {
    const path = join(plan.renderer, decodeURIComponent(new URL(url).pathname))
    answer({ path, headers: { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' } })
  })
  ipcMain.handle('iotmc:call', (_event, name) => {
    if (name === 'devices.open') {
      setImmediate(rows)
      return { ok: true }
    }
    if (answers.has(name)) return { ok: true, value: answers.get(name) }
    say('unanswered', name)
    return { ok: false, error: { code: 'DEFECT' } }
  })
  const webPreferences = { preload: plan.preload, sandbox: true, contextIsolation: true, backgroundThrottling: false }
  window = new BrowserWindow({ width: 1366, height: 768, show: true, webPreferences })
  await window.loadURL('iotmc://app/index.html')
  await inPage("while (!document.querySelector('[data-testid=\\"" + plan.ready + "\\"]')) await new Promise(requestAnimationFrame)")
  say('interactive', 0)

${scenario}
  say('end', 0)
}
void app.whenReady().then(start).catch((thrown) => {
  say('failed', String(thrown))
})
`

/** What is played after the window can be used: what changes, and how long it takes to the picture. */
const HEALTH = `
  const idle = await inPage(FRAMES + 'return frames(300)')
  say('frames-idle', shape(idle))

  // A thousand changed rows a second, as the main process batches them: ten deltas of a hundred.
  let turn = 0
  const beat = setInterval(() => {
    const put = Array.from({ length: 100 }, (_, n) => {
      const device = plan.devices[(turn * 100 + n * 47) % plan.devices.length]
      return { ...device, lastSeenMs: Date.now(), state: turn % 2 ? 'healthy' : 'offline', online: turn % 2 === 1 }
    })
    turn++
    send('devices.delta', { reset: false, last: true, put, drop: [] })
  }, 100)
  const busy = await inPage(FRAMES + 'return frames(600)')
  clearInterval(beat)
  say('frames-busy', { ...shape(busy), deltas: turn })

  await inPage("document.querySelector('[data-testid=\\"nav-diagnostics\\"]').click(); while (!document.querySelector('[data-testid=\\"diagnostics\\"]')) await new Promise(requestAnimationFrame)")
  const watched = plan.health[0].udn
  const seen = await inPage("const row = () => document.querySelector('[data-testid=\\"health-row-" + watched + "\\"]'); for (let n = 0; n < 300 && !row(); n++) await new Promise(requestAnimationFrame); return row() !== null")
  if (!seen) throw new Error('the row of the first device is not on the screen')

  // From the moment the main process sends it until the row shows the value; the chart is drawn in the same turn.
  const delays = []
  for (let n = 0; n < 60; n++) {
    const value = 20 + n / 10
    const shown = inPage("const row = document.querySelector('[data-testid=\\"health-row-" + watched + "\\"]'); while (!row.textContent.includes('" + value.toFixed(1) + "') && !row.textContent.includes('" + value.toFixed(1).replace('.', ',') + "')) await new Promise(requestAnimationFrame); return Date.now()")
    await pause(30)
    const sentMs = Date.now()
    send('health.changed', [{ ...plan.health[0], atMs: sentMs, values: { ...plan.health[0].values, temperature: value } }])
    delays.push((await shown) - sentMs)
  }
  say('to-screen', shape(delays.sort((a, b) => a - b)))

  // As fast as the page takes them: each batch is a report of every device.
  const batches = 60
  const taken = inPage("let n = 0; await new Promise((done) => { const off = window.iotmc.on('health.changed', () => { n++; if (n === " + batches + ") { off(); requestAnimationFrame(() => requestAnimationFrame(done)) } }) }); return Date.now()")
  await pause(100)
  const beganMs = Date.now()
  for (let n = 0; n < batches; n++) {
    send('health.changed', plan.health.map((one) => ({ ...one, atMs: beganMs + n, values: { ...one.values, temperature: 20 + (n % 50) / 10 } })))
    await pause(0)
  }
  say('taken', { events: batches * plan.health.length, ms: (await taken) - beganMs })
`

export interface Played {
  readonly userData: string
  readonly renderer: string
  readonly preload: string
  /** Test id that stands when the window can be used. */
  readonly ready: string
  readonly devices: readonly object[]
  readonly health: readonly object[]
  /** Pushed by a scenario that shows jobs. */
  readonly jobs?: readonly object[]
  /** Call name → its answer. */
  readonly answers: Readonly<Record<string, unknown>>
}

/** Writes the app and what it plays, and what it then does with the window; gives the path to hand it as its last argument. */
export const makePlayedApp = (folder: string, played: Played, scenario = HEALTH): string => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'played', version: '1.0.0', type: 'module', main: 'main.js' }),
  )
  writeFileSync(join(folder, 'main.js'), mainOf(scenario))
  const plan = join(folder, 'plan.json')
  writeFileSync(plan, JSON.stringify(played))
  return plan
}
