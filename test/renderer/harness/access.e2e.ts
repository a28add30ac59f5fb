import { expect, test } from '@playwright/test'
import { expectAccessible, openWindow } from './open'
import { sample } from './sample'
import { STAFF } from './sample-access'

const base = sample()
const access = { ...base.access, accounts: STAFF }
const signedOut = { ...base.status, stage: 'sign-in' as const }

test('somebody signs in and out with the keyboard alone', async ({ page }) => {
  const complaints = await openWindow(page, { status: signedOut, access })
  await expect(page.getByTestId('sign-in-name-Ines Sample')).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await expect(page.getByTestId('sign-in-name-Technician 4')).toBeChecked()
  await page.keyboard.press('Tab')
  await expect(page.getByTestId('sign-in-secret')).toBeFocused()
  await page.keyboard.type('not this')
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('state-box')).toBeVisible()
  await expect(page.getByTestId('sign-in-secret')).toBeFocused()
  await expect(page.getByTestId('sign-in-secret')).toHaveValue('')
  await page.keyboard.type('a long phrase')
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('signed-in')).toContainText('Technician 4')
  await expect(page.getByTestId('device-table')).toBeVisible()
  await page.getByTestId('sign-out').focus()
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('sign-in')).toBeVisible()
  await expect(page.getByTestId('device-table')).toBeHidden()
  await expectAccessible(page, 'sign-in')
  expect(complaints).toEqual([])
})

test('the wait after wrong tries counts down and ends by itself', async ({ page }) => {
  await openWindow(page, { status: signedOut, access: { ...access, waitS: 12 } })
  const left = async () =>
    Number(/(\d+) s/.exec((await page.getByTestId('sign-in-wait').textContent()) ?? '')?.[1])
  const first = await left()
  expect(first).toBeLessThanOrEqual(12)
  await page.getByTestId('sign-in-name-Night shift').check()
  await page.getByTestId('sign-in-secret').fill('112233')
  await expect(page.getByTestId('sign-in-go')).toHaveAttribute('aria-disabled', 'true')
  await expect.poll(left).toBeLessThan(first)
  await expect(page.getByTestId('sign-in-wait')).toBeHidden({ timeout: 20_000 })
  await page.getByTestId('sign-in-go').click()
  await expect(page.getByTestId('signed-in')).toContainText('Night shift')
})

test('the first account makes everybody sign in', async ({ page }) => {
  await openWindow(page)
  await page.getByTestId('nav-site').click()
  await page.getByTestId('site-tab-people').click()
  await expect(page.getByTestId('people-role-viewer')).toBeDisabled()
  await page.getByTestId('people-name').fill('Sue')
  await page.getByTestId('people-secret').fill('246810')
  await page.getByTestId('people-secret-again').fill('246810')
  await page.getByTestId('people-add').click()
  await expect(page.getByTestId('sign-in')).toBeVisible()
  await expect(page.getByTestId('sign-in-secret')).toBeFocused()
  await page.keyboard.type('246810')
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('person-Sue')).toContainText('Supervisor')
})
