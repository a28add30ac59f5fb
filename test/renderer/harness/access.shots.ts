import { expect, type Page, test } from '@playwright/test'
import { expectAccessible, openWindow } from './open'
import { sample } from './sample'
import { STAFF } from './sample-access'

test.setTimeout(240_000)

const FOLDER = 'screenshots/window'
const base = sample()
const access = { ...base.access, accounts: STAFF }
const as = (name: string) => {
  const { role } = STAFF.find((one) => one.name === name) ?? { role: 'viewer' as const }
  return { ...base.status, account: { name, role } }
}
const signedOut = { ...base.status, stage: 'sign-in' as const }

for (const [look, settings] of [
  ['light', { ...base.settings, theme: 'light' as const }],
  ['dark', { ...base.settings, theme: 'dark' as const }],
  ['german', { ...base.settings, theme: 'light' as const, language: 'de' as const }],
] as const) {
  const take = async (page: Page, name: string) => {
    await page.waitForTimeout(150)
    await page.screenshot({ path: `${FOLDER}/${name}-${look}.png` })
    await expectAccessible(page, name)
  }

  test(`signing in, ${look}`, async ({ page }) => {
    const complaints = await openWindow(page, { settings, status: signedOut, access })
    await take(page, 'sign-in')
    await page.getByTestId('sign-in-name-Technician 4').check()
    await page.getByTestId('sign-in-secret').fill('wrong')
    await page.keyboard.press('Enter')
    await take(page, 'sign-in-wrong')
    for (const secret of ['wrong', 'wrong again']) {
      await page.getByTestId('sign-in-secret').fill(secret)
      await page.keyboard.press('Enter')
      await page.waitForTimeout(100)
    }
    await take(page, 'sign-in-wait')
    expect(complaints).toEqual([])
  })

  test(`people, ${look}`, async ({ page }) => {
    await openWindow(page, { settings })
    await page.getByTestId('nav-site').click()
    await page.getByTestId('site-tab-people').click()
    await take(page, 'people-none')
  })

  test(`people of a supervisor, ${look}`, async ({ page }) => {
    const complaints = await openWindow(page, { settings, access, status: as('Ines Sample') })
    await page.getByTestId('nav-site').click()
    await page.getByTestId('site-tab-people').click()
    await page.getByTestId('people-name').fill('Night shift')
    await take(page, 'people')
    await page.getByTestId('people-change-Technician 9').click()
    await take(page, 'people-change')
    await page.keyboard.press('Escape')
    await page.getByTestId('people-remove-Technician 9').click()
    await take(page, 'people-remove')
    await page.keyboard.press('Escape')
    await page.getByTestId('site-tab-audit').click()
    await expect(page.getByTestId('audit-row-430')).toBeVisible()
    await page.getByTestId('audit-verify').click()
    await expect(page.getByTestId('audit-verdict')).toHaveAttribute('data-ok', 'true')
    await take(page, 'audit')
    expect(complaints).toEqual([])
  })

  test(`a damaged audit, ${look}`, async ({ page }) => {
    const check = { ok: false, lines: 430, firstWrong: 117, reason: 'changed' as const }
    await openWindow(page, { settings, access: { ...access, check }, status: as('Technician 4') })
    await page.getByTestId('nav-site').click()
    await page.getByTestId('site-tab-audit').click()
    await page.getByTestId('audit-filter-actor').fill('nobody like this')
    await expect(page.getByTestId('audit-row-430')).toBeHidden()
    await take(page, 'audit-none')
    await page.getByTestId('audit-filter-actor').fill('')
    await page.getByTestId('audit-verify').click()
    await expect(page.getByTestId('audit-verdict')).toHaveAttribute('data-ok', 'false')
    await take(page, 'audit-damaged')
  })

  test(`what a viewer sees, ${look}`, async ({ page }) => {
    await openWindow(page, { settings, access, status: as('Night shift') })
    await page.getByRole('row').nth(2).click()
    await page.getByRole('checkbox').nth(2).check()
    await take(page, 'viewer-devices')
    for (const screen of ['commission', 'firmware', 'factory', 'site', 'settings']) {
      await page.getByTestId(`nav-${screen}`).click()
      await take(page, `viewer-${screen}`)
    }
    await page.getByTestId('nav-site').click()
    await page.getByTestId('site-tab-policy').click()
    await take(page, 'viewer-policy')
    await page.getByTestId('site-tab-people').click()
    await take(page, 'viewer-people')
  })
}
