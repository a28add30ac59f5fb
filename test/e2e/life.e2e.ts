/** The whole life of one device by mouse in one window: blank board, factory, network, site, operation, and its end. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type Locator, test } from '@playwright/test'
import { examine } from './axe'
import type { LaunchedApp } from './harness'
import { Bench, openSite, PINS, prepareLine, scan } from './line'
import { devicesOf } from './window'

test.describe.configure({ mode: 'serial' })

const SERIAL = 'PX200-01000'
const WITHIN = { timeout: 60_000 }
let bench: Bench
let app: LaunchedApp
let udn = ''
let siteKey = ''

test.beforeAll(async () => {
  bench = new Bench()
  app = await openSite(bench.at('data'))
  await bench.lay()
  await prepareLine(app, bench.cables)
})
test.afterAll(async () => {
  await app?.close()
  await bench?.clear()
})

const at = (id: string): Locator => app.page.getByTestId(id)
const mine = async () => (await devicesOf(app)).find((one) => one.serialNumber === SERIAL)
const filesOfBoard = (): string[] =>
  readdirSync(bench.at('board'), { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  )

test('a blank board gets its identity at the station', async () => {
  bench.blank(1, 'board')
  await at('nav-factory').click()
  await at('station-start').click()
  await expect(at('station-pin')).toBeVisible()
  await scan(app.page, PINS.operator)
  await expect(at('lane-1')).toHaveAttribute('data-state', 'ready', WITHIN)
  await scan(app.page, SERIAL)
  await expect(at('lane-1')).toHaveAttribute('data-state', 'passed', WITHIN)
  await at('station-supervisor').click()
  await scan(app.page, PINS.supervisor)
  await expect(at('station-leave')).not.toHaveAttribute('aria-disabled')
  await at('station-leave').click()
  await expect(at('station-leave-yes')).toBeVisible()
  await scan(app.page, PINS.supervisor)
  await expect(at('nav-devices')).toBeVisible(WITHIN)
})

test('its network and the site come over the cable', async () => {
  await app.value('station.configure', { lanes: [] })
  await at('nav-devices').click()
  await at('provision-open').click()
  await at('provision-via-serial').click()
  await at('provision-port').fill(bench.cables[0]?.station ?? '')
  await at('provision-look').click()
  await expect(at('provision-found')).toContainText(SERIAL, WITHIN)
  await expect(at('provision-found')).toContainText('Identity verified')
  await at('provision-next').click()
  await at('provision-wired').click()
  await at('provision-start').click()
  await expect(at('provision-result')).toHaveAttribute('data-state', 'done', WITHIN)
  await expect.poll(async () => (await mine())?.phase, WITHIN).toBe('commissioning')
  udn = String((await mine())?.udn)
})

test('it is commissioned, and tells how it is', async () => {
  await at('provision-commission').click()
  await expect(at(`commission-choose-${udn}`)).toBeChecked()
  await at('commission-next').click()
  await expect(at(`batch-entry-${udn}`)).toContainText('Genuine', WITHIN)
  await at('commission-next').click()
  await at('commission-next').click()
  await expect(at('approve-all')).toContainText('Approve', WITHIN)
  await at('approve-all').click()
  await expect(at('wizard-done')).toBeVisible(WITHIN)
  await at('wizard-done').click()
  await expect.poll(async () => (await mine())?.phase, WITHIN).toBe('operation')
  await at('nav-diagnostics').click()
  await expect(at(`health-row-${udn}`)).toContainText('°C', WITHIN)
  const key = filesOfBoard().find((path) => /ldevid.*key/.test(path))
  siteKey = readFileSync(String(key), 'utf8').split('\n')[1] ?? ''
  expect(siteKey.length).toBeGreaterThan(40)
})

test('it is taken out: revoked, wiped, proven and certified, after words that are typed', async () => {
  await at('nav-devices').click()
  // Its drawer is open since the end of its commissioning.
  await expect(at('device-drawer')).toBeVisible()
  await at('decommission-begin').click()
  await expect(at('decommission-wizard')).toBeVisible()
  await examine(app, 'decommission: what happens')
  await at('decommission-next').click()
  await at('decommission-phrase').fill('wipe something else')
  await expect(at('decommission-start')).toHaveAttribute('aria-disabled', 'true')
  await at('decommission-phrase').fill(`wipe ${SERIAL.toLowerCase()}`)
  await examine(app, 'decommission: confirm')
  await at('decommission-start').click()
  await expect(at('decommission-done')).toBeVisible(WITHIN)
  await examine(app, 'decommission: done')
  const [record] = await app.value('decommission.list')
  expect(record).toMatchObject({ udn, state: 'certified', serialNumber: SERIAL })
  expect(filesOfBoard().filter((path) => readFileSync(path).includes(siteKey))).toEqual([])
})

test('openssl finds the device’s signature right, and its certificate in the list', async () => {
  const [record] = await app.value('decommission.list')
  expect(record?.proof).toMatchObject({ items: expect.any(Array) })
  // The proof itself is in the certificate.
  const [certificate = ''] = readdirSync(bench.at('data'), { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith(join('decommissioned', '1', 'certificate.json')),
  )
  const { proof } = JSON.parse(readFileSync(join(bench.at('data'), certificate), 'utf8'))
  const files = { 'statement.json': proof?.statement, 'identity.pem': proof?.chainPem }
  for (const [name, text] of Object.entries(files)) writeFileSync(bench.at(name), String(text))
  writeFileSync(bench.at('statement.sig'), Buffer.from(String(proof?.signature), 'base64'))
  const openssl = (...args: string[]) => execFileSync('openssl', args, { encoding: 'utf8' })
  const key = openssl('x509', '-in', bench.at('identity.pem'), '-noout', '-pubkey')
  writeFileSync(bench.at('key.pem'), key)
  const signed = ['-signature', bench.at('statement.sig'), bench.at('statement.json')]
  expect(openssl('dgst', '-sha256', '-verify', bench.at('key.pem'), ...signed)).toContain('Verified OK')
  expect(JSON.parse(String(proof?.statement))).toMatchObject({
    udn,
    nonce: record?.nonce,
    statement: 'wiped',
  })

  await at('nav-site').click()
  await at('site-tab-certificates').click()
  const serial = record?.revoked[0]?.serialNumber ?? ''
  await expect(at(`certificate-row-${serial}`)).toContainText('revoked')
  await examine(app, 'site: certificates')
  const list = await app.value('revocation.list')
  expect(list.entries).toBe(1)
  await at('site-tab-decommissioned').click()
  await expect(at(`decommissioned-row-${udn}`)).toContainText('Decommissioned')
  await examine(app, 'site: decommissioned')
})

test('it stands in the list again as one that needs a network', async () => {
  await at('nav-devices').click()
  await expect.poll(async () => (await mine())?.phase, WITHIN).toBe('provisioning')
  await expect(at(`device-row-${udn}`)).toBeVisible()
})
