import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { Board, type BoardCommand } from '../jobs/inject-bench'
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

/** Pulls the cable of a lane when its board is told to do this, once. */
const pullAt = (board: Board, command: BoardCommand, lane = 1, when: 'before' | 'after' = 'before'): void => {
  const original = board[when]
  board[when] = (now) => {
    if (now !== command) return
    board[when] = original
    line.ports[lane - 1]?.unplug()
  }
}

describe('a port', () => {
  it('that is not there yet is taken as soon as it is, and let go when it is not', async () => {
    await begin()
    await line.until(() => line.lane(1).error !== undefined)
    expect(line.lane(1)).toMatchObject({ state: 'no-port', error: { code: 'SERIAL_PORT_MISSING' } })
    const [port] = line.ports
    port?.plug(new Board())
    await line.untilState(1, 'ready')
    port?.unplug()
    await line.untilState(1, 'no-port')
    port?.plug()
    await line.untilState(1, 'listening')
    expect(line.lane(1).error).toBeUndefined()
  })

  it.each(['SERIAL_PORT_DENIED', 'SERIAL_PORT_BUSY'] as const)(
    'that is refused is tried again: %s',
    async (code) => {
      await begin()
      const [port] = line.ports
      if (!port) return
      port.refuses = code
      port.plug(new Board())
      await line.until(() => line.lane(1).error?.code === code)
      expect(line.lane(1)).toMatchObject({ state: 'no-port', error: { code, subject: port.path } })
      const before = port.opened
      await line.pass(5_000)
      expect(port.opened - before).toBeGreaterThanOrEqual(8)
      expect(port.opened - before).toBeLessThanOrEqual(11)
      port.refuses = undefined
      await line.untilState(1, 'ready')
    },
  )

  it('on which something else talks is refused, until the right device is there', async () => {
    await begin()
    const [port] = line.ports
    if (!port) return
    port.chatter = 'login:'
    port.plug()
    await line.untilState(1, 'refused')
    expect(line.lane(1)).toMatchObject({ error: { code: 'NOT_SMP', subject: port.path } })
    expect(codeOf(() => line.station.scan('PX-0001'))).toBe('REQUEST_REFUSED')
    port.unplug()
    port.chatter = undefined
    port.plug(new Board())
    await line.untilState(1, 'ready')
    await port.print('*** booting ***')
    await line.until(() => line.station.log(1).includes('*** booting ***'))
  })
})

describe('a device that can not be worked on', () => {
  it.each<[string, Partial<Board>]>([
    ['WRONG_MODEL', { model: 'QX-9' }],
    ['SOFTWARE_KEY_REFUSED', { keyStorage: 'flash' }],
    ['ALREADY_LOCKED', { lie: { locked: true } }],
  ])('is refused with %s, and was asked who it is, nothing more', async (code, change) => {
    await begin()
    const board = Object.assign(new Board(), change)
    line.ports[0]?.plug(board)
    await line.untilState(1, 'refused')
    expect(line.lane(1)).toMatchObject({ error: { code } })
    expect(codeOf(() => line.station.scan('PX-0001'))).toBe('REQUEST_REFUSED')
    expect(codeOf(() => line.station.start(1))).toBe('REQUEST_REFUSED')
    await line.pass(3_000)
    expect(new Set(board.effects)).toEqual(new Set(['info']))
    expect(line.runner.list()).toEqual([])
  })

  it('is ready as soon as a supervisor allows what it is', async () => {
    await begin()
    const board = new Board()
    board.keyStorage = 'flash'
    line.ports[0]?.plug(board)
    await line.untilState(1, 'refused')
    await line.whilst(line.station.signIn(SUPERVISOR.pin))
    line.station.configure({ acceptSoftwareKeys: true })
    await line.untilState(1, 'ready')
  })
})

describe('two boards of the same identity', () => {
  it('are both refused while both are there', async () => {
    await begin({ lanes: 2 })
    const first = new Board()
    await line.load(first)
    line.ports[1]?.plug(new Board(first.hardwareId))
    await line.until(() => line.states().every((state) => state === 'refused'))
    expect(line.lane(2)).toMatchObject({ error: { code: 'OTHER_DEVICE' } })
    line.ports[0]?.unplug()
    await line.untilState(2, 'ready')
  })

  it('never share a pass', async () => {
    const { station } = await begin({ lanes: 2 })
    const first = new Board()
    const twin = new Board(first.hardwareId)
    await line.load(first)
    first.after = (command) => {
      if (command === 'keygen') line.ports[1]?.plug(twin)
      if (command === 'challenge') first.after = () => undefined
    }
    station.scan('PX-0001')
    await line.untilState(1, 'passed')
    await line.untilState(2, 'refused')
    await line.pass(3_000)
    expect(line.states()).toEqual(['passed', 'refused'])
    expect(twin.memory).toEqual({ locked: false })
  })
})

describe('a device at the end of an adapter, whose port stays', () => {
  it('is missed after two looks, and the next one is found', async () => {
    await begin()
    const [port] = line.ports
    await line.load(new Board())
    const opened = port?.opened
    await port?.put()
    await line.untilState(1, 'listening')
    await port?.put(new Board())
    await line.untilState(1, 'ready')
    expect(port?.opened).toBe(opened)
  })

  it('may be swapped between two looks: the new one starts blank, with no number of the other', async () => {
    const { station } = await begin()
    const [port] = line.ports
    await line.load(new Board())
    station.scan('PX-0001')
    await line.untilState(1, 'passed')
    const next = new Board()
    await port?.put(next)
    await line.untilState(1, 'ready')
    expect(line.lane(1).serialNumber).toBeUndefined()
    station.scan('PX-0002')
    await line.untilState(1, 'passed')
    expect(next.memory.subject?.serialNumber).toBe('PX-0002')
    expect(station.ledger.summary()).toMatchObject({ complete: 2, open: 0 })
  })

  it('may be swapped while its job runs: the other one gets nothing of it', async () => {
    const { station } = await begin()
    const [first, second] = [new Board(), new Board()]
    await line.load(first)
    first.before = (command) => {
      if (command !== 'readChain') return
      first.before = () => undefined
      void line.ports[0]?.put(second)
    }
    station.scan('PX-0001')
    await line.until(() => line.lane(1).state !== 'running')
    await line.untilState(1, 'ready')
    expect(second.memory).toEqual({ locked: false })
    expect(line.runner.list()).toMatchObject([{ state: 'failed' }])
    expect(station.ledger.unit('PX-0001')?.hardwareId).toBe(first.id)
    expect(codeOf(() => station.scan('PX-0001'))).toBe('OTHER_DEVICE')
    await line.ports[0]?.put(first)
    await line.untilState(1, 'passed')
    expect(first.keysMade).toBe(1)
  })
})

describe('a cable that is pulled in the middle of a step', () => {
  it.each<[BoardCommand, 'before' | 'after']>([
    ['keygen', 'before'],
    ['keygen', 'after'],
    ['install', 'after'],
    ['challenge', 'before'],
    ['lock', 'before'],
    ['lock', 'after'],
    ['label', 'after'],
  ])('at %s, %s it took effect: the job goes on by itself when it is back', async (command, when) => {
    const { station } = await begin()
    const board = new Board()
    await line.load(board)
    pullAt(board, command, 1, when)
    station.scan('PX-0001')
    await line.untilState(1, 'failed')
    expect(line.lane(1)).toMatchObject({
      serialNumber: 'PX-0001',
      error: { code: 'SERIAL_UNPLUGGED' },
      resumable: true,
      failuresInRow: 1,
    })
    await line.pass(5_000)
    expect(line.lane(1).state).toBe('failed')
    line.ports[0]?.plug(board)
    await line.untilState(1, 'passed')
    expect(board.keysMade).toBe(1)
    expect(board.effects.filter((one) => one === 'lock')).toHaveLength(1)
    expect(station.ledger.summary()).toMatchObject({ complete: 1, open: 0 })
    expect(station.view().counts).toMatchObject({ passed: 1, failed: 0, firstPass: 0 })
    expect(line.lane(1)).toMatchObject({ failuresInRow: 0, passed: 1, failed: 1, canPrint: true })
    expect(line.runner.list()).toHaveLength(1)
  })

  it('lets another device in; the first one goes on in whichever lane it comes back', async () => {
    const { station } = await begin({ lanes: 2 })
    const [first, second] = [new Board(), new Board()]
    await line.load(first)
    pullAt(first, 'install')
    station.scan('PX-0001')
    await line.untilState(1, 'failed')
    line.ports[0]?.plug(second)
    await line.untilState(1, 'ready')
    expect(codeOf(() => station.scan('PX-0001'))).toBe('OTHER_DEVICE')
    station.scan('PX-0002')
    line.ports[1]?.plug(first)
    await line.until(() => line.states().every((state) => state === 'passed'))
    expect(station.view().lanes.map((lane) => lane.serialNumber)).toEqual(['PX-0002', 'PX-0001'])
    expect(first.memory.subject?.serialNumber).toBe('PX-0001')
  })

  it('before its number was on record is begun again with the same number', async () => {
    const { station } = await begin()
    const board = new Board()
    await line.load(board)
    board.before = () => {
      if (line.runner.list().length === 0) return
      board.before = () => undefined
      line.ports[0]?.unplug()
    }
    station.scan('PX-0001')
    await line.untilState(1, 'failed')
    expect(station.ledger.unit('PX-0001')).toBeUndefined()
    line.ports[0]?.plug(board)
    await line.untilState(1, 'passed')
    expect(line.lane(1).serialNumber).toBe('PX-0001')
  })

  it('whose job was cleared from the list meanwhile gets a new one for the same number', async () => {
    const { station } = await begin()
    const board = new Board()
    await line.load(board)
    pullAt(board, 'install')
    station.scan('PX-0001')
    await line.untilState(1, 'failed')
    line.runner.clear()
    line.ports[0]?.plug(board)
    await line.untilState(1, 'passed')
    expect(line.lane(1).serialNumber).toBe('PX-0001')
    expect(board.keysMade).toBe(1)
  })

  it('waits with going on until somebody is signed in again', async () => {
    const { station } = await begin()
    const board = new Board()
    await line.load(board)
    pullAt(board, 'install')
    station.scan('PX-0001')
    await line.untilState(1, 'failed')
    station.signOut()
    line.ports[0]?.plug(board)
    await line.until(() => line.lane(1).model !== undefined)
    await line.pass(3_000)
    expect(line.lane(1)).toMatchObject({ state: 'failed', resumable: true })
    await line.whilst(station.signIn(OPERATOR.pin))
    await line.untilState(1, 'passed')
  })

  it('whose number was burned meanwhile starts anew, with another number', async () => {
    const { station } = await begin()
    const board = new Board()
    await line.load(board)
    pullAt(board, 'install')
    station.scan('PX-0001')
    await line.untilState(1, 'failed')
    await line.whilst(station.signIn(SUPERVISOR.pin))
    station.changeLedger('number-burned', 'PX-0001', (ledger, by) => ledger.burn('PX-0001', 'broken', by))
    line.ports[0]?.plug(board)
    await line.untilState(1, 'ready')
    station.scan('PX-0002')
    await line.untilState(1, 'passed')
    expect(station.ledger.summary()).toMatchObject({ complete: 1, burned: 1, open: 0 })
    expect(station.view().counts).toMatchObject({ passed: 1, failed: 0 })
  })
})
