/** Pictures of every screen in light and dark at 1366×768, into screenshots/: `npm run shots`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { makeTempDir } from '../helpers/temp-dir'
import { foreignDevice } from './foreign-device'
import { launchApp, PASSPHRASE } from './harness'
import { resize, shoot } from './shots'
import { ENGLISH, rows, waitForPracticeDevices } from './window'

test.describe.configure({ mode: 'serial' })

test('first run, locked and empty', async () => {
  const fresh = await launchApp({ passphrase: undefined, env: ENGLISH })
  await resize(fresh)
  const { page } = fresh
  await expect(page.getByTestId('setup-technician')).toBeVisible()
  await shoot(fresh, '01-setup')
  await page.getByTestId('setup-site-open').click()
  await page.getByTestId('setup-passphrase').fill('one passphrase')
  await page.getByTestId('setup-passphrase-again').fill('another passphrase')
  await page.getByTestId('setup-start').scrollIntoViewIfNeeded()
  await shoot(fresh, '02-setup-open')
  await fresh.value('app.setup', {
    technician: 'Technician',
    siteName: 'Sample site',
    interfaces: ['lo'],
    passphrase: PASSPHRASE,
  })
  await expect(page.getByTestId('devices-empty')).toBeVisible()
  await shoot(fresh, '03-devices-empty')
  await page.getByTestId('nav-commission').click()
  await shoot(fresh, '04-commission-empty')
  await page.getByTestId('nav-jobs').click()
  await expect(page.getByTestId('jobs-empty')).toBeVisible()
  await shoot(fresh, '05-jobs-empty')
  await fresh.close()
})

test('commissioning, step by step, and the screens afterwards', async () => {
  test.setTimeout(240_000)
  const app = await launchApp({ practice: true, env: ENGLISH })
  await resize(app)
  const { page } = app
  const devices = await waitForPracticeDevices(app)
  await shoot(app, '10-devices-new')
  const refused = await foreignDevice({ dataDir: join(app.dataDir, 'practice'), fault: 'foreign-ca' })
  await expect(rows(page)).toHaveCount(4)
  await page.getByTestId('select-all').click()
  await shoot(app, '11-devices-selected')
  await page.getByTestId('bulk-commission').click()
  await expect(page.getByTestId('commission-choose-all')).toBeVisible()
  await shoot(app, '20-commission-choose')
  await page.getByTestId('commission-next').click()
  for (const { udn } of devices) await expect(page.getByTestId(`batch-entry-${udn}`)).toContainText('Genuine')
  await expect(page.getByTestId(`batch-entry-${refused.udn}`)).toContainText('Not trusted')
  await page.getByTestId(`batch-entry-${devices[0]?.udn}`).click()
  await shoot(app, '21-commission-verify')
  await page.getByTestId(`batch-entry-${refused.udn}`).click()
  await expect(page.getByTestId('state-box')).toBeVisible()
  await shoot(app, '22-commission-verify-refused')
  await page.getByTestId('commission-next').click()
  await expect(page.getByTestId('commission-group')).toBeVisible()
  await shoot(app, '23-commission-group')
  await page.getByTestId('commission-next').click()
  await expect(page.getByTestId('approve-all')).toContainText('Approve all 3', { timeout: 60_000 })
  await expect(page.getByTestId('waiting-badge')).toBeVisible()
  await shoot(app, '24-commission-approve')
  await page.getByTestId('reject-device').click()
  await expect(page.getByTestId('reject-dialog')).toBeVisible()
  await shoot(app, '25-commission-reject')
  await page.keyboard.press('Escape')
  await page.getByTestId('nav-devices').click()
  await shoot(app, '26-devices-waiting')
  await page.getByTestId('nav-commission').click()
  await page.getByTestId('approve-all').click()
  await expect(page.getByTestId('wizard-done')).toBeVisible({ timeout: 60_000 })
  await shoot(app, '28-commission-result')
  await page.getByTestId('wizard-done').click()

  await expect(page.getByTestId('device-drawer')).toBeVisible()
  await expect(rows(page, 'Healthy')).toHaveCount(3)
  await page.getByTestId('bulk-clear').click()
  await page.getByTestId('drawer-close').click()
  await page.getByTestId(`device-row-${refused.udn}`).click()
  await page.getByTestId('drawer-tab-identity').click()
  await page.getByTestId('drawer-verify').click()
  await expect(page.getByTestId('device-drawer').getByTestId('state-box')).toBeVisible()
  await shoot(app, '29-drawer-refused')
  await page.getByTestId('drawer-close').click()
  await refused.stop()
  await expect(rows(page)).toHaveCount(3)
  await rows(page, 'Pump room 1').click()
  await expect(page.getByTestId('device-drawer')).toContainText('Pump room 1')
  await shoot(app, '30-devices-drawer')
  await page.getByTestId('drawer-tab-identity').click()
  await page.getByTestId('drawer-verify').click()
  await expect(page.getByTestId('device-drawer')).toContainText('Identity verified')
  await shoot(app, '31-drawer-identity')
  await page.getByTestId('drawer-tab-configuration').click()
  await page.getByTestId('drawer-read-configuration').click()
  await expect(page.getByTestId('device-drawer').getByRole('table')).toBeVisible()
  await shoot(app, '32-drawer-configuration')
  await page.getByTestId('drawer-tab-history').click()
  await shoot(app, '33-drawer-history')
  await page.getByTestId('drawer-close').click()
  await page.getByTestId('device-search').fill('nothing of this name')
  await expect(page.getByTestId('devices-no-match')).toBeVisible()
  await shoot(app, '35-devices-no-match')
  await page.getByTestId('clear-filters').click()
  await page.getByTestId('why-missing').click()
  await expect(page.getByTestId('missing-interfaces')).toBeVisible()
  await shoot(app, '40-missing')
  await page.getByTestId('nav-jobs').click()
  await shoot(app, '41-jobs')
  await page.getByTestId('nav-site').click()
  for (const tab of ['groups', 'plan', 'policy'] as const) {
    await page.getByTestId(`site-tab-${tab}`).click()
    await shoot(app, `42-site-${tab}`)
  }
  await page.getByTestId('nav-settings').click()
  await expect(page.getByTestId('settings-networks')).toBeVisible()
  await shoot(app, '43-settings')
  await page.getByTestId('settings-trust').scrollIntoViewIfNeeded()
  await shoot(app, '44-settings-trust')
  await page.getByTestId('settings-language').selectOption('de')
  await expect(page.getByTestId('nav-settings')).toContainText('Einstellungen')
  for (const screen of ['settings', 'devices', 'commission', 'site', 'jobs'] as const) {
    await page.getByTestId(`nav-${screen}`).click()
    await shoot(app, `50-german-${screen}`)
  }
  await app.close()
})

test('a batch while it runs', async () => {
  const app = await launchApp({ passphrase: undefined, env: ENGLISH })
  await resize(app)
  const { page, dataDir } = app
  await app.value('app.setup', {
    technician: 'Technician',
    siteName: 'Sample site',
    interfaces: ['lo'],
    passphrase: PASSPHRASE,
  })
  // A device that takes seconds for each answer, so that both pictures are of the same moment.
  const slow = await foreignDevice({ dataDir, name: 'Air unit 5', serial: 'AU7-00101', fault: 'slow' })
  await app.value('trust.add', { pem: readFileSync(slow.factoryRoot, 'utf8') })
  await expect(rows(page)).toHaveCount(1)
  await app.value('jobs.commission', { udns: [slow.udn], group: 'Default', approval: 'given' })
  await page.getByTestId('nav-commission').click()
  await page.locator('[data-testid^="batch-open-"]').click()
  await expect(page.locator('[aria-current="step"]')).toContainText('Watch', { timeout: 30_000 })
  await shoot(app, '27-commission-watch')
  await slow.stop()
  await app.close()
})

test('a locked site', async () => {
  const temp = makeTempDir('iotmc-shots-')
  const made = await launchApp({ dataDir: temp.path, settings: {}, passphrase: undefined, env: ENGLISH })
  await made.value('app.setup', {
    technician: 'Technician',
    siteName: 'Sample site',
    interfaces: ['lo'],
    passphrase: PASSPHRASE,
  })
  await made.close()
  const locked = await launchApp({ dataDir: temp.path, passphrase: undefined, env: ENGLISH })
  await resize(locked)
  await expect(locked.page.getByTestId('unlock-passphrase')).toBeVisible()
  await shoot(locked, '06-unlock')
  await locked.page.getByTestId('unlock-passphrase').fill('not the passphrase')
  await locked.page.getByTestId('unlock-button').click()
  await expect(locked.page.getByTestId('state-box')).toBeVisible()
  await shoot(locked, '07-unlock-wrong')
  await locked.close()
  temp.remove()
})
