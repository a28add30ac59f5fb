import { expect, type Page, test } from '@playwright/test'
import { expectAccessible, openWindow } from './open'
import { devices, sample, udn } from './sample'
import { BUNDLES, emptyFirmware, firmwareSample, ROLLOUT, rollout } from './sample-firmware'

const FOLDER = 'screenshots/window'
const base = sample()
const FIRST = BUNDLES[0]?.id.slice(0, 8)

test.setTimeout(240_000)

for (const [name, look] of [
  ['light', { theme: 'light', language: 'en' }],
  ['dark', { theme: 'dark', language: 'en' }],
  ['german', { theme: 'light', language: 'de' }],
] as const) {
  const settings = { ...base.settings, ...look }
  const take = async (page: Page, what: string) => {
    await page.waitForTimeout(150)
    await page.screenshot({ path: `${FOLDER}/firmware-${what}-${name}.png` })
    await expectAccessible(page, what)
    expect(await page.evaluate(() => document.documentElement.scrollWidth), what).toBe(1366)
  }

  test(`firmware library and rollout, ${name}`, async ({ page }) => {
    const complaints = await openWindow(page, { settings, devices: devices(60) })
    await page.getByTestId('nav-firmware').click()
    await expect(page.getByTestId('firmware-library')).toBeVisible()
    await take(page, 'home')
    await page.getByTestId(`rollout-${ROLLOUT}`).click()
    await expect(page.getByTestId(`board-row-${udn(1)}`)).toBeVisible()
    await take(page, 'rollout')
    await page.getByTestId(`board-row-${udn(5)}`).click()
    await expect(page.getByTestId('device-drawer').getByTestId('banks')).toBeVisible()
    await take(page, 'drawer')
    await page.getByTestId(`board-row-${udn(2)}`).click()
    await take(page, 'drawer-trial')
    await page.keyboard.press('Escape')
    await page.getByTestId('rollout-pause').click()
    await expect(page.getByTestId('rollout-resume')).toBeVisible()
    await take(page, 'paused')
    await page.getByTestId('rollout-stop-now').click()
    await take(page, 'stop')
    await page.getByTestId('rollout-stop-yes').click()
    await expect(page.getByTestId('rollout-retry')).toBeVisible()
    await take(page, 'stopped')
    expect(complaints).toEqual([])
  })

  test(`firmware wizard, ${name}`, async ({ page }) => {
    const complaints = await openWindow(page, { settings, devices: devices(60) })
    await page.getByTestId('nav-firmware').click()
    await page.getByTestId(`bundle-${FIRST}`).getByTestId('firmware-begin').click()
    await expect(page.getByTestId('firmware-wizard')).toBeVisible()
    await take(page, 'wizard-bundle')
    await page.getByTestId('firmware-next').click()
    await expect(page.getByTestId('firmware-devices')).toBeVisible()
    await page.getByTestId('firmware-select-all').click()
    await take(page, 'wizard-devices')
    await page.getByTestId('firmware-next').click()
    await page.getByTestId('plan-later').click()
    await page.getByTestId('plan-window').check()
    await take(page, 'wizard-plan')
    await page.getByTestId('firmware-start').click()
    await expect(page.getByTestId('board')).toBeVisible()
    const plan = await page.evaluate(
      () => (window as unknown as { startedPlan: { waves: unknown[] } }).startedPlan,
    )
    expect(plan.waves.length).toBe(3)
    expect(complaints).toEqual([])
  })

  test(`firmware over a cable, ${name}`, async ({ page }) => {
    await openWindow(page, { settings })
    await page.getByTestId('nav-firmware').click()
    await page.getByTestId('firmware-serial').click()
    await page.getByTestId('firmware-serial-port').fill('/dev/ttyUSB1')
    await page.getByTestId('firmware-serial-look').click()
    await expect(page.getByTestId('serial-found')).toBeVisible()
    await page.getByTestId('firmware-next').click()
    await page.getByTestId(`serial-bundle-${FIRST}`).check()
    await take(page, 'serial-consent')
    await page.getByTestId('firmware-back').click()
    await page.getByTestId('firmware-serial-port').fill('/dev/ttyUSB0')
    await page.getByTestId('firmware-serial-look').click()
    await expect(page.getByTestId('serial-found')).toHaveAttribute('data-rollback', 'true')
    await take(page, 'serial-port')
    await page.getByTestId('firmware-next').click()
    await page.getByTestId(`serial-bundle-${FIRST}`).check()
    await take(page, 'serial-image')
    await page.getByTestId('firmware-serial-start').click()
    await expect(page.getByTestId('serial-result')).toHaveAttribute('data-state', 'done')
    await take(page, 'serial-result')
  })

  test(`firmware, nothing yet, ${name}`, async ({ page }) => {
    await openWindow(page, { settings, firmware: emptyFirmware() })
    await page.getByTestId('nav-firmware').click()
    await take(page, 'empty')
    await page.getByTestId('firmware-drop').dispatchEvent('drop', {
      dataTransfer: await page.evaluateHandle(() => {
        const transfer = new DataTransfer()
        transfer.items.add(new File(['x'], 'broken.iotfw'))
        return transfer
      }),
    })
    await expect(page.getByTestId('bundle-problem')).toHaveAttribute('data-code', 'SIGNATURE_INVALID')
    await take(page, 'refused')
  })
}

/** Time between frames while a table is scrolled by a page a frame, in ms: the ninth of ten. */
const scrolling = (page: Page, table: string): Promise<number> =>
  page
    .getByTestId(table)
    .locator('> div')
    .evaluate(async (element) => {
      const gaps: number[] = []
      let last = performance.now()
      for (let step = 0; step < 60; step += 1) {
        element.scrollTop += 400
        await new Promise(requestAnimationFrame)
        const now = performance.now()
        gaps.push(now - last)
        last = now
      }
      return gaps.sort((a, b) => a - b)[54] ?? 0
    })

test('the board with 5,000 devices is about as fluent as the device table', async ({ page }) => {
  const list = devices(5000)
  const firmware = firmwareSample(
    list.map((one) => one.udn),
    { rollouts: [rollout()] },
  )
  await openWindow(page, { settings: base.settings, devices: list, firmware })
  await expect(page.getByTestId(`device-row-${udn(1)}`).or(page.getByTestId('device-table'))).toBeVisible()
  const beside = await scrolling(page, 'device-table')
  await page.getByTestId('nav-firmware').click()
  await page.getByTestId(`rollout-${ROLLOUT}`).click()
  await expect(page.getByTestId(`board-row-${udn(1)}`)).toBeVisible()
  const board = await scrolling(page, 'board')
  test.info().annotations.push({ type: 'frames', description: `board ${board} ms, devices ${beside} ms` })
  console.log(`board ${board.toFixed(0)} ms, devices ${beside.toFixed(0)} ms a frame`)
  expect(board).toBeLessThan(Math.max(50, beside * 3))
  expect(await page.getByRole('row').count()).toBeLessThan(80)
})
