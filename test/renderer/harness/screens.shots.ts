import { expect, type Page, test } from '@playwright/test'
import { expectAccessible, openWindow } from './open'
import { devices, sample, udn } from './sample'

const FOLDER = 'screenshots/window'
const base = sample()

for (const theme of ['light', 'dark'] as const) {
  const settings = { ...base.settings, theme }
  const take = async (page: Page, name: string) => {
    await page.waitForTimeout(150)
    await page.screenshot({ path: `${FOLDER}/${name}-${theme}.png` })
    await expectAccessible(page, name)
  }

  test(`devices, ${theme}`, async ({ page }) => {
    const complaints = await openWindow(page, { settings })
    await expect(page.getByTestId('device-table')).toBeVisible()
    await take(page, 'devices')
    await page.getByTestId(`device-row-${udn(4)}`).click()
    await page.getByTestId(`device-select-${udn(4)}`).check()
    await page.getByTestId(`device-select-${udn(2)}`).check()
    await take(page, 'devices-drawer')
    await page.getByTestId('drawer-tab-identity').click()
    await page.getByTestId('drawer-verify').click()
    await expect(page.getByTestId('device-drawer').getByRole('list', { name: /chain/ })).toBeVisible()
    await take(page, 'devices-identity')
    await page.getByTestId(`device-row-${udn(1)}`).click()
    await page.getByTestId('drawer-tab-configuration').click()
    await page.getByTestId('drawer-read-configuration').click()
    await take(page, 'devices-configuration')
    await page.getByTestId('device-search').fill('nothing like this')
    await take(page, 'devices-no-match')
    await page.getByTestId('clear-filters').click()
    await page.getByTestId('why-missing').click()
    await take(page, 'missing')
    expect(complaints).toEqual([])
  })

  test(`commission, ${theme}`, async ({ page }) => {
    await openWindow(page, { settings, failing: [udn(6)] })
    await page.getByTestId('nav-commission').click()
    await page.getByTestId('commission-choose-all').click()
    await take(page, 'commission-choose')
    await page.getByTestId('commission-next').click()
    await page.getByTestId(`batch-entry-${udn(7)}`).click()
    await take(page, 'commission-verify-bad')
    await page.getByTestId(`batch-entry-${udn(5)}`).click()
    await take(page, 'commission-verify')
    await page.getByTestId('commission-next').click()
    await take(page, 'commission-group')
    await page.getByTestId('commission-next').click()
    await expect(page.getByTestId('approve-device')).not.toHaveAttribute('aria-disabled', 'true')
    await page.waitForTimeout(600)
    await take(page, 'commission-approve')
    await page.getByTestId('reject-device').click()
    await take(page, 'commission-reject')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Shift+A')
    await page.waitForTimeout(250)
    await page.screenshot({ path: `${FOLDER}/commission-watch-${theme}.png` })
    await expect(page.getByTestId('wizard-done')).toBeVisible()
    await page.getByTestId(`batch-entry-${udn(6)}`).click()
    await take(page, 'commission-result')
    await page.getByTestId('nav-jobs').click()
    await page
      .getByRole('button', { name: /PX200-01181/ })
      .first()
      .click()
    await take(page, 'jobs')
    await page.evaluate(() => {
      const { played } = window as unknown as { played: { push(name: string, payload: unknown): void } }
      played.push('app.quitAsked', [
        { id: 'job-1-0', kind: 'commission', subject: 'uuid:2fac1234-31f8-11b4-a222-000000000004' },
      ])
    })
    await take(page, 'quit')
  })

  test(`site and settings, ${theme}`, async ({ page }) => {
    await openWindow(page, { settings })
    await page.getByTestId('nav-jobs').click()
    await take(page, 'jobs-empty')
    await page.getByTestId('nav-site').click()
    await page.getByTestId('group-North hall').click()
    await take(page, 'site-groups')
    await page.getByTestId('site-tab-policy').click()
    await take(page, 'site-policy')
    await page.getByTestId('zero-touch').click()
    await take(page, 'site-policy-on')
    await page.getByTestId('nav-settings').click()
    await take(page, 'settings')
    await page.getByTestId('trust-add').click()
    await page.getByTestId('trust-pem').fill('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')
    await page.getByTestId('trust-add-yes').click()
    await take(page, 'settings-trust')
  })

  test(`first run, ${theme}`, async ({ page }) => {
    await openWindow(page, {
      settings,
      status: { ...base.status, stage: 'setup', osKeyStore: false, siteName: '', technician: '' },
    })
    await take(page, 'setup')
    await page.getByTestId('setup-interfaces-all').uncheck()
    await page.getByTestId('setup-site-open').check()
    await take(page, 'setup-open')
  })

  test(`unlock and empty, ${theme}`, async ({ page }) => {
    await openWindow(page, { settings, devices: [], status: { ...base.status, stage: 'locked' } })
    await page.getByTestId('unlock-passphrase').fill('wrong')
    await page.getByTestId('unlock-button').click()
    await take(page, 'unlock')
    await page.getByTestId('unlock-passphrase').fill('open sesame')
    await page.keyboard.press('Enter')
    await take(page, 'devices-empty')
    await page.getByTestId('practice-start').click()
    await expect(page.getByTestId('practice-banner')).toBeVisible()
    await take(page, 'practice')
  })
}

test('German', async ({ page }) => {
  await openWindow(page, { settings: { ...base.settings, language: 'de' }, devices: devices(5000) })
  await page
    .getByTestId(`device-row-${udn(25)}`)
    .or(page.getByTestId('device-table'))
    .first()
    .waitFor()
  await page.getByTestId('nav-devices').click()
  await page.screenshot({ path: `${FOLDER}/german-devices.png` })
  await page.getByRole('row').nth(4).click()
  await page.getByRole('checkbox').nth(3).check()
  await page.waitForTimeout(100)
  await page.screenshot({ path: `${FOLDER}/german-drawer.png` })
  for (const name of ['commission', 'jobs', 'site', 'settings']) {
    await page.getByTestId(`nav-${name}`).click()
    await page.waitForTimeout(100)
    await page.screenshot({ path: `${FOLDER}/german-${name}.png` })
  }
})
