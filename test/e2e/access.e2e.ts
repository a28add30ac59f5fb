/** Who may do what in the window: people, sign-in with its wait, roles at the buttons and at the bridge, the audit, a restart. */
import { expect, type Locator, test } from '@playwright/test'
import { CALL_ROLES, SIGNED_OUT_CALLS } from '../../electron/contract/call-roles'
import { type CallName, EVENTS, type EventName } from '../../electron/contract/ipc'
import { makeTempDir } from '../helpers/temp-dir'
import { examine as examineWith } from './axe'
import { type LaunchedApp, launchApp } from './harness'
import { Keyboard } from './keyboard'
import { commission, jsonLines, nextSavedFile, WITHIN } from './operation'
import { resize } from './shots'
import { devicesOf, ENGLISH, PRACTICE_DEVICES, rows, waitForPracticeDevices } from './window'

const SUPERVISOR = { name: 'Operator 1', secret: '482915' } as const
const VIEWER = { name: 'Operator 17', secret: 'a phrase for looking' } as const
const WRONG = '000000'
/** Wrong tries that are answered at once; the wait after them, as the norm of accounts has it. */
const FREE_TRIES = 5
const WAIT_MS = 30_000

// One site goes through all of it, in this order.
test.describe.configure({ mode: 'serial' })

const data = makeTempDir('iotmc-e2e-access-')
let app: LaunchedApp
let udn: string

const start = async (): Promise<void> => {
  app = await launchApp({ practice: true, env: ENGLISH, dataDir: data.path, settings: {} })
  await resize(app)
}
test.beforeAll(start)
test.afterAll(async () => {
  await app?.close()
  data.remove()
})

const at = (testid: string): Locator => app.page.getByTestId(testid)
const examine = (screen: string): Promise<void> => examineWith(app, screen)
const isOff = (button: Locator) => expect(button).toHaveAttribute('aria-disabled', 'true')

const signIn = async (name: string, secret: string): Promise<void> => {
  await at(`sign-in-name-${name}`).check()
  await at('sign-in-secret').fill(secret)
  await at('sign-in-go').click()
}

/** Calls that are right in form, one for each kind of work, with the role that they need. */
const forced = (): readonly (readonly [CallName, unknown])[] => [
  ['settings.set', { jobConcurrency: 3 }],
  ['devices.identify', { udn, seconds: 1 }],
  ['jobs.commission', { udns: [udn], group: 'Default', approval: 'ask' }],
  ['jobs.clear', undefined],
  ['log.fetch', { udns: [udn], clear: true }],
  ['log.tail', { udn, on: true }],
  ['check.start', { udns: [udn], options: { tests: ['reachable'] } }],
  ['configuration.preview', { udns: [udn], change: { kind: 'template' } }],
  ['configuration.apply', { planId: 'any' }],
  ['configuration.rollback', { planId: 'any' }],
  ['report.make', { language: 'en' }],
  ['bundle.make', { kind: 'site' }],
  ['groups.save', { name: 'Default', values: {}, version: 1 }],
  ['accounts.add', { name: 'Operator 99', role: 'supervisor', secret: '123456' }],
  ['accounts.change', { name: VIEWER.name, role: 'supervisor' }],
  ['accounts.remove', { name: SUPERVISOR.name }],
  ['accounts.setIdle', { minutes: 0 }],
  ['audit.export', undefined],
]
/** What only looks. */
const LOOKS: readonly (readonly [CallName, unknown])[] = [
  ['devices.open', undefined],
  ['jobs.open', undefined],
  ['health.open', undefined],
  ['log.query', { limit: 10 }],
  ['log.stand', undefined],
  ['check.list', { limit: 10 }],
  ['configuration.plans', undefined],
  ['report.list', undefined],
  ['enrollment.list', undefined],
  ['groups.list', undefined],
  ['trust.list', undefined],
  ['ledger.summary', undefined],
  ['firmware.library', undefined],
  ['audit.list', { limit: 10 }],
  ['audit.verify', undefined],
]

const answerOf = async (name: CallName, request: unknown): Promise<string> => {
  const result = await app.call(name, request as never)
  return result.ok ? 'answered' : result.error.code
}
const answersOf = async (calls: readonly (readonly [CallName, unknown])[]) => {
  const answers: Record<string, string> = {}
  for (const [name, request] of calls) answers[name] = await answerOf(name, request)
  return answers
}
const allOf = (calls: readonly (readonly [CallName, unknown])[], answer: string) =>
  Object.fromEntries(calls.map(([name]) => [name, answer]))

test('before anybody is added everything is allowed, and nobody is asked', async () => {
  const [first] = await waitForPracticeDevices(app)
  udn = String((await devicesOf(app)).find((one) => one.serialNumber === 'PX200-01180')?.udn ?? first?.udn)
  await commission(app, [udn])
  await expect(at('signed-in')).toHaveCount(0)
  await at('nav-site').click()
  await at('site-tab-people').click()
  await expect(app.page.getByText('Nobody has to sign in yet')).toBeVisible()
  await examine('people: nobody yet')
})

test('the first person has to be a supervisor, and is signed in from then on', async () => {
  await isOff(at('people-add'))
  await expect(at('people-add')).toContainText('enter a name')
  await expect(at('people-role-viewer')).toBeDisabled()
  await at('people-name').fill(SUPERVISOR.name)
  await at('people-secret').fill('1234')
  await expect(at('people-add')).toContainText('too short')
  await at('people-secret').fill(SUPERVISOR.secret)
  await at('people-secret-again').fill('482916')
  await expect(app.page.getByText('The two are not the same.')).toBeVisible()
  await at('people-secret-again').fill(SUPERVISOR.secret)
  await at('people-add').click()
  // From now on the site knows who works on it: somebody has to sign in, this one included.
  await expect(at('sign-in')).toBeVisible()
  await signIn(SUPERVISOR.name, SUPERVISOR.secret)
  await expect(at('signed-in')).toContainText(SUPERVISOR.name)
})

test('a viewer is added', async () => {
  await at('nav-site').click()
  await at('site-tab-people').click()
  await at('people-name').fill(VIEWER.name)
  await at('people-role-viewer').check()
  await at('people-secret').fill(VIEWER.secret)
  await at('people-secret-again').fill(VIEWER.secret)
  await examine('people: adding')
  await at('people-add').click()
  await expect(at(`person-${VIEWER.name}`)).toContainText('Viewer')
  await expect(at(`people-remove-${SUPERVISOR.name}`)).toContainText('the last supervisor')
  await isOff(at(`people-remove-${SUPERVISOR.name}`))
  await examine('people')
})

test('signed out, the page has nothing of the site, and no call that asks for it is answered', async () => {
  await at('sign-out').click()
  await expect(at('sign-in')).toBeVisible()
  await examine('sign-in')
  const page = await app.page.evaluate(() => document.documentElement.outerHTML)
  for (const text of [udn, ...PRACTICE_DEVICES, 'Pump room 1', 'Gate west', 'Air unit 3'])
    expect(page.includes(text), text).toBe(false)
  expect(await answersOf([...forced(), ...LOOKS])).toEqual(allOf([...forced(), ...LOOKS], 'SIGN_IN_NEEDED'))
  // Every name of the contract: answered only where it is on the short list.
  for (const name of Object.keys(CALL_ROLES) as CallName[])
    if (!SIGNED_OUT_CALLS.includes(name))
      expect(['SIGN_IN_NEEDED', 'REQUEST_REFUSED'], name).toContain(await answerOf(name, undefined))
})

test('wrong tries are refused, then everybody waits, and meanwhile no event reaches the page', async () => {
  test.setTimeout(150_000)
  await app.page.evaluate((names) => {
    const heard: string[] = []
    Object.assign(window, { heard })
    for (const name of names) window.iotmc.on(name, () => heard.push(name))
  }, Object.keys(EVENTS) as EventName[])
  for (let tries = 1; tries < FREE_TRIES; tries += 1) {
    await signIn(VIEWER.name, WRONG)
    await expect(at('sign-in-secret')).toHaveValue('')
    await expect(at('sign-in').getByTestId('state-box')).toBeVisible()
  }
  await examine('sign-in: wrong')
  await signIn(VIEWER.name, WRONG)
  await expect(at('sign-in-wait')).toContainText('Too many wrong tries')
  await at('sign-in-secret').fill(VIEWER.secret)
  await isOff(at('sign-in-go'))
  // Past the button too, and even with the right secret.
  expect(await answerOf('app.signIn', VIEWER)).toBe('LOCKED_OUT')
  await examine('sign-in: wait')
  await expect(at('sign-in-wait')).toHaveCount(0, { timeout: WAIT_MS + 15_000 })
  const heard = await app.page.evaluate(() => (window as unknown as { heard: string[] }).heard)
  expect([...new Set(heard)].filter((name) => !OPEN_EVENTS.includes(name))).toEqual([])
})

/** What the window may hear of while nobody is signed in: the program's own stage, its look, and the wait. */
const OPEN_EVENTS = ['app.status', 'settings.changed', 'accounts.changed']

test('by keyboard alone the viewer signs in', async () => {
  const keyboard = new Keyboard(app)
  // One tab stop among the names, at the one chosen before the wait.
  await keyboard.tabTo(`sign-in-name-${VIEWER.name}`)
  await keyboard.press('ArrowUp')
  await expect(at(`sign-in-name-${SUPERVISOR.name}`)).toBeChecked()
  await keyboard.press('ArrowDown')
  await expect(at(`sign-in-name-${VIEWER.name}`)).toBeChecked()
  await keyboard.tabTo('sign-in-secret')
  await keyboard.press('Control+a')
  await app.page.keyboard.type(VIEWER.secret)
  await keyboard.press('Enter')
  await expect(at('signed-in')).toContainText(VIEWER.name)
  await expect(at('signed-in')).toContainText('Viewer')
})

test('a viewer sees everything; what changes something is greyed and says who may', async () => {
  await at('nav-devices').click()
  await expect(rows(app.page)).toHaveCount(PRACTICE_DEVICES.length)
  await expect(at('provision-open')).toContainText('Technician needed')
  await at(`device-select-${udn}`).click()
  for (const button of ['bulk-blink', 'bulk-commission', 'bulk-firmware']) await isOff(at(button))
  await examine('viewer: devices')
  await at('nav-diagnostics').click()
  for (const button of ['check-begin', 'log-fetch', 'bundle-make']) {
    await isOff(at(button).first())
    await expect(at(button).first()).toContainText('Technician needed')
  }
  await expect(at(`health-row-${udn}`)).toBeVisible()
  await examine('viewer: diagnostics')
  await at('diagnostics-tab-reports').click()
  await expect(at('report-make')).toContainText('Technician needed')
  await at('nav-site').click()
  await at('site-tab-people').click()
  await expect(at('people-add')).toContainText('Supervisor needed')
  await expect(at(`people-change-${VIEWER.name}`)).toContainText('Supervisor needed')
  await examine('viewer: people')
})

test('a viewer who goes past the buttons is refused each work by its role, and may look', async () => {
  expect(await answersOf(forced())).toEqual(allOf(forced(), 'ROLE_TOO_LOW'))
  const [identify, add] = await Promise.all([
    app.call('devices.identify', { udn, seconds: 1 }),
    app.call('accounts.add', { name: 'Operator 99', role: 'supervisor', secret: '123456' }),
  ])
  expect(identify).toMatchObject({ ok: false, error: { code: 'ROLE_TOO_LOW', subject: 'technician' } })
  expect(add).toMatchObject({ ok: false, error: { code: 'ROLE_TOO_LOW', subject: 'supervisor' } })
  expect(await answersOf(LOOKS)).toEqual(allOf(LOOKS, 'answered'))
  // Language and theme are everybody's own.
  expect(await answerOf('settings.set', { theme: 'light' })).toBe('answered')
  expect(await answerOf('settings.set', { theme: 'light', jobConcurrency: 3 })).toBe('ROLE_TOO_LOW')
  expect((await app.value('accounts.view')).accounts.map(({ name }) => name)).toEqual([
    SUPERVISOR.name,
    VIEWER.name,
  ])
})

test('the audit names who did what, and is as it was written', async () => {
  await at('site-tab-audit').click()
  const lines = app.page.locator('[data-testid^="audit-row-"]')
  await expect(lines.filter({ hasText: 'account added' }).first()).toContainText(VIEWER.name)
  await expect(lines.filter({ hasText: 'account added' }).first()).toContainText(SUPERVISOR.name)
  await expect(lines.filter({ hasText: 'sign-in failed' })).toHaveCount(FREE_TRIES)
  await at('audit-verify').click()
  await expect(at('audit-verdict')).toHaveAttribute('data-ok', 'true')
  await expect(at('audit-verdict')).toContainText('as they were written')
  await expect(at('audit-export')).toContainText('Supervisor needed')
  await examine('audit')
  await app.value('settings.set', { language: 'de' })
  await examine('audit de')
  await at('site-tab-people').click()
  await examine('people de')
  await app.value('settings.set', { language: 'en' })
})

test('a technician’s name stands beside the work on a device', async () => {
  await at('sign-out').click()
  await signIn(SUPERVISOR.name, SUPERVISOR.secret)
  await expect(at('signed-in')).toContainText(SUPERVISOR.name)
  await at('nav-devices').click()
  await at(`device-row-${udn}`).click()
  await at('drawer-blink').click()
  await at('nav-site').click()
  await at('site-tab-audit').click()
  const line = app.page.locator('[data-testid^="audit-row-"]').filter({ hasText: 'made to identify itself' })
  await expect(line.first()).toContainText(SUPERVISOR.name, WITHIN)
  await expect(line.first()).toContainText('Pump room 1')
  const path = await nextSavedFile(app, 'audit.jsonl')
  await at('audit-export').click()
  await expect(app.page.getByText(path)).toBeVisible()
  const exported = jsonLines(path)
  expect(exported.map(({ action }) => action)).toContain('device-identified')
  expect(JSON.stringify(exported)).not.toContain(SUPERVISOR.secret)
  expect(JSON.stringify(exported)).not.toContain(WRONG)
})

test('after a restart nobody is signed in', async () => {
  await app.close()
  await start()
  await expect(at('sign-in')).toBeVisible(WITHIN)
  expect(await answerOf('devices.open', undefined)).toBe('SIGN_IN_NEEDED')
  await app.value('settings.set', { language: 'de' })
  await examine('sign-in de')
  await app.value('settings.set', { language: 'en' })
  await signIn(SUPERVISOR.name, SUPERVISOR.secret)
  await expect(at('signed-in')).toContainText(SUPERVISOR.name)
  expect(await app.value('audit.verify')).toMatchObject({ ok: true })
})
