/** The pictures of the guides, made by going through each wizard: `npm run pictures` writes them to docs/images/. */
import { join, resolve } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { isEnded } from '../../electron/contract/job'
import { HEALTHY, PRACTICE_MODEL, practiceBundles, shortId } from './firmware'
import { type LaunchedApp, launchApp } from './harness'
import { Bench, openSite, PINS, prepareLine, scan } from './line'
import { resize, still } from './shots'
import { devicesOf, ENGLISH, waitForPracticeDevices } from './window'

const OUT = resolve(import.meta.dirname, '../../docs/images')
const WITHIN = { timeout: 60_000 }

/** The window as it is now, in light. */
const picture = async (app: LaunchedApp, name: string): Promise<void> => {
  await still(app, 'light')
  await app.page.screenshot({ path: join(OUT, `${name}.png`), animations: 'disabled' })
}

const phrase = async (page: Page): Promise<string> =>
  String(await page.getByTestId('decommission-phrase-wanted').textContent()).trim()

test('the guide for technicians', async () => {
  test.setTimeout(600_000)
  const app = await launchApp({ practice: true, env: ENGLISH })
  await resize(app)
  const { page } = app
  const at = (id: string) => page.getByTestId(id)
  const found = await waitForPracticeDevices(app)
  // The one that the practice firmware is for.
  const [first, second, third] = found.toSorted((a) => (a.model === PRACTICE_MODEL ? -1 : 0))
  if (!first || !second || !third) throw new Error('three practice devices')
  const udns = [first, second, third].map(({ udn }) => udn)

  await app.value('groups.save', { name: 'Plant', values: { 'Report.IntervalSeconds': '30' } })
  const east = { name: 'East hall', parent: 'Plant', values: { 'Device.Location': 'East hall' } }
  await app.value('groups.save', east)
  const line = ({ serialNumber }: { serialNumber?: string | undefined }, name: string, place: string) =>
    `${serialNumber},${name},${place},East hall\n`
  const text = `serial,name,place,group\n${line(first, 'Pump of the line', 'Row 3')}${line(second, 'East unit', 'Row 1')}PX200-09999,Spare pump,Store,East hall\n`
  await app.value('plan.import', { text, mode: 'replace' })
  // Not done by hand: the window reads it when it opens.
  await page.reload()
  await at('nav-site').click()
  await at('site-tab-plan').click()
  await at('plan-compare').click()
  await expect(page.locator('[data-state="different"]').first()).toBeVisible(WITHIN)
  await picture(app, 'plan')
  await at('plan-apply').click()
  await expect(at('apply-wizard')).toBeVisible()
  await at('apply-next').click()
  await expect(at('apply-total')).toBeVisible(WITHIN)
  await picture(app, 'plan-apply')

  await at('nav-devices').click()
  await at('select-all').click()
  await at('bulk-commission').click()
  await at('commission-next').click()
  for (const udn of udns) await expect(at(`batch-entry-${udn}`)).toContainText('Genuine', WITHIN)
  await at(`batch-entry-${first.udn}`).click()
  await picture(app, 'commission')
  await at('commission-next').click()
  await at('commission-next').click()
  await expect(at('approve-all')).toContainText('Approve all 3', WITHIN)
  await at('approve-all').click()
  await expect(at('wizard-done')).toBeVisible(WITHIN)
  await picture(app, 'commission-done')
  await at('wizard-done').click()
  const inOperation = async () => (await devicesOf(app)).filter(({ phase }) => phase === 'operation').length
  await expect.poll(inOperation, WITHIN).toBe(3)
  await page.getByTestId(`device-row-${first.udn}`).click()
  await picture(app, 'devices')
  await at('drawer-close').click()

  const bundles = await practiceBundles(app)
  await at('nav-firmware').click()
  await at('firmware-new').click()
  await at(`choose-bundle-${shortId(bundles[HEALTHY])}`).click()
  await at('firmware-next').click()
  await at(`firmware-fit-${first.udn}`).click()
  await picture(app, 'firmware')
  await at('firmware-next').click()
  await at('firmware-start').click()
  await expect(at(`board-row-${first.udn}`)).toHaveAttribute('data-state', /probation|confirmed/, WITHIN)
  await picture(app, 'firmware-board')

  await at('nav-diagnostics').click()
  await expect(at(`health-row-${second.udn}`)).toContainText('°C', WITHIN)
  await at(`health-row-${second.udn}`).click()
  await expect(at('health-chart')).toBeVisible()
  await expect(page.getByText('Reading…')).toHaveCount(0, WITHIN)
  await picture(app, 'diagnostics')
  const tests = { tests: ['reachable', 'identity', 'health', 'memory', 'sensor'] as const }
  const [check = ''] = await app.value('check.start', {
    udns: [second.udn],
    options: { tests: [...tests.tests] },
  })
  const checked = async () => (await app.value('jobs.open')).find(({ id }) => id === check)?.state ?? 'queued'
  await expect.poll(async () => isEnded(await checked()), WITHIN).toBe(true)
  await at('diagnostics-tab-checks').click()
  await picture(app, 'check')

  await at('nav-devices').click()
  await at('bulk-clear').click()
  for (const udn of [second.udn, third.udn]) await at(`device-select-${udn}`).click()
  await at('configure-begin').click()
  await at('configure-set-Report.IntervalSeconds').click()
  await at('configure-value-Report.IntervalSeconds').fill('15')
  await at('configure-preview').click()
  await expect(at(`configure-diff-${second.udn}`)).toBeVisible(WITHIN)
  await picture(app, 'configure')

  await at('nav-devices').click()
  await at('bulk-clear').click()
  await at(`device-select-${third.udn}`).click()
  await at('bulk-decommission').click()
  await expect(at('decommission-wizard')).toBeVisible()
  await picture(app, 'decommission')
  await at('decommission-next').click()
  await at('decommission-phrase').fill(await phrase(page))
  await picture(app, 'decommission-confirm')
  await at('decommission-start').click()
  await expect(at('decommission-done')).toBeVisible(WITHIN)
  await picture(app, 'decommission-done')
  await at('nav-site').click()
  await at('site-tab-certificates').click()
  await picture(app, 'certificates')
  await at('nav-devices').click()
  await at('why-missing').click()
  await expect(at('missing-interfaces')).toBeVisible()
  await picture(app, 'missing')
  await app.close()
})

test('the guide for factories', async () => {
  test.setTimeout(240_000)
  const bench = new Bench()
  const app = await openSite(bench.at('data'))
  const { page } = app
  await resize(app)
  for (let lane = 1; lane <= 3; lane += 1) await bench.lay()
  await prepareLine(app, bench.cables)
  await page.getByTestId('nav-factory').click()
  await page.getByTestId('factory-tab-numbers').click()
  await picture(app, 'factory')
  bench.blank(1)
  bench.blank(2)
  await page.getByTestId('station-start').click()
  await scan(page, PINS.operator)
  for (const lane of [1, 2])
    await expect(page.getByTestId(`lane-${lane}`)).toHaveAttribute('data-state', 'ready', WITHIN)
  await scan(page, 'PX200-01000')
  await expect(page.getByTestId('lane-1')).toHaveAttribute('data-state', 'passed', WITHIN)
  await picture(app, 'station')
  await app.close()
  await bench.clear()
})
