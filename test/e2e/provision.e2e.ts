/** The provision wizard: a new device gets its network over a cable, and over its setup network with its setup code. */
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { explain } from '../../electron/contract/error-texts'
import { labelText } from '../../electron/contract/label'
import type { Program } from '../helpers/program'
import { examine } from './axe'
import type { LaunchedApp } from './harness'
import { Bench, openSite, scan } from './line'
import { devicesOf, expectThreeSentences } from './window'

test.describe.configure({ mode: 'serial' })

const SSID = 'Plant 7'
const KEY = 'a-network-key-4711'
const bench = new Bench()
const dataDir = bench.at('data')
const said: string[] = []
let app: LaunchedApp
let page: Page

test.beforeAll(async () => {
  app = await openSite(dataDir)
  page = app.page
  const { stdout, stderr } = app.electron.process()
  for (const stream of [stdout, stderr]) stream?.on('data', (bytes) => said.push(String(bytes)))
})
test.afterAll(async () => {
  await app?.close()
  await bench.clear()
})

interface NewDevice {
  readonly program: Program
  readonly udn: string
  readonly serialNumber: string
  readonly setupCode: string
  readonly factoryRoot: string
}

/** A device with its factory identity that knows no network yet; all are of one factory. */
const newDevice = async (serialNumber: string, ...more: string[]): Promise<NewDevice> => {
  const program = bench.device(
    serialNumber,
    ...['--factory', bench.at('factory'), '--anchor', bench.at('none')],
    ...['--phase', 'provisioning', '--model', 'PX-200', '--serial', serialNumber],
    ...['--network', `${SSID}=lo,${KEY}`, ...more],
  )
  const ready = await program.line(({ event }) => event === 'ready')
  const text = (name: string) => String(ready[name])
  const facts = { udn: text('udn'), setupCode: text('setupCode'), factoryRoot: text('factoryRoot') }
  return { program, serialNumber, ...facts }
}

const enterNetwork = async (ssid = SSID): Promise<void> => {
  await page.getByTestId('provision-ssid').fill(ssid)
  await page.getByTestId('provision-credential').fill(KEY)
  await page.getByTestId('provision-start').click()
}

const expectResult = (state: string) =>
  expect(page.getByTestId('provision-result')).toHaveAttribute('data-state', state, { timeout: 60_000 })

/** Everything that the program keeps and has said, in the two ways that texts are stored. */
const expectKeptNowhere = (...secrets: readonly string[]): void => {
  const kept = readdirSync(dataDir, { recursive: true })
    .map((name) => join(dataDir, String(name)))
    // The window's own folders hold sockets, and links to nowhere.
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isFile())
    .map((path) => [path, readFileSync(path)] as const)
  // The search would find something.
  expect(kept.filter(([, bytes]) => bytes.includes('send-network')).length).toBeGreaterThan(0)
  for (const secret of secrets) {
    for (const encoding of ['utf8', 'utf16le'] as const) {
      const bytes = Buffer.from(secret, encoding)
      expect(kept.filter(([, content]) => content.includes(bytes)).map(([path]) => path)).toEqual([])
    }
    expect(said.join('')).not.toContain(secret)
  }
}

test('at a cable: looked at, given its network, and on to commissioning', async () => {
  const cable = await bench.lay()
  const { udn, serialNumber, setupCode, factoryRoot } = await newDevice(
    'PX200-00001',
    ...['--serial-port', cable.device],
  )
  await page.getByTestId('provision-open').click()
  await page.getByTestId('provision-via-serial').click()
  await page.getByTestId('provision-port').fill(cable.station)
  await page.getByTestId('provision-look').click()
  // Of a maker that nobody trusts: it is told, and nothing can be sent.
  const found = page.getByTestId('provision-found')
  await expect(found).toContainText(serialNumber)
  await expectThreeSentences(found.getByTestId('state-box'))
  await expect(page.getByTestId('provision-next')).toHaveAttribute('aria-disabled', 'true')
  await examine(app, 'a device that is not trusted')

  await app.value('trust.add', { pem: readFileSync(factoryRoot, 'utf8') })
  await page.getByTestId('provision-look').click()
  await expect(found).toContainText('Identity verified')
  await expect(found).toContainText(udn)
  await page.getByTestId('provision-next').click()
  await expect(page.getByTestId('provision')).toHaveAttribute('data-step', 'network')
  await examine(app, 'provision: network')
  await enterNetwork()
  await expectResult('done')
  await examine(app, 'provision: result')
  await expect
    .poll(async () => (await devicesOf(app)).find((one) => one.udn === udn)?.phase)
    .toBe('commissioning')
  expectKeptNowhere(setupCode, KEY)

  await page.getByTestId('provision-commission').click()
  await expect(page.getByTestId(`commission-choose-${udn}`)).toBeChecked()
  await page.getByTestId('nav-devices').click()
})

test('on its setup network: a wrong code is told and asked again, the label brings the right one', async () => {
  const device = await newDevice('PX200-00002')
  const { udn, serialNumber, setupCode } = device
  const wrong = setupCode === 'ZZZZ9999' ? 'ZZZZ8888' : 'ZZZZ9999'
  await page.getByTestId('provision-open').click()
  await page.getByTestId('provision-via-network').click()
  await page.getByTestId(`provision-device-${udn}`).click()
  await examine(app, 'provision: where')
  await page.getByTestId('provision-next').click()
  await page.getByTestId('provision-code').fill(wrong.toLowerCase())
  await expect(page.getByTestId('provision-code')).toHaveValue(`${wrong.slice(0, 4)}-${wrong.slice(4)}`)
  await examine(app, 'provision: code')
  await page.getByTestId('provision-next').click()
  await enterNetwork()
  await expectResult('failed')
  const result = page.getByTestId('provision-result')
  await expect(result).toContainText(explain('SETUP_CODE_WRONG', 'en').next)
  await expect(result).toContainText('1 of 5')
  await examine(app, 'provision: wrong code')
  expectKeptNowhere(wrong, KEY)

  await page.getByTestId('provision-again').click()
  await expect(page.getByTestId('provision')).toHaveAttribute('data-step', 'code')
  await expect(page.getByTestId('provision-code')).toHaveValue('')
  await expectThreeSentences(page.getByTestId('state-box'))
  await page.getByTestId('provision-back').click()
  await page.getByTestId('provision-scan').click()
  await scan(page, 'PX200-00002')
  await expect(page.getByText('This is not the label of a device.')).toBeVisible()
  await scan(page, labelText({ udn, serialNumber, setupCode }))
  await expect(page.getByText(`Label read: ${serialNumber}`)).toBeVisible()
  // The code went from the field to the wizard at once, and is not asked for any more.
  await expect(page.getByTestId('provision-scan')).toHaveValue('')
  await page.getByTestId('provision-next').click()
  await expect(page.getByTestId('provision')).toHaveAttribute('data-step', 'network')
  await expect(page.getByTestId('provision-ssid')).toHaveValue(SSID)
  await expect(page.getByTestId('provision-credential')).toHaveValue('')
  await enterNetwork()
  await expectResult('done')
  const shown = await page.evaluate(() => document.documentElement.outerHTML)
  for (const secret of [setupCode, KEY]) expect(shown).not.toContain(secret)
  expectKeptNowhere(wrong, setupCode, KEY)
})

test('after the program has ended, neither codes nor password are on its disk', async () => {
  const locked = bench.devices.flatMap(({ lines }) => lines.map((line) => String(line.setupCode ?? '')))
  const codes = locked.filter((code) => code !== '')
  expect(codes).toHaveLength(2)
  await app.close()
  expectKeptNowhere(...codes, KEY)
})
