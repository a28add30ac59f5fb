import { expect, type Page, test } from '@playwright/test'
import { expectAccessible, openWindow } from './open'
import { sample } from './sample'
import { wrongVerdict } from './sample-reports'

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
    await page.waitForTimeout(150)
    await page.screenshot({ path: `${FOLDER}/reports-${what}-${name}.png` })
    await expectAccessible(page, what)
    expect(await page.evaluate(() => document.documentElement.scrollWidth), what).toBe(1366)
  }
  const openReports = async (page: Page) => {
    await page.getByTestId('nav-diagnostics').click()
    await page.getByTestId('diagnostics-tab-reports').click()
    await expect(page.getByTestId('report-make')).toBeVisible()
  }

  test(`reports, ${name}`, async ({ page }) => {
    const complaints = await openWindow(page, { settings })
    await openReports(page)
    await expect(page.getByTestId('report-row-6')).toBeVisible()
    await take(page, 'list')
    await page.getByTestId('report-customer').fill('Example customer')
    await page.getByTestId('report-place').fill('Hall 1')
    await page.getByTestId('report-notes').fill('The key lies with the porter.')
    await page.getByTestId('report-make').click()
    await expect(page.getByTestId('report-row-7')).toBeVisible()
    await take(page, 'made')
    await page.getByTestId('report-save-pdf-7').click()
    await expect(page.getByText('report-0007.pdf')).toBeVisible()
    await page.getByTestId('report-verify').click()
    await expect(page.getByTestId('report-verdict')).toHaveAttribute('data-ok', 'true')
    await take(page, 'right')
    expect(complaints).toEqual([])
  })

  test(`a report that is not right, and none, ${name}`, async ({ page }) => {
    await openWindow(page, { settings, reports: [], reportVerdict: wrongVerdict })
    await openReports(page)
    await expect(page.getByTestId('reports-empty')).toBeVisible()
    await page.getByTestId('report-verify').click()
    await expect(page.getByTestId('report-verdict')).toHaveAttribute('data-ok', 'false')
    await page.getByTestId('report-notes').fill('fail')
    await page.getByTestId('report-make').click()
    await expect(page.getByTestId('state-box')).toHaveCount(2)
    await take(page, 'wrong')
  })
}
