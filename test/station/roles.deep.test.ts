import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Station } from '../../electron/station/station'
import { Board } from '../jobs/inject-bench'
import { Line, makeFolder, NOW_MS, OPERATOR, SUPERVISOR } from './bench'
import { codeAfter, codeOf } from './codes'

vi.setConfig({ testTimeout: 30_000 })

let folder: Awaited<ReturnType<typeof makeFolder>>
let line: Line

beforeAll(async () => {
  folder = await makeFolder({ nowMs: NOW_MS })
})
afterEach(() => line.end())
afterAll(() => folder.remove())

const begin = async (): Promise<Station> => {
  line = await Line.running({ from: folder.path })
  return line.station
}
const made = async (from?: string, lanes = 1): Promise<Station> => {
  line = await Line.made({ lanes, ...(from === undefined ? {} : { from }) })
  return line.station
}

/** Every call of a station that a role is asked for: what it throws beside NOT_AUTHORIZED is its own business. */
const CALLS: Readonly<Record<string, (station: Station) => unknown>> = {
  scan: (station) => station.scan('PX-0001'),
  start: (station) => station.start(1),
  chooseLane: (station) => station.chooseLane(1),
  label: (station) => station.label(1),
  log: (station) => station.log(1),
  unlockLane: (station) => station.unlockLane(1),
  configure: (station) => station.configure({ lineName: 'Line 2' }),
  addPerson: (station) => station.addPerson({ name: 'Eve', role: 'operator', pin: '3333' }),
  removePerson: (station) => station.removePerson('Operator 17'),
  changeLedger: (station) => station.changeLedger('none', 'x', () => undefined),
}
const OPERATORS = ['scan', 'start', 'chooseLane', 'label', 'log']
const isRefused = async (call: (station: Station) => unknown): Promise<boolean> =>
  (await codeAfter((async () => call(line.station))())) === 'NOT_AUTHORIZED'

describe('while station mode is on', () => {
  it.each(Object.entries(CALLS))('%s is for those who may', async (name, call) => {
    const station = await begin()
    expect(await isRefused(call)).toBe(!OPERATORS.includes(name))
    station.signOut()
    expect(await isRefused(call)).toBe(true)
    await station.signIn(SUPERVISOR.pin)
    expect(await isRefused(call)).toBe(false)
  })

  it('an operator’s PIN signs in and does not leave; a wrong one does neither', async () => {
    const station = await begin()
    expect(station.view()).toMatchObject({
      active: true,
      signedIn: { name: 'Operator 17', role: 'operator' },
    })
    expect(await codeAfter(station.leave(OPERATOR.pin))).toBe('NOT_AUTHORIZED')
    expect(await codeAfter(station.leave('9999'))).toBe('PIN_WRONG')
    expect(await codeAfter(station.signIn('9999'))).toBe('PIN_WRONG')
    expect(station.view()).toMatchObject({ active: true, signedIn: { name: 'Operator 17' } })
    await station.leave(SUPERVISOR.pin)
    expect(station.view().active).toBe(false)
    expect(station.view().signedIn).toBeUndefined()
  })

  it('five wrong PINs lead to a wait that is counted down on the screen and outlives a restart', async () => {
    const station = await begin()
    for (let n = 0; n < 5; n++) await codeAfter(station.signIn('9999'))
    expect(await codeAfter(station.signIn(OPERATOR.pin))).toBe('LOCKED_OUT')
    expect(await codeAfter(station.leave(SUPERVISOR.pin))).toBe('LOCKED_OUT')
    await line.until(() => line.views.some(({ view }) => view.pinWaitS === 25))
    await line.shutDown()
    await line.boot()
    expect(line.station.view()).toMatchObject({ active: true })
    expect(line.station.view().pinWaitS).toBeGreaterThan(10)
    await line.until(() => line.station.view().pinWaitS === 0)
    await line.station.signIn(OPERATOR.pin)
  })

  it('the last supervisor, and the one who is signed in, can not be removed', async () => {
    const station = await begin()
    await station.signIn(SUPERVISOR.pin)
    expect(codeOf(() => station.removePerson('Ada'))).toBe('REQUEST_REFUSED')
    await station.addPerson({ name: 'Bo', role: 'supervisor', pin: '4444' })
    expect(codeOf(() => station.removePerson('Ada'))).toBe('REQUEST_REFUSED')
    await station.signIn('4444')
    station.removePerson('Ada')
    expect(codeOf(() => station.removePerson('Bo'))).toBe('REQUEST_REFUSED')
    expect(await codeAfter(station.leave(SUPERVISOR.pin))).toBe('PIN_WRONG')
  })

  it('who does nothing is signed out; the lanes go on', async () => {
    const station = await begin()
    const board = new Board()
    await line.load(board)
    line.clock.advance(14 * 60_000)
    station.touched()
    line.clock.advance(14 * 60_000)
    expect(station.view().signedIn?.name).toBe('Operator 17')
    await line.untilState(1, 'ready')
    station.scan('PX-0001')
    line.clock.advance(15 * 60_000)
    expect(station.view().signedIn).toBeUndefined()
    expect(codeOf(() => station.scan('PX-0002'))).toBe('NOT_AUTHORIZED')
    await line.until(
      () => station.ledger.unit('PX-0001')?.state === 'complete' || line.lane(1).state === 'failed',
    )
    expect(line.audit).toContainEqual({
      actor: 'Operator 17',
      action: 'signed-out',
      subject: 'Operator 17',
      detail: 'idle',
    })
  })

  it('everything a supervisor does is on record, and never a PIN', async () => {
    const station = await begin()
    await station.signIn(SUPERVISOR.pin)
    station.configure({ lineName: 'Line 9', idleMinutes: 5 })
    await station.addPerson({ name: 'Eve', role: 'operator', pin: '867530' })
    station.removePerson('Eve')
    station.changeLedger('range-added', 'PX-200', () => undefined)
    station.unlockLane(1)
    await codeAfter(station.leave('555777'))
    await station.leave(SUPERVISOR.pin)
    const did = line.audit.map(({ actor, action }) => `${actor} ${action}`)
    expect(did.slice(-8)).toEqual([
      'Ada signed-in',
      'Ada station-configured',
      'Ada person-added',
      'Ada person-removed',
      'Ada range-added',
      'Ada lane-unlocked',
      'nobody pin-refused',
      'Ada station-left',
    ])
    const text = JSON.stringify([line.audit, line.views, line.log.lines, station.view()])
    for (const pin of ['867530', '555777']) expect(text).not.toContain(pin)
  })
})

describe('outside station mode', () => {
  it.each(Object.entries(CALLS))('%s is for whoever opened the vault', async (_name, call) => {
    await made(folder.path)
    expect(await isRefused(call)).toBe(false)
  })

  it('nobody signs in or leaves, and no port is opened', async () => {
    const station = await made(folder.path)
    await station.addPerson(SUPERVISOR)
    expect(await codeAfter(station.signIn(SUPERVISOR.pin))).toBe('REQUEST_REFUSED')
    expect(await codeAfter(station.leave(SUPERVISOR.pin))).toBe('REQUEST_REFUSED')
    line.ports[0]?.plug(new Board())
    await line.pass(2_000)
    expect(line.ports[0]?.opened).toBe(0)
    expect(station.usesPort('/dev/ttyUSB0')).toBe(false)
    expect(line.lane(1)).toMatchObject({ state: 'no-port' })
    expect(line.lane(1).error).toBeUndefined()
  })

  it.each([
    [{ name: '', role: 'operator', pin: '1234' }],
    [{ name: 'Eve', role: 'operator', pin: '123' }],
    [{ name: 'Eve', role: 'operator', pin: '12ab' }],
  ] as const)('a person without a name or a fit PIN is none: %j', async (person) => {
    const station = await made(folder.path)
    expect(await codeAfter(station.addPerson(person))).toBe('VALUE_INVALID')
  })
})

describe('station mode is not turned on', () => {
  it('without a supervisor, who alone can leave it', async () => {
    const station = await made(folder.path)
    await station.addPerson(OPERATOR)
    await expect(station.enter()).rejects.toThrow('REQUEST_REFUSED: add a supervisor first')
  })

  it('without a lane', async () => {
    const station = await made(folder.path, 0)
    await station.addPerson(SUPERVISOR)
    await expect(station.enter()).rejects.toThrow('REQUEST_REFUSED: give the line a lane first')
  })

  it('without an authority', async () => {
    const station = await made()
    await station.addPerson(SUPERVISOR)
    expect(station.view().authority).toMatchObject({ state: 'missing', issued: 0 })
    expect(await codeAfter(station.enter())).toBe('AUTHORITY_MISSING')
    expect(station.view().active).toBe(false)
  })

  it('with an authority that has expired', async () => {
    const station = await made(folder.path)
    await station.addPerson(SUPERVISOR)
    line.clock.jump(2 * 365 * 24 * 3_600_000)
    expect(station.view().authority.state).toBe('expired')
    expect(await codeAfter(station.enter())).toBe('AUTHORITY_EXPIRED')
  })
})

describe('when a supervisor leaves', () => {
  it('lanes at work finish, then all ports are given back', async () => {
    line = await Line.running({ from: folder.path, lanes: 2 })
    const { station } = line
    await line.load(new Board(), new Board())
    expect(station.usesPort('/dev/ttyUSB1')).toBe(true)
    station.scan('PX-0001')
    // The lane goes on with the clock: it is at work until that is let go on.
    await station.leave(SUPERVISOR.pin)
    expect(station.usesPort('/dev/ttyUSB0')).toBe(true)
    await line.until(() => !station.usesPort('/dev/ttyUSB1'))
    await line.until(() => !station.usesPort('/dev/ttyUSB0'))
    expect(station.ledger.unit('PX-0001')?.state).toBe('complete')
    await station.enter()
    await line.until(() => line.states()[1] === 'ready')
    expect(line.lane(1).error?.code ?? 'ALREADY_LOCKED').toBe('ALREADY_LOCKED')
  })

  it('lanes keep their ports while they work, whatever is configured', async () => {
    const station = await begin()
    await line.load(new Board())
    station.scan('PX-0001')
    await line.whilst(station.signIn(SUPERVISOR.pin))
    if (line.lane(1).state === 'running')
      expect(codeOf(() => station.configure({ lanes: ['/dev/other'] }))).toBe('REQUEST_REFUSED')
    await line.untilState(1, 'passed')
    station.configure({ lanes: ['/dev/other', '/dev/ttyUSB0'] })
    await line.until(() => line.states()[1] === 'refused')
    expect(codeOf(() => station.configure({ lanes: ['/dev/a', '/dev/a'] }))).toBe('VALUE_INVALID')
    expect(line.states()).toHaveLength(2)
  })
})
