/** The first start of a laptop with no key store: three questions, a passphrase, the next start, and the other language. */
import { expect, test } from '@playwright/test'
import { makeTempDir } from '../helpers/temp-dir'
import { type LaunchedApp, launchApp, PASSPHRASE } from './harness'
import { nextSavedFile, textsOf, WITHIN } from './operation'
import { ENGLISH, expectThreeSentences } from './window'

const temp = makeTempDir('iotmc-first-run-')
let app: LaunchedApp

const start = (): Promise<LaunchedApp> =>
  launchApp({ dataDir: temp.path, passphrase: undefined, env: ENGLISH })

test.describe.configure({ mode: 'serial' })
test.afterAll(() => temp.remove())
test.afterEach(() => app?.close())

test('three questions and a passphrase make a site', async () => {
  app = await start()
  const { page } = app
  const go = page.getByTestId('setup-start')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Welcome')
  expect(await app.value('app.status')).toMatchObject({ stage: 'setup', osKeyStore: false })
  await expect(go).toContainText('needs your name')
  await page.getByTestId('setup-technician').fill('Technician')

  await page.getByTestId('setup-interfaces-all').click()
  await expect(page.getByTestId('setup-interface-lo')).toBeVisible()
  await page.getByTestId('setup-interface-lo').click()
  await expect(page.getByTestId('setup-interface-lo')).toBeChecked()

  await expect(go).toContainText('needs the site’s name')
  await page.getByTestId('setup-site').fill('Sample site')

  await expect(go).toContainText('needs a passphrase')
  await page.getByTestId('setup-passphrase').fill(PASSPHRASE)
  await page.getByTestId('setup-passphrase-again').fill('something else')
  await expect(page.getByText('The two are not the same.')).toBeVisible()
  await expect(go).toHaveAttribute('aria-disabled', 'true')
  await page.getByTestId('setup-passphrase-again').fill(PASSPHRASE)
  await go.click()

  await expect(page.getByTestId('devices-empty')).toBeVisible()
  await expect(page.getByTestId('site-footer')).toContainText('Sample site')
  await expect(page.getByTestId('site-footer')).toContainText('lo listening')
  expect(await app.value('settings.get')).toMatchObject({
    technician: 'Technician',
    siteName: 'Sample site',
    interfaces: ['lo'],
    setupDone: true,
  })
})

test('a wrong passphrase opens nothing and says what to do; the right one opens the site', async () => {
  app = await start()
  const { page } = app
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Unlock Sample site')
  await expect(page.getByTestId('unlock-passphrase')).toBeFocused()
  await page.keyboard.type('not the passphrase')
  await page.keyboard.press('Enter')
  await expectThreeSentences(page.getByTestId('state-box'))
  await expect(page.getByTestId('unlock-passphrase')).toHaveValue('')
  expect((await app.value('app.status')).stage).toBe('locked')
  expect(await app.call('trust.list')).toMatchObject({ ok: false, error: { code: 'VAULT_LOCKED' } })

  await page.getByTestId('unlock-passphrase').fill(PASSPHRASE)
  await page.getByTestId('unlock-button').click()
  await expect(page.getByTestId('devices-empty')).toBeVisible()
  expect((await app.value('app.status')).stage).toBe('ready')
})

test('who has lost the passphrase gets a bundle that tells of the program and of nothing sealed', async () => {
  app = await start()
  const { page } = app
  await expect(page.getByTestId('unlock-passphrase')).toBeFocused()
  const path = await nextSavedFile(app, 'program.zip')
  await page.getByTestId('bundle-make').click()
  await expect(page.getByText(`Saved to ${path}`)).toBeVisible(WITHIN)
  const files = await textsOf(path)
  expect([...files.keys()]).toContain('app/about.json')
  expect([...files.keys()].filter((name) => name.startsWith('devices/'))).toEqual([])
  for (const [name, text] of files)
    for (const secret of [PASSPHRASE, 'PRIVATE KEY']) expect(text.includes(secret), name).toBe(false)
  expect((await app.value('app.status')).stage).toBe('locked')
})

test('German at once, everywhere and after the next start, and nothing else of the settings changes', async () => {
  app = await launchApp({ dataDir: temp.path, env: ENGLISH })
  const { page } = app
  await expect(page.getByTestId('devices-empty')).toBeVisible()
  const before = await app.value('settings.get')
  await page.getByTestId('nav-settings').click()
  await page.getByTestId('settings-language').selectOption('de')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Einstellungen')
  await expect(page.locator('html')).toHaveAttribute('lang', 'de')
  for (const [screen, title] of [
    ['devices', 'Geräte'],
    ['commission', 'Aufnehmen'],
    ['jobs', 'Aufträge'],
    ['site', 'Standort'],
  ] as const) {
    await page.getByTestId(`nav-${screen}`).click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(title)
  }
  await expect(page.getByTestId('site-footer')).toContainText('Standort: Sample site')
  await expect.poll(() => app.value('settings.get')).toEqual({ ...before, language: 'de' })
  await app.close()

  app = await start()
  await expect(app.page.getByRole('heading', { level: 1 })).toHaveText('Sample site entsperren')
  await app.page.getByTestId('unlock-passphrase').fill('falsch geschrieben')
  await app.page.getByTestId('unlock-button').click()
  await expectThreeSentences(app.page.getByTestId('state-box'), 'Weiter:')
})

test('the first run speaks German when it is asked to', async () => {
  app = await launchApp({ passphrase: undefined, env: ENGLISH })
  await app.page.getByRole('button', { name: 'Deutsch' }).click()
  await expect(app.page.getByRole('heading', { level: 1 })).toHaveText('Willkommen')
  await expect(app.page.getByTestId('setup-start')).toContainText('braucht Ihren Namen')
})
