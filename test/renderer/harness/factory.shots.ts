import { expect, type Page, test } from '@playwright/test'
import { expectAccessible, openWindow } from './open'
import { sample, udn } from './sample'
import { atCable, emptyFactory, factorySample, unit } from './sample-factory'
import { authority, restingStation } from './sample-station'

const FOLDER = 'screenshots/window'
const base = sample()
const LANES = ['/dev/ttyUSB0', '/dev/ttyUSB1', '/dev/ttyUSB7']

const factoryStation = () => {
  const view = restingStation()
  return { ...view, config: { ...view.config, lanes: LANES } }
}
const firstDay = () => {
  const { nextSerialNumber: _, ...view } = factoryStation()
  return {
    ...view,
    people: [],
    config: { ...view.config, lanes: [] },
    authority: { state: 'missing' as const, issued: 0 },
    counts: { ...view.counts, passed: 0, failed: 0 },
  }
}

const chooseTab = (page: Page, name: string) => page.getByTestId(`factory-tab-${name}`).click()

// Each picture is checked for accessibility, which takes seconds on a busy machine.
test.setTimeout(240_000)

for (const theme of ['light', 'dark'] as const) {
  const settings = { ...base.settings, theme }
  const take = async (page: Page, name: string) => {
    await page.waitForTimeout(150)
    await page.screenshot({ path: `${FOLDER}/${name}-${theme}.png` })
    await expectAccessible(page, name)
    expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBe(1366)
  }

  test(`factory, ${theme}`, async ({ page }) => {
    const complaints = await openWindow(page, { settings, station: factoryStation() })
    await page.getByTestId('nav-factory').click()
    await take(page, 'factory-authority')
    await chooseTab(page, 'numbers')
    await page.getByTestId('range-prefix').fill('PX200-')
    await page.getByTestId('range-first').fill('2000')
    await page.getByTestId('range-last').fill('2999')
    await expect(page.getByTestId('range-preview')).toContainText('1,000 numbers')
    await take(page, 'factory-numbers')
    await page.getByTestId('range-add').click()
    await expect(page.getByTestId('ranges-table')).toContainText('PX200-02999')
    await page.getByTestId('burn-open').click()
    await page.getByTestId('takeout-serial').fill('PX200-01300')
    await page.getByTestId('takeout-reason').fill('label spoilt')
    await take(page, 'factory-burn')
    await page.getByTestId('takeout-confirm').fill('PX200-01300')
    await page.getByTestId('takeout-yes').click()
    await expect(page.getByTestId('takeout-dialog')).toBeHidden()
    await chooseTab(page, 'lanes')
    await take(page, 'factory-lanes')
    await chooseTab(page, 'people')
    await page.getByTestId('person-name').fill('Sam')
    await page.getByTestId('person-pin').fill('5511')
    await page.getByTestId('person-pin-again').fill('5512')
    await take(page, 'factory-people')
    await chooseTab(page, 'label')
    await take(page, 'factory-label')
    await page.getByTestId('label-size').selectOption('sheet-a4-3x8')
    await expect(page.getByTestId('label-sheet')).toBeVisible()
    await take(page, 'factory-label-sheet')
    await chooseTab(page, 'ledger')
    await page.getByTestId('ledger-verify').click()
    await expect(page.getByTestId('ledger-check')).toBeVisible()
    await take(page, 'factory-ledger')
    expect(complaints).toEqual([])
  })

  test(`factory on its first day, ${theme}`, async ({ page }) => {
    await openWindow(page, { settings, station: firstDay(), factory: emptyFactory() })
    await page.getByTestId('nav-factory').click()
    await take(page, 'factory-first-day')
    await page.getByTestId('root-here').check()
    await page.getByTestId('root-name').fill('Example root')
    await page.getByTestId('root-passphrase').fill('correct horse')
    await page.getByTestId('root-passphrase-again').fill('correct')
    await take(page, 'factory-root')
    await page.getByTestId('root-passphrase-again').fill('correct horse')
    await page.getByTestId('root-create').click()
    await page.getByTestId('request-make').click()
    await page.getByTestId('root-export').click()
    await expect(page.getByText('Saved: /home/technician/Example root.pem')).toBeVisible()
    await take(page, 'factory-request')
    await page.getByTestId('request-sign').click()
    await page.getByTestId('sign-passphrase').fill('wrong horse')
    await page.getByTestId('sign-yes').click()
    await take(page, 'factory-sign')
    await page.getByTestId('sign-passphrase').fill('correct horse')
    await page.getByTestId('sign-yes').click()
    await take(page, 'factory-signed')
    await page.getByTestId('sign-install').click()
    await expect(page.getByTestId('check-authority')).toContainText('ready until')
    await chooseTab(page, 'numbers')
    await take(page, 'factory-numbers-empty')
    await chooseTab(page, 'lanes')
    await expect(page.getByTestId('ports-help')).toBeVisible()
    await take(page, 'factory-lanes-empty')
    await page.getByTestId('lane-path').fill('/dev/ttyUSB0')
    await page.getByTestId('lane-path-add').click()
    await chooseTab(page, 'people')
    await take(page, 'factory-people-empty')
    await page.getByTestId('person-name').fill('Supervisor 2')
    await page.getByTestId('person-pin').fill('9876')
    await page.getByTestId('person-pin-again').fill('9876')
    await page.getByTestId('person-add').click()
    await chooseTab(page, 'ledger')
    await take(page, 'factory-ledger-empty')
    await page.getByTestId('station-start').click()
    await expect(page.getByTestId('station')).toBeVisible()
  })

  test(`factory in trouble, ${theme}`, async ({ page }) => {
    await openWindow(page, {
      settings,
      station: {
        ...factoryStation(),
        authority: authority(Date.now(), { state: 'exhausted', issued: 10_000, quota: 10_000 }),
        ledgerProblem: 'entry 4711: its hash is not that of its contents',
      },
      factory: factorySample({
        units: Array.from({ length: 260 }, (_, index) => unit(index)),
        check: {
          ok: false,
          entries: 51_208,
          units: 260,
          checkpoints: 5_190,
          unsigned: 0,
          problem: 'entry 4711: its hash is not that of its contents',
        },
      }),
    })
    await page.getByTestId('nav-factory').click()
    await take(page, 'factory-exhausted')
    await page.getByTestId('request-make').click()
    await page.getByTestId('install-open').click()
    await page
      .getByTestId('install-pem')
      .fill('-----BEGIN CERTIFICATE-----\nUNTRUSTED\n-----END CERTIFICATE-----')
    await page.getByTestId('install-yes').click()
    await take(page, 'factory-untrusted')
    await page.keyboard.press('Escape')
    await chooseTab(page, 'ledger')
    await page.getByTestId('ledger-verify').click()
    await expect(page.getByTestId('ledger-check')).toContainText('4711')
    await take(page, 'factory-ledger-broken')
    await page.getByTestId('ledger-search').fill('nothing like it')
    await expect(page.getByTestId('ledger-empty')).toBeVisible()
  })

  test(`provision by cable, ${theme}`, async ({ page }) => {
    await openWindow(page, { settings, station: factoryStation() })
    await page.getByTestId('provision-open').click()
    await take(page, 'provision-cable')
    await page.getByTestId('provision-port-/dev/ttyUSB1').check()
    await page.getByTestId('provision-look').click()
    await expect(page.getByTestId('provision-found')).toBeVisible()
    await take(page, 'provision-not-trusted')
    await page.getByTestId('provision-port-/dev/ttyUSB2').check()
    await page.getByTestId('provision-look').click()
    await expect(page.getByTestId('state-box')).toBeVisible()
    await take(page, 'provision-denied')
    await page.getByTestId('provision-port').fill('/dev/ttyACM0')
    await page.keyboard.press('Enter')
    await expect(page.getByTestId('provision-found')).toBeVisible()
    await take(page, 'provision-no-identity')
    await page.getByTestId('provision-port').fill('/dev/ttyUSB0')
    await page.keyboard.press('Enter')
    await expect(page.getByTestId('provision-found')).toBeVisible()
    await take(page, 'provision-found')
    await page.getByTestId('provision-next').click()
    await page.getByTestId('provision-ssid').fill('Plant floor')
    await page.getByTestId('provision-credential').fill('a long password')
    await take(page, 'provision-network')
    await page.getByTestId('provision-start').click()
    await page.waitForTimeout(200)
    await page.screenshot({ path: `${FOLDER}/provision-watch-${theme}.png` })
    await expect(page.getByTestId('provision-result')).toHaveAttribute('data-state', 'done')
    await take(page, 'provision-done')
    await page.getByTestId('provision-commission').click()
    await expect(
      page.getByTestId('commission-choose-uuid:7d1f4c2a-90b3-4e55-8a21-000000a10042'),
    ).toBeChecked()
    await page.getByTestId('nav-jobs').click()
    await take(page, 'provision-jobs')
  })

  test(`provision with the setup code, ${theme}`, async ({ page }) => {
    await openWindow(page, { settings, station: factoryStation() })
    await page.getByTestId(`device-row-${udn(11)}`).click()
    await page.getByTestId(`device-select-${udn(11)}`).check()
    await take(page, 'devices-needs-network')
    await page.getByTestId('drawer-provision').click()
    await take(page, 'provision-setup-network')
    await page.getByTestId('provision-scan').fill('something else')
    await page.keyboard.press('Enter')
    await page.getByTestId('provision-next').click()
    for (let wrong = 1; wrong <= 6; wrong += 1) {
      await page.getByTestId('provision-code').fill('')
      await page.getByTestId('provision-code').pressSequentially('gtki-7ze6')
      await expect(page.getByTestId('provision-code')).toHaveValue('GTK1-7ZE6')
      if (wrong < 3) await take(page, `provision-code-${wrong}`)
      await page.getByTestId('provision-next').click()
      await page.getByTestId('provision-ssid').fill('Plant floor')
      await page.getByTestId('provision-start').click()
      await expect(page.getByTestId('provision-result')).toHaveAttribute('data-state', 'failed')
      if (wrong === 1) await take(page, 'provision-wrong-code')
      if (wrong < 6) await page.getByTestId('provision-again').click()
    }
    await expect(page.getByTestId('provision-again')).toContainText(/in \d+ s/)
    await take(page, 'provision-locked')
    await page.getByTestId('provision-another').click()
    await page.getByTestId('provision-scan').fill(`IOTMC1:${udn(11).slice(5)}:EM3-01091:GTK17ZE5`)
    await page.keyboard.press('Enter')
    await take(page, 'provision-scanned')
  })
}

test('German factory and provisioning', async ({ page }) => {
  const settings = { ...base.settings, language: 'de' as const }
  const take = async (name: string) => {
    await page.waitForTimeout(120)
    await page.screenshot({ path: `${FOLDER}/german-${name}.png` })
    await expectAccessible(page, `german ${name}`)
    expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBe(1366)
  }
  await openWindow(page, {
    settings,
    station: factoryStation(),
    factory: factorySample({
      cables: { '/dev/ttyUSB0': atCable('/dev/ttyUSB0', 'operation', true) },
    }),
  })
  await page.getByTestId('nav-devices').click()
  await page.getByTestId(`device-row-${udn(11)}`).click()
  await page.getByTestId(`device-select-${udn(11)}`).check()
  await take('needs-network')
  await page.getByTestId('nav-factory').click()
  for (const name of ['authority', 'numbers', 'people', 'lanes', 'label', 'ledger']) {
    await chooseTab(page, name)
    await take(`factory-${name}`)
  }
  await page.getByTestId('nav-devices').click()
  await page.getByTestId('provision-open').click()
  await page.getByTestId('provision-port-/dev/ttyUSB0').check()
  await page.getByTestId('provision-look').click()
  await expect(page.getByTestId('provision-found')).toBeVisible()
  await take('provision-cable')
  await page.getByTestId('provision-via-network').check()
  await page.getByTestId(`provision-device-${udn(11)}`).check()
  await page.getByTestId('provision-next').click()
  await page.getByTestId('provision-code').fill('GTK17ZE5')
  await take('provision-code')
  await page.getByTestId('provision-next').click()
  await page.getByTestId('provision-ssid').fill('Halle Süd')
  await take('provision-network')
  await page.getByTestId('provision-start').click()
  await expect(page.getByTestId('provision-result')).toHaveAttribute('data-state', 'done')
  await take('provision-done')
})
