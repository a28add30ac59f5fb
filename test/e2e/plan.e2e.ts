/** A site from a file by mouse, on real devices: brought in, compared, applied, called off; and labels that are swapped. */
import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type Locator, test } from '@playwright/test'
import type { Device } from '../../electron/contract/device'
import { examine } from './axe'
import type { LaunchedApp } from './harness'
import { nextSavedFile, practiceSite, WITHIN } from './operation'
import { practiceDeviceState } from './window'

// The same site goes through all of it, in this order.
test.describe.configure({ mode: 'serial' })

const [AIR, GATE, PUMP, MISSING] = ['AU7-00093', 'GC10-00436', 'PX200-01180', 'PX200-09999'] as const

let app: LaunchedApp
let devices: readonly Device[]
let identity = ''

const at = (id: string): Locator => app.page.getByTestId(id)
const udnOf = (serial: string): string =>
  devices.find(({ serialNumber }) => serialNumber === serial)?.udn ?? ''
const runs = (serial: string): string => JSON.stringify(practiceDeviceState(app, serial))
const file = (text: string) =>
  at('plan-import').setInputFiles({ name: 'plan.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
const row = (key: string): Locator => at(`plan-row-n ${key}`)
const work = (key: string): Locator => at(`apply-row-n ${key}`)

test.beforeAll(async () => {
  test.setTimeout(120_000)
  const site = await practiceSite()
  app = site.app
  devices = site.devices
  const folder = join(app.dataDir, 'practice', 'devices', AIR)
  const pem = readdirSync(folder).find((name) => name.startsWith('idevid') && name.endsWith('.pem')) ?? ''
  identity = new X509Certificate(readFileSync(join(folder, pem))).fingerprint256
    .replaceAll(':', '')
    .toLowerCase()
  await app.value('groups.save', { name: 'North', values: { 'Device.Location': 'Hall 7' } })
  await app.page.reload()
})
test.afterAll(() => app?.close())

test('a wrong file is refused by its lines, and a right one stands beside what is there', async () => {
  await at('nav-site').click()
  await at('site-tab-plan').click()
  await expect(at('plan-empty')).toBeVisible()
  await file(`serial,group\n${PUMP},Nowhere\n`)
  await at('plan-import-add').click()
  await expect(at('state-box')).toContainText('line 2')
  await expect(at('plan-empty')).toBeVisible()
  const lines = [
    'serial,identity,name,place,group,set:Device.Location',
    `${PUMP},,Pump of the line,Row 3,North,`,
    `,${identity},Air unit,Roof,North,Hall 9`,
    `${MISSING},,Spare pump,Store,North,`,
  ]
  await file(lines.join('\n'))
  await at('plan-import-add').click()
  await expect(at('plan-imported')).toBeVisible()
  await at('plan-compare').click()
  for (const key of [PUMP, identity])
    await expect(row(key)).toHaveAttribute('data-state', 'different', WITHIN)
  await expect(row(MISSING)).toHaveAttribute('data-state', 'missing')
  await expect(at(`plan-row-${udnOf(GATE)}`)).toHaveAttribute('data-state', 'unexpected')
  await examine(app, 'plan: compared')
})

test('applied, devices become what is planned; who is not there waits, and is called off', async () => {
  test.setTimeout(180_000)
  await at('plan-apply').click()
  await at('apply-next').click()
  await expect(at('apply-total')).toBeVisible(WITHIN)
  await expect(work(MISSING)).toBeVisible()
  await at('apply-start').click()
  for (const key of [PUMP, identity]) await expect(work(key)).toHaveAttribute('data-state', 'done', WITHIN)
  await expect(work(MISSING)).toHaveAttribute('data-state', 'held')
  await examine(app, 'plan: applied')
  expect(runs(PUMP)).toContain('Hall 7')
  expect(runs(AIR)).toContain('Hall 9')
  expect(runs(GATE)).not.toContain('Hall')
  await at('apply-cancel').click()
  await expect(work(MISSING)).toHaveAttribute('data-state', 'failed')
  await expect(at('apply-cancel')).toBeHidden()
  await at('apply-done').click()
  for (const key of [PUMP, identity]) await expect(row(key)).toHaveAttribute('data-state', 'present', WITHIN)
  await expect(row(identity)).toContainText('Air unit')
})

test('what was changed since it was looked at is refused, and nothing reaches the device', async () => {
  test.setTimeout(120_000)
  const plan = (place: string) =>
    app.value('plan.import', { text: `serial,group,place\n${GATE},North,${place}\n`, mode: 'add' })
  await plan('Gate east')
  await app.page.reload()
  await at('nav-site').click()
  await at('site-tab-plan').click()
  await at('plan-compare').click()
  await expect(row(GATE)).toHaveAttribute('data-state', 'different', WITHIN)
  await at('plan-apply').click()
  await at('apply-next').click()
  await expect(work(GATE)).toBeVisible(WITHIN)
  await plan('Gate west')
  await at('apply-start').click()
  await expect(at('apply-stale')).toBeVisible(WITHIN)
  await expect(work(GATE)).toHaveAttribute('data-state', 'failed')
  await examine(app, 'plan: stale')
  expect(practiceDeviceState(app, GATE).phase).not.toBe('operation')
  await at('apply-preview-again').click()
  await expect(at('apply-stale')).toBeHidden(WITHIN)
  await at('apply-start').click()
  await expect(work(GATE)).toHaveAttribute('data-state', 'done', WITHIN)
  expect(runs(GATE)).toContain('Hall 7')
})

test('the plan is written as the file that it came from', async () => {
  await at('nav-site').click()
  await at('site-tab-plan').click()
  const path = await nextSavedFile(app, 'plan.csv')
  await at('plan-export').click()
  await expect.poll(() => readdirSync(join(path, '..'))).toContain('plan.csv')
  const text = readFileSync(path, 'utf8')
  for (const cell of [PUMP, MISSING, identity, 'Hall 9', 'Gate west']) expect(text).toContain(cell)
  expect(text.trim().split('\n')).toHaveLength(5)
})

test('two labels that were put on each other’s device are found', async () => {
  const scan = async (serial: string, label: string): Promise<void> => {
    await at(`device-row-${udnOf(serial)}`).click()
    await at('label-scan').fill(label)
    await app.page.keyboard.press('Enter')
  }
  await at('nav-devices').click()
  await scan(PUMP, AIR)
  await expect(at('label-finding')).toHaveAttribute('data-state', 'other')
  await scan(AIR, PUMP)
  await expect(at('label-finding')).toHaveAttribute('data-state', 'swapped')
  await expect(at('label-findings')).toBeVisible()
  await examine(app, 'labels: swapped')
  await scan(PUMP, PUMP)
  await expect(at('label-finding')).toHaveAttribute('data-state', 'matches')
  await scan(AIR, AIR)
  await expect(at('label-findings')).toBeHidden()
})
