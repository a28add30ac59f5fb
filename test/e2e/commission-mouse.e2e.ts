/** Three practice devices, from the table through the wizard into operation, by mouse. */
import { expect, test } from '@playwright/test'
import { type LaunchedApp, launchApp } from './harness'
import { devicesOf, ENGLISH, expectInOperation, jobsOf, waitForPracticeDevices } from './window'

let app: LaunchedApp
test.beforeAll(async () => {
  app = await launchApp({ practice: true, env: ENGLISH })
})
test.afterAll(() => app.close())

test('three devices are commissioned by mouse and are in operation by their own word', async () => {
  const { page } = app
  await expect(page.getByTestId('practice-banner')).toBeVisible()
  const devices = await waitForPracticeDevices(app)
  expect(await jobsOf(app)).toEqual([])

  for (const { udn } of devices) await page.getByTestId(`device-select-${udn}`).click()
  await expect(page.getByRole('toolbar')).toContainText('3 selected')
  await page.getByTestId('bulk-commission').click()

  for (const { udn } of devices) await expect(page.getByTestId(`commission-choose-${udn}`)).toBeChecked()
  await page.getByTestId('commission-next').click()

  // Verifying: every device proves its factory identity, and nothing has been asked of it yet.
  for (const { udn } of devices) {
    await expect(page.getByTestId(`batch-entry-${udn}`)).toContainText('Genuine')
    await page.getByTestId(`batch-entry-${udn}`).click()
    await expect(page.getByText(udn, { exact: true })).toBeVisible()
  }
  expect((await devicesOf(app)).every((one) => one.phase === 'commissioning')).toBe(true)
  await page.getByTestId('commission-next').click()

  await expect(page.getByTestId('commission-group')).toHaveValue('Default')
  expect(await jobsOf(app)).toEqual([])
  await page.getByTestId('commission-next').click()

  await expect(page.getByTestId('approve-all')).toContainText('Approve all 3', { timeout: 60_000 })
  expect((await jobsOf(app)).map((job) => job.state)).toEqual(['needs-you', 'needs-you', 'needs-you'])
  await expect(page.getByTestId('waiting-badge')).toContainText('3 waiting')
  await page.getByTestId('approve-all').click()

  await expect(page.getByTestId('wizard-done')).toBeVisible({ timeout: 60_000 })
  await expect(page.getByTestId('state-box').first()).toContainText('All 3 devices are in operation.')
  await expect(page.getByTestId('waiting-badge')).toHaveCount(0)
  await page.getByTestId('wizard-done').click()

  await expect(page.getByTestId('device-drawer')).toBeVisible()
  for (const { udn } of devices) await expect(page.getByTestId(`device-row-${udn}`)).toContainText('Healthy')
  await expectInOperation(app)
})

test('what is in operation is not offered for commissioning again, with the reason', async () => {
  const { page } = app
  await page.getByTestId('drawer-close').click()
  await expect(page.getByTestId('bulk-commission')).toContainText('already enrolled')
  await expect(page.getByTestId('bulk-commission')).toHaveAttribute('aria-disabled', 'true')
  await page.getByTestId('nav-commission').click()
  await expect(page.getByTestId('commission-empty')).toContainText(
    'All 3 managed devices that were found are enrolled.',
  )
})

test('the group counts its new members', async () => {
  await app.page.getByTestId('nav-site').click()
  await expect(app.page.getByTestId('group-Default')).toContainText('3 devices')
})
