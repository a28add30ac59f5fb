import { expect, type Page, test } from '@playwright/test'
import type { Group } from '../../../electron/contract/configuration'
import { expectAccessible, openWindow } from './open'
import { sample, udn } from './sample'

const FOLDER = 'screenshots/window'
const base = sample()
const groups: readonly Group[] = base.groups.map((group) =>
  group.name === 'North hall'
    ? {
        ...group,
        values: {
          'Pump.TargetPressure': '4.5',
          'Pump.DryRunProtection': 'false',
          'Report.IntervalSeconds': '30',
        },
      }
    : group,
)

test.setTimeout(240_000)

for (const [name, look] of [
  ['light', { theme: 'light', language: 'en' }],
  ['dark', { theme: 'dark', language: 'en' }],
  ['german', { theme: 'light', language: 'de' }],
] as const) {
  const settings = { ...base.settings, ...look }
  const take = async (page: Page, what: string) => {
    await page.waitForTimeout(150)
    await page.screenshot({ path: `${FOLDER}/configure-${what}-${name}.png` })
    await expectAccessible(page, what)
    expect(await page.evaluate(() => document.documentElement.scrollWidth), what).toBe(1366)
  }

  test(`drawer, ${name}`, async ({ page }) => {
    const complaints = await openWindow(page, { settings, groups })
    await page.getByTestId(`device-row-${udn(1)}`).click()
    await page.getByTestId('drawer-tab-configuration').click()
    await take(page, 'drawer-before')
    await page.getByTestId('drawer-read-configuration').click()
    await expect(page.getByTestId('configuration-differs-Pump.TargetPressure')).toBeVisible()
    await take(page, 'drawer')
    await page.getByTestId('configuration-edit').click()
    await page.getByTestId('configure-value-Pump.MaxFlow').fill('99')
    await page.getByTestId('configure-value-Pump.MaxFlow').scrollIntoViewIfNeeded()
    await take(page, 'drawer-refused')
    await page.getByTestId('configure-value-Pump.MaxFlow').fill('21,5')
    await page.getByTestId('configure-value-Pump.DryRunProtection').selectOption('false')
    await take(page, 'drawer-edit')
    await page.getByTestId('configure-preview').click()
    await expect(page.getByTestId(`configure-diff-${udn(1)}`)).toContainText('21.5')
    await take(page, 'drawer-diff')
    await page.getByTestId('configure-apply').click()
    await expect(page.getByTestId(`configure-row-${udn(1)}`)).toHaveAttribute('data-state', 'applied')
    await take(page, 'drawer-applied')
    await page.getByTestId('configure-rollback').click()
    await expect(page.getByTestId(`configure-row-${udn(1)}`)).toHaveAttribute('data-state', 'rolled-back')
    await take(page, 'drawer-rolled-back')
    expect(complaints).toEqual([])
  })

  test(`wizard, ${name}`, async ({ page }) => {
    const failing = [udn(2)]
    const complaints = await openWindow(page, { settings, groups, failing })
    for (const n of [1, 2, 8, 9]) await page.getByTestId(`device-select-${udn(n)}`).click()
    await take(page, 'bulk')
    await page.getByTestId('configure-begin').click()
    await expect(page.getByTestId('configure-value-Report.IntervalSeconds')).toBeVisible()
    await page.getByTestId('configure-value-Report.IntervalSeconds').fill('20')
    await page.getByTestId('configure-value-Device.Location').fill('Hall 3')
    await page.getByTestId('configure-value-Pump.MaxFlow').fill('x')
    await take(page, 'values')
    await page.getByTestId('configure-value-Pump.MaxFlow').fill('30')
    await page.getByTestId('configure-preview').click()
    await expect(page.getByTestId(`configure-diff-${udn(1)}`)).toBeVisible()
    await take(page, 'diff')
    await page.getByTestId('configure-apply').click()
    await expect(page.getByTestId(`configure-row-${udn(2)}`)).toHaveAttribute('data-state', 'failed')
    await take(page, 'applying')
    await expect(page.getByTestId(`configure-row-${udn(9)}`)).toHaveAttribute('data-state', 'applied')
    await page.getByTestId(`configure-row-${udn(2)}`).click()
    await take(page, 'result')
    await page.getByTestId('configure-retry').click()
    await expect(page.getByTestId(`configure-row-${udn(2)}`)).toHaveAttribute('data-state', 'applied')
    await page.getByTestId('configure-rollback').click()
    await take(page, 'rollback')
    await page.getByTestId('configure-rollback-yes').click()
    await expect(page.getByTestId(`configure-row-${udn(9)}`)).toHaveAttribute('data-state', 'rolled-back')
    await take(page, 'rolled-back')
    await page.getByTestId('configure-another').click()
    await page.getByTestId(`configure-choose-${udn(1)}`).click()
    await page.getByTestId('configure-export-csv').click()
    await take(page, 'devices')
    expect(complaints).toEqual([])
  })

  test(`template and file, ${name}`, async ({ page }) => {
    const complaints = await openWindow(page, { settings, groups })
    await page.getByTestId('nav-site').click()
    await page.getByTestId('group-North hall').click()
    await take(page, 'group')
    await page.getByTestId('group-apply').click()
    await expect(page.getByTestId('configure-kind-template')).toBeChecked()
    await take(page, 'template')
    await page.getByTestId('configure-preview').click()
    await expect(page.getByTestId(`configure-diff-${udn(1)}`)).toBeVisible()
    await take(page, 'template-diff')
    await page.getByTestId('nav-site').click()
    await page.getByTestId('configure-open').click()
    const file = (text: string) => ({ name: 'pumps.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
    await page.getByTestId('configure-import').setInputFiles(file('a;b\n'))
    await expect(page.getByTestId('state-box')).toBeVisible()
    await take(page, 'file-refused')
    const lines = [
      'device,model,serial,Pump.MaxFlow',
      `${udn(1)},PX-200,,77`,
      `${udn(2)},PX-200,,20`,
      `${udn(10)},AU-7,,1`,
    ]
    await page.getByTestId('configure-import').setInputFiles(file(lines.join('\n')))
    await expect(page.getByTestId(`configure-diff-${udn(1)}`)).toHaveAttribute('data-state', 'problem')
    await take(page, 'file')
    expect(complaints).toEqual([])
  })
}

test('the wizard goes by keyboard alone', async ({ page }) => {
  await openWindow(page, { settings: base.settings, groups })
  await page.getByTestId(`device-row-${udn(1)}`).focus()
  await page.keyboard.press('Space')
  await page.getByTestId('configure-begin').focus()
  await page.keyboard.press('Enter')
  await page.getByTestId('configure-value-Device.Location').focus()
  await page.keyboard.type('Hall 3')
  await page.getByTestId('configure-preview').focus()
  await page.keyboard.press('Enter')
  await page.getByTestId(`configure-diff-${udn(1)}`).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('configure-detail')).toContainText('Hall 3')
  await page.getByTestId('configure-apply').focus()
  await page.keyboard.press('Enter')
  await expect(page.getByTestId(`configure-row-${udn(1)}`)).toHaveAttribute('data-state', 'applied')
})
