import { expect, type Page, test } from '@playwright/test'
import type { StationView } from '../../../electron/contract/factory'
import { expectAccessible, openWindow } from './open'
import { sample } from './sample'
import { authority, lane, mixedLanes, PINS, SUPERVISOR, stationView } from './sample-station'

const FOLDER = process.env.SHOTS ?? 'screenshots/window'
const base = sample()
const WIDE = { width: 1920, height: 1080 }

const LOOKS = [
  { theme: 'light', language: 'en', wide: false },
  { theme: 'dark', language: 'en', wide: true },
  { theme: 'light', language: 'de', wide: true },
  { theme: 'dark', language: 'de', wide: false },
] as const

const signedOut = (view: StationView): StationView => {
  const { signedIn: _, ...rest } = view
  return rest
}

/** Elements whose text is wider or higher than they are. */
const cut = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('h1, h2, button, p, [data-testid$=-word], [data-testid$=-next], li > div')]
      .filter((one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight * 1.3)
      .filter(
        (one) => getComputedStyle(one).display !== 'inline' && !one.classList.contains('hidden-visually'),
      )
      .map((one) => `${one.tagName} ${one.textContent?.slice(0, 60)}`),
  )

for (const { theme, language, wide } of LOOKS) {
  const look = `${theme}-${language}${wide ? '-wide' : ''}`
  const settings = { ...base.settings, theme, language }
  const open = (page: Page, station: StationView) =>
    openWindow(page, { settings, station, status: { ...base.status, station: true } })
  const take = async (page: Page, name: string) => {
    await page.waitForTimeout(350)
    await page.screenshot({ path: `${FOLDER}/station-${name}-${look}.png` })
    await expectAccessible(page, name)
    const found = await cut(page)
    if (found.length > 0) console.log(`${name} ${look}: cut: ${found.join(' | ')}`)
  }

  test.describe(look, () => {
    test.use({ viewport: wide ? WIDE : { width: 1366, height: 768 } })

    test('PIN', async ({ page }) => {
      const complaints = await open(page, signedOut(stationView()))
      await page.keyboard.type('12')
      await take(page, 'pin')
      await page.keyboard.type('99')
      await page.keyboard.press('Enter')
      await expect(page.getByTestId('station-pin-error')).toBeVisible()
      await take(page, 'pin-wrong')
      for (let wrong = 0; wrong < 4; wrong += 1) {
        await page.keyboard.type('0000')
        await page.keyboard.press('Enter')
        await expect(page.getByTestId('station-sign-in')).not.toHaveAttribute('aria-busy', 'true')
      }
      await expect(page.getByTestId('station-pin-wait')).toBeVisible()
      await take(page, 'pin-wait')
      expect(complaints).toEqual([])
    })

    test('four lanes', async ({ page }) => {
      const complaints = await open(page, stationView())
      await take(page, 'four')
      await page.keyboard.type('PX200-01199')
      await page.keyboard.press('Enter')
      await expect(page.getByTestId('station-refused')).toContainText('PX200-01199')
      await take(page, 'refused')
      expect(complaints).toEqual([])
    })

    test('troubles', async ({ page }) => {
      await open(
        page,
        stationView({
          lanes: [
            lane(1, 'failed', { resumable: false, error: { code: 'SELF_TEST_FAILED' } }),
            lane(2, 'locked'),
            lane(3, 'refused', { keyStorage: 'flash', error: { code: 'SOFTWARE_KEY_REFUSED' } }),
            lane(4, 'no-port', { error: { code: 'SERIAL_PORT_DENIED', subject: '/dev/ttyUSB3' } }),
          ],
          authority: authority(Date.now(), { issued: 9_700 }),
        }),
      )
      await take(page, 'troubles')
    })

    test('other lanes', async ({ page }) => {
      const { config } = stationView()
      await open(
        page,
        stationView({
          lanes: [
            lane(1, 'assigned'),
            lane(2, 'ready'),
            lane(3, 'listening'),
            lane(4, 'passed', { labelPrinted: false }),
          ],
          config: { ...config, startOnScan: false },
          authority: authority(Date.now(), { state: 'missing' }),
          counts: { passed: 0, failed: 0, firstPass: 0, perFiveMinutes: Array(12).fill(0) },
        }),
      )
      await take(page, 'others')
    })

    for (const count of [1, 8, 16])
      test(`${count} lanes`, async ({ page }) => {
        await open(page, stationView({ lanes: [...mixedLanes(count)] }))
        await take(page, `lanes-${count}`)
      })

    test('supervisor', async ({ page }) => {
      await open(page, stationView({ lanes: [...mixedLanes(8)] }))
      await page.getByTestId('station-supervisor').click()
      await take(page, 'panel-operator')
      await page.keyboard.type(PINS[SUPERVISOR.name] ?? '')
      await page.keyboard.press('Enter')
      await expect(page.getByTestId('station-log')).toBeVisible()
      await take(page, 'panel')
      await page.getByTestId('station-leave').click()
      await take(page, 'panel-leave')
    })
  })
}
