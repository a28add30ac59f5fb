/** The same way as by mouse, from the first run into operation, by keyboard alone. */
import { expect, test } from '@playwright/test'
import { type LaunchedApp, launchApp } from './harness'
import { ENGLISH, expectInOperation, rows, waitForPracticeDevices } from './window'

let app: LaunchedApp
test.beforeAll(async () => {
  app = await launchApp({ passphrase: undefined, env: ENGLISH })
})
test.afterAll(() => app.close())

const focused = (): Promise<string | undefined> =>
  app.page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.testid)

/** Tabs on until the element has the focus, and expects that it can be seen that it has. */
const tabTo = async (testid: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> => {
  const passed: (string | undefined)[] = []
  for (let press = 0; press < 80; press += 1) {
    if ((await focused()) === testid) return expectFocusSeen()
    await app.page.keyboard.press(key)
    passed.push(await focused())
  }
  throw new Error(`${testid} is not reached by ${key}; passed: ${passed.join(', ')}`)
}

const expectFocusSeen = async (): Promise<void> => {
  const seen = await app.page.evaluate(() => {
    const own = document.activeElement as HTMLElement
    return [own, own.closest('label')].some((element) => {
      if (!element) return false
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
      return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || boxShadow !== 'none'
    })
  })
  expect(seen, `focus of ${await focused()} is visible`).toBe(true)
}

const press = (key: string): Promise<void> => app.page.keyboard.press(key)

/** Continue may be greyed while something is awaited; it is pressed once it can be. */
const pressWhenReady = async (testid: string): Promise<void> => {
  await tabTo(testid)
  await expect(app.page.getByTestId(testid)).not.toHaveAttribute('aria-disabled', 'true', { timeout: 60_000 })
  await press('Enter')
}

test('three devices are commissioned without a mouse, from the first run on', async () => {
  const { page } = app
  await expect(page.getByTestId('practice-start')).toBeVisible()
  await tabTo('practice-start')
  await press('Enter')
  await expect(page.getByTestId('practice-banner')).toBeVisible()
  await waitForPracticeDevices(app)

  // Into the table: one tab stop for all rows; arrows move, Space selects, Enter opens, Escape closes.
  const first = await rows(page).first().getAttribute('data-testid')
  await tabTo(String(first))
  await press('Enter')
  await expect(page.getByTestId('device-drawer')).toBeVisible()
  await press('Escape')
  await expect(page.getByTestId('device-drawer')).toHaveCount(0)
  await press('Space')
  for (const [nth, count] of [
    [1, 2],
    [2, 3],
  ] as const) {
    await press('ArrowDown')
    const row = String(await rows(page).nth(nth).getAttribute('data-testid'))
    await expect.poll(focused).toBe(row)
    await press('Space')
    await expect(page.getByRole('toolbar')).toContainText(`${count} selected`)
  }

  await tabTo('bulk-commission', 'Shift+Tab')
  await press('Enter')
  await expect(page.getByTestId('commission-choose-all')).toBeVisible()
  await pressWhenReady('commission-next')
  await expect(page.locator('[data-testid^="batch-entry-"]').filter({ hasText: 'Genuine' })).toHaveCount(3)
  await pressWhenReady('commission-next')
  await expect(page.getByTestId('commission-group')).toBeVisible()
  await pressWhenReady('commission-next')

  await expect(page.getByTestId('approve-all')).toContainText('Approve all 3', { timeout: 60_000 })
  await press('Shift+A')
  await expect(page.getByTestId('wizard-done')).toBeVisible({ timeout: 60_000 })
  await expect(page.getByTestId('state-box').first()).toContainText('All 3 devices are in operation.')
  await pressWhenReady('wizard-done')
  await expect(page.getByTestId('device-drawer')).toBeVisible()
  await expectInOperation(app)
})

test('search, filters and details are reached by their keys', async () => {
  const { page } = app
  await press('Escape')
  await expect(page.getByTestId('device-drawer')).toHaveCount(0)
  await press('Escape')
  await expect(page.getByTestId('bulk-commission')).toHaveCount(0)
  await press('/')
  await expect.poll(focused).toBe('device-search')
  await page.keyboard.type('gate')
  await expect(rows(page)).toHaveCount(1)
  await press('Escape')
  await expect(rows(page)).toHaveCount(3)
  await press('Control+A')
  await expect(page.getByRole('toolbar')).toContainText('3 selected')
})

test('every screen is reached from the navigation by Tab and Enter', async () => {
  const { page } = app
  for (const screen of ['commission', 'jobs', 'site', 'settings', 'devices'] as const) {
    await tabTo(`nav-${screen}`)
    await press('Enter')
    await expect(page.getByTestId(`nav-${screen}`)).toHaveAttribute('aria-current', 'page')
    await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible()
  }
})
