import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { waitAfter } from '../../electron/identity/pin-book'
import { systemRandom } from '../../electron/net/clock'
import { openPeople, type People } from '../../electron/station/people'
import { keepingLog } from '../helpers/quiet-log'
import { VirtualClock } from '../helpers/virtual-clock'
import { codeAfter, codeOf } from './codes'

const ADA = { name: 'Ada', role: 'supervisor' } as const
const KIM = { name: 'Operator 17', role: 'operator' } as const

const bench = () => {
  const sealed = new Map<string, Buffer>()
  const vault = {
    get: (name: string) => sealed.get(name),
    put: (name: string, secret: Buffer) => void sealed.set(name, secret),
  }
  const clock = new VirtualClock()
  const log = keepingLog()
  const open = (): People => openPeople({ vault, clock, random: systemRandom, scryptCost: 2 }, log)
  return { sealed, clock, log, open, people: open() }
}

const staffed = async () => {
  const line = bench()
  await line.people.add(ADA, '1111')
  await line.people.add(KIM, '2222')
  return line
}

const wrong = async (people: People, times: number): Promise<(string | undefined)[]> => {
  const codes: (string | undefined)[] = []
  for (let n = 0; n < times; n++) codes.push(await codeAfter(people.check('9999')))
  return codes
}

describe('a PIN', () => {
  it('says who it is, now and after a restart', async () => {
    const { people, open } = await staffed()
    expect(await people.check('1111')).toEqual(ADA)
    expect(await open().check('2222')).toEqual(KIM)
    expect(open().list()).toEqual([ADA, KIM])
    expect(open().hasSupervisor).toBe(true)
  })

  it('is kept as a hash, with nothing of it in the record', async () => {
    const { sealed } = await staffed()
    const text = [...sealed.values()].join()
    expect(text).toContain('Operator 17')
    expect(text).not.toContain('2222')
    expect(text).not.toContain(Buffer.from('2222').toString('hex'))
  })

  it('is one person’s only, and so is a name', async () => {
    const { people } = await staffed()
    expect(await codeAfter(people.add({ name: 'Eve', role: 'operator' }, '1111'))).toBe('REQUEST_REFUSED')
    expect(await codeAfter(people.add({ name: 'operator 17', role: 'operator' }, '3333'))).toBe(
      'REQUEST_REFUSED',
    )
    expect(people.list()).toHaveLength(2)
  })

  it('is taken once only when two ask for it at the same time', async () => {
    const { people } = bench()
    const codes = await Promise.all([codeAfter(people.add(ADA, '1111')), codeAfter(people.add(KIM, '1111'))])
    expect(codes).toEqual([undefined, 'REQUEST_REFUSED'])
  })

  it('opens nothing after its person was removed', async () => {
    const { people, open } = await staffed()
    people.remove('Operator 17')
    expect(await codeAfter(people.check('2222'))).toBe('PIN_WRONG')
    expect(open().list()).toEqual([ADA])
    expect(codeOf(() => people.remove('Operator 17'))).toBe('REQUEST_REFUSED')
  })
})

describe('wrong PINs', () => {
  it('lead to a wait of 30 s after the fifth, and twice as long after each more', async () => {
    const { people, clock } = await staffed()
    expect(await wrong(people, 5)).toEqual(Array(5).fill('PIN_WRONG'))
    expect(people.waitMs()).toBe(30_000)
    expect(await codeAfter(people.check('1111'))).toBe('LOCKED_OUT')
    clock.advance(29_999)
    expect(await codeAfter(people.check('1111'))).toBe('LOCKED_OUT')
    clock.advance(1)
    expect(await wrong(people, 1)).toEqual(['PIN_WRONG'])
    expect(people.waitMs()).toBe(60_000)
    clock.advance(60_000)
    expect(await people.check('1111')).toEqual(ADA)
    expect(await wrong(people, 4)).toEqual(Array(4).fill('PIN_WRONG'))
    expect(people.waitMs()).toBe(0)
  })

  it('are counted over a restart', async () => {
    const { people, open } = await staffed()
    await wrong(people, 5)
    expect(open().waitMs()).toBe(30_000)
    expect(await codeAfter(open().check('1111'))).toBe('LOCKED_OUT')
  })

  it('are counted when they come all at once', async () => {
    const { people } = await staffed()
    const codes = await Promise.all(Array.from({ length: 20 }, () => codeAfter(people.check('9999'))))
    expect(codes.filter((code) => code === 'PIN_WRONG')).toHaveLength(5)
    expect(codes.filter((code) => code === 'LOCKED_OUT')).toHaveLength(15)
  })

  it('are not forgotten because an operator’s own PIN came in between', async () => {
    const { people } = await staffed()
    await wrong(people, 4)
    expect(await people.check('2222')).toEqual(KIM)
    await wrong(people, 1)
    expect(people.waitMs()).toBe(30_000)
  })

  it('are forgotten after a supervisor’s PIN, or in time', async () => {
    const { people, clock } = await staffed()
    await wrong(people, 4)
    await people.check('1111')
    await wrong(people, 4)
    expect(people.waitMs()).toBe(0)
    clock.advance(16 * 60_000)
    await wrong(people, 4)
    expect(people.waitMs()).toBe(0)
  })

  it('cost no longer wait than they did, however the clock is set', async () => {
    const { people, clock } = await staffed()
    await wrong(people, 5)
    clock.jump(-365 * 24 * 3_600_000)
    expect(people.waitMs()).toBe(30_000)
  })

  it('wait ever longer, up to an hour', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (tries) => {
        expect(waitAfter(tries + 1)).toBeGreaterThanOrEqual(waitAfter(tries))
        expect(waitAfter(tries)).toBeLessThanOrEqual(3_600_000)
      }),
    )
  })
})

describe('a record that is damaged', () => {
  it('leaves nobody, and says so', async () => {
    const { sealed, open, log } = await staffed()
    for (const name of sealed.keys()) sealed.set(name, Buffer.from('{"version":2}'))
    const people = open()
    expect(people.list()).toEqual([])
    expect(log.lines).toMatchObject([{ level: 'error', text: 'the people of the station can not be read' }])
    await people.add(ADA, '1111')
    expect(open().list()).toEqual([ADA])
  })
})
