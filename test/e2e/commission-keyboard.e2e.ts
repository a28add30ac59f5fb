/** The same way as by mouse, from the first run into operation, by keyboard alone. */
import { expect, test } from '@playwright/test'
import { type LaunchedApp, launchApp } from './harness'
import { Keyboard } from './keyboard'
import { ENGLISH, expectInOperation, rows, waitForPracticeDevices } from './window'

let app: LaunchedApp
let keyboard: Keyboard
test.beforeAll(async () => {
  app = await launchApp({ passphrase: undefined, env: ENGLISH })
  keyboard = new Keyboard(app)
})
test.afterAll(() => app.close())

test('three devices are commissioned without a mouse, from the first run on', async () => {
  const { page } = app
  await expect(page.getByTestId('practice-start')).toBeVisible()
  await keyboard.tabTo('practice-start')
  await keyboard.press('Enter')
  await expect(page.getByTestId('practice-banner')).toBeVisible()
  await waitForPracticeDevices(app)

  // Into the table: one tab stop for all rows; arrows move, Space selects, Enter opens, Escape closes.
  const first = await rows(page).first().getAttribute('data-testid')
  await keyboard.tabTo(String(first))
  await keyboard.press('Enter')
  await expect(page.getByTestId('device-drawer')).toBeVisible()
  await keyboard.press('Escape')
  await expect(page.getByTestId('device-drawer')).toHaveCount(0)
  await keyboard.press('Space')
  for (const [nth, count] of [
    [1, 2],
    [2, 3],
  ] as const) {
    await keyboard.press('ArrowDown')
    const row = String(await rows(page).nth(nth).getAttribute('data-testid'))
    await expect.poll(keyboard.focused).toBe(row)
    await keyboard.press('Space')
    await expect(page.getByRole('toolbar')).toContainText(`${count} selected`)
  }

  await keyboard.tabTo('bulk-commission', 'Shift+Tab')
  await keyboard.press('Enter')
  await expect(page.getByTestId('commission-choose-all')).toBeVisible()
  await keyboard.pressWhenReady('commission-next')
  await expect(page.locator('[data-testid^="batch-entry-"]').filter({ hasText: 'Genuine' })).toHaveCount(3)
  await keyboard.pressWhenReady('commission-next')
  await expect(page.getByTestId('commission-group')).toBeVisible()
  await keyboard.pressWhenReady('commission-next')

  await expect(page.getByTestId('approve-all')).toContainText('Approve all 3', { timeout: 60_000 })
  await keyboard.press('Shift+A')
  await expect(page.getByTestId('wizard-done')).toBeVisible({ timeout: 60_000 })
  await expect(page.getByTestId('state-box').first()).toContainText('All 3 devices are in operation.')
  await keyboard.pressWhenReady('wizard-done')
  await expect(page.getByTestId('device-drawer')).toBeVisible()
  await expectInOperation(app)
})

test('search, filters and details are reached by their keys', async () => {
  const { page } = app
  await keyboard.press('Escape')
  await expect(page.getByTestId('device-drawer')).toHaveCount(0)
  await keyboard.press('Escape')
  await expect(page.getByTestId('bulk-commission')).toHaveCount(0)
  await keyboard.press('/')
  await expect.poll(keyboard.focused).toBe('device-search')
  await page.keyboard.type('gate')
  await expect(rows(page)).toHaveCount(1)
  await keyboard.press('Escape')
  await expect(rows(page)).toHaveCount(3)
  await keyboard.press('Control+A')
  await expect(page.getByRole('toolbar')).toContainText('3 selected')
})

test('every screen is reached from the navigation by Tab and Enter', async () => {
  const { page } = app
  for (const screen of ['commission', 'jobs', 'site', 'settings', 'devices'] as const) {
    await keyboard.tabTo(`nav-${screen}`)
    await keyboard.press('Enter')
    await expect(page.getByTestId(`nav-${screen}`)).toHaveAttribute('aria-current', 'page')
    await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible()
  }
})
