import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ERROR_TEXTS } from '../../../electron/contract/error-texts'
import { LANE_STATES, LANES_MAX } from '../../../electron/contract/factory'
import {
  canTryAgain,
  causeOfLock,
  enterStarts,
  gridOf,
  LANE_SIGN,
  labelsToPrint,
  laneNews,
  neighbour,
  sentenceOf,
  shownScan,
} from '../../../renderer/model/station-lanes'
import { lane, stationView } from '../harness/sample-station'

describe('the grid of lanes', () => {
  it.each([
    [1, 1, 1, 'large'],
    [4, 4, 1, 'large'],
    [5, 3, 2, 'medium'],
    [8, 4, 2, 'medium'],
    [9, 4, 3, 'small'],
    [16, 4, 4, 'small'],
  ])('%i lanes: %i columns, %i rows, %s words', (count, columns, rows, size) =>
    expect(gridOf(count)).toEqual({ columns, rows, size }),
  )

  it('has room for every lane, and at least one column when there is none', () => {
    for (let count = 0; count <= LANES_MAX; count += 1) {
      const { columns, rows } = gridOf(count)
      expect(columns * rows).toBeGreaterThanOrEqual(count)
      expect(columns).toBeGreaterThan(0)
    }
  })
})

describe('the sentence of a lane', () => {
  const plain = { marked: false, enter: false }

  it.each(LANE_STATES)('%s has a sign and says what to do', (state) => {
    expect(LANE_SIGN[state]).toBeTruthy()
    const sentence = sentenceOf(lane(1, state), plain)
    if (sentence.kind === 'error') expect(ERROR_TEXTS.en[sentence.code].next).toBeTruthy()
  })

  it('tells the lane that the scan goes to from one that waits', () => {
    expect(sentenceOf(lane(1, 'ready'), { marked: true, enter: false })).toMatchObject({ text: 'scanIt' })
    expect(sentenceOf(lane(1, 'ready'), plain)).toMatchObject({ text: 'waitTurn' })
  })

  it('asks for Enter only in the lane that Enter starts', () => {
    expect(sentenceOf(lane(1, 'assigned'), { marked: false, enter: true })).toMatchObject({
      text: 'pressEnter',
    })
    expect(sentenceOf(lane(1, 'assigned'), plain)).toMatchObject({ text: 'pressStart' })
  })

  it('speaks of the label as far as there is one', () => {
    const says = (change: object) => sentenceOf(lane(1, 'passed', change), plain)
    expect(says({ labelPrinted: true })).toMatchObject({ text: 'printed' })
    expect(says({ labelPrinted: false })).toMatchObject({ text: 'printIt' })
    expect(says({ labelPrinted: false, canPrint: false })).toMatchObject({ text: 'takeOut' })
  })

  it('names what the error names, else the device', () => {
    expect(sentenceOf(lane(1, 'refused'), plain)).toMatchObject({ code: 'WRONG_MODEL', subject: 'GC-10' })
    expect(
      sentenceOf(lane(1, 'failed', { serialNumber: 'A1', error: { code: 'TIMED_OUT' } }), plain),
    ).toMatchObject({ subject: 'A1' })
  })

  it('calls the supervisor to a locked lane, whatever failed last', () =>
    expect(sentenceOf(lane(1, 'locked', { error: { code: 'TIMED_OUT' } }), plain)).toMatchObject({
      code: 'LANE_LOCKED',
    }))
})

describe('moving the mark', () => {
  const lanes = [lane(1, 'passed'), lane(2, 'ready'), lane(3, 'running'), lane(4, 'ready'), lane(5, 'ready')]

  it('goes from one ready lane to the next and round', () => {
    expect(neighbour(lanes, 2, 1)).toBe(4)
    expect(neighbour(lanes, 5, 1)).toBe(2)
    expect(neighbour(lanes, 2, -1)).toBe(5)
    expect(neighbour(lanes, 4, -1)).toBe(2)
  })

  it('begins at the edge when nothing is marked', () => {
    expect(neighbour(lanes, undefined, 1)).toBe(2)
    expect(neighbour(lanes, undefined, -1)).toBe(5)
  })

  it('goes nowhere without another ready lane', () => {
    expect(neighbour([lane(1, 'ready'), lane(2, 'running')], 1, 1)).toBeUndefined()
    expect(neighbour([lane(1, 'running')], undefined, 1)).toBeUndefined()
  })

  it('there and back again is where it was, and only ready lanes are marked', () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...LANE_STATES), { minLength: 1, maxLength: LANES_MAX }),
        fc.nat(LANES_MAX - 1),
        (states, at) => {
          const all = states.map((state, index) => lane(index + 1, state))
          const from = all[at]
          if (from?.state !== 'ready') return
          const to = neighbour(all, from.number, 1)
          if (to === undefined) return
          expect(all[to - 1]?.state).toBe('ready')
          expect(neighbour(all, to, -1)).toBe(from.number)
        },
      ),
    ))
})

describe('Enter on the empty field', () => {
  const view = stationView({ lanes: [lane(1, 'ready'), lane(2, 'assigned'), lane(3, 'assigned')] })

  it('starts the first numbered lane where numbers wait for it', () =>
    expect(enterStarts({ ...view, config: { ...view.config, startOnScan: false } })?.number).toBe(2))

  it('starts the marked lane before others', () =>
    expect(
      enterStarts({ ...view, nextLane: 3, config: { ...view.config, startOnScan: false } })?.number,
    ).toBe(3))

  it('counts a number where scans start by themselves', () => expect(enterStarts(view)).toBeUndefined())
})

describe('a device that failed', () => {
  it('is tried again by hand while it is in its lane', () => {
    expect(canTryAgain(lane(1, 'failed', { model: 'PX-200', resumable: true }))).toBe(true)
    expect(canTryAgain(lane(1, 'failed', { resumable: true }))).toBe(false)
    expect(canTryAgain(lane(1, 'failed', { model: 'PX-200', resumable: false }))).toBe(false)
  })

  it('is named as the cause when its lane locks itself', () => {
    const error = { code: 'LANE_LOCKED' as const, subject: 'lane 1' }
    expect(causeOfLock(lane(1, 'locked', { error: { ...error, detail: 'SELF_TEST_FAILED' } }))).toBe(
      'SELF_TEST_FAILED',
    )
    expect(causeOfLock(lane(1, 'locked', { error: { ...error, detail: 'else' } }))).toBeUndefined()
    expect(causeOfLock(lane(1, 'failed', { error: { code: 'TIMED_OUT', detail: 'BUSY' } }))).toBeUndefined()
  })
})

describe('the print shortcut', () => {
  it('prints what is not printed yet', () =>
    expect(
      labelsToPrint([
        lane(1, 'passed', { labelPrinted: true }),
        lane(2, 'passed', { labelPrinted: false }),
        lane(3, 'running'),
        lane(4, 'passed', { labelPrinted: false }),
      ]),
    ).toEqual([2, 4]))

  it('prints once more when one lane has finished, and nothing when it would be a guess', () => {
    expect(labelsToPrint([lane(1, 'passed'), lane(2, 'running')])).toEqual([1])
    expect(labelsToPrint([lane(1, 'passed'), lane(2, 'passed')])).toEqual([])
  })
})

describe('what is shown of a scan', () => {
  const label = 'IOTMC1:2fac1234-31f8-11b4-a222-08002b34c003:PX200-01204:7K3MQ9ZX'

  it('is the serial number of a label, never its setup code', () => {
    expect(shownScan(label)).toBe('PX200-01204')
    for (let length = 6; length <= label.length + 1; length += 1)
      expect(shownScan(`${label}X`.slice(0, length))).not.toContain('7K3')
  })

  it('is the text itself otherwise, within bounds', () => {
    expect(shownScan(' PX200-01199 ')).toBe('PX200-01199')
    expect(shownScan('x'.repeat(200))).toHaveLength(40)
  })
})

describe('news of lanes', () => {
  it('are the lanes that came into a state a person acts on', () => {
    const before = [lane(1, 'running'), lane(2, 'running'), lane(3, 'passed'), lane(4, 'listening')]
    const after = [lane(1, 'passed'), lane(2, 'failed'), lane(3, 'listening'), lane(4, 'ready')]
    expect(laneNews(before, after).map(({ number }) => number)).toEqual([1, 2, 4])
    expect(laneNews(after, after)).toEqual([])
  })

  it('are none when lanes are seen for the first time', () =>
    expect(laneNews([], [lane(1, 'failed')])).toEqual([]))
})
