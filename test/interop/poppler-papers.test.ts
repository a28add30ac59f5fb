/** Poppler reads the papers that are handed to a customer: nothing is left out, outside of the page or over something else. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ReportContent } from '../../electron/contract/report'
import { reportContent } from '../../electron/reports/content'
import { PAGE } from '../../electron/reports/paper'
import { reportPdf } from '../../electron/reports/pdf'
import { wordFor, wordsOf } from '../../electron/reports/words'
import { makeTempDir } from '../helpers/temp-dir'
import { busySite, facts } from '../reports/make'
import { decommissionWorld, ORDER, UDN } from '../site/decommission-world'
import { pdfFonts, pdfInfo, pdfPages, pdfWords, type Word } from './poppler'

const LANGUAGES = ['en', 'de'] as const
/** Every viewer has them; a file that names others would look different elsewhere. */
const FONTS = ['Helvetica', 'Helvetica-Bold', 'Courier']
const NOTES = 'Keys to the roof are at the gate. '.repeat(40)

let temp: ReturnType<typeof makeTempDir>
beforeAll(() => {
  temp = makeTempDir('iotmc-papers-')
})
afterAll(() => temp.remove())

const paperOf = async (name: string, content: ReportContent): Promise<string> => {
  const path = join(temp.path, `${name}.pdf`)
  writeFileSync(path, await reportPdf(content))
  return path
}

const outside = ({ left, top, right, bottom }: Word): boolean =>
  left < PAGE.side - 1 || right > PAGE.width - PAGE.side + 1 || top < 24 || bottom > PAGE.height - 12

/** By more than a hair: boxes of letters reach a little over the letters. */
const overlap = (a: Word, b: Word): boolean =>
  a.page === b.page &&
  Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.8 &&
  Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2.4

const overlaps = (words: readonly Word[]): readonly string[] =>
  words.flatMap((a, i) =>
    words
      .slice(i + 1)
      .filter((b) => overlap(a, b))
      .map((b) => `page ${a.page}: "${a.text}" and "${b.text}"`),
  )

const times = (text: string, what: string): number => text.split(what).length - 1

describe.each(LANGUAGES)('a hand-over of 140 devices in %s', (language) => {
  let path: string
  let content: ReportContent
  beforeAll(async () => {
    const request = { customer: 'Example customer', place: 'Hall 1, Käfigstraße', notes: NOTES, language }
    content = reportContent(busySite(140, { request }))
    path = await paperOf(language, content)
  })

  it('is A4, tagged, titled, and needs no font that a viewer lacks', () => {
    const info = pdfInfo(path)
    expect(info.get('Page size')).toContain('A4')
    expect(info.get('Tagged')).toBe('yes')
    expect(info.get('Title')).toBe(`${wordsOf(language).text.title} 1: Example site`)
    for (const font of pdfFonts(path)) expect(FONTS).toContain(font)
  })

  it('has its number on every page', () => {
    const pages = pdfPages(path)
    expect(pages.length).toBe(Number(pdfInfo(path).get('Pages')))
    expect(pages.length).toBeGreaterThan(5)
    for (const [i, page] of pages.entries()) {
      const foot = page.trimEnd().split('\n').at(-1)?.replace(/\s/g, '')
      expect(foot, page).toMatch(new RegExp(`UTC${i + 1}/${pages.length}$`))
    }
  })

  it('ends no page with a heading whose table stands on the next one', () => {
    const { devicesHint, workHint, openHint } = wordsOf(language).text
    for (const page of pdfPages(path)) {
      const last = page.trimEnd().split('\n').slice(0, -1).join('\n').trimEnd().split('\n').at(-1)?.trim()
      for (const hint of [devicesHint, workHint, openHint])
        expect(hint.endsWith(last ?? ''), last).toBe(false)
    }
  })

  it('names every device, and what failed or is missing once more, before them', () => {
    const words = pdfWords(path)
    const text = pdfPages(path).join('\n')
    const { open, devices } = content
    expect(devices).toHaveLength(140)
    expect(open.length).toBeGreaterThan(15)
    const wanted = new Map<string, number>()
    for (const { serialNumber, udn } of [...devices, ...open]) {
      const key = serialNumber ?? udn?.slice(-12) ?? ''
      wanted.set(key, (wanted.get(key) ?? 0) + 1)
    }
    for (const [key, count] of wanted)
      expect({ key, count: words.filter(({ text: word }) => word.includes(key)).length }).toEqual({
        key,
        count,
      })
    for (const { what } of open) {
      const [firstWord = ''] = wordFor(wordsOf(language).open, what).split(' ')
      expect(times(text, firstWord)).toBeGreaterThanOrEqual(open.filter((one) => one.what === what).length)
    }
  })

  it('has every word inside of the page and none over another', () => {
    const words = pdfWords(path)
    expect(words.length).toBeGreaterThan(2_000)
    expect(words.filter(outside)).toEqual([])
    expect(overlaps(words)).toEqual([])
  })

  it('says the commands by which it is checked, and the fingerprint, as they are typed', () => {
    const text = pdfPages(path).join('\n')
    for (const line of ['openssl cms -verify -binary -inform DER', 'sha256sum report.json report.csv'])
      expect(text).toContain(line)
    expect(text.replace(/\s/g, '')).toContain(content.site.authorityFingerprint)
  })
})

describe.each(LANGUAGES)('a hand-over of an empty site in %s', (language) => {
  it('is one that says so', async () => {
    const request = { customer: '', place: '', notes: '', language }
    const path = await paperOf(`empty-${language}`, reportContent(facts({ request })))
    const text = pdfPages(path).join('\n')
    const { text: said } = wordsOf(language)
    for (const words of [said.openNone, said.devicesNone, said.workNone])
      expect(text.replace(/\s+/g, ' ')).toContain(words)
    expect(overlaps(pdfWords(path))).toEqual([])
  })
})

describe('a certificate of decommissioning', () => {
  it('is one page on which identity, order, proof and commands stand, none over another', async () => {
    const w = await decommissionWorld(join(temp.path, 'site'))
    const { desk, runner } = w.open()
    const note = 'Goes to the workshop. '.repeat(17)
    const [id = ''] = desk.start({ ...ORDER, note, revokeIdevid: true })
    await new Promise<void>((resolve) => {
      const turn = setInterval(() => w.clock.advance(1_000), 2)
      runner.on('changed', (jobs) => {
        if (!jobs.some(({ state }) => state === 'done')) return
        clearInterval(turn)
        resolve()
      })
    })
    const path = join(temp.path, 'certificate.pdf')
    writeFileSync(path, (await desk.file(id, 'pdf')).data)
    const json = (await desk.file(id, 'json')).data
    const content = JSON.parse(Buffer.from(json).toString('utf8'))
    const words = pdfWords(path)
    const text = pdfPages(path).join('\n')
    expect(pdfInfo(path).get('Pages')).toBe('1')
    for (const what of [UDN, content.device.serialNumber, content.proof.idevid, content.order.nonce])
      expect(text.replace(/\s/g, '')).toContain(what)
    for (const { serialNumber } of content.revoked) expect(text).toContain(serialNumber)
    expect(text).toContain('openssl dgst -sha256 -verify key.pem -signature statement.sig statement.json')
    expect(words.filter(outside)).toEqual([])
    expect(overlaps(words)).toEqual([])
  })
})
