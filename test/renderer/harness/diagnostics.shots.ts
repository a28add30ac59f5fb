import { expect, type Page, test } from '@playwright/test'
import { expectAccessible, openWindow } from './open'
import { devices, sample, udn } from './sample'
import { diagnosticsSample } from './sample-diagnostics'

const FOLDER = 'screenshots/window'
const base = sample()

test.setTimeout(240_000)

for (const [name, look] of [
  ['light', { theme: 'light', language: 'en' }],
  ['dark', { theme: 'dark', language: 'en' }],
  ['german', { theme: 'light', language: 'de' }],
] as const) {
  const settings = { ...base.settings, ...look }
  const take = async (page: Page, what: string) => {
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    await page.waitForTimeout(200)
    await page.screenshot({ path: `${FOLDER}/diagnostics-${what}-${name}.png` })
    await expectAccessible(page, what)
    expect(await page.evaluate(() => document.documentElement.scrollWidth), what).toBe(1366)
  }
  const tick = (page: Page, row: number) =>
    page.getByTestId('health-table').getByRole('checkbox').nth(row).click()

  test(`overview and chart, ${name}`, async ({ page }) => {
    const complaints = await openWindow(page, { settings, devices: devices(60) })
    await page.getByTestId('nav-diagnostics').click()
    await expect(page.getByTestId('health-table')).toBeVisible()
    await take(page, 'overview')
    await tick(page, 1)
    await expect(page.getByTestId('health-chart')).toBeVisible()
    await take(page, 'chart-one')
    for (const row of [2, 3, 4, 5]) await tick(page, row)
    await take(page, 'chart-five')
    await page.getByTestId('health-range-24h').click()
    await take(page, 'chart-day')
    await page.getByTestId('health-chart').focus()
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('+')
    await take(page, 'chart-zoomed')
    await page.getByTestId('health-as-table').click()
    await take(page, 'chart-table')
    await page.getByTestId('health-as-table').click()
    await page.getByTestId('health-live').click()
    await page.getByRole('checkbox').first().click()
    await page.getByRole('checkbox').first().click()
    await take(page, 'chart-ten')
    expect(complaints).toEqual([])
  })

  test(`log, ${name}`, async ({ page }) => {
    const complaints = await openWindow(page, { settings, devices: devices(60) })
    await page.getByTestId('nav-diagnostics').click()
    await page.getByTestId('diagnostics-tab-log').click()
    await expect(page.getByTestId('log-table').getByRole('row').nth(3)).toBeVisible()
    await take(page, 'log')
    await page.getByTestId('log-table').getByRole('row').nth(4).focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await expect(page.getByTestId('log-detail')).toBeVisible()
    await take(page, 'log-record')
    await page.keyboard.press('Escape')
    await page.getByTestId('log-device').selectOption(udn(2))
    await take(page, 'log-lost')
    await page.keyboard.press('/')
    await page.keyboard.press('/')
    await page.getByTestId('log-search').fill('no such words')
    await expect(page.getByTestId('log-empty')).toBeVisible()
    await take(page, 'log-no-match')
    await page.getByTestId('log-show-all').click()
    await page.getByTestId('log-clear').click()
    await take(page, 'log-clear')
    await page.getByTestId('fetch-yes').click()
    expect(
      await page.evaluate(() => (window as unknown as { fetched: { clear: boolean } }).fetched.clear),
    ).toBe(true)
    expect(complaints).toEqual([])
  })

  test(`checks, ${name}`, async ({ page }) => {
    const complaints = await openWindow(page, { settings, devices: devices(60) })
    await page.getByTestId('nav-diagnostics').click()
    await page.getByTestId('diagnostics-tab-checks').click()
    await take(page, 'checks')
    await page.getByTestId('check-begin').click()
    for (const row of [1, 2, 5, 9])
      await page.getByTestId('check-devices').getByRole('checkbox').nth(row).click()
    await take(page, 'wizard-choose')
    await page.getByTestId('check-next').click()
    await take(page, 'wizard-tests')
    await page.getByTestId('check-start').click()
    await expect(page.locator('[data-testid^=check-card-]').first()).toBeVisible()
    await take(page, 'wizard-watch')
    expect(complaints).toEqual([])
  })

  test(`drawer, limits and empty, ${name}`, async ({ page }) => {
    const complaints = await openWindow(page, { settings, devices: devices(60) })
    await take(page, 'devices')
    await page.getByTestId('device-search').fill('Pump room 2')
    await page.getByTestId(`device-row-${udn(2)}`).click()
    await page.getByTestId('drawer-tab-health').click()
    await take(page, 'drawer-health')
    await page.getByTestId('drawer-tab-log').click()
    await take(page, 'drawer-log')
    await page.getByTestId('drawer-tab-history').click()
    await take(page, 'drawer-history')
    await page.getByTestId('nav-settings').click()
    await page.getByTestId('settings-thresholds').scrollIntoViewIfNeeded()
    await take(page, 'limits')
    expect(complaints).toEqual([])
  })

  test(`nothing yet, ${name}`, async ({ page }) => {
    await openWindow(page, { settings, devices: [], diagnostics: diagnosticsSample([], base.nowMs) })
    await page.getByTestId('nav-diagnostics').click()
    await expect(page.getByTestId('health-empty')).toBeVisible()
    await take(page, 'empty')
    await page.getByTestId('diagnostics-tab-log').click()
    await take(page, 'log-empty')
    await page.getByTestId('diagnostics-tab-checks').click()
    await take(page, 'checks-empty')
  })
}
