import { expect, type Page, test } from '@playwright/test'
import { openWindow } from './open'
import { udn } from './sample'
import { emptyFactory } from './sample-factory'
import { restingStation } from './sample-station'

/** Presses Tab until the element with this test id has the focus; the mouse is never used here. */
const tabTo = async (page: Page, testid: string) => {
  for (let press = 0; press < 80; press += 1) {
    const focused = await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))
    if (focused === testid) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never reached ${testid}`)
}
const press = async (page: Page, testid: string, key = 'Enter') => {
  await tabTo(page, testid)
  await page.keyboard.press(key)
}
const fill = async (page: Page, testid: string, text: string) => {
  await tabTo(page, testid)
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type(text)
}
const nextTab = async (page: Page, from: string) => {
  await page.getByTestId(`factory-tab-${from}`).focus()
  await page.keyboard.press('ArrowRight')
}

const firstDay = () => {
  const { nextSerialNumber: _, ...view } = restingStation()
  return {
    ...view,
    people: [],
    config: { ...view.config, lanes: [] },
    authority: { state: 'missing' as const, issued: 0 },
  }
}

test.setTimeout(180_000)

test('a station is set up from nothing and started with the keyboard alone', async ({ page }) => {
  const complaints = await openWindow(page, { station: firstDay(), factory: emptyFactory() })
  await press(page, 'nav-factory')
  await tabTo(page, 'station-start')
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('station-start')).toContainText('no authority to issue yet')
  await tabTo(page, 'root-there')
  await page.keyboard.press('ArrowDown')
  await fill(page, 'root-name', 'Example root')
  await fill(page, 'root-passphrase', 'correct horse')
  await fill(page, 'root-passphrase-again', 'correct horse')
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('root-export')).toBeVisible()
  await fill(page, 'request-name', 'Line 4')
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('request-pem')).toBeVisible()
  await press(page, 'request-sign')
  await fill(page, 'sign-quota', '2500')
  await fill(page, 'sign-passphrase', 'correct horse')
  await page.keyboard.press('Enter')
  await press(page, 'sign-install')
  await expect(page.getByTestId('authority-station')).toContainText('0 of 2,500 certificates issued')

  await nextTab(page, 'authority')
  await fill(page, 'range-prefix', 'PX200-')
  await fill(page, 'range-first', '1000')
  await fill(page, 'range-last', '1999')
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('check-numbers')).toContainText('next PX200-01000')

  await nextTab(page, 'numbers')
  await fill(page, 'person-name', 'Supervisor 2')
  await fill(page, 'person-pin', '9876')
  await fill(page, 'person-pin-again', '9876')
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('check-supervisor')).toContainText('Supervisor 2')

  await nextTab(page, 'people')
  await fill(page, 'lane-path', '/dev/ttyUSB0')
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('line-lane-1')).toContainText('/dev/ttyUSB0')
  await fill(page, 'line-hardwareType', 'nonsense')
  await page.keyboard.press('Tab')
  await expect(page.getByText('Numbers with dots')).toBeVisible()

  await page.getByTestId('nav-factory').focus()
  await press(page, 'station-start')
  await expect(page.getByTestId('station')).toBeVisible()
  expect(complaints).toEqual([])
})

test('a device is provisioned with its label and the keyboard alone', async ({ page }) => {
  const complaints = await openWindow(page)
  await press(page, 'provision-open')
  await tabTo(page, 'provision-via-serial')
  await page.keyboard.press('ArrowRight')
  await fill(page, 'provision-scan', `IOTMC1:${udn(11).slice(5)}:EM3-01091:GTK17ZE5`)
  await page.keyboard.press('Enter')
  await expect(page.getByText('Label read: EM3-01091')).toBeVisible()
  await page.keyboard.press('Enter')
  await fill(page, 'provision-ssid', 'Plant floor')
  await fill(page, 'provision-credential', 'a long password')
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('provision-result')).toHaveAttribute('data-state', 'done')
  await expect(page.getByTestId('provision-result')).toContainText('10.4.9.31')
  await press(page, 'provision-commission')
  await expect(page.getByTestId(`commission-choose-${udn(11)}`)).toBeChecked()
  expect(complaints).toEqual([])
})

test('a secret that the job has forgotten is asked again, on leaving the screen too', async ({ page }) => {
  await openWindow(page)
  await page.getByTestId(`device-row-${udn(11)}`).click()
  await page.getByTestId('drawer-provision').click()
  await page.getByTestId('provision-next').click()
  await page.getByTestId('provision-code').fill('GTK17ZE5')
  await page.getByTestId('provision-next').click()
  await page.getByTestId('nav-jobs').click()
  await page.getByTestId('nav-devices').click()
  await page.getByTestId('provision-open').click()
  await expect(page.getByTestId('provision-code')).toHaveValue('')
  await page.getByTestId('provision-code').fill('GTK17ZE5')
  await page.getByTestId('provision-next').click()
  await page.getByTestId('provision-ssid').fill('nowhere')
  await page.getByTestId('provision-start').click()
  await expect(page.getByTestId('provision-result')).toHaveAttribute('data-state', 'failed')
  await page.getByTestId('provision-again').click()
  await page.getByTestId('provision-code').fill('GTK17ZE5')
  await page.getByTestId('provision-next').click()
  await expect(page.getByTestId('provision-ssid')).toHaveValue('nowhere')
  await expect(page.getByTestId('provision-credential')).toHaveValue('')
})
