/**
 * The pictures of the guides, made by going through each wizard: `npm run pictures` writes them to docs/images/, or to the
 * folder in IOTMC_PICTURES.
 */
import { readFileSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { isEnded } from '../../electron/contract/job'
import { makePracticeBundles } from '../../electron/firmware/practice-bundles'
import { makeTempDir } from '../helpers/temp-dir'
import { HEALTHY, nextChosenFile, PRACTICE_MODEL, practiceBundles, shortId } from './firmware'
import { type LaunchedApp, launchApp, PASSPHRASE } from './harness'
import { Bench, openSite, PINS, prepareLine, scan } from './line'
import { resize, still } from './shots'
import { devicesOf, ENGLISH, waitForPracticeDevices } from './window'

const OUT = process.env.IOTMC_PICTURES ?? resolve(import.meta.dirname, '../../docs/images')
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
  await at('group-move').click()
  await at('apply-group').selectOption('East hall')
  await at('apply-next').click()
  await expect(at('apply-total')).toBeVisible(WITHIN)
  await picture(app, 'group-move')

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

test('the first start', async () => {
  const temp = makeTempDir('iotmc-first-start-')
  const app = await launchApp({ dataDir: temp.path, passphrase: undefined, env: ENGLISH })
  await resize(app)
  const { page } = app
  await page.getByTestId('setup-technician').fill('Technician')
  await page.getByTestId('setup-site').fill('Sample site')
  await page.getByTestId('setup-passphrase').fill(PASSPHRASE)
  await page.getByTestId('setup-passphrase-again').fill(PASSPHRASE)
  await page.getByTestId('setup-technician').focus()
  await picture(app, 'first-run')
  await app.close()
  temp.remove()
})

test('what is done at a cable', async () => {
  test.setTimeout(240_000)
  const network = { ssid: 'Plant 7', key: 'a-network-key-4711' }
  const bench = new Bench()
  const app = await openSite(bench.at('data'))
  const { page } = app
  const at = (id: string) => page.getByTestId(id)
  await resize(app)
  const cable = await bench.lay()
  // The name that a port has on any machine, not where this bench keeps its cables.
  const port = realpathSync(cable.station)
  const device = (serial: string, ...more: string[]) =>
    bench
      .device(
        serial,
        ...['--factory', bench.at('factory'), '--anchor', bench.at('none'), '--phase', 'provisioning'],
        ...['--model', PRACTICE_MODEL, '--serial', serial, '--network', `${network.ssid}=lo,${network.key}`],
        ...more,
      )
      .line(({ event }) => event === 'ready')
  const atCable = await device('PX200-00001', '--serial-port', cable.device)
  const onNetwork = await device('PX200-00002')
  await app.value('trust.add', { pem: readFileSync(String(atCable.factoryRoot), 'utf8') })

  await at('provision-open').click()
  await at('provision-via-network').click()
  await at(`provision-device-${String(onNetwork.udn)}`).click()
  await picture(app, 'provision')
  await at('provision-via-serial').click()
  await at('provision-port').fill(port)
  await at('provision-look').click()
  await expect(at('provision-found')).toContainText('Identity verified', WITHIN)
  await picture(app, 'provision-found')
  await at('provision-next').click()
  await at('provision-ssid').fill(network.ssid)
  await at('provision-credential').fill(network.key)
  await at('provision-start').click()
  await expect(at('provision-result')).toHaveAttribute('data-state', 'done', WITHIN)
  await picture(app, 'provision-done')

  await at('nav-firmware').click()
  const [file = ''] = await makePracticeBundles(bench.at('bundles'), bench.at('factory'), new Date())
  await nextChosenFile(app, file)
  await at('firmware-choose').click()
  await expect.poll(async () => (await app.value('firmware.library')).bundles.length, WITHIN).toBe(1)
  const [bundle] = (await app.value('firmware.library')).bundles
  await at('firmware-serial').click()
  await at('firmware-serial-port').fill(port)
  await at('firmware-serial-look').click()
  await expect(at('serial-found')).toBeVisible(WITHIN)
  await picture(app, 'cable-slots')
  await at('firmware-next').click()
  await at(`serial-bundle-${shortId(bundle)}`).click()
  await picture(app, 'cable-image')
  await at('firmware-serial-start').click()
  await expect(at('serial-result')).toHaveAttribute('data-state', 'done', WITHIN)
  await picture(app, 'cable-done')
  await app.close()
  await bench.clear()
})
