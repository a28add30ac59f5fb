import { expect, type Page, test } from '@playwright/test'
import { expectAccessible, openWindow } from './open'
import { devices, NOW, sample, udn } from './sample'
import { manyJobs } from './sample-end'

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
    await page.screenshot({ path: `${FOLDER}/end-${what}-${name}.png` })
    await expectAccessible(page, what)
    expect(await page.evaluate(() => document.documentElement.scrollWidth), what).toBe(1366)
  }

  test(`one device leaves, ${name}`, async ({ page }) => {
    const complaints = await openWindow(page, { settings })
    await page.getByTestId(`device-row-${udn(1)}`).click()
    await take(page, 'drawer')
    await page.getByTestId('decommission-begin').click()
    await expect(page.getByTestId(`decommission-row-${udn(1)}`)).toBeVisible()
    await take(page, 'check-one')
    await page.getByTestId('decommission-idevid').check()
    await page.getByTestId('decommission-reason').selectOption('lost')
    await page.getByTestId('decommission-note').fill('Taken out with the pump, fuse F7.')
    await take(page, 'check-keep-out')
    await page.getByTestId('decommission-next').click()
    await take(page, 'confirm-one')
    await page.getByTestId('decommission-phrase').fill('wipe it')
    await expect(page.getByTestId('decommission-start')).toHaveAttribute('aria-disabled', 'true')
    const phrase = (await page.getByTestId('decommission-phrase-wanted').textContent()) ?? ''
    await page.getByTestId('decommission-phrase').fill(phrase.toLowerCase())
    await take(page, 'confirm-typed')
    await page.keyboard.press('Enter')
    await expect(page.getByTestId(`decommission-state-${udn(1)}`)).toHaveAttribute('data-state', 'revoked')
    await take(page, 'watch-one')
    await expect(page.getByTestId('decommission-done')).toBeVisible({ timeout: 20_000 })
    await page.getByTestId(`decommissioned-save-pdf-${udn(1)}`).click()
    await take(page, 'done-one')
    await page.getByTestId('decommission-done').click()
    await take(page, 'drawer-after')
    await page.getByTestId('drawer-decommission-record').click()
    await take(page, 'records')
    await page.getByTestId('site-tab-certificates').click()
    await take(page, 'certificates')
    await page.locator('[data-testid^="certificate-revoke-"]:not([aria-disabled])').last().click()
    await page
      .getByTestId('revoke-phrase')
      .fill((await page.getByTestId('revoke-phrase-wanted').textContent()) ?? '')
    await take(page, 'revoke')
    await page.getByTestId('revoke-yes').click()
    await expect(page.getByTestId('revoke-dialog')).toBeHidden()
    await page.getByTestId('crl-save-pem').click()
    await take(page, 'certificates-after')
    await page.getByTestId('site-tab-policy').click()
    await page.getByTestId('policy-readmit').click()
    await take(page, 'policy')
    expect(complaints).toEqual([])
  })

  test(`many devices leave, one away, one that proves nothing, ${name}`, async ({ page }) => {
    const complaints = await openWindow(page, { settings, failing: [udn(2)] })
    await page.getByTestId('select-all').check()
    await take(page, 'bulk')
    await page.getByTestId('bulk-decommission').click()
    await expect(page.getByTestId(`decommission-row-${udn(1)}`)).toBeVisible()
    await page.getByTestId(`decommission-row-${udn(10)}`).click()
    await take(page, 'check-many')
    await page.getByTestId('decommission-next').click()
    await page
      .getByTestId('decommission-phrase')
      .fill((await page.getByTestId('decommission-phrase-wanted').textContent()) ?? '')
    await take(page, 'confirm-many')
    await page.getByTestId('decommission-start').click()
    await page.waitForTimeout(500)
    await page.screenshot({ path: `${FOLDER}/end-watch-many-${name}.png` })
    await expect(page.getByTestId('decommission-retry')).toBeVisible()
    await page.waitForTimeout(600)
    await take(page, 'watch-failed')
    await page.getByTestId(`decommission-state-${udn(10)}`).click()
    await take(page, 'watch-away')
    await page.getByTestId('decommission-retry').click()
    await page.waitForTimeout(800)
    await take(page, 'watch-retried')
    await page.getByTestId('nav-jobs').click()
    await take(page, 'jobs')
    await page.getByTestId('nav-site').click()
    await page.getByTestId('site-tab-decommissioned').click()
    await page.getByTestId(`decommissioned-row-${udn(10)}`).click()
    await take(page, 'records-many')
    await page.getByTestId('decommissioned-close').click()
    await take(page, 'close')
    await page.getByTestId('close-note').fill('Burnt with the pump; its board is in the scrap.')
    await page.getByTestId('close-phrase').fill('CLOSE AU7-01090')
    await take(page, 'close-typed')
    await page.getByTestId('close-yes').click()
    await expect(page.getByTestId(`decommissioned-row-${udn(10)}`)).toHaveAttribute('data-state', 'closed')
    await take(page, 'closed')
    expect(complaints).toEqual([])
  })

  test(`5,000 jobs, ${name}`, async ({ page }) => {
    const complaints = await openWindow(page, {
      settings,
      devices: devices(5000),
      jobs: manyJobs(5000, NOW),
    })
    await page.getByTestId('nav-jobs').click()
    await take(page, 'batch')
    await page.getByTestId('batch-pause-many').first().click()
    await expect(page.getByTestId('batch-resume-many').first()).toBeVisible()
    await take(page, 'batch-paused')
    expect(complaints).toEqual([])
  })
}

test('who may only look', async ({ page }) => {
  await openWindow(page, { status: { ...base.status, account: { name: 'Reader 3', role: 'technician' } } })
  await page.getByTestId(`device-row-${udn(1)}`).click()
  await expect(page.getByTestId('decommission-begin')).toHaveAttribute('aria-disabled', 'true')
  await page.screenshot({ path: `${FOLDER}/end-not-allowed.png` })
  await page.getByTestId('nav-site').click()
  await page.getByTestId('site-tab-certificates').click()
  await page.waitForTimeout(200)
  await page.screenshot({ path: `${FOLDER}/end-not-allowed-certificates.png` })
})

test('nothing yet', async ({ page }) => {
  await openWindow(page, { devices: [], issued: [] })
  await page.getByTestId('nav-site').click()
  await page.getByTestId('site-tab-decommissioned').click()
  await expect(page.getByTestId('decommissioned-empty')).toBeVisible()
  await page.screenshot({ path: `${FOLDER}/end-empty.png` })
  await page.getByTestId('site-tab-certificates').click()
  await page.waitForTimeout(200)
  await page.screenshot({ path: `${FOLDER}/end-empty-certificates.png` })
})
