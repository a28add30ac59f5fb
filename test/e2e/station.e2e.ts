/** Four blank devices in four lanes get their identities side by side: by keyboard and scanner alone, in the locked station. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { type Program, startProgram } from '../helpers/program'
import { type PtyPair, startPtyPair } from '../helpers/pty'
import { makeTempDir } from '../helpers/temp-dir'
import { type LaunchedApp, launchApp, PASSPHRASE } from './harness'
import { ENGLISH } from './window'

// One line, in the order of a shift: each test goes on where the one before ended.
test.describe.configure({ mode: 'serial' })

const LANES = 4
const PINS = { operator: '4711', supervisor: '90210' }
const folder = makeTempDir('iotmc-station-')
const dataDir = join(folder.path, 'data')
const cables: PtyPair[] = []
const devices: Program[] = []
let app: LaunchedApp

const startBlank = (lane: number, state = `device-${lane}`): Program => {
  const device = startProgram('device', [
    ...['--state', join(folder.path, state), '--serial-port', cables[lane - 1]?.device ?? ''],
    ...['--phase', 'manufacturing', '--model', 'PX-200', '--interface', 'lo'],
  ])
  devices.push(device)
  return device
}

/** What a site lead does at the desk before the line runs; the guided way through it is another test. */
const prepareLine = async (): Promise<void> => {
  const root = 'a root passphrase'
  await app.value('authority.createRoot', { commonName: 'Example root', passphrase: root })
  const { requestPem = '' } = await app.value('authority.request', { commonName: 'Line 1' })
  const limits = { quota: 50, days: 30 }
  const { chainPem } = await app.value('authority.sign', { requestPem, passphrase: root, ...limits })
  await app.value('authority.install', { chainPem })
  const range = { model: 'PX-200', prefix: 'PX200-', digits: 5, first: 1000, last: 1099 }
  await app.value('ledger.addRange', range)
  await app.value('station.configure', { lanes: cables.map((cable) => cable.station) })
  await app.value('station.addPerson', { name: 'Supervisor 1', role: 'supervisor', pin: PINS.supervisor })
  await app.value('station.addPerson', { name: 'Operator 17', role: 'operator', pin: PINS.operator })
}

/** A wedge scanner is a keyboard that types fast and ends with Enter. */
const scan = async (page: Page, text: string): Promise<void> => {
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
}

const lane = (page: Page, number: number) => page.getByTestId(`lane-${number}`)
const expectState = (page: Page, number: number, state: string) =>
  expect(lane(page, number)).toHaveAttribute('data-state', state, { timeout: 30_000 })

test.beforeAll(async () => {
  for (let number = 1; number <= LANES; number += 1) {
    const dir = join(folder.path, `cable-${number}`)
    mkdirSync(dir)
    cables.push(await startPtyPair(dir))
  }
  mkdirSync(dataDir)
  writeFileSync(join(dataDir, 'settings.json'), JSON.stringify({ interfaces: ['lo'] }))
  app = await launchApp({ dataDir, passphrase: undefined, env: ENGLISH })
  await app.value('app.setup', {
    technician: 'Site lead',
    siteName: 'Plant',
    interfaces: ['lo'],
    passphrase: PASSPHRASE,
  })
})
test.afterAll(async () => {
  // A start that hung has left no app; the cables go all the same.
  await (app as LaunchedApp | undefined)?.close()
  await Promise.all(devices.map((device) => device.kill()))
  await Promise.all(cables.map((cable) => cable.stop()))
  folder.remove()
})

test('four devices pass side by side by keyboard and scanner alone', async () => {
  test.setTimeout(180_000)
  await prepareLine()
  const { page } = app
  for (let number = 1; number <= LANES; number += 1) startBlank(number)

  await page.getByTestId('nav-factory').focus()
  await page.keyboard.press('Enter')
  await page.getByTestId('station-start').focus()
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('station-pin')).toBeVisible()

  // Locked: nothing but the station is answered, whatever a page might ask.
  const locked = await app.call('devices.search')
  expect(locked).toMatchObject({ ok: false, error: { code: 'NOT_AUTHORIZED' } })
  expect(await app.call('station.scan', { text: 'PX200-01000' })).toMatchObject({
    ok: false,
    error: { code: 'NOT_AUTHORIZED' },
  })

  await scan(page, '0000')
  await expect(page.getByTestId('station-pin-error')).toBeVisible()
  await scan(page, PINS.operator)
  await expect(page.getByTestId('station-scan')).toBeFocused()
  for (let number = 1; number <= LANES; number += 1) await expectState(page, number, 'ready')

  // Three numbers are scanned, the fourth is counted up by Enter alone.
  for (const number of [0, 1, 2]) await scan(page, `PX200-0100${number}`)
  await expect(page.getByTestId('lane-4-next')).toBeVisible()
  await expect(page.getByTestId('station')).toContainText('PX200-01003')
  // An Enter right behind a scan is the scanner's second line end, and not taken.
  await expect(async () => {
    await page.keyboard.press('Enter')
    await expect(lane(page, 4)).not.toHaveAttribute('data-state', 'ready', { timeout: 1_000 })
  }).toPass()
  for (let number = 1; number <= LANES; number += 1) {
    await expectState(page, number, 'passed')
    await expect(page.getByTestId(`lane-${number}-word`)).toHaveText('PASS')
  }
  await expect(page.getByTestId('station-counts')).toContainText('4')

  const said = await Promise.all(devices.map((device) => device.line(({ event }) => event === 'locked')))
  expect(said.map(({ serial }) => serial).sort()).toEqual([
    'PX200-01000',
    'PX200-01001',
    'PX200-01002',
    'PX200-01003',
  ])
  // Not one setup code has reached the page.
  const shown = await page.evaluate(() => document.documentElement.outerHTML)
  for (const { setupCode } of said) expect(shown).not.toContain(String(setupCode))
})

test('a number is given once: the scan is refused, and says where it was used', async () => {
  const { page } = app
  await devices[0]?.kill('SIGTERM')
  await cables[0]?.unplug()
  await expectState(page, 1, 'no-port')
  await cables[0]?.replug()
  startBlank(1, 'device-5')
  await expectState(page, 1, 'ready')
  await scan(page, 'PX200-01000')
  await expect(page.getByTestId('station-refused')).toContainText('PX200-01000')
  await expectState(page, 1, 'ready')
})

test('unplugged in mid-way it fails at once, and goes on when it is plugged in again', async () => {
  const { page } = app
  await devices.at(-1)?.kill('SIGTERM')
  await cables[0]?.unplug()
  await expectState(page, 1, 'no-port')
  await cables[0]?.replug()
  const slow = startProgram('device', [
    ...['--state', join(folder.path, 'device-6'), '--serial-port', cables[0]?.device ?? ''],
    ...['--phase', 'manufacturing', '--model', 'PX-200', '--interface', 'lo', '--keygen-ms', '3000'],
  ])
  devices.push(slow)
  await expectState(page, 1, 'ready')
  await scan(page, 'PX200-01010')
  await expectState(page, 1, 'running')
  await cables[0]?.unplug()
  await expectState(page, 1, 'failed')
  await expect(page.getByTestId('lane-1-word')).toHaveText('FAIL')
  await cables[0]?.replug()
  await expectState(page, 1, 'passed')
})

test('only a supervisor leaves the station, and openssl accepts every certificate of the ledger', async () => {
  const { page } = app
  expect(await app.call('station.leave', { pin: PINS.operator })).toMatchObject({
    ok: false,
    error: { code: 'NOT_AUTHORIZED' },
  })
  await app.value('station.leave', { pin: PINS.supervisor })
  await expect(page.getByTestId('nav-devices')).toBeVisible()
  const check = await app.value('ledger.verify')
  expect(check).toMatchObject({ ok: true })
  const units = await app.value('ledger.units', { search: '', limit: 100 })
  expect(units.filter((unit) => unit.state === 'complete')).toHaveLength(LANES + 1)

  const { rootHere } = await app.value('authority.get')
  const root = join(folder.path, 'root.pem')
  writeFileSync(root, rootHere?.pem ?? '')
  for (const number of [1, 2, 3, 4]) {
    const chain = join(folder.path, `device-${number}`, 'idevid.pem')
    const verified = spawnSync('openssl', [
      ...['verify', '-x509_strict', '-purpose', 'sslclient'],
      ...['-CAfile', root, '-untrusted', chain, chain],
    ])
    expect(verified.stdout.toString()).toContain('OK')
  }
})
