import { expect, type Page, test } from '@playwright/test'
import type { StationView } from '../../../electron/contract/factory'
import { openWindow } from './open'
import { sample } from './sample'
import { lane, mixedLanes, PINS, stationView } from './sample-station'

const base = sample()
const ready = (count: number) => Array.from({ length: count }, (_, at) => lane(at + 1, 'ready'))

const openStation = async (page: Page, station: StationView = stationView(), stepMs = 40) => {
  const complaints = await openWindow(page, { station, stepMs, status: { ...base.status, station: true } })
  await page.getByTestId('station').waitFor()
  // Faces are loaded when something is drawn with them.
  await page.evaluate(() => document.fonts.ready)
  return complaints
}

/** A wedge scanner: characters faster than any hand, then Enter. */
const scan = async (page: Page, text: string) => {
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
}
const field = (page: Page) => page.getByTestId('station-scan')
const state = (page: Page, number: number) => page.getByTestId(`lane-${number}`)
const serialOf = (page: Page, number: number) =>
  page.evaluate(
    (at) =>
      (window as unknown as { played: { state: { station: { lanes: { serialNumber?: string }[] } } } }).played
        .state.station.lanes[at - 1]?.serialNumber,
    number,
  )

test('numbers go to the lanes one after the other, with the scanner alone', async ({ page }) => {
  const complaints = await openStation(page, stationView({ lanes: ready(3) }))
  await expect(field(page)).toBeFocused()
  await scan(page, 'PX200-07001')
  await scan(page, 'PX200-07002')
  await scan(page, 'IOTMC1:2fac1234-31f8-11b4-a222-08002b34c003:PX200-07003:7K3MQ9ZX')
  for (const number of [1, 2, 3]) {
    await expect(state(page, number)).toHaveAttribute('data-state', 'passed')
    expect(await serialOf(page, number)).toBe(`PX200-0700${number}`)
    await expect(page.getByTestId(`lane-${number}-word`)).toHaveText('PASS')
  }
  expect(complaints).toEqual([])
})

test('Enter on the empty field takes the next number once, however long it is held', async ({ page }) => {
  await openStation(page, stationView({ lanes: ready(3) }))
  await expect(field(page)).toBeFocused()
  await page.keyboard.down('Enter')
  await page.keyboard.down('Enter')
  await page.keyboard.down('Enter')
  await page.keyboard.up('Enter')
  await expect(state(page, 1)).toHaveAttribute('data-state', 'passed')
  expect(await serialOf(page, 1)).toBe('PX200-01204')
  await expect(state(page, 2)).toHaveAttribute('data-state', 'ready')
})

test('a scanner that ends with two line ends scans once', async ({ page }) => {
  await openStation(page, stationView({ lanes: ready(3) }))
  await field(page).fill('PX200-07001')
  await field(page).evaluate((input) => {
    const { form } = input as HTMLInputElement
    form?.requestSubmit()
    form?.requestSubmit()
  })
  await expect(state(page, 1)).toHaveAttribute('data-state', 'passed')
  await expect(state(page, 2)).toHaveAttribute('data-state', 'ready')
})

test('the focus comes back to the scan field from anywhere', async ({ page }) => {
  await openStation(page)
  await page.getByTestId('lane-3').click()
  await expect(field(page)).toBeFocused()
  await page.getByTestId('lane-1-print').click()
  await expect(field(page)).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(field(page)).not.toBeFocused()
  await page.keyboard.type('PX')
  await expect(field(page)).toBeFocused()
  await expect(field(page)).toHaveValue('PX')
  await page.keyboard.press('Escape')
  await expect(field(page)).toHaveValue('')
  await page.getByTestId('station-supervisor').click()
  await expect(page.getByTestId('station-pin')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(field(page)).toBeFocused()
})

test('arrows, function keys and Alt with a digit say where the scan goes', async ({ page }) => {
  await openStation(page, stationView({ lanes: [...ready(2), lane(3, 'running'), lane(4, 'ready')] }))
  const marked = (number: number) => expect(state(page, number)).toHaveAttribute('data-marked', 'true')
  await marked(1)
  await page.keyboard.press('ArrowRight')
  await marked(2)
  await page.keyboard.press('ArrowRight')
  await marked(4)
  await page.keyboard.press('ArrowRight')
  await marked(1)
  await page.keyboard.press('F4')
  await marked(4)
  await page.keyboard.press('Alt+2')
  await marked(2)
  await expect(page.getByText('Scan goes here')).toHaveCount(1)
  await page.keyboard.press('F3')
  await expect(page.getByTestId('station-refused')).toContainText('Lane 3 is not ready')
  await scan(page, 'PX200-07001')
  await expect(state(page, 2)).toHaveAttribute('data-state', 'passed')
  await expect(page.getByTestId('station-refused')).toBeEmpty()
})

test('a refused scan is said until the next one, without moving anything and without its setup code', async ({
  page,
}) => {
  await openStation(page)
  const places = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('[data-testid^=lane-], [data-testid=station-scan], header, section')].map(
        (one) => {
          const { x, y, width, height } = one.getBoundingClientRect()
          return `${one.getAttribute('data-testid')} ${x} ${y} ${width} ${height}`
        },
      ),
    )
  const before = await places()
  await scan(page, 'IOTMC1:2fac1234-31f8-11b4-a222-08002b34c003:PX200-01199:7K3MQ9ZX')
  const said = page.getByTestId('station-refused')
  await expect(said).toContainText('Not taken: PX200-01199')
  await expect(said).toContainText('Scan another number')
  await expect(said).toContainText('Line 4 lane 2')
  await expect(said).toHaveAttribute('aria-live', 'assertive')
  expect(await page.evaluate(() => document.documentElement.outerHTML)).not.toContain('7K3MQ9ZX')
  expect(await places()).toEqual(before)
  await scan(page, 'PX200-07001')
  await expect(said).toBeEmpty()
})

test('nothing moves while a device makes its way from ready to PASS', async ({ page }) => {
  await openStation(page, stationView({ lanes: [lane(1, 'ready'), lane(2, 'failed')] }), 30)
  await field(page).waitFor()
  const corner = async () => {
    const box = await page.getByTestId('lane-2-word').boundingBox()
    const word = await page.getByTestId('lane-1-word').boundingBox()
    return [box?.x, box?.y, word?.y]
  }
  const before = await corner()
  await scan(page, 'PX200-07001')
  for (let looks = 0; looks < 12; looks += 1) expect(await corner()).toEqual(before)
  await expect(state(page, 1)).toHaveAttribute('data-state', 'passed')
  expect(await corner()).toEqual(before)
})

test('where scans do not start by themselves, Enter starts the numbered lane', async ({ page }) => {
  const view = stationView({ lanes: ready(2) })
  await openStation(page, { ...view, config: { ...view.config, startOnScan: false } })
  await scan(page, 'PX200-07001')
  await expect(page.getByTestId('lane-1-next')).toHaveText('Press Enter to start.')
  await expect(page.getByText('Enter starts lane 1 with PX200-07001')).toBeVisible()
  await expect(async () => {
    await page.keyboard.press('Enter')
    await expect(state(page, 1)).toHaveAttribute('data-state', /running|passed/, { timeout: 100 })
  }).toPass()
  await expect(state(page, 2)).toHaveAttribute('data-state', 'ready')
})

test('Ctrl+P prints the labels that are not printed yet', async ({ page }) => {
  await openStation(
    page,
    stationView({ lanes: [lane(1, 'passed', { labelPrinted: false }), lane(2, 'passed'), lane(3, 'ready')] }),
  )
  await expect(page.getByTestId('lane-1-next')).toHaveText('Print its label, then take it out.')
  await page.keyboard.press('Control+p')
  await expect(page.getByTestId('lane-1-next')).toHaveText('Label printed. Take it out.')
})

test('a printer that fails is said, and the label can be saved instead', async ({ page }) => {
  await openStation(page, stationView({ lanes: [lane(1, 'passed', { path: 'no-printer' })] }))
  await page.getByTestId('lane-1-print').click()
  await expect(page.getByTestId('station-refused')).toContainText('printer')
  await expect(page.getByTestId('station-save-pdf')).toBeVisible()
})

test('PINs are never shown, wrong ones are counted, and the wait is counted down', async ({ page }) => {
  const { signedIn: _, ...view } = stationView()
  await openStation(page, view)
  const pin = page.getByTestId('station-pin')
  await expect(pin).toBeFocused()
  await expect(pin).toHaveAttribute('type', 'password')
  await page.keyboard.type('12a3')
  await expect(pin).toHaveValue('123')
  await expect(page.getByTestId('station-sign-in')).toHaveAttribute('aria-disabled', 'true')
  await page.getByRole('button', { name: 'Delete last digit' }).click()
  for (const digit of ['0', '0']) await page.getByRole('button', { name: `Digit ${digit}` }).click()
  await expect(pin).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('station-pin-error')).toContainText('The PIN is wrong.')
  await expect(pin).toHaveValue('')
  for (let wrong = 0; wrong < 4; wrong += 1) {
    await scan(page, '0000')
    await expect(page.getByTestId('station-sign-in')).not.toHaveAttribute('aria-busy', 'true')
  }
  const wait = page.getByTestId('station-pin-wait')
  await expect(wait).toHaveText('Wait 30 s.')
  await expect(wait).toHaveText('Wait 28 s.')
  await page.keyboard.type('1234')
  await expect(pin).toHaveValue('')
})

test('the PIN alone says who comes, and signing out locks', async ({ page }) => {
  const { signedIn: _, ...view } = stationView()
  await openStation(page, view)
  await scan(page, PINS['Operator 17'] ?? '')
  await expect(page.getByTestId('station-person')).toHaveText(/Operator 17\s*operator/)
  await expect(field(page)).toBeFocused()
  await page.getByTestId('station-sign-out').click()
  await expect(page.getByTestId('station-pin')).toBeFocused()
  await scan(page, PINS['Supervisor 2'] ?? '')
  await expect(page.getByTestId('station-person')).toHaveText(/Supervisor 2\s*supervisor/)
})

test('an operator sees what a supervisor may do, with the reason; a supervisor does it', async ({ page }) => {
  await openStation(page, stationView({ lanes: [...mixedLanes(8)] }))
  const unlock = page.getByTestId('lane-8-unlock')
  await expect(unlock).toHaveAttribute('aria-disabled', 'true')
  await expect(unlock).toContainText('supervisor only')
  await page.getByTestId('station-supervisor').click()
  await expect(page.getByTestId('station-leave')).toHaveAttribute('aria-disabled', 'true')
  await expect(page.getByTestId('panel-unlock-8')).toHaveAttribute('aria-disabled', 'true')
  await scan(page, PINS['Operator 17'] ?? '')
  await expect(page.getByTestId('station-log')).toHaveCount(0)
  await scan(page, PINS['Supervisor 2'] ?? '')
  await expect(page.getByTestId('station-log')).toHaveValue(/key made for PX200-01208/)
  await page.getByTestId('panel-lane-2').click()
  await expect(page.getByTestId('station-log')).toHaveValue(/key made for PX200-01202/)
  await page.getByTestId('panel-unlock-8').click()
  await expect(state(page, 8)).toHaveAttribute('data-state', 'listening')
})

test('leaving the station asks for the PIN again and needs a supervisor', async ({ page }) => {
  await openStation(page)
  await page.getByTestId('station-supervisor').click()
  await scan(page, PINS['Supervisor 2'] ?? '')
  await page.getByTestId('station-leave').click()
  await expect(page.getByTestId('station-pin')).toBeFocused()
  await scan(page, PINS['Operator 17'] ?? '')
  await expect(page.getByTestId('station-pin-error')).toBeVisible()
  await scan(page, PINS['Supervisor 2'] ?? '')
  await expect(page.getByTestId('nav-devices')).toBeVisible()
})

test('Tab reaches every button and nothing else is needed to print', async ({ page }) => {
  await openStation(page)
  const reached = new Set<string>()
  for (let press = 0; press < 12; press += 1) {
    await page.keyboard.press('Tab')
    reached.add((await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))) ?? '')
  }
  for (const testid of ['station-supervisor', 'station-sign-out', 'station-scan', 'lane-1-print'])
    expect([...reached]).toContain(testid)
})

test('sixteen lanes fit the window, each with words of 32 px or more and 64 px up to eight', async ({
  page,
}) => {
  for (const [count, least] of [
    [4, 64],
    [8, 64],
    [16, 32],
  ] as const) {
    await openStation(page, stationView({ lanes: [...mixedLanes(count)] }))
    const facts = await page.evaluate(() => {
      const words = [...document.querySelectorAll('[data-testid$=-word]')]
      return {
        sizes: words
          .filter((one) => one.closest('[data-state=locked]') === null)
          .map((one) => Number.parseFloat(getComputedStyle(one).fontSize)),
        below: words.filter((one) => one.getBoundingClientRect().bottom > window.innerHeight).length,
        scroll: document.documentElement.scrollHeight,
      }
    })
    expect(Math.min(...facts.sizes)).toBeGreaterThanOrEqual(least)
    expect(facts.below).toBe(0)
    expect(facts.scroll).toBe(768)
  }
})
