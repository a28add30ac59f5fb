/** Devices that cannot prove who they are: left out, with the reason in three sentences, while the genuine one goes on. */
import { readFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import { type ForeignDevice, foreignDevice } from './foreign-device'
import { type LaunchedApp, launchApp, PASSPHRASE } from './harness'
import { devicesOf, ENGLISH, expectThreeSentences, jobsOf, rows } from './window'

let app: LaunchedApp
const devices: ForeignDevice[] = []

test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  app = await launchApp({ passphrase: undefined, env: ENGLISH })
  await app.value('app.setup', {
    technician: 'Technician',
    siteName: 'Sample site',
    interfaces: ['lo'],
    passphrase: PASSPHRASE,
  })
  const { dataDir } = app
  devices.push(await foreignDevice({ dataDir, serial: 'AU7-00001', name: 'Genuine unit' }))
  devices.push(await foreignDevice({ dataDir, serial: 'AU7-66666', name: 'Stranger', fault: 'foreign-ca' }))
  devices.push(
    await foreignDevice({
      dataDir,
      serial: 'AU7-77777',
      name: 'Impostor',
      factory: `${dataDir}/other-factory`,
    }),
  )
  await app.value('trust.add', { pem: readFileSync(String(devices[0]?.factoryRoot), 'utf8') })
  await expect
    .poll(async () => (await devicesOf(app)).filter((one) => one.phase === 'commissioning').length, {
      timeout: 30_000,
    })
    .toBe(3)
})
test.afterAll(async () => {
  await Promise.all(devices.map((device) => device.stop()))
  await app.close()
})

test('the drawer says in three sentences why a stranger is not trusted', async () => {
  const { page } = app
  await rows(page, 'Stranger').click()
  await page.getByTestId('drawer-tab-identity').click()
  await page.getByTestId('drawer-verify').click()
  const drawer = page.getByTestId('device-drawer')
  await expect(drawer).toContainText('Identity not trusted')
  const box = drawer.getByTestId('state-box')
  await expectThreeSentences(box)
  await expect(box).toContainText('Stranger')
  await page.getByTestId('drawer-close').click()
})

test('the wizard leaves the refused ones out and takes the genuine one into operation', async () => {
  const { page } = app
  const [genuine, ...refused] = devices
  await page.getByTestId('select-all').click()
  await page.getByTestId('bulk-commission').click()
  await page.getByTestId('commission-next').click()
  await expect(page.getByTestId(`batch-entry-${genuine?.udn}`)).toContainText('Genuine')
  for (const { udn, name } of refused) {
    await expect(page.getByTestId(`batch-entry-${udn}`)).toContainText('Not trusted')
    await page.getByTestId(`batch-entry-${udn}`).click()
    await expect(page.getByTestId('state-box')).toContainText(name)
    await expectThreeSentences(page.getByTestId('state-box'))
  }
  await expect(page.getByText('2 devices are left out and stay as they are.')).toBeVisible()
  await page.getByTestId('commission-next').click()
  await expect(page.getByTestId('commission-next')).toContainText('Commission 1 device')
  await page.getByTestId('commission-next').click()
  await expect(page.getByTestId('approve-device')).not.toHaveAttribute('aria-disabled', 'true', {
    timeout: 30_000,
  })
  await page.getByTestId('approve-device').click()
  await expect(page.getByTestId('wizard-done')).toBeVisible({ timeout: 60_000 })

  expect((await jobsOf(app)).map(({ subject, state }) => ({ subject, state }))).toEqual([
    { subject: genuine?.udn, state: 'done' },
  ])
  const phases = async () => Object.fromEntries((await devicesOf(app)).map(({ udn, phase }) => [udn, phase]))
  await expect.poll(phases).toEqual({
    ...Object.fromEntries(refused.map(({ udn }) => [udn, 'commissioning'])),
    [String(genuine?.udn)]: 'operation',
  })
  for (const { udn } of refused)
    expect(await app.value('devices.verify', { udn })).toMatchObject({
      trusted: false,
      code: 'IDENTITY_NOT_TRUSTED',
    })
})

test('a refused device cannot enrol by itself and is shown as not trusted', async () => {
  expect((await app.value('enrollment.list')).map(({ udn }) => udn)).toEqual([devices[0]?.udn])
  await app.page.getByTestId('nav-devices').click()
  await expect(rows(app.page, 'Not trusted')).toHaveCount(2)
})
