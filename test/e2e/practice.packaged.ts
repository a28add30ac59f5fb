/** The packaged program by itself: its practice site starts, and its three devices come into operation. */
import { expect, test } from '@playwright/test'
import { type LaunchedApp, launchApp } from './harness'
import { ENGLISH, expectInOperation, waitForPracticeDevices } from './window'

let app: LaunchedApp | undefined
test.afterEach(() => app?.close())

test('the practice site of the packaged program is commissioned in its window', async () => {
  app = await launchApp({ practice: true, env: ENGLISH })
  const { page } = app
  await waitForPracticeDevices(app)
  await page.getByTestId('select-all').click()
  await page.getByTestId('bulk-commission').click()
  await page.getByTestId('commission-next').click()
  await expect(page.locator('[data-testid^="batch-entry-"]').filter({ hasText: 'Genuine' })).toHaveCount(3)
  await page.getByTestId('commission-next').click()
  await expect(page.getByTestId('commission-group')).toHaveValue('Default')
  await page.getByTestId('commission-next').click()
  await expect(page.getByTestId('approve-all')).toContainText('Approve all 3', { timeout: 60_000 })
  await page.getByTestId('approve-all').click()
  await expect(page.getByTestId('wizard-done')).toBeVisible({ timeout: 60_000 })
  await expectInOperation(app)
})

test('the packaged program brings its own faces and loads nothing', async () => {
  app = await launchApp({ passphrase: undefined, env: ENGLISH })
  const { page } = app
  await expect(page.getByTestId('setup-technician')).toBeVisible()
  const seen = await page.evaluate(async () => {
    await document.fonts.ready
    return {
      faces: [...document.fonts]
        .filter(({ status }) => status === 'loaded')
        .map(({ family }) => family.replaceAll('"', '')),
      hosts: [...new Set(performance.getEntriesByType('resource').map(({ name }) => new URL(name).protocol))],
    }
  })
  expect(seen.faces).toContain('Inter Variable')
  expect(seen.hosts.filter((protocol) => protocol !== 'iotmc:')).toEqual([])
})
