import { DatabaseSync } from '@photostructure/sqlite'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { Board, type BoardCommand } from '../jobs/inject-bench'
import { Line, type LineOptions, makeFolder, NOW_MS, OPERATOR } from './bench'
import { codeAfter, codeOf } from './codes'

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

describe('a station that is started again', () => {
  it.each<[string, BoardCommand]>([
    ['quit', 'keygen'],
    ['quit', 'install'],
    ['quit', 'lock'],
    ['killed', 'keygen'],
    ['killed', 'install'],
    ['killed', 'lock'],
  ])('after it was %s at %s goes on with its devices, with nobody signed in', async (how, command) => {
    await begin({ lanes: 2 })
    const [first, second] = [new Board(), new Board()]
    await line.load(first, second)
    let reached = 0
    let ending: Promise<void> | undefined
    for (const board of [first, second])
      board.after = (now) => {
        if (now !== command || ++reached > 1) return
        if (how === 'killed') line.kill()
        else ending = line.shutDown()
      }
    line.station.scan('PX-0001')
    line.station.scan('PX-0002')
    await line.until(() => reached > 0)
    await ending
    await line.boot()
    expect(line.station.view()).toMatchObject({ active: true })
    expect(line.station.view().signedIn).toBeUndefined()
    await line.until(() => line.states().every((state) => state === 'passed'))
    expect(line.station.view().lanes.map((lane) => lane.serialNumber)).toEqual(['PX-0001', 'PX-0002'])
    expect([first.keysMade, second.keysMade]).toEqual([1, 1])
    expect(line.station.ledger.verify()).toMatchObject({ ok: true, units: 2 })
    expect(line.station.ledger.summary()).toMatchObject({ complete: 2, open: 0 })
  })

  it('knows the counts of the day', async () => {
    await begin({ lanes: 2 })
    await line.load(new Board(), new Board())
    line.station.scan('PX-0001')
    line.station.scan('PX-0002')
    await line.until(() => line.states().every((state) => state === 'passed'))
    await line.shutDown()
    await line.boot()
    const { counts } = line.station.view()
    expect(counts).toMatchObject({ passed: 2, failed: 0, firstPass: 2 })
    expect(counts.perFiveMinutes.reduce((sum, count) => sum + count, 0)).toBe(2)
  })

  it('waits with a device that is not there, and works on others meanwhile', async () => {
    await begin()
    const [first, second] = [new Board(), new Board()]
    await line.load(first)
    first.after = (command) => {
      if (command === 'install') void line.shutDown()
    }
    line.station.scan('PX-0001')
    await line.until(() => line.runner.list()[0]?.state === 'interrupted')
    first.after = () => undefined
    line.ports[0]?.unplug()
    await line.boot()
    await line.until(() => line.runner.list()[0]?.state === 'waiting')
    expect(line.lane(1).state).toBe('no-port')
    line.ports[0]?.plug(second)
    await line.untilState(1, 'ready')
    await line.station.signIn(OPERATOR.pin)
    line.station.scan('PX-0002')
    await line.untilState(1, 'passed')
    line.ports[0]?.unplug()
    await line.untilState(1, 'no-port')
    line.ports[0]?.plug(first)
    await line.untilState(1, 'passed')
    expect(line.lane(1).serialNumber).toBe('PX-0001')
  })
})

describe('a ledger that does not verify', () => {
  it('is shown, and nothing is started', async () => {
    await begin()
    const board = new Board()
    await line.load(board)
    line.station.scan('PX-0001')
    await line.untilState(1, 'passed')
    await line.shutDown()
    const database = new DatabaseSync(line.paths.ledger)
    database.exec("UPDATE units SET operator = 'Mallory'")
    database.close()
    await line.boot()
    const { station } = line
    expect(station.view().ledgerProblem).toBeDefined()
    await station.signIn(OPERATOR.pin)
    line.ports[0]?.unplug()
    line.ports[0]?.plug(new Board())
    await line.untilState(1, 'ready')
    expect(codeOf(() => station.scan('PX-0002'))).toBe('LEDGER_INVALID')
    expect(codeOf(() => station.injectTools().ledger())).toBe('LEDGER_INVALID')
    expect(station.ledger.unit('PX-0001')?.state).toBe('complete')
    expect(line.log.lines).toContainEqual(
      expect.objectContaining({ level: 'error', text: 'the ledger does not verify' }),
    )
  })

  it('was cut off at its end: the head in the vault tells', async () => {
    await begin()
    await line.load(new Board())
    await line.shutDown()
    line.vault.put('ledger-head', Buffer.from(JSON.stringify({ seq: 9, hash: '0'.repeat(64) })))
    await line.boot()
    expect(line.station.view().ledgerProblem).toBeDefined()
  })
})

describe('a station that is closed', () => {
  it('leaves no timer, and rejects whoever waits for a device', async () => {
    await begin()
    const board = new Board()
    await line.load(board)
    const { station } = line
    const context = {
      job: {},
      signal: new AbortController().signal,
      hold: (_why: string, wait: () => Promise<unknown>) => wait(),
    }
    const job = { id: 'j', attempt: 1, params: { hardwareId: 'ff', path: 'x' }, subject: 's' }
    const waits = codeAfter(station.injectTools().device(job as never, context as never))
    await line.shutDown()
    expect(await waits).toBe('INTERRUPTED')
    expect(line.clock.pending).toBe(0)
    const before = line.views.length
    await line.pass(10_000)
    expect(line.views).toHaveLength(before)
    await line.boot()
  })
})
