import { expect, type Page, test } from '@playwright/test'
import type { Group } from '../../../electron/contract/configuration'
import type { ExpectedDevice } from '../../../electron/contract/enrollment'
import { expectAccessible, openWindow } from './open'
import { devices, sample, udn } from './sample'

const FOLDER = 'screenshots/window'
const base = sample()
const serialOf = (n: number) => base.devices[n - 1]?.serialNumber ?? ''
const groups: readonly Group[] = [
  {
    name: 'Whole site',
    values: { 'Report.IntervalSeconds': '60', 'Time.Server': '10.4.1.1' },
    version: 3,
    members: 0,
  },
  ...base.groups.map((group) => ({
    ...group,
    parent: 'Whole site',
    values: { ...group.values, ...(group.name === 'North hall' ? { 'Pump.MaxFlow': '30' } : {}) },
  })),
  {
    name: 'Pumps north',
    values: { 'Pump.TargetPressure': '4.5', 'Report.IntervalSeconds': '15' },
    parent: 'North hall',
    version: 6,
    members: 0,
  },
]
const expected: readonly ExpectedDevice[] = [
  { serialNumber: serialOf(1), name: 'Pump room 1', group: 'North hall', model: 'PX-200', firmware: '2.4.0' },
  {
    serialNumber: serialOf(2),
    name: 'Pump room 2',
    place: 'North hall, bay 4',
    group: 'North hall',
    model: 'PX-200',
    firmware: '2.4.0',
    values: { 'Pump.TargetPressure': '4.5', 'Pump.MaxFlow': '30' },
  },
  { serialNumber: serialOf(3), name: 'Gate east', group: 'Gates', model: 'GC-10', place: 'East gate' },
  { serialNumber: serialOf(8), name: 'Air unit 3', group: 'Roof', model: 'AU-8', firmware: '9.9.9' },
  { serialNumber: 'PX200-01180', name: 'Pump room 5', group: 'North hall', place: 'North hall, bay 9' },
  { serialNumber: 'GC10-00991', name: 'Gate north', group: 'Gates' },
]

test.setTimeout(240_000)

for (const [name, look] of [
  ['light', { theme: 'light', language: 'en' }],
  ['dark', { theme: 'dark', language: 'en' }],
  ['german', { theme: 'light', language: 'de' }],
] as const) {
  const settings = { ...base.settings, ...look }
  const take = async (page: Page, what: string) => {
    await page.waitForTimeout(150)
    await page.screenshot({ path: `${FOLDER}/plan-${what}-${name}.png` })
    await expectAccessible(page, what)
    expect(await page.evaluate(() => document.documentElement.scrollWidth), what).toBe(1366)
  }
  const openPlan = async (page: Page) => {
    await page.getByTestId('nav-site').click()
    await page.getByTestId('site-tab-plan').click()
  }

  test(`plan and work, ${name}`, async ({ page }) => {
    const complaints = await openWindow(page, { settings, groups, expected, failing: [udn(3)], stepMs: 400 })
    await openPlan(page)
    await expect(page.getByTestId('plan-row-n1')).toHaveAttribute('data-state', 'different')
    await take(page, 'table')
    await page.getByTestId('plan-row-n1').click()
    await take(page, 'detail')
    await page.getByTestId('plan-scan').fill('PX200-07777')
    await page.keyboard.press('Enter')
    await page.getByTestId('plan-scan').fill(serialOf(1))
    await page.keyboard.press('Enter')
    await expect(page.getByTestId('plan-scan-log')).toContainText(serialOf(1))
    await take(page, 'scanned')
    await page.getByTestId('plan-filter-missing').click()
    await take(page, 'missing')
    await page.getByTestId('plan-filter-all').click()
    await page.getByTestId('plan-apply').click()
    await expect(page.getByTestId('apply-choose-n1')).toBeVisible()
    await take(page, 'choose')
    await page.getByTestId('apply-next').click()
    await page.getByTestId('apply-row-n1').click()
    await expect(page.getByTestId('apply-total')).toBeVisible()
    await take(page, 'preview')
    await page.getByTestId('apply-row-n3').click()
    await take(page, 'preview-left-out')
    const setRefusing = (refusing: boolean) =>
      page.evaluate((now) => {
        const { played } = window as unknown as { readonly played: { readonly state: { refusing: boolean } } }
        played.state.refusing = now
      }, refusing)
    await setRefusing(true)
    await page.getByTestId('apply-start').click()
    await expect(page.getByTestId('apply-stale')).toBeVisible()
    await take(page, 'stale')
    await setRefusing(false)
    await page.getByTestId('apply-preview-again').click()
    await expect(page.getByTestId('apply-stale')).toBeHidden()
    await page.getByTestId('apply-start').click()
    await take(page, 'running')
    await expect(page.getByTestId('apply-row-n2')).toHaveAttribute('data-state', 'failed')
    await page.getByTestId('apply-row-n2').click()
    await take(page, 'failed')
    await page.getByTestId('apply-retry').click()
    await expect(page.getByTestId('apply-row-n2')).toHaveAttribute('data-state', 'done')
    await take(page, 'done')
    expect(complaints).toEqual([])
  })

  test(`groups, drawer and labels, ${name}`, async ({ page }) => {
    const complaints = await openWindow(page, { settings, groups, expected })
    await page.getByTestId('nav-site').click()
    await page.getByTestId('group-Pumps north').click()
    await expect(page.getByTestId('group-inherited')).toBeVisible()
    await take(page, 'groups')
    await page.getByTestId('group-remove').click()
    await take(page, 'group-remove')
    await page.keyboard.press('Escape')
    await page.getByTestId('nav-devices').click()
    for (const n of [1, 2, 8]) await page.getByTestId(`device-select-${udn(n)}`).click()
    await take(page, 'bulk')
    await page.getByTestId('group-move').click()
    await page.getByTestId('apply-group').selectOption('Pumps north')
    await take(page, 'move')
    await page.getByTestId('apply-next').click()
    await expect(page.getByTestId(`apply-row-${udn(1)}`)).toBeVisible()
    await take(page, 'move-preview')
    await page.getByTestId('nav-devices').click()
    await page.getByTestId(`device-row-${udn(1)}`).click()
    await page.getByTestId('device-place').fill('North hall, bay 3')
    await take(page, 'drawer')
    await page.getByTestId('device-describe-save').click()
    await page.getByTestId('device-identify').click()
    await page.getByTestId('label-scan').fill(serialOf(2))
    await page.keyboard.press('Enter')
    await expect(page.getByTestId('label-finding')).toHaveAttribute('data-state', 'other')
    await take(page, 'label-other')
    await page.getByTestId(`device-row-${udn(2)}`).click()
    await page.getByTestId('label-scan').fill(serialOf(1))
    await page.keyboard.press('Enter')
    await expect(page.getByTestId('label-finding')).toHaveAttribute('data-state', 'swapped')
    await expect(page.getByTestId('label-findings')).toBeVisible()
    await take(page, 'label-swapped')
    await page.getByTestId('drawer-tab-configuration').click()
    await page.getByTestId('drawer-read-configuration').click()
    await expect(page.getByTestId('origin-Pump.MaxFlow')).toBeVisible()
    await page.getByTestId('origin-Pump.MaxFlow').scrollIntoViewIfNeeded()
    await take(page, 'origins')
    expect(complaints).toEqual([])
  })

  test(`empty plan and a file, ${name}`, async ({ page }) => {
    const complaints = await openWindow(page, { settings, groups, expected: [] })
    await openPlan(page)
    await expect(page.getByTestId('plan-empty')).toBeVisible()
    await take(page, 'empty')
    const file = (text: string) => ({ name: 'hall.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
    await page.getByTestId('plan-import').setInputFiles(file('a,b\n1,2\n'))
    await page.getByTestId('plan-import-add').click()
    await expect(page.getByTestId('state-box')).toBeVisible()
    await take(page, 'file-refused')
    const lines = [
      'serial,name,place,group',
      `${serialOf(1)},Pump 1,Bay 1,Roof`,
      'PX200-09000,Pump 9,Bay 9,Roof',
    ]
    await page.getByTestId('plan-import').setInputFiles(file(lines.join('\n')))
    await take(page, 'file')
    await page.getByTestId('plan-import-add').click()
    await expect(page.getByTestId('plan-imported')).toBeVisible()
    await take(page, 'file-done')
    expect(complaints).toEqual([])
  })
}

test('the plan goes by keyboard alone, with 5,000 devices', async ({ page }) => {
  const many = devices(5000)
  const plan = many.map((one) => ({ serialNumber: one.serialNumber ?? one.udn, place: 'Hall' }))
  await openWindow(page, { settings: base.settings, groups, devices: many, expected: plan })
  await page.getByTestId('nav-site').click()
  await page.getByTestId('site-tab-plan').click()
  await expect(page.getByTestId('plan-table')).toBeVisible({ timeout: 20_000 })
  await page.getByTestId('plan-search').focus()
  await page.keyboard.type('pump 1200')
  await page.screenshot({ path: `${FOLDER}/plan-5000.png` })
  await page.getByTestId('plan-apply').focus()
  await page.keyboard.press('Enter')
  await page.getByTestId('apply-next').focus()
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('apply-total')).toBeVisible({ timeout: 20_000 })
  await page.getByTestId('apply-start').focus()
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('apply-wizard')).toHaveAttribute('data-step', 'watch')
})
