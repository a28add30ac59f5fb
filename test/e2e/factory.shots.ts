/** Pictures of the factory's tabs, the steps of provisioning, and the station from its PIN to PASS and FAIL. */
import { readFileSync } from 'node:fs'
import { expect, type Page, test } from '@playwright/test'
import { labelText } from '../../electron/contract/label'
import type { LaunchedApp } from './harness'
import { Bench, openSite, PINS, prepareLine, scan } from './line'
import { resize, shoot } from './shots'

const TABS = ['authority', 'numbers', 'people', 'lanes', 'label', 'ledger'] as const
const LANES = 4
const SSID = 'Plant 7'
const KEY = 'a-network-key-4711'

let bench: Bench
let app: LaunchedApp
let page: Page
test.beforeEach(async () => {
  bench = new Bench()
  app = await openSite(bench.at('data'))
  page = app.page
  await resize(app)
})
test.afterEach(async () => {
  await app.close()
  await bench.clear()
})

const expectLane = (lane: number, state: string) =>
  expect(page.getByTestId(`lane-${lane}`)).toHaveAttribute('data-state', state, { timeout: 30_000 })

test('the factory, empty and set up', async () => {
  test.setTimeout(240_000)
  await page.getByTestId('nav-factory').click()
  for (const tab of TABS) {
    await page.getByTestId(`factory-tab-${tab}`).click()
    await shoot(app, `60-factory-empty-${tab}`)
  }
  await page.getByTestId('check-authority').click()
  await page.getByTestId('root-here').click()
  await page.getByTestId('root-name').fill('Example root')
  await shoot(app, '61-factory-root')
  await prepareLine(app, [await bench.lay(), await bench.lay()])
  await app.value('authority.request', { commonName: 'Line 1' })
  await page.getByTestId('nav-devices').click()
  await page.getByTestId('nav-factory').click()
  await page.getByTestId('request-sign').click()
  await page.getByTestId('sign-passphrase').fill('not the passphrase')
  await page.getByTestId('sign-yes').click()
  await expect(page.getByTestId('sign-dialog').getByTestId('state-box')).toBeVisible()
  await shoot(app, '62-factory-sign-refused')
  await page.keyboard.press('Escape')
  const numbers = ['PX200-01000', 'PX200-01004']
  for (const serialNumber of numbers) await app.value('ledger.burn', { serialNumber, reason: 'label spoilt' })
  await page.getByTestId('factory-tab-numbers').click()
  await page.getByTestId('burn-open').click()
  await shoot(app, '63-factory-burn')
  await page.getByTestId('takeout-serial').fill('PX200-01009')
  await page.getByTestId('takeout-reason').fill('label spoilt')
  await page.getByTestId('takeout-confirm').fill('PX200-01009')
  await page.getByTestId('takeout-yes').click()
  for (const tab of TABS) {
    await page.getByTestId(`factory-tab-${tab}`).click()
    if (tab === 'ledger') {
      await page.getByTestId('ledger-verify').click()
      await expect(page.getByTestId('ledger-check')).toBeVisible()
    }
    await shoot(app, `64-factory-${tab}`)
  }
})

test('the station', async () => {
  test.setTimeout(240_000)
  for (let lane = 1; lane <= LANES; lane += 1) await bench.lay()
  await prepareLine(app, bench.cables)
  await app.value('ledger.burn', { serialNumber: 'PX200-01005', reason: 'label spoilt on the line' })
  bench.blank(1)
  const slow = bench.blank(2, 'device-2', '--keygen-ms', '20000')
  bench.blank(3)
  await page.getByTestId('nav-factory').click()
  await page.getByTestId('station-start').click()
  await expect(page.getByTestId('station-pin')).toBeVisible()
  await shoot(app, '70-station-pin')
  await scan(page, '0000')
  await expect(page.getByTestId('station-pin-error')).toBeVisible()
  await shoot(app, '71-station-pin-wrong')
  await scan(page, PINS.operator)
  for (const lane of [1, 2, 3]) await expectLane(lane, 'ready')
  await expectLane(4, 'listening')
  await shoot(app, '72-station-ready')
  await scan(page, 'PX200-01000')
  await expectLane(1, 'passed')
  await scan(page, 'PX200-01001')
  await expectLane(2, 'running')
  await shoot(app, '73-station-running')
  await scan(page, 'PX200-01005')
  await expect(page.getByTestId('station-refused')).toContainText('PX200-01005')
  await shoot(app, '74-station-refused')
  await bench.cables[1]?.unplug()
  await expectLane(2, 'failed')
  await slow.kill('SIGTERM')
  await shoot(app, '75-station-pass-fail')
  await page.getByTestId('station-supervisor').click()
  await shoot(app, '76-station-panel')
  await scan(page, PINS.supervisor)
  await expect(page.getByTestId('station-leave')).not.toHaveAttribute('aria-disabled')
  await shoot(app, '77-station-supervisor')
})

test('provisioning, step by step', async () => {
  test.setTimeout(240_000)
  const cable = await bench.lay()
  const start = (serial: string, ...more: string[]) =>
    bench
      .device(
        serial,
        ...['--factory', bench.at('factory'), '--anchor', bench.at('none')],
        ...['--phase', 'provisioning', '--serial', serial, '--network', `${SSID}=lo,${KEY}`, ...more],
      )
      .line(({ event }) => event === 'ready')
  const atCable = await start('PX200-00001', '--serial-port', cable.device)
  const onNetwork = await start('PX200-00002')
  const udn = String(onNetwork.udn)
  await page.getByTestId('provision-open').click()
  await page.getByTestId('provision-port').fill('/dev/ttyUSB9')
  await page.getByTestId('provision-look').click()
  await expect(page.getByTestId('state-box')).toBeVisible()
  await shoot(app, '80-provision-no-port')
  await page.getByTestId('provision-port').fill(cable.station)
  await page.getByTestId('provision-look').click()
  await expect(page.getByTestId('provision-found')).toBeVisible()
  await shoot(app, '81-provision-not-trusted')
  await app.value('trust.add', { pem: readFileSync(String(atCable.factoryRoot), 'utf8') })
  await page.getByTestId('provision-look').click()
  await expect(page.getByTestId('provision-found')).toContainText('Identity verified')
  await shoot(app, '82-provision-found')

  await page.getByTestId('provision-via-network').click()
  await page.getByTestId('provision-scan').click()
  const wrong = { udn, serialNumber: 'PX200-00002', setupCode: 'ZZZZ9999' }
  await scan(page, labelText(wrong))
  await shoot(app, '83-provision-where')
  await page.getByTestId('provision-next').click()
  const enter = async () => {
    await page.getByTestId('provision-ssid').fill(SSID)
    await page.getByTestId('provision-credential').fill(KEY)
  }
  await enter()
  await shoot(app, '84-provision-network')
  await page.getByTestId('provision-start').click()
  await expect(page.getByTestId('provision-result')).toHaveAttribute('data-state', 'failed', {
    timeout: 60_000,
  })
  await shoot(app, '85-provision-wrong-code')
  await page.getByTestId('provision-again').click()
  await page.getByTestId('provision-code').fill(String(onNetwork.setupCode).slice(0, 6))
  await shoot(app, '86-provision-code')
  await page.getByTestId('provision-code').fill(String(onNetwork.setupCode))
  await page.getByTestId('provision-next').click()
  await enter()
  await page.getByTestId('provision-start').click()
  await expect(page.getByTestId('provision')).toHaveAttribute('data-step', 'watch')
  await shoot(app, '87-provision-watch')
  await expect(page.getByTestId('provision-result')).toHaveAttribute('data-state', 'done', {
    timeout: 60_000,
  })
  await shoot(app, '88-provision-result')
})
