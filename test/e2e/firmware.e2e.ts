/** Firmware on the practice site: a real device fetches, verifies, starts, and keeps an image or comes back from it. */
import { expect, type Locator, test } from '@playwright/test'
import type { BankStatus, FirmwareBundle } from '../../electron/contract/firmware'
import { examine as examineWith } from './axe'
import {
  FAULTY,
  HEALTHY,
  nextChosenFile,
  PRACTICE_MODEL,
  practiceBundles,
  runningBank,
  shortId,
  shownStates,
  tamper,
  watchStates,
} from './firmware'
import { type LaunchedApp, launchApp } from './harness'
import { Keyboard } from './keyboard'
import { resize } from './shots'
import { devicesOf, ENGLISH, expectThreeSentences, waitForPracticeDevices } from './window'

/** Long enough that a slow machine looks at all screens of a trial while it lasts. */
const PROBATION_S = 150
/** What the controller may learn too late of a device that is on trial, and a loaded machine may add. */
const SEEN_LATE_MS = 20_000
const HEARD_WITHIN_MS = 60_000

// One device goes through all of it, in this order.
test.describe.configure({ mode: 'serial' })

let app: LaunchedApp
let udns: { readonly updated: string; readonly otherModel: string; readonly notEnrolled: string }
let bundles: Record<string, FirmwareBundle>

test.beforeAll(async () => {
  app = await launchApp({ practice: true, env: ENGLISH })
  await resize(app)
  const devices = await waitForPracticeDevices(app)
  const udnOf = (model: string) => String(devices.find((device) => device.model === model)?.udn)
  udns = { updated: udnOf(PRACTICE_MODEL), otherModel: udnOf('GC-10'), notEnrolled: udnOf('AU-7') }
})
test.afterAll(() => app?.close())

const at = (testid: string): Locator => app.page.getByTestId(testid)
const examine = (screen: string): Promise<void> => examineWith(app, screen)
const card = (version: string): Locator => at(`bundle-${shortId(bundles[version])}`)
const row = (): Locator => at(`board-row-${udns.updated}`)
const drawerBanks = (): Locator => at('device-drawer').getByTestId('banks')
/** What the device says of itself, once it can be asked: after a fault it leaves the network for a moment. */
const statusOnceThere = async (): Promise<BankStatus> => {
  const ask = () => app.call('firmware.status', { udn: udns.updated })
  await expect.poll(async () => (await ask()).ok, { timeout: HEARD_WITHIN_MS }).toBe(true)
  return app.value('firmware.status', { udn: udns.updated })
}

test('two devices are commissioned by mouse', async () => {
  for (const udn of [udns.updated, udns.otherModel]) await at(`device-select-${udn}`).click()
  await at('bulk-commission').click()
  await at('commission-next').click()
  for (const udn of [udns.updated, udns.otherModel])
    await expect(at(`batch-entry-${udn}`)).toContainText('Genuine')
  await at('commission-next').click()
  await at('commission-next').click()
  await expect(at('approve-all')).toContainText('Approve all 2', { timeout: HEARD_WITHIN_MS })
  await at('approve-all').click()
  await expect(at('wizard-done')).toBeVisible({ timeout: HEARD_WITHIN_MS })
  await at('wizard-done').click()
  const phase = async () => (await devicesOf(app)).find(({ udn }) => udn === udns.updated)?.phase
  await expect.poll(phase).toBe('operation')
})

test('both practice bundles are in the library as checked; a tampered one is refused in sentences', async () => {
  const { page } = app
  bundles = await practiceBundles(app)
  await at('nav-firmware').click()
  for (const version of [HEALTHY, FAULTY]) {
    await expect(card(version)).toContainText(`${version} for ${PRACTICE_MODEL}`)
    await expect(card(version)).toContainText('signed by')
    await expect(card(version).getByTestId('bundle-problem')).toHaveCount(0)
  }
  await examine('firmware: library')

  const tampered = [
    { from: 'Practice: runs well', to: 'Practise: runs well', code: 'SIGNATURE_INVALID' },
    { from: 'process.', to: 'Process.', code: 'HASH_MISMATCH' },
  ] as const
  for (const { from, to, code } of tampered) {
    await nextChosenFile(app, tamper(app, HEALTHY, from, to))
    await at('firmware-choose').click()
    await expect(at('bundle-problem')).toHaveAttribute('data-code', code)
    await expectThreeSentences(at('bundle-problem'))
  }
  await examine('firmware: a bundle refused')
  expect((await app.value('firmware.library')).bundles).toHaveLength(2)
  await expect(page.locator('[data-testid^="bundle-remove-"]')).toHaveCount(2)
})

test('by keyboard alone to the plan of an update, and back', async () => {
  const { page } = app
  const keyboard = new Keyboard(app)
  await at('nav-devices').click()
  await keyboard.tabTo('nav-firmware')
  await keyboard.press('Enter')
  await keyboard.pressWhenReady('firmware-new')
  const wizard = at('firmware-wizard')
  await expect(wizard).toHaveAttribute('data-step', 'bundle')

  // Among the bundles: one tab stop, Space or an arrow chooses.
  const first = String(
    await page.locator('[data-testid^="choose-bundle-"]').first().getAttribute('data-testid'),
  )
  await keyboard.tabTo(first)
  await keyboard.press('Space')
  await expect(at(first)).toBeChecked()
  await expect(at('firmware-wizard')).toContainText('Signature over the manifest is right')
  await keyboard.pressWhenReady('firmware-next')

  await expect(wizard).toHaveAttribute('data-step', 'devices')
  const fit = `firmware-fit-${udns.updated}`
  await expect(at(fit)).toHaveAttribute('data-state', 'fits')
  await keyboard.tabTo(fit)
  await keyboard.press('Space')
  await expect(wizard).toContainText('1 chosen')
  await keyboard.pressWhenReady('firmware-next')

  await expect(wizard).toHaveAttribute('data-step', 'plan')
  await expect(at('firmware-preview')).toContainText('begins as soon as you press start')
  await keyboard.tabTo('firmware-start')
  for (const step of ['devices', 'bundle'] as const) {
    await keyboard.pressWhenReady('firmware-back')
    await expect(wizard).toHaveAttribute('data-step', step)
  }
  await keyboard.pressWhenReady('firmware-back')
  await expect(at('firmware-library')).toBeVisible()
  expect(await app.value('firmware.rollouts')).toEqual([])
})

/** From the bundle's card through the wizard; ends on the board of the rollout that was started. */
const update = async (version: string, look?: (step: string) => Promise<void>): Promise<void> => {
  await at('nav-firmware').click()
  await card(version).getByTestId('firmware-begin').click()
  await expect(at('firmware-wizard')).toContainText(`Made for ${PRACTICE_MODEL}`)
  await look?.('bundle')
  await at('firmware-next').click()
  await at(`firmware-fit-${udns.updated}`).click()
  await expect(at('firmware-wizard')).toContainText('1 chosen')
  await look?.('devices')
  await at('firmware-next').click()
  await expect(at('firmware-preview')).toContainText('There is one wave only')
  await look?.('plan')
  await watchStates(app, ['board-row-', 'wave-'])
  await at('firmware-start').click()
  await expect(row()).toBeVisible()
}

test('through the wizard a device gets the bundle that fits, and is on trial', async () => {
  test.setTimeout(240_000)
  await update(HEALTHY, async (step) => {
    if (step === 'devices') {
      const why = (udn: string) => at(`firmware-fit-${udn}`)
      await expect(why(udns.updated)).toContainText('fits')
      await expect(why(udns.otherModel)).toHaveAttribute('data-state', 'wrong-model')
      await expect(why(udns.otherModel)).toContainText(`the bundle is for ${PRACTICE_MODEL}`)
      await expect(why(udns.notEnrolled)).toHaveAttribute('data-state', 'not-enrolled')
      await expect(why(udns.notEnrolled)).toContainText('not of this site yet')
    }
    await examine(`firmware wizard: ${step}`)
  })
  // What is under way is told while it is: percent of the device, bytes and rate of its wave.
  await expect(row()).toContainText(/Downloading [1-9]\d* %/)
  await expect(at('wave-0')).toContainText(/ of 2\.1 MB · .+\/s · /)
  await expect(row()).toHaveAttribute('data-state', 'probation', { timeout: HEARD_WITHIN_MS })
  const states = (await shownStates(app, `board-row-${udns.updated}`)).map(({ state }) => state)
  expect(states).toContain('downloading')
  expect(states.indexOf('downloading')).toBeLessThan(states.indexOf('probation'))
  expect((await shownStates(app, 'wave-0')).map(({ state }) => state)).toContain('running')
  await expect(at('wave-0')).toContainText('1 on trial')
  await expect(row().getByTestId('banks')).toHaveAttribute('data-trial', 'B')
  await expect(row()).toContainText('Confirms by itself')
  expect(await statusOnceThere()).toMatchObject({
    activeBank: 'B',
    update: { version: HEALTHY, state: 'probation', probation: { neededS: PROBATION_S } },
  })
})

test('while it is on trial its drawer shows both banks, and no screen offends axe', async () => {
  test.setTimeout(180_000)
  await examine('firmware: board')
  await row().click()
  await expect(drawerBanks()).toHaveAttribute('data-trial', 'B')
  await expect(drawerBanks()).toHaveAccessibleName(new RegExp(`Bank A: .+way back.+Bank B: ${HEALTHY}`))
  await expect(at('firmware-confirm')).not.toHaveAttribute('aria-disabled', 'true')
  await examine('firmware: drawer on trial')
  // The same tab where the device is listed.
  await at('nav-devices').click()
  await at('drawer-tab-firmware').click()
  await expect(drawerBanks()).toHaveAttribute('data-trial', 'B')
  await at('drawer-close').click()

  await at('nav-firmware').click()
  await at('rollout-back').click()
  await expect(at('rollouts')).toContainText('1 on trial')
  await at('rollouts').locator('[data-testid^="rollout-"]').click()
  await expect(row()).toBeVisible()
})

test('after its real probation it is confirmed, by its own word too', async () => {
  test.setTimeout(PROBATION_S * 1000 + 180_000)
  const within = { timeout: PROBATION_S * 1000 + HEARD_WITHIN_MS }
  await expect(row()).toHaveAttribute('data-state', 'confirmed', within)
  await expect(at('wave-0')).toHaveAttribute('data-state', 'passed')
  await expect(at('wave-0')).toContainText('1 confirmed')
  const shown = await shownStates(app, `board-row-${udns.updated}`)
  const atMs = (wanted: string) => shown.find(({ state }) => state === wanted)?.atMs ?? Number.NaN
  expect(atMs('confirmed') - atMs('probation')).toBeGreaterThan(PROBATION_S * 1000 - SEEN_LATE_MS)

  const told = await statusOnceThere()
  expect(told).toMatchObject({ activeBank: 'B', update: { version: HEALTHY, state: 'confirmed' } })
  expect(runningBank(told)).toMatchObject({ slot: 'B', state: 'valid', version: HEALTHY })
  const listed = async () => (await devicesOf(app)).find(({ udn }) => udn === udns.updated)?.firmwareVersion
  await expect.poll(listed, { timeout: HEARD_WITHIN_MS }).toBe(HEALTHY)
  await at('rollout-back').click()
  await expect(at('rollouts')).toContainText('1 confirmed')
  await examine('firmware: a rollout in the list')
  await at('firmware-serial').click()
  await expect(at('firmware-serial-port')).toBeVisible()
  await examine('firmware over a cable: port')
  await at('firmware-back').click()
})

test('a bundle whose image reports an error comes back by itself to the bank before', async () => {
  test.setTimeout(240_000)
  await update(FAULTY)
  await expect(row()).toHaveAttribute('data-state', 'rolledBack', { timeout: 2 * HEARD_WITHIN_MS })
  const states = (await shownStates(app, `board-row-${udns.updated}`)).map(({ state }) => state)
  expect(states).toContain('probation')
  await expect(row()).toContainText(`${FAULTY} reported an error. It runs ${HEALTHY}`)
  await expect(at('wave-0')).toContainText('1 rolled back')
  const told = await statusOnceThere()
  expect(told).toMatchObject({
    activeBank: 'B',
    update: { version: FAULTY, state: 'rolledBack', rollback: 'error-reported' },
  })
  expect(runningBank(told)).toMatchObject({ state: 'valid', version: HEALTHY })
  await row().click()
  await expect(drawerBanks()).toHaveAttribute('data-active', 'B')
  await expect(drawerBanks()).toHaveAccessibleName(new RegExp(`Bank A: ${FAULTY}, invalid`))
  await examine('firmware: rolled back')
})
