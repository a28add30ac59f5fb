import { expect, type Page, test } from '@playwright/test'
import { openWindow } from './open'
import { devices, udn } from './sample'

/** Presses Tab until the element with this test id has the focus; the mouse is never used here. */
const tabTo = async (page: Page, testid: string) => {
  for (let press = 0; press < 80; press += 1) {
    const focused = await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))
    if (focused === testid) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never reached ${testid}`)
}

test('two devices are commissioned with the keyboard alone', async ({ page }) => {
  const complaints = await openWindow(page)
  await expect(page.getByTestId('device-table')).toBeVisible()
  await page.keyboard.press('/')
  await page.keyboard.type('PX200-0118 waiting'.slice(0, 10))
  await page.keyboard.press('Tab')
  await tabTo(page, `device-row-${udn(5)}`)
  await page.keyboard.press('Space')
  await page.keyboard.press('ArrowDown')
  await expect(page.getByTestId(`device-row-${udn(6)}`)).toBeFocused()
  await page.keyboard.press('Space')
  await page.keyboard.press('Shift+Tab')
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await tabTo(page, 'bulk-commission')
  await page.keyboard.press('Enter')
  await tabTo(page, 'commission-next')
  await page.keyboard.press('Enter')
  await expect(page.getByText('2 genuine')).toBeVisible()
  await tabTo(page, 'commission-next')
  await page.keyboard.press('Enter')
  await tabTo(page, 'commission-next')
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('approve-device')).not.toHaveAttribute('aria-disabled', 'true')
  await page.keyboard.press('a')
  await expect(page.getByTestId('approve-all')).toContainText('Approve 1')
  await page.keyboard.press('Shift+A')
  await tabTo(page, 'wizard-done')
  await expect(page.getByText('All 2 devices are in operation.')).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('device-drawer')).toBeVisible()
  expect(complaints).toEqual([])
})

test('5,000 devices: the end is one key away, and few rows exist', async ({ page }) => {
  await openWindow(page, { devices: devices(5000) })
  await tabTo(page, `device-row-${await firstRow(page)}`)
  await page.keyboard.press('End')
  await expect(page.locator('[aria-rowindex="5001"]')).toBeFocused()
  expect(await page.locator('[data-index]').count()).toBeLessThan(60)
})

const firstRow = async (page: Page): Promise<string> => {
  const row = page.locator('[data-index="0"]')
  await row.waitFor()
  return ((await row.getAttribute('data-testid')) ?? '').replace('device-row-', '')
}

test('5,000 devices: a change of 500 rows holds the window for less than a tenth of a second', async ({
  page,
}) => {
  await openWindow(page, { devices: devices(5000) })
  await firstRow(page)
  const medianMs = await page.evaluate(async () => {
    const { played } = window as unknown as {
      played: { push(name: string, payload: unknown): void; state: { devices: { lastSeenMs: number }[] } }
    }
    const times: number[] = []
    for (let round = 0; round < 10; round += 1) {
      const put = played.state.devices
        .slice(round * 500, round * 500 + 500)
        .map((one) => ({ ...one, lastSeenMs: Date.now() }))
      const start = performance.now()
      played.push('devices.delta', { reset: false, last: true, put, drop: [] })
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
      times.push(performance.now() - start)
    }
    return times.sort((a, b) => a - b)[5] ?? 0
  })
  console.log(`500 of 5,000 rows changed: median ${medianMs.toFixed(0)} ms of 10`)
  expect(medianMs).toBeLessThan(100)
})

test('nothing is cut at 1366×768, with and without the drawer', async ({ page }) => {
  await openWindow(page)
  await page.getByTestId('device-table').waitFor()
  const cut = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('[role=gridcell],[role=columnheader],nav button,header button')]
        .filter((element) => element.scrollWidth > element.clientWidth + 1)
        .map((element) => element.textContent),
    )
  expect(await cut()).toEqual([])
  await page.getByTestId(`device-row-${udn(1)}`).click()
  expect(await cut()).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1366)
})
