import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { IPC_LIMITS } from '../../electron/contract/timings'
import { Board, SETUP_CODE } from '../jobs/inject-bench'
import { Line, type LineOptions, makeFolder, NOW_MS, OPERATOR, SUPERVISOR } from './bench'
import { codeOf } from './codes'

vi.setConfig({ testTimeout: 30_000 })

let folder: Awaited<ReturnType<typeof makeFolder>>
let line: Line

beforeAll(async () => {
  folder = await makeFolder({ nowMs: NOW_MS })
})
afterEach(() => line.end())
afterAll(() => folder.remove())

const begin = async (options: Partial<LineOptions> = {}): Promise<Line> => {
  line = await Line.running({ from: folder.path, ...options })
  return line
}
const boards = (count: number): Board[] => Array.from({ length: count }, () => new Board())
const releases = (last: number) =>
  line.station.changeLedger('range-added', 'PX-200', (ledger, by) =>
    ledger.addRange({ model: 'PX-200', prefix: 'PX-', digits: 4, first: 1, last }, by),
  )
const asSupervisor = async <T>(work: () => T): Promise<T> => {
  await line.whilst(line.station.signIn(SUPERVISOR.pin))
  const result = work()
  await line.whilst(line.station.signIn(OPERATOR.pin))
  return result
}

describe('a device in a lane', () => {
  it('is found, numbered by a scan, made and passed', async () => {
    const { station } = await begin()
    const board = new Board()
    expect(station.view().lanes).toMatchObject([{ number: 1, state: 'no-port' }])
    await line.load(board)
    expect(line.lane(1)).toMatchObject({ model: 'PX-200', keyStorage: 'secure-element' })
    expect(station.view().nextLane).toBe(1)
    station.scan('PX-0001')
    expect(line.lane(1)).toMatchObject({ state: 'running', serialNumber: 'PX-0001', step: 'connect' })
    expect(station.view().nextLane).toBeUndefined()
    await line.untilState(1, 'passed')
    const { udn } = station.ledger.unit('PX-0001') ?? {}
    expect(line.lane(1)).toMatchObject({
      percent: 100,
      passed: 1,
      failuresInRow: 0,
      udn,
      labelPrinted: false,
    })
    expect(board.memory).toMatchObject({ locked: true, subject: { serialNumber: 'PX-0001', udn } })
    expect(station.ledger.unit('PX-0001')).toMatchObject({
      state: 'complete',
      operator: 'Operator 17',
      lane: '1',
      station: 'Bench 1',
    })
    expect(station.view().counts).toMatchObject({ passed: 1, failed: 0, firstPass: 1 })
    expect(line.passed).toEqual([{ lane: 1, serialNumber: 'PX-0001' }])
  })

  it('gives its label while it stays, and its setup code is nowhere else', async () => {
    const { station, ports, views, audit, log } = await begin()
    await line.load(new Board())
    expect(codeOf(() => station.label(1))).toBe('REQUEST_REFUSED')
    station.scan('PX-0001')
    await line.untilState(1, 'passed')
    const { udn } = line.lane(1)
    expect(line.lane(1).canPrint).toBe(true)
    expect(station.label(1)).toEqual({ udn, serialNumber: 'PX-0001', setupCode: SETUP_CODE, model: 'PX-200' })
    station.printed(1)
    expect(line.lane(1).labelPrinted).toBe(true)
    ports[0]?.unplug()
    await line.untilState(1, 'no-port')
    expect(line.lane(1)).toMatchObject({ canPrint: false, labelPrinted: false })
    expect(codeOf(() => station.label(1))).toBe('REQUEST_REFUSED')
    await line.pass(200)
    const jobs = line.runner.list()
    expect(JSON.stringify([views, audit, log.lines, jobs, ...station.ledger.export('jsonl')])).not.toContain(
      SETUP_CODE,
    )
  })

  it('waits for start where a scan only numbers it, and takes a better number until then', async () => {
    const { station } = await begin({ lanes: 2, config: { startOnScan: false } })
    const [first, second] = boards(2)
    await line.load(first ?? new Board(), second ?? new Board())
    station.scan('PX-0001')
    expect(line.lane(1)).toMatchObject({ state: 'assigned', serialNumber: 'PX-0001' })
    expect(station.view().nextLane).toBe(2)
    station.chooseLane(1)
    station.scan('PX-0002')
    expect(line.lane(1)).toMatchObject({ state: 'assigned', serialNumber: 'PX-0002' })
    expect(station.ledger.summary().entries).toBe(0)
    expect(codeOf(() => station.start(2))).toBe('REQUEST_REFUSED')
    expect(codeOf(() => station.start(3))).toBe('REQUEST_REFUSED')
    station.start(1)
    await line.untilState(1, 'passed')
    expect(second?.effects).not.toContain('keygen')
    expect(station.ledger.unit('PX-0001')).toBeUndefined()
  })
})

describe('lanes', () => {
  it('work side by side, each on its own device, beyond the site’s limit of jobs', async () => {
    const { station } = await begin({ lanes: 4 })
    const four = boards(4)
    let inside = 0
    let most = 0
    for (const board of four) {
      board.before = (command) => {
        if (command === 'keygen') most = Math.max(most, ++inside)
        if (command === 'lock') inside--
      }
    }
    await line.load(...four)
    station.chooseLane(3)
    for (const serialNumber of ['A-3', 'A-1', 'A-2', 'A-4']) station.scan(serialNumber)
    await line.until(() => line.states().every((state) => state === 'passed'))
    expect(station.view().lanes.map((lane) => lane.serialNumber)).toEqual(['A-1', 'A-2', 'A-3', 'A-4'])
    expect(four.map((board) => board.memory.subject?.serialNumber)).toEqual(['A-1', 'A-2', 'A-3', 'A-4'])
    expect(new Set(station.ledger.units({ search: '', limit: 9 }).map((unit) => unit.udn)).size).toBe(4)
    expect(most).toBe(4)
    expect(station.view().counts).toMatchObject({ passed: 4, firstPass: 4 })
    expect(station.ledger.verify()).toMatchObject({ ok: true, units: 4 })
  })

  it('may be sixteen, and tell of all of it at most ten times a second', async () => {
    const { station, views } = await begin({ lanes: 16 })
    await asSupervisor(() => releases(16))
    await line.load(...boards(16))
    for (let n = 0; n < 16; n++) station.scan('')
    await line.until(() => line.states().every((state) => state === 'passed'))
    const numbers = station.view().lanes.map((lane) => lane.serialNumber)
    expect(numbers).toEqual(Array.from({ length: 16 }, (_, i) => `PX-${String(i + 1).padStart(4, '0')}`))
    await line.pass(200)
    const gaps = views.slice(1).map(({ atMs }, i) => atMs - (views[i]?.atMs ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(IPC_LIMITS.deltaIntervalMs)
    expect(views.at(-1)?.view).toEqual(station.view())
  })
})

describe('a scan is refused, and the lane stays as it is,', () => {
  it('where the number was used: it says where', async () => {
    const { station } = await begin({ lanes: 2 })
    await line.load(...boards(2))
    station.scan('PX-0001')
    await line.untilState(1, 'passed')
    expect(() => station.scan('PX-0001')).toThrow(/^SERIAL_NUMBER_USED: lane 1 has it now$/)
    line.ports[0]?.unplug()
    await line.untilState(1, 'no-port')
    expect(() => station.scan('PX-0001')).toThrow(/^SERIAL_NUMBER_USED: PX-200, complete, Bench 1 lane 1, /)
    expect(line.lane(2)).toMatchObject({ state: 'ready' })
    expect(line.lane(2).serialNumber).toBeUndefined()
    expect(station.ledger.summary()).toMatchObject({ complete: 1, open: 0 })
  })

  it('where a scanner reads the same number twice', async () => {
    const { station } = await begin({ lanes: 2 })
    await line.load(...boards(2))
    station.scan('PX-0001')
    expect(codeOf(() => station.scan('PX-0001'))).toBe('SERIAL_NUMBER_USED')
    expect(line.states()).toEqual(['running', 'ready'])
  })

  it('where no device is there, all are at work, or the number is none', async () => {
    const { station } = await begin()
    expect(codeOf(() => station.scan('PX-0001'))).toBe('SERIAL_SILENT')
    await line.load(new Board())
    expect(codeOf(() => station.scan('https://example.org'))).toBe('SERIAL_NUMBER_INVALID')
    station.scan('PX-0001')
    expect(codeOf(() => station.scan('PX-0002'))).toBe('REQUEST_REFUSED')
    expect(codeOf(() => station.chooseLane(1))).toBe('REQUEST_REFUSED')
    await line.untilState(1, 'passed')
    expect(station.ledger.unit('PX-0002')).toBeUndefined()
  })

  it('where nothing is released that could be counted up, or all of it is used', async () => {
    const { station } = await begin({ lanes: 2, config: { startOnScan: false } })
    await line.load(...boards(2))
    expect(codeOf(() => station.scan(''))).toBe('RANGE_EXHAUSTED')
    await asSupervisor(() => releases(1))
    expect(station.view().nextSerialNumber).toBe('PX-0001')
    expect(codeOf(() => station.scan('PX-0002'))).toBe('SERIAL_NUMBER_INVALID')
    station.scan('')
    expect(line.lane(1).serialNumber).toBe('PX-0001')
    expect(station.view().nextSerialNumber).toBeUndefined()
    expect(codeOf(() => station.scan(''))).toBe('RANGE_EXHAUSTED')
    expect(line.states()).toEqual(['assigned', 'ready'])
  })
})

describe('a lane that fails', () => {
  const stubborn = (): Board => {
    const board = new Board()
    board.labelLie = { serialNumber: 'X-1' }
    return board
  }

  it('shows what happened until the device is taken out, and tries again by hand', async () => {
    const { station, ports } = await begin()
    const board = stubborn()
    await line.load(board)
    station.scan('PX-0001')
    await line.untilState(1, 'failed')
    const { error } = line.lane(1)
    expect(line.lane(1)).toMatchObject({ step: 'complete', resumable: true, failuresInRow: 1, failed: 1 })
    expect(error?.code).toBeDefined()
    expect(station.view().counts).toMatchObject({ passed: 0, failed: 1 })
    await line.pass(5_000)
    expect(line.lane(1)).toMatchObject({ state: 'failed', failuresInRow: 1 })
    board.labelLie = {}
    station.start(1)
    await line.untilState(1, 'passed')
    expect(station.view().counts).toMatchObject({ passed: 1, failed: 0, firstPass: 0 })
    ports[0]?.unplug()
    await line.untilState(1, 'no-port')
  })

  it('locks itself after three in a row until a supervisor unlocks it, also over a restart', async () => {
    const { station } = await begin({ lanes: 2, config: { failuresBeforeLock: 3 } })
    await line.load(stubborn(), new Board())
    station.chooseLane(1)
    station.scan('PX-0001')
    await line.untilState(1, 'failed')
    station.start(1)
    await line.until(() => line.lane(1).failuresInRow === 2)
    station.start(1)
    await line.untilState(1, 'locked')
    expect(line.lane(1)).toMatchObject({
      error: { code: 'LANE_LOCKED', subject: 'lane 1' },
      resumable: false,
    })
    expect(codeOf(() => station.start(1))).toBe('LANE_LOCKED')
    expect(codeOf(() => station.chooseLane(1))).toBe('LANE_LOCKED')
    expect(codeOf(() => station.unlockLane(1))).toBe('NOT_AUTHORIZED')
    station.scan('PX-0002')
    await line.untilState(2, 'passed')
    await line.shutDown()
    await line.boot()
    await line.whilst(line.station.signIn(OPERATOR.pin))
    expect(line.lane(1)).toMatchObject({ state: 'locked', failuresInRow: 3 })
    await line.until(() => line.lane(1).model !== undefined)
    await line.pass(3_000)
    expect(line.lane(1).state).toBe('locked')
    await asSupervisor(() => line.station.unlockLane(1))
    await line.until(() => line.lane(1).failuresInRow === 1)
    expect(line.audit).toContainEqual({
      actor: 'Ada',
      action: 'lane-unlocked',
      subject: 'lane 1',
      detail: undefined,
    })
  })
})
