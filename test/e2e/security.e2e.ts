/** What a page of this program can't do, tried from inside the page. */
import { readFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import { PAGE_CSP } from '../../electron/host/csp'
import { type LaunchedApp, launchApp, PASSPHRASE } from './harness'

let app: LaunchedApp
test.beforeAll(async () => {
  app = await launchApp()
})
test.afterAll(() => app.close())

test('the page has no Node, no Electron and only the three doors of the bridge', async () => {
  const seen = await app.page.evaluate(() => ({
    globals: ['require', 'process', 'module', 'Buffer', 'electron', 'ipcRenderer', '__dirname'].filter(
      (name) => name in window,
    ),
    bridge: Object.keys(window.iotmc).sort(),
    frozen: Object.isFrozen(window.iotmc),
  }))
  expect(seen).toEqual({ globals: [], bridge: ['call', 'on', 'pathOf'], frozen: true })
})

test('the window is sandboxed and isolated', async () => {
  const preferences = await app.electron.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
      getLastWebPreferences(): Record<string, unknown>
    }
    return contents.getLastWebPreferences()
  })
  expect(preferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webSecurity: true,
    webviewTag: false,
  })
})

test('the page is served with its policy as a header, and nothing beside its folder is served', async () => {
  const served = await app.electron.evaluate(async ({ net }) => {
    const page = await net.fetch('iotmc://app/index.html')
    const outside = [
      'iotmc://app/../../package.json',
      'iotmc://app/..%2fmain%2fmain.js',
      'iotmc://other/index.html',
    ]
    const failed = await Promise.all(
      outside.map((url) =>
        net.fetch(url).then(
          () => 'served',
          () => 'failed',
        ),
      ),
    )
    return {
      csp: page.headers.get('content-security-policy'),
      nosniff: page.headers.get('x-content-type-options'),
      failed,
    }
  })
  expect(served.csp).toBe(PAGE_CSP)
  expect(served.nosniff).toBe('nosniff')
  expect(served.failed).toEqual(['failed', 'failed', 'failed'])
})

test('windows cannot be opened', async () => {
  expect(await app.page.evaluate(() => window.open('https://example.org/') === null)).toBe(true)
  expect(await app.page.evaluate(() => window.open('iotmc://app/index.html') === null)).toBe(true)
  expect(app.electron.windows()).toHaveLength(1)
})

for (const target of [
  'https://example.org/',
  'file:///etc/passwd',
  'data:text/html,x',
  'iotmc://other/index.html',
]) {
  test(`the page stays where it is when sent to ${target}`, async () => {
    const before = app.page.url()
    await app.page.evaluate((url) => {
      window.location.href = url
    }, target)
    await app.page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    )
    expect(app.page.url()).toBe(before)
    expect(await app.page.evaluate(() => document.querySelector('#root') !== null)).toBe(true)
  })
}

test('inline and evaluated scripts do not run', async () => {
  const ran = await app.page.evaluate(async () => {
    const script = document.createElement('script')
    script.textContent = 'window.injected = true'
    document.body.append(script)
    script.remove()
    // In a frame of its own: what the test driver itself evaluates is exempt from the policy.
    const evaluated = await new Promise((done) =>
      requestAnimationFrame(() => {
        try {
          done(new Function('return true')())
        } catch {
          done(false)
        }
      }),
    )
    return { inline: 'injected' in window, evaluated }
  })
  expect(ran).toEqual({ inline: false, evaluated: false })
})

test('nothing can be loaded from outside or sent there', async () => {
  const violated = await app.page.evaluate(async () => {
    const directives: string[] = []
    document.addEventListener('securitypolicyviolation', (event) => directives.push(event.effectiveDirective))
    const failed = (element: HTMLElement) =>
      new Promise<void>((done) => {
        element.addEventListener('error', () => done())
        document.body.append(element)
      }).then(() => element.remove())
    await failed(Object.assign(new Image(), { src: 'https://example.org/x.png' }))
    await failed(Object.assign(document.createElement('script'), { src: 'https://example.org/x.js' }))
    await fetch('https://example.org/').catch(() => undefined)
    await fetch('iotmc://app/index.html').catch(() => undefined)
    const blocked = new Promise<void>((done) =>
      document.addEventListener(
        'securitypolicyviolation',
        (event) => event.effectiveDirective === 'frame-src' && done(),
      ),
    )
    const frame = Object.assign(document.createElement('iframe'), { src: 'https://example.org/' })
    document.body.append(frame)
    await blocked
    frame.remove()
    return directives
  })
  expect(new Set(violated)).toEqual(new Set(['img-src', 'script-src-elem', 'connect-src', 'frame-src']))
})

test('permissions and devices are denied', async () => {
  const answers = await app.page.evaluate(async () => {
    const state = async (name: string) =>
      (await navigator.permissions.query({ name: name as 'geolocation' })).state
    const refused = (wish: Promise<unknown> | undefined) =>
      wish?.then(
        () => 'given',
        () => 'refused',
      ) ?? 'refused'
    return {
      geolocation: await state('geolocation'),
      notifications: await state('notifications'),
      camera: await refused(navigator.mediaDevices?.getUserMedia({ video: true })),
      ports: await refused(
        (navigator as unknown as { serial?: { requestPort(): Promise<unknown> } }).serial?.requestPort(),
      ),
    }
  })
  expect(answers).toEqual({
    geolocation: 'denied',
    notifications: 'denied',
    camera: 'refused',
    ports: 'refused',
  })
})

test('a call with a name or payload that is not in the contract is refused', async () => {
  const refuse = { ok: false, error: { code: 'REQUEST_REFUSED' } }
  const raw = (name: unknown, request?: unknown) =>
    app.page.evaluate(([n, r]) => window.iotmc.call(n as 'app.status', r as undefined), [
      name,
      request,
    ] as const)
  expect(await raw('nothing.such')).toMatchObject(refuse)
  expect(await raw('__proto__')).toMatchObject(refuse)
  expect(await raw('devices.identify', { udn: '../../etc/passwd', seconds: 1 })).toMatchObject(refuse)
  expect(await raw('settings.set', { jobConcurrency: -1 })).toMatchObject(refuse)
  expect(await raw('app.unlock', { passphrase: 'x'.repeat(300) })).toMatchObject(refuse)
})

test('an answer carries nothing of the inside when it fails', async () => {
  const result = await app.call('devices.verify', { udn: 'uuid:00000000-0000-4000-8000-000000000000' })
  expect(result.ok).toBe(false)
  expect(JSON.stringify(result)).not.toMatch(/at .*\.js|node_modules|\/tmp\//)
})

test('the passphrase is in neither the environment of the program nor its log', async () => {
  const environment = await app.electron.evaluate(() => JSON.stringify(process.env))
  expect(environment).not.toContain(PASSPHRASE)
  expect(readFileSync(`${app.dataDir}/logs/technician.log`, 'utf8')).not.toContain(PASSPHRASE)
})

test('a second start with the same data folder ends by itself and shows the first window', async () => {
  const args = await app.electron.evaluate(({ app: self, BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.hide()
    return { executable: process.execPath, appDir: self.isPackaged ? undefined : self.getAppPath() }
  })
  const { spawn } = await import('node:child_process')
  const second = spawn(
    args.executable,
    ['--no-sandbox', ...(args.appDir ? [args.appDir] : []), '--data', app.dataDir],
    { stdio: 'ignore' },
  )
  expect(await new Promise((done) => second.once('exit', done))).toBe(0)
  await expect
    .poll(() => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible()))
    .toBe(true)
})
