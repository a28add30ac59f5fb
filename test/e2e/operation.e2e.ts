/** Operation on the practice site: health by event, logs, health checks, configuration, reports and bundles, from real devices. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type Locator, test } from '@playwright/test'
import { dataPaths } from '../../electron/store/paths'
import { de } from '../../renderer/locales/de'
import { examine as examineWith } from './axe'
import { nextChosenFile } from './firmware'
import { type ForeignDevice, foreignDevice } from './foreign-device'
import { type LaunchedApp, PASSPHRASE } from './harness'
import { Keyboard } from './keyboard'
import {
  commission,
  deviceLogOldest,
  jsonLines,
  nextSavedFile,
  practiceSite,
  textsOf,
  WITHIN,
} from './operation'
import { devicesOf, expectThreeSentences, practiceDeviceState } from './window'

/** What nobody but the device may keep: planted where a person could write it. */
const PLANTED = 'planted-word-77'

// The same devices go through all of it, in this order.
test.describe.configure({ mode: 'serial' })

let app: LaunchedApp
let faulty: ForeignDevice
let udns: { readonly pump: string; readonly gate: string; readonly air: string }

test.beforeAll(async () => {
  test.setTimeout(240_000)
  const site = await practiceSite()
  app = site.app
  const udnOf = (model: string) => String(site.devices.find((device) => device.model === model)?.udn)
  udns = { pump: udnOf('PX-200'), gate: udnOf('GC-10'), air: udnOf('AU-7') }
  faulty = await foreignDevice({
    dataDir: join(app.dataDir, 'practice'),
    serial: 'AU7-00500',
    name: 'Air unit 5',
    fault: 'sensor-stuck',
  })
  await expect.poll(async () => (await devicesOf(app)).map(({ udn }) => udn), WITHIN).toContain(faulty.udn)
})
test.afterAll(async () => {
  await faulty?.stop()
  await app?.close()
})

const at = (testid: string): Locator => app.page.getByTestId(testid)
const examine = (screen: string): Promise<void> => examineWith(app, screen)
const NAMES = ['Pump room 1', 'Gate west', 'Air unit 3', 'Air unit 5'] as const
const all = () => [udns.pump, udns.gate, udns.air, faulty.udn]
const healthRow = (udn: string): Locator => at(`health-row-${udn}`)
const logRows = (): Locator => app.page.locator('[data-testid^="log-row-"]')
const metricOf = async (udn: string): Promise<number | undefined> =>
  (await app.value('health.open')).find((one) => one.udn === udn)?.values.uptime
const standOf = async (udn: string) => (await app.value('log.stand')).find((one) => one.udn === udn)

test('four devices are commissioned, and diagnostics shows each with its level and values', async () => {
  test.setTimeout(240_000)
  await at('nav-diagnostics').click()
  await expect(at('health-empty')).toBeVisible()
  await examine('diagnostics: nothing yet')
  await commission(app, all())
  await at('nav-diagnostics').click()
  for (const udn of all()) {
    await expect(healthRow(udn)).toContainText(/-?\d+\.\d\s°C/, WITHIN)
    await expect(healthRow(udn)).toContainText(/\d+\.\d+\sV/)
    await expect(healthRow(udn)).toContainText('events')
  }
  await expect(healthRow(udns.pump)).toContainText('Well')
  await examine('diagnostics: overview')
})

test('a value changes by itself, by the device’s own event', async () => {
  const cell = healthRow(udns.pump)
  const before = await metricOf(udns.pump)
  await cell.evaluate((row) => {
    const seen: string[] = [row.textContent ?? '']
    Object.assign(window, { seenHealth: seen })
    new MutationObserver(() => {
      const text = row.textContent ?? ''
      if (seen.at(-1) !== text) seen.push(text)
    }).observe(row, { subtree: true, childList: true, characterData: true })
  })
  const temperatures = () =>
    app.page.evaluate(() => {
      const { seenHealth } = window as unknown as { seenHealth: string[] }
      return new Set(seenHealth.map((text) => /-?\d+\.\d\s°C/.exec(text)?.[0])).size
    })
  await expect.poll(temperatures, WITHIN).toBeGreaterThan(1)
  expect(await metricOf(udns.pump)).toBeGreaterThan(Number(before))
})

test('a ticked device is drawn as a chart, and as a table with its values', async () => {
  await healthRow(udns.pump).click()
  const chart = at('health-chart')
  await expect(chart).toBeVisible()
  const drawn = () =>
    chart.evaluate((box) => {
      const canvas = box.querySelector('canvas') ?? (box as HTMLCanvasElement)
      const { width, height } = canvas
      const pixels = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? []
      const colours = new Set<string>()
      for (let at = 0; at < pixels.length; at += 4) {
        const [red = 0, green = 0, blue = 0, alpha = 0] = pixels.slice(at, at + 4)
        if (alpha > 200 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60) colours.add('line')
      }
      return colours.size
    })
  await expect.poll(drawn).toBe(1)
  await at('health-metric-temperature').click()
  await at('health-range-15m').click()
  await examine('diagnostics: chart')
  await at('health-as-table').click()
  const cells = app.page.locator('table tbody tr').filter({ hasText: 'Pump room 1' })
  await expect(cells.first()).toContainText(/\d+\.\d\s°C/)
  expect(await cells.count()).toBeGreaterThan(1)
  await examine('diagnostics: chart as a table')
  await at('health-as-table').click()
  await at('health-clear').click()
  await expect(chart).toHaveCount(0)
})

test('logs are fetched, searched with the keyboard, narrowed, and opened record by record', async () => {
  const keyboard = new Keyboard(app)
  await at('diagnostics-tab-log').click()
  await expect(at('log-empty')).toBeVisible()
  await examine('diagnostics: no log yet')
  await at('log-fetch').click()
  await expect(at('fetch-dialog')).toContainText('Pump room 1')
  await expect(at('fetch-dialog')).toContainText('nothing stored here yet')
  await examine('diagnostics: fetch')
  await at('fetch-yes').click()
  // The newest of each stand at the top; older ones are not drawn before they are scrolled to or searched for.
  for (const udn of all())
    await expect.poll(async () => (await standOf(udn))?.stored ?? 0, WITHIN).toBeGreaterThan(5)
  await expect(logRows()).not.toHaveCount(0)
  for (const udn of all()) expect(await standOf(udn)).toMatchObject({ lost: 0, clearedThrough: 0 })

  await keyboard.press('/')
  await expect(at('log-search')).toBeFocused()
  await app.page.keyboard.type('REACHABLE')
  const started = logRows().filter({ hasText: 'Started and reachable' })
  // Once for each start of the device, and a window that is not heard is started again.
  for (const name of NAMES) await expect(started.filter({ hasText: name }).first()).toBeVisible()
  await expect(logRows().filter({ hasNotText: 'reachable' })).toHaveCount(0)
  await keyboard.press('Escape')
  await expect(at('log-search')).toHaveValue('')
  await expect(logRows().filter({ hasNotText: 'reachable' })).not.toHaveCount(0)

  // Notices go, what the stuck sensor made its device write stays.
  await at('log-severity').selectOption('4')
  await expect(logRows().filter({ hasText: 'Notice' })).toHaveCount(0)
  await expect(logRows().filter({ hasText: 'sensor.range' }).first()).toContainText('Air unit 5')
  await examine('diagnostics: log narrowed')
  await at('log-severity').selectOption('7')
  await at('log-device').selectOption(udns.pump)
  await expect(logRows().filter({ hasText: 'Air unit 5' })).toHaveCount(0)

  await at('log-search').fill('reachable')
  await expect(logRows()).toHaveCount(1)
  await started.click()
  for (const text of ['Started and reachable', 'system.up', 'Sequence', 'Start', 'Device clock', 'bootId'])
    await expect(at('log-detail')).toContainText(text)
  await examine('diagnostics: log with a record')
  await keyboard.press('Escape')
  await expect(at('log-detail')).toHaveCount(0)
  await at('log-search').fill('')
  await expect(logRows()).not.toHaveCount(1)
})

test('live, a new record appears at the top by itself', async () => {
  await expect(at('log-tail')).not.toHaveAttribute('aria-disabled', 'true')
  await at('log-tail').click()
  await expect(at('log-tail')).toHaveAttribute('aria-pressed', 'true')
  await app.value('devices.identify', { udn: udns.pump, seconds: 3 })
  await expect(logRows().filter({ hasText: 'Shows itself for 3 s' })).toHaveCount(1, WITHIN)
  await at('log-tail').click()
  await expect(at('log-tail')).toHaveAttribute('aria-pressed', 'false')
})

test('fetch and clear says what it clears, and the device then begins behind it', async () => {
  const stored = Number((await standOf(udns.pump))?.stored)
  await at('log-clear').click()
  await expect(at('fetch-dialog')).toContainText('exactly the records that are stored on this laptop')
  await expectThreeSentences(at('fetch-dialog').getByTestId('state-box'))
  await examine('diagnostics: fetch and clear')
  await at('fetch-yes').click()
  await expect.poll(async () => (await standOf(udns.pump))?.clearedThrough ?? 0, WITHIN).toBeGreaterThan(0)
  const through = Number((await standOf(udns.pump))?.clearedThrough)
  expect(deviceLogOldest(app, 'PX200-01180')).toBe(through + 1)
  // What was stored here stays here.
  expect((await standOf(udns.pump))?.stored).toBeGreaterThanOrEqual(stored)
})

test('what is shown is exported as JSON Lines through the save dialog', async () => {
  const path = await nextSavedFile(app, 'log.jsonl')
  await at('log-export').click()
  await at('log-export-jsonl').click()
  await expect(at('diagnostics')).toContainText(`Saved to ${path}`, WITHIN)
  const records = jsonLines(path)
  expect(records.length).toBeGreaterThan(5)
  expect(new Set(records.map(({ udn }) => udn))).toEqual(new Set([udns.pump]))
  expect(records.map(({ message }) => message)).toContain('Shows itself for 3 s')
})

const card = (udn: string): Locator => at(`check-card-${udn}`)
const entry = (udn: string, name: string): Locator => card(udn).getByTestId(`check-entry-${name}`)

test('a health check by keyboard to its tests, and back', async () => {
  const keyboard = new Keyboard(app)
  await at('nav-devices').click()
  await keyboard.tabTo('nav-diagnostics')
  await keyboard.press('Enter')
  await keyboard.pressWhenReady('check-begin')
  const wizard = at('check-wizard')
  await expect(wizard).toHaveAttribute('data-step', 'choose')
  await expect(at('check-next')).toContainText('choose a device first')
  await keyboard.tabTo('check-choose-all')
  await keyboard.press('Enter')
  await expect(wizard).toContainText('4 devices chosen')
  await keyboard.pressWhenReady('check-next')
  await expect(wizard).toHaveAttribute('data-step', 'tests')
  await expect(at('check-test-flash')).toBeChecked()
  for (const step of ['choose', 'home'] as const) {
    await keyboard.pressWhenReady('check-back')
    if (step === 'choose') await expect(wizard).toHaveAttribute('data-step', step)
  }
  await expect(at('diagnostics')).toBeVisible()
  expect(await app.value('check.list', { limit: 10 })).toEqual([])
})

test('a healthy device and one with a stuck sensor are checked, watched, and told in words', async () => {
  test.setTimeout(300_000)
  await at('check-begin').click()
  for (const udn of [udns.pump, faulty.udn]) {
    const row = at(`check-choose-${udn}`)
    if ((await row.getByRole('checkbox').isChecked()) === false) await row.click()
  }
  for (const udn of [udns.gate, udns.air]) {
    const row = at(`check-choose-${udn}`)
    if (await row.getByRole('checkbox').isChecked()) await row.click()
  }
  await expect(at('check-wizard')).toContainText('2 devices chosen')
  await examine('health check: devices')
  await at('check-next').click()
  await examine('health check: tests')
  await expect(at('check-start')).toContainText('Check 2 devices')
  await at('check-start').click()
  await expect(card(udns.pump)).toBeVisible()
  await expect(card(udns.pump).locator('[data-state="running"]')).toHaveCount(1, WITHIN)
  await examine('health check: under way')

  const ended = { timeout: 200_000 }
  await expect(card(faulty.udn)).toHaveAttribute('data-verdict', 'bad', ended)
  await expect(card(udns.pump)).toHaveAttribute('data-verdict', /ok|warn/, ended)
  // Once all have ended, the findings stand for themselves; the tests open below them.
  await examine('health check: findings')
  for (const udn of [faulty.udn, udns.pump]) await card(udn).getByRole('button', { expanded: false }).click()
  await expect(entry(faulty.udn, 'sensor')).toHaveAttribute('data-verdict', 'bad')
  await expect(entry(faulty.udn, 'sensor')).toContainText('out of range')
  await expectThreeSentences(at(`check-finding-${faulty.udn}`).getByTestId('state-box'))
  await expect(at(`check-finding-${faulty.udn}`)).toContainText('A sensor reports values that cannot be.')
  await expect(at(`check-finding-${faulty.udn}`)).toContainText('check the sensor’s plug and cable')

  for (const name of ['reachable', 'identity', 'self-test', 'memory', 'flash', 'sensor', 'throughput'])
    await expect(entry(udns.pump, name)).toHaveAttribute('data-verdict', 'ok')
  await expect(entry(udns.pump, 'dns')).toHaveAttribute('data-verdict', 'skipped')
  await expect(at('check-summary')).toContainText('1 bad')
  await examine('health check: findings with tests')

  // The worst comes first, here and in the list of checks.
  expect(await app.page.locator('[data-testid^="check-card-"]').first().getAttribute('data-testid')).toBe(
    `check-card-${faulty.udn}`,
  )
  await at('check-back').click()
  const rows = app.page.locator('[data-testid^="check-row-"]')
  await expect(rows).toHaveCount(2)
  await expect(rows.filter({ hasText: 'Air unit 5' })).toContainText(
    'A sensor reports values that cannot be.',
  )
  await examine('diagnostics: checks')
})

const configurationOf = async (udn: string) => (await app.value('configuration.read', { udn })).values

test('one value is changed in the drawer: edited, previewed, applied, read back', async () => {
  await at('nav-devices').click()
  await at(`device-row-${udns.pump}`).click()
  await at('drawer-tab-configuration').click()
  await at('drawer-read-configuration').click()
  await expect(at('device-drawer')).toContainText('Pump.TargetPressure')
  await examine('drawer: configuration')
  await at('configuration-edit').click()
  await at('configure-value-Pump.TargetPressure').fill('99')
  await expect(at('device-drawer')).toContainText('between 0.5 and 10')
  await expect(at('configure-preview')).toHaveAttribute('aria-disabled', 'true')
  await at('configure-value-Pump.TargetPressure').fill('4.25')
  await examine('drawer: editing')
  await at('configure-preview').click()
  const diff = at(`configure-diff-${udns.pump}`)
  await expect(diff).toContainText('Pump.TargetPressure')
  await expect(diff).toContainText('3.5')
  await expect(diff).toContainText('4.25')
  expect((await configurationOf(udns.pump))['Pump.TargetPressure']).toBe('3.5')
  await examine('drawer: difference')
  await at('configure-apply').click()
  await expect(at(`configure-row-${udns.pump}`)).toHaveAttribute('data-state', 'applied', WITHIN)
  await expect(at('device-drawer')).toContainText('They were read back from it.')
  expect((await configurationOf(udns.pump))['Pump.TargetPressure']).toBe('4.25')
  expect(JSON.stringify(practiceDeviceState(app, 'PX200-01180'))).toContain('4.25')
  await examine('drawer: applied')
  for (const tab of ['health', 'log', 'history'] as const) {
    await at(`drawer-tab-${tab}`).click()
    await examine(`drawer: ${tab}`)
  }
  await expect(at('device-drawer')).toContainText('Health check')
  await at('drawer-close').click()
})

test('two devices are changed in one go after a look at the differences, and put back', async () => {
  test.setTimeout(180_000)
  await at('nav-devices').click()
  const both = [udns.gate, udns.air]
  const before = await Promise.all(both.map(configurationOf))
  for (const udn of both) await at(`device-select-${udn}`).click()
  await at('configure-begin').click()
  await expect(at('configure-wizard')).toHaveAttribute('data-step', /devices|values/)
  if ((await at('configure-wizard').getAttribute('data-step')) === 'devices') {
    await examine('configure: devices')
    await at('configure-next').click()
  }
  await at('configure-set-Report.IntervalSeconds').click()
  await at('configure-value-Report.IntervalSeconds').fill('7')
  await at('configure-set-Device.StatusLight').click()
  await at('configure-value-Device.StatusLight').selectOption('dimmed')
  await examine('configure: values')
  await at('configure-preview').click()
  for (const udn of both) {
    await at(`configure-diff-${udn}`).click()
    await expect(at('configure-detail')).toContainText('Report.IntervalSeconds')
    await expect(at('configure-detail')).toContainText('dimmed')
  }
  expect(await Promise.all(both.map(configurationOf))).toEqual(before)
  await examine('configure: differences')
  await at('configure-apply').click()
  for (const udn of both)
    await expect(at(`configure-row-${udn}`)).toHaveAttribute('data-state', 'applied', WITHIN)
  for (const values of await Promise.all(both.map(configurationOf)))
    expect(values).toMatchObject({ 'Report.IntervalSeconds': '7', 'Device.StatusLight': 'dimmed' })
  await examine('configure: result')
  await at('configure-rollback').click()
  await expect(at('configure-rollback-dialog')).toContainText('Each device goes back')
  await at('configure-rollback-yes').click()
  for (const udn of both)
    await expect(at(`configure-row-${udn}`)).toHaveAttribute('data-state', 'rolled-back', WITHIN)
  expect(await Promise.all(both.map(configurationOf))).toEqual(before)
  await at('configure-done').click()
})

test('a report is made, saved, and right by this window and by openssl; a changed one is not', async () => {
  await at('nav-diagnostics').click()
  await at('diagnostics-tab-reports').click()
  await expect(at('reports-empty')).toBeVisible()
  await examine('reports: none yet')
  await at('report-customer').fill('Example customer')
  await at('report-place').fill('Plant room, level −1')
  await at('report-notes').fill('Sensor of Air unit 5 to be looked at.')
  await at('report-make').click()
  await expect(at('report-row-1')).toContainText('Example customer', WITHIN)
  await expectThreeSentences(at('report-made').getByTestId('state-box'))
  await examine('reports: made')

  const zip = await nextSavedFile(app, 'report.zip')
  await at('report-save-zip-1').click()
  await expect(at('reports')).toContainText(zip)
  const files = await textsOf(zip)
  expect([...files.keys()].sort()).toEqual(
    ['manifest.json', 'manifest.p7s', 'report.csv', 'report.json', 'report.pdf', 'site-ca.pem'].sort(),
  )
  const report = JSON.parse(String(files.get('report.json')))
  expect(report.counts).toMatchObject({ devices: 4, inOperation: 4 })
  const folder = join(app.dataDir, 'saved')
  execFileSync('unzip', ['-o', '-q', zip, '-d', folder])
  execFileSync(
    'openssl',
    [
      ...['cms', '-verify', '-binary', '-inform', 'DER', '-in', 'manifest.p7s', '-content', 'manifest.json'],
      ...['-CAfile', dataPaths(join(app.dataDir, 'practice')).siteCa, '-purpose', 'any', '-out', 'verified'],
    ].flat(),
    { cwd: folder, stdio: 'pipe' },
  )

  await nextChosenFile(app, zip)
  await at('report-verify').click()
  await expect(at('report-verdict')).toHaveAttribute('data-ok', 'true', WITHIN)
  await expectThreeSentences(at('report-verdict').getByTestId('state-box'))
  await examine('reports: verified')

  const bytes = readFileSync(zip)
  bytes.write('Exemple', bytes.indexOf('Example customer'), 'latin1')
  const changed = join(folder, 'changed.zip')
  writeFileSync(changed, bytes)
  await nextChosenFile(app, changed)
  await at('report-verify').click()
  await expect(at('report-verdict')).toHaveAttribute('data-ok', 'false', WITHIN)
  await expect(at('report-verdict')).toContainText('Changed since it was signed')
  await examine('reports: not right')
})

test('the bundle of one device holds what it should, and no secret that was planted', async () => {
  test.setTimeout(180_000)
  // Where a person could have written a password: in a text of the configuration.
  const plan = await app.value('configuration.preview', {
    udns: [udns.pump],
    change: { kind: 'values', values: { 'Device.Location': `cellar password=${PLANTED}` } },
  })
  await app.value('configuration.apply', { planId: plan.id })
  await expect
    .poll(async () => (await configurationOf(udns.pump))['Device.Location'], WITHIN)
    .toContain(PLANTED)
  await at('diagnostics-tab-overview').click()
  await healthRow(udns.pump).click()
  const path = await nextSavedFile(app, 'bundle.zip')
  await at('bundle-make').click()
  await expect(app.page.getByText(`Saved to ${path}`)).toBeVisible(WITHIN)
  await examine('diagnostics: bundle saved')

  const files = await textsOf(path)
  const folder = `devices/${udns.pump.replace('uuid:', '')}`
  for (const name of ['device', 'configuration', 'banks', 'checks', 'timeline'])
    expect([...files.keys()]).toContain(`${folder}/${name}.json`)
  expect(String(files.get(`${folder}/log.jsonl`))).toContain('Started and reachable')
  expect(String(files.get(`${folder}/certificates.pem`))).toContain('BEGIN CERTIFICATE')
  expect(String(files.get(`${folder}/configuration.json`))).toContain('Device.Location')
  expect(String(files.get(`${folder}/health.csv`))).toContain('temperature')
  // Only the one that was ticked.
  expect([...files.keys()].filter((name) => name.startsWith('devices/') && !name.startsWith(folder))).toEqual(
    [],
  )
  const code = String(practiceDeviceState(app, 'PX200-01180').setupCode)
  expect(code).toMatch(/^[0-9A-Z]{8}$/)
  for (const [name, text] of files)
    for (const secret of [code, PLANTED, PASSPHRASE, 'PRIVATE KEY'])
      expect(text.includes(secret), `${secret} in ${name}`).toBe(false)
})

test('in German, every screen of operation speaks German', async () => {
  await app.value('settings.set', { language: 'de' })
  await at('nav-diagnostics').click()
  const words = {
    overview: de.diagnostics.column.alarms,
    log: de.diagnostics.log.severityAll,
    checks: de.diagnostics.checks.column.finding,
    reports: de.reports.make.customer,
  } as const
  for (const tab of ['overview', 'log', 'checks', 'reports'] as const) {
    await at(`diagnostics-tab-${tab}`).click()
    await expect(at('diagnostics')).toContainText(words[tab])
    await expect(app.page.locator('body')).not.toContainText(/\{\{|undefined/)
    await examine(`de ${tab}`)
  }
  await app.value('settings.set', { language: 'en' })
})
