/** A factory station is set up by mouse, from nothing to a line that may start: authority, numbers, people, lanes, label, ledger. */
import { readFileSync } from 'node:fs'
import { expect, type Locator, type Page, test } from '@playwright/test'
import { explain } from '../../electron/contract/error-texts'
import type { ErrorCode } from '../../electron/contract/errors'
import { createRoot, signStation } from '../../electron/factory/authority'
import { examine } from './axe'
import type { LaunchedApp } from './harness'
import { Bench, openSite, PINS } from './line'
import { expectThreeSentences } from './window'

// One afternoon at the desk: each test goes on where the one before ended.
test.describe.configure({ mode: 'serial' })

const ROOT_PASSPHRASE = 'a passphrase of the root'
const TABS = ['authority', 'numbers', 'people', 'lanes', 'label', 'ledger'] as const
const NEEDS = ['authority', 'lane', 'supervisor'] as const

const bench = new Bench()
let app: LaunchedApp
let page: Page

test.beforeAll(async () => {
  await bench.lay()
  app = await openSite(bench.at('data'))
  page = app.page
})
test.afterAll(async () => {
  await app?.close()
  await bench.clear()
})

const openTab = (tab: (typeof TABS)[number]) => page.getByTestId(`factory-tab-${tab}`).click()
const isMet = (need: string, met: boolean) =>
  expect(page.getByTestId(`check-${need}`)).toHaveAttribute('data-ok', String(met))

/** The error is told in its own three sentences, in the place where it came up. */
const expectTold = async (place: Locator, code: ErrorCode): Promise<void> => {
  const box = place.getByTestId('state-box')
  await expectThreeSentences(box)
  await expect(box).toContainText(explain(code, 'en').next)
}

/** The save dialog of the system, answered with a path; it says what it was asked. */
const answerSaveDialog = (path: string): Promise<void> =>
  app.electron.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath })
  }, path)

test('an empty factory says what is missing, and leads there', async () => {
  await page.getByTestId('nav-factory').click()
  for (const need of NEEDS) await isMet(need, false)
  await expect(page.getByTestId('station-start')).toHaveAttribute('aria-disabled', 'true')
  await examine(app, 'empty factory')
  await page.getByTestId('check-supervisor').click()
  await expect(page.getByTestId('person-name')).toBeVisible()
  await page.getByTestId('check-authority').click()
  await expect(page.getByTestId('authority-root')).toBeVisible()
})

test('the root is made, and signs the request of the station; a wrong passphrase signs nothing', async () => {
  await page.getByTestId('root-here').click()
  await page.getByTestId('root-name').fill('Example root')
  await page.getByTestId('root-passphrase').fill(ROOT_PASSPHRASE)
  await page.getByTestId('root-passphrase-again').fill('another passphrase')
  await expect(page.getByTestId('root-create')).toHaveAttribute('aria-disabled', 'true')
  await page.getByTestId('root-passphrase-again').fill(ROOT_PASSPHRASE)
  await page.getByTestId('root-create').click()
  await expect(page.getByTestId('authority-root')).toContainText('Example root')

  await expect(page.getByTestId('request-name')).toHaveValue('Line 1')
  await page.getByTestId('request-make').click()
  await expect(page.getByTestId('request-pem')).toHaveValue(/BEGIN CERTIFICATE REQUEST/)

  await page.getByTestId('request-sign').click()
  const dialog = page.getByTestId('sign-dialog')
  await page.getByTestId('sign-quota').fill('50')
  await page.getByTestId('sign-days').fill('90')
  await page.getByTestId('sign-passphrase').fill('not the passphrase')
  await page.getByTestId('sign-yes').click()
  await expectTold(dialog, 'PASSPHRASE_WRONG')
  await examine(app, 'signing refused')
  await page.getByTestId('sign-passphrase').fill(ROOT_PASSPHRASE)
  await page.getByTestId('sign-yes').click()
  await expect(page.getByTestId('sign-answer')).toHaveValue(/BEGIN CERTIFICATE-/)
})

test('the answer of a foreign root is refused, that of the own root is installed', async () => {
  const answer = await page.getByTestId('sign-answer').inputValue()
  await page.getByTestId('sign-close').click()
  const foreign = bench.at('foreign-root')
  const secret = { passphrase: 'a foreign passphrase', now: new Date() }
  await createRoot(foreign, { commonName: 'Example root', ...secret, scryptCost: 2 ** 14 })
  const requestPem = await page.getByTestId('request-pem').inputValue()
  const { chainPem } = await signStation(foreign, { requestPem, quota: 50, days: 90, ...secret })

  await page.getByTestId('install-open').click()
  const dialog = page.getByTestId('install-dialog')
  await page.getByTestId('install-pem').fill(chainPem)
  await page.getByTestId('install-yes').click()
  await expectTold(dialog, 'AUTHORITY_UNTRUSTED')
  expect((await app.value('authority.get')).state).toBe('requested')
  await isMet('authority', false)

  await page.getByTestId('install-pem').fill(answer)
  await page.getByTestId('install-yes').click()
  await expect(dialog).toBeHidden()
  await isMet('authority', true)
  await expect(page.getByTestId('authority-station')).toContainText('0 of 50 certificates issued')
  expect(await app.value('authority.get')).toMatchObject({
    state: 'ready',
    commonName: 'Line 1',
    rootName: 'Example root',
    quota: 50,
    issued: 0,
  })
})

test('numbers are released; a burned one is not given any more', async () => {
  await openTab('numbers')
  const range = { prefix: 'PX200-', digits: '5', first: '1000', last: '1099' }
  for (const [field, text] of Object.entries(range)) await page.getByTestId(`range-${field}`).fill(text)
  await expect(page.getByTestId('range-preview')).toContainText('PX200-01000 … PX200-01099')
  await page.getByTestId('range-add').click()
  await expect(page.getByTestId('ranges-table')).toContainText('100 free')
  await expect(page.getByTestId('check-numbers')).toContainText('PX200-01000')

  // The same numbers once more are no range.
  await page.getByTestId('range-first').fill('1099')
  await page.getByTestId('range-last').fill('1100')
  await expect(page.getByTestId('range-add')).toHaveAttribute('aria-disabled', 'true')

  const fillIn = async (serial: string, again = serial) => {
    await page.getByTestId('takeout-serial').fill(serial)
    await page.getByTestId('takeout-reason').fill('label spoilt')
    await page.getByTestId('takeout-confirm').fill(again)
  }
  const dialog = page.getByTestId('takeout-dialog')
  await page.getByTestId('burn-open').click()
  await fillIn('PX200-01000', 'PX200-01001')
  await expect(page.getByTestId('takeout-yes')).toHaveAttribute('aria-disabled', 'true')
  await fillIn('OTHER-00001')
  await page.getByTestId('takeout-yes').click()
  await expectTold(dialog, 'SERIAL_NUMBER_INVALID')
  await examine(app, 'burning a number that nobody released')
  await fillIn('PX200-01000')
  await page.getByTestId('takeout-yes').click()
  await expect(dialog).toBeHidden()
  await expect(page.getByTestId('check-numbers')).toContainText('PX200-01001')
  // Out of turn: counting up stands where it was, and there is one number less.
  await page.getByTestId('burn-open').click()
  await fillIn('PX200-01050')
  await page.getByTestId('takeout-yes').click()
  await expect(page.getByTestId('ranges-table')).toContainText('2 used · 98 free')
  await expect(page.getByTestId('check-numbers')).toContainText('PX200-01001')
})

test('a supervisor and an operator are added, each with a PIN of their own', async () => {
  await openTab('people')
  const add = async (name: string, role: string, pin: string) => {
    await page.getByTestId('person-name').fill(name)
    await page.getByTestId(`person-role-${role}`).click()
    await page.getByTestId('person-pin').fill(pin)
    await page.getByTestId('person-pin-again').fill(pin)
    await page.getByTestId('person-add').click()
  }
  await add('Supervisor 1', 'supervisor', PINS.supervisor)
  await expect(page.getByTestId('person-remove-Supervisor 1')).toBeVisible()
  await isMet('supervisor', true)
  await add('Operator 17', 'operator', PINS.supervisor)
  await expectThreeSentences(page.getByTestId('state-box'))
  await add('Operator 17', 'operator', PINS.operator)
  await expect(page.getByTestId('person-remove-Operator 17')).toBeVisible()
  await expect(page.getByTestId('state-box')).toBeHidden()
  const shown = await page.evaluate(() => document.documentElement.outerHTML)
  for (const pin of Object.values(PINS)) expect(shown).not.toContain(pin)
  expect((await app.value('station.open')).people).toEqual([
    { name: 'Supervisor 1', role: 'supervisor' },
    { name: 'Operator 17', role: 'operator' },
  ])
})

test('a port is a lane by its path, the label is chosen, and the line may start', async () => {
  const port = bench.cables[0]?.station ?? ''
  await openTab('lanes')
  await page.getByTestId('lane-path').fill(port)
  await page.getByTestId('lane-path-add').click()
  await expect(page.getByTestId('line-lane-1')).toContainText(port)
  await page.getByTestId('line-lineName').fill('Line 7')
  await page.getByTestId('line-lineName').blur()

  await openTab('label')
  await page.getByTestId('label-size').selectOption('sheet-a4-3x8')
  await expect(page.getByTestId('label-sheet')).toBeVisible()
  await page.getByTestId('label-size').selectOption('single-50x25')
  await expect(page.getByTestId('label-sheet')).toBeHidden()
  await page.getByTestId('label-print-on-pass').click()
  await expect(page.getByTestId('label-print-on-pass')).toBeChecked()
  await expect
    .poll(async () => (await app.value('station.open')).config)
    .toMatchObject({ lineName: 'Line 7', lanes: [port], printOnPass: true, label: { size: 'single-50x25' } })

  for (const need of [...NEEDS, 'numbers']) await isMet(need, true)
  await expect(page.getByTestId('station-start')).not.toHaveAttribute('aria-disabled')
})

test('the ledger is whole, and its export holds what was done', async () => {
  await openTab('ledger')
  await expect(page.getByTestId('ledger-table')).toContainText('PX200-01000')
  await expect(page.getByTestId('ledger-figures')).toContainText('2 burned')
  await page.getByTestId('ledger-verify').click()
  await expect(page.getByTestId('ledger-check')).toContainText('The ledger is whole.')

  const csv = bench.at('ledger.csv')
  await answerSaveDialog(csv)
  await page.getByTestId('ledger-export-csv').click()
  await expect(page.getByText(csv)).toBeVisible()
  // No field of these rows has a comma or a quotation mark in it.
  const [head = [], ...rows] = readFileSync(csv, 'utf8')
    .trimEnd()
    .split('\r\n')
    .map((line) => line.slice(1, -1).split('","'))
  const units = rows.map((row) => Object.fromEntries(head.map((name, at) => [name, row[at]])))
  const burned = { model: 'PX-200', state: 'burned', reason: 'label spoilt', operator: 'Site lead' }
  expect(units).toMatchObject([
    { serialNumber: 'PX200-01000', ...burned },
    { serialNumber: 'PX200-01050', ...burned },
  ])

  const lines = bench.at('ledger.jsonl')
  await answerSaveDialog(lines)
  await page.getByTestId('ledger-export-jsonl').click()
  await expect(page.getByText(lines)).toBeVisible()
  const said = readFileSync(lines, 'utf8').trim().split('\n')
  expect(said.map((line) => JSON.parse(line).type)).toContain('entry')

  await page.getByTestId('ledger-search').fill('nothing of this name')
  await expect(page.getByTestId('ledger-empty')).toBeVisible()
  await page.getByTestId('ledger-search').fill('01000')
  await expect(page.getByTestId('ledger-table')).toContainText('burned')
})

test('every tab can be read by everybody', async () => {
  test.setTimeout(240_000)
  for (const tab of TABS) {
    await openTab(tab)
    await examine(app, `factory: ${tab}`)
  }
  await page.getByTestId('check-authority').click()
  await page.getByTestId('sign-open').click()
  await examine(app, 'signing')
})
