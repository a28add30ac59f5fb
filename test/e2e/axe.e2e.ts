/** No serious or critical finding of axe on any screen, in light and in dark. */
import { expect, test } from '@playwright/test'
import { examine as examineWith } from './axe'
import { type LaunchedApp, launchApp } from './harness'
import { ENGLISH, rows, waitForPracticeDevices } from './window'

let app: LaunchedApp
test.afterEach(() => app?.close())

const examine = (screen: string): Promise<void> => examineWith(app, screen)

test('first run and the empty site', async () => {
  app = await launchApp({ passphrase: undefined, env: ENGLISH })
  const { page } = app
  await expect(page.getByTestId('setup-technician')).toBeVisible()
  await examine('setup')
  await page.getByTestId('setup-site-open').click()
  await page.getByTestId('setup-passphrase').fill('one passphrase')
  await page.getByTestId('setup-passphrase-again').fill('another passphrase')
  await examine('setup with a site to open and two passphrases')
  await app.value('app.setup', {
    technician: 'Technician',
    siteName: 'Sample site',
    interfaces: ['lo'],
    passphrase: 'one passphrase',
  })
  await expect(page.getByTestId('devices-empty')).toBeVisible()
  await examine('no devices')
  await page.getByTestId('nav-commission').click()
  await expect(page.getByTestId('commission-empty')).toBeVisible()
  await examine('nothing to commission')
  await page.getByTestId('nav-jobs').click()
  await expect(page.getByTestId('jobs-empty')).toBeVisible()
  await examine('no jobs')
})

test('devices, each step of the wizard, and every other screen', async () => {
  test.setTimeout(240_000)
  app = await launchApp({ practice: true, env: ENGLISH })
  const { page } = app
  await waitForPracticeDevices(app)
  await page.getByTestId('select-all').click()
  await rows(page).first().click()
  await expect(page.getByTestId('device-drawer')).toBeVisible()
  await examine('devices with drawer and selection')
  for (const tab of ['identity', 'configuration', 'history'] as const) {
    await page.getByTestId(`drawer-tab-${tab}`).click()
    if (tab === 'identity') {
      await page.getByTestId('drawer-verify').click()
      await expect(page.getByTestId('device-drawer')).toContainText('Identity verified')
    }
    await examine(`drawer ${tab}`)
  }
  await page.getByTestId('bulk-commission').click()
  await expect(page.getByTestId('commission-choose-all')).toBeVisible()
  await examine('wizard: choose')
  await page.getByTestId('commission-next').click()
  await expect(page.locator('[data-testid^="batch-entry-"]').filter({ hasText: 'Genuine' })).toHaveCount(3)
  await examine('wizard: verify')
  await page.getByTestId('commission-next').click()
  await expect(page.getByTestId('commission-group')).toBeVisible()
  await examine('wizard: group')
  await page.getByTestId('commission-next').click()
  await expect(page.getByTestId('approve-all')).toContainText('Approve all 3', { timeout: 60_000 })
  await examine('wizard: approve')
  await page.getByTestId('reject-device').click()
  await expect(page.getByTestId('reject-dialog')).toBeVisible()
  await examine('wizard: reject')
  await page.keyboard.press('Escape')
  await page.getByTestId('approve-all').click()
  await expect(page.getByTestId('wizard-done')).toBeVisible({ timeout: 60_000 })
  await examine('wizard: result')
  await page.getByTestId('nav-devices').click()
  await page.getByTestId('why-missing').click()
  await expect(page.getByTestId('missing-interfaces')).toBeVisible()
  await examine('why is one missing')
  await page.getByTestId('nav-jobs').click()
  await expect(page.getByTestId('jobs-clear')).toBeVisible()
  await examine('jobs')
  await page.getByTestId('nav-site').click()
  for (const tab of ['groups', 'plan', 'policy'] as const) {
    await page.getByTestId(`site-tab-${tab}`).click()
    await examine(`site: ${tab}`)
  }
  await page.getByTestId('nav-settings').click()
  await expect(page.getByTestId('settings-networks')).toBeVisible()
  await examine('settings')
})
