/** An identity goes into one blank board, exactly once; what must not be worked on is refused before anything is written. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import { JOB_STEPS } from '../../electron/contract/job'
import type { StationAuthority } from '../../electron/factory/authority'
import { readCertificate } from '../../electron/identity/certificate'
import { generateKeyPem } from '../../electron/identity/keys'
import { createRequest } from '../../electron/identity/request'
import { Board, CONFIG, Line, MODEL, makeStationAuthority, SETUP_CODE } from './inject-bench'

let authority: StationAuthority
beforeAll(async () => {
  authority = await makeStationAuthority()
})

const SERIAL = 'PX200-00001'
let line: Line
let board: Board
beforeEach(() => {
  line = new Line(authority)
  board = new Board()
})

/** Commands that change a device. */
const WRITES = ['keygen', 'install', 'lock', 'wipe']
const writesTo = (one: Board) => one.effects.filter((command) => WRITES.includes(command))

describe('a blank board', () => {
  it('gets a key of its own, a certificate of the station, and is locked', async () => {
    const job = await line.inject(SERIAL, board)
    expect(job.state).toBe('done')
    expect(job.steps.map((step) => [step.name, step.state])).toEqual(
      JOB_STEPS.inject.map((name) => [name, 'done']),
    )
    expect(writesTo(board)).toEqual(['keygen', 'install', 'lock'])
    const unit = line.ledger.unit(SERIAL)
    expect(unit).toMatchObject({
      state: 'complete',
      attempts: 1,
      hardwareId: board.id,
      operator: 'Operator 17',
      lane: '1',
    })
    const [leaf, station] = board.memory.chain ?? []
    if (!leaf || !station || !unit) throw new Error('no chain')
    const facts = readCertificate(leaf)
    expect(facts).toMatchObject({ udn: unit.udn, deviceSerial: SERIAL, isIdevid: true })
    expect(facts.hardwareModuleName).toEqual({ type: CONFIG.hardwareType, serial: SERIAL })
    expect(facts.x509.verify(readCertificate(station).x509.publicKey)).toBe(true)
    expect(readCertificate(station).x509.verify(readCertificate(authority.rootPem).x509.publicKey)).toBe(true)
    expect(facts.publicKeySha256).toBe(unit.publicKeySha256)
    expect(line.ledger.verify()).toMatchObject({ ok: true, units: 1 })
  })

  it('has its label told once it is complete, and nowhere else', async () => {
    const job = await line.inject(SERIAL, board)
    const { udn } = line.ledger.unit(SERIAL) ?? {}
    expect(line.finished.map(({ unit, label }) => [unit.state, label])).toEqual([
      ['complete', { udn, serialNumber: SERIAL, setupCode: SETUP_CODE }],
    ])
    const told = JSON.stringify([job, line.log.lines, [...line.ledger.export('jsonl')]])
    expect(told).not.toContain(SETUP_CODE)
  })

  it('leaves a note of each step for people', async () => {
    const { steps } = await line.inject(SERIAL, board)
    const notes = Object.fromEntries(steps.map(({ name, note }) => [name, note]))
    expect(notes.connect).toBe('PX-200 C2, firmware 1.4.0, key in secure-element')
    expect(notes.reserve).toMatch(/^uuid:/)
    expect(notes['check-request']).toMatch(/^key [0-9a-f]{16}$/)
    expect(notes.issue).toMatch(/^IDevID ([0-9A-F]{2}:){7}[0-9A-F]{2}$/)
    expect(notes.install).toMatch(/^2 certificates, \d+ bytes$/)
  })

  it('takes nothing else: a second board asking for its number stays blank', async () => {
    await line.inject(SERIAL, board)
    const other = new Board()
    const job = await line.inject(SERIAL, other)
    expect(job.error).toMatchObject({ code: 'SERIAL_NUMBER_USED' })
    expect(job.error?.detail).toContain('nothing was changed on the device')
    expect(writesTo(other)).toEqual([])
    expect(line.ledger.unit(SERIAL)).toMatchObject({ state: 'complete', hardwareId: board.id })
  })
})

describe('before anything is written', () => {
  const refused = async (change: () => void, expected: object) => {
    change()
    const job = await line.inject(SERIAL, board)
    expect(job.state).toBe('failed')
    expect(job.error).toMatchObject(expected)
    expect(writesTo(board)).toEqual([])
    return job
  }

  it('another model is refused', async () => {
    await refused(
      () => {
        board.model = 'GW-100'
      },
      { code: 'WRONG_MODEL', subject: 'GW-100' },
    )
    expect(line.ledger.unit(SERIAL)).toBeUndefined()
  })

  it('a key in plain flash is refused, unless the line accepts it', async () => {
    const change = () => {
      board.keyStorage = 'flash'
    }
    const job = await refused(change, { code: 'SOFTWARE_KEY_REFUSED' })
    line.config = { ...CONFIG, acceptSoftwareKeys: true }
    expect((await line.retry(job.id)).state).toBe('done')
    expect(line.ledger.summary().softwareHeld).toBe(1)
  })

  it('a board that is locked already is refused', async () => {
    await line.inject('PX200-00009', board)
    board.effects.splice(0)
    const job = await line.inject(SERIAL, board)
    expect(job.error).toMatchObject({ code: 'ALREADY_LOCKED', subject: 'PX200-00009' })
    expect(writesTo(board)).toEqual([])
    expect(line.ledger.unit(SERIAL)).toBeUndefined()
  })

  it('a board of another identity than the one that was begun is refused', async () => {
    board.lie = { hardwareId: Buffer.alloc(12, 7) }
    await refused(() => undefined, { code: 'OTHER_DEVICE' })
  })

  it('another version of the commands is refused', async () => {
    await refused(
      () => {
        board.lie = { version: 2 }
      },
      { code: 'BAD_ANSWER' },
    )
  })

  it('a board in the field is refused', async () => {
    await refused(
      () => {
        board.lie = { phase: 'commissioning' }
      },
      { code: 'WRONG_PHASE' },
    )
  })

  it('a number outside the released ranges is refused', async () => {
    line.ledger.addRange({ model: MODEL, prefix: 'PX200-', digits: 5, first: 100, last: 199 }, 'Lee')
    await refused(() => undefined, { code: 'SERIAL_NUMBER_INVALID' })
  })

  it('a board that was begun under another number is refused, and that number is named', async () => {
    board.before = (command) => {
      if (command === 'keygen') throw new Error('the program has a defect')
    }
    await line.inject(SERIAL, board)
    board.before = () => undefined
    const job = await line.inject('PX200-00002', board)
    expect(job.error?.code).toBe('OTHER_DEVICE')
    expect(job.error?.detail).toContain(SERIAL)
    expect(writesTo(board)).toEqual([])
  })
})

describe('a request for a certificate', () => {
  const withRequest = async (make: Board['request'], expected: object) => {
    board.request = make
    const job = await line.inject(SERIAL, board)
    expect(job.error).toMatchObject(expected)
    expect(job.error?.detail).toContain('the device has its key, no certificate yet')
    expect(line.ledger.unit(SERIAL)).toMatchObject({ state: 'keyed', lastErrorCode: job.error?.code })
    expect(line.ledger.certificateOf(SERIAL)).toBeUndefined()
    expect(writesTo(board)).toEqual(['keygen'])
  }

  it('for another UDN is refused', () =>
    withRequest(
      (keyPem, { serialNumber }) =>
        createRequest({
          keyPem,
          serialNumber,
          model: MODEL,
          udn: 'uuid:00000000-0000-4000-8000-000000000000',
        }),
      { code: 'UDN_MISMATCH' },
    ))

  it('for another serial number is refused', () =>
    withRequest((keyPem, { udn }) => createRequest({ keyPem, serialNumber: 'X1', model: MODEL, udn }), {
      code: 'REQUEST_INVALID',
    }))

  it('without proof of possession is refused', () =>
    withRequest(
      async (keyPem, subject) => {
        const pem = await createRequest({ keyPem, ...subject, model: MODEL })
        const der = Buffer.from(pem.replace(/-----.*-----|\s/g, ''), 'base64')
        der[der.length - 1] = (der.at(-1) ?? 0) ^ 1
        return `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
      },
      { code: 'REQUEST_INVALID' },
    ))

  it('for a key that another device has is refused, and no second certificate exists for it', async () => {
    const shared = generateKeyPem()
    const first = new Board()
    first.newKeyPem = () => shared
    board.newKeyPem = () => shared
    await line.inject('PX200-00009', first)
    const job = await line.inject(SERIAL, board)
    expect(job.error?.code).toBe('KEY_REUSED')
    expect(job.error?.detail).toContain('PX200-00009')
    expect(line.ledger.certificateOf(SERIAL)).toBeUndefined()
    expect(writesTo(board)).toEqual(['keygen'])
  })
})

describe('the station authority', () => {
  const refused = async (code: string) => {
    const job = await line.inject(SERIAL, board)
    expect(job.error?.code).toBe(code)
    expect(line.ledger.certificateOf(SERIAL)).toBeUndefined()
    return job
  }

  it('is needed, and the device goes on once it is there', async () => {
    line.authority = undefined
    const job = await refused('AUTHORITY_MISSING')
    line.authority = authority
    expect((await line.retry(job.id)).state).toBe('done')
    expect(board.keysMade).toBe(1)
    expect(line.ledger.unit(SERIAL)).toMatchObject({ state: 'complete', attempts: 2 })
  })

  it('must be valid now', async () => {
    line.clock.jump(366 * 24 * 3600_000)
    await refused('AUTHORITY_EXPIRED')
  })

  it('is not used before its time: the clock of the laptop is wrong', async () => {
    line.clock.jump(-30 * 24 * 3600_000)
    const job = await refused('AUTHORITY_EXPIRED')
    expect(job.error?.detail).toContain('clock')
  })

  it('issues as many certificates as its root allows', async () => {
    line.authority = await makeStationAuthority({ quota: 1 })
    expect((await line.inject('PX200-00009', new Board())).state).toBe('done')
    await refused('QUOTA_EXHAUSTED')
  })
})

describe('before a device counts as complete', () => {
  const fails = async (expected: { code: string; detail: string }, state: string) => {
    const job = await line.inject(SERIAL, board)
    expect(job.error?.code).toBe(expected.code)
    expect(job.error?.detail).toContain(expected.detail)
    expect(line.ledger.unit(SERIAL)).toMatchObject({ state, lastErrorCode: expected.code })
    expect(line.finished).toEqual([])
    return job
  }
  const truth = () => {
    board.lie = {}
    board.labelLie = {}
    board.readLie = undefined
    board.after = () => undefined
  }

  it.each<[string, (chain: readonly Buffer[]) => Buffer[]]>([
    ['another byte', ([leaf, ...rest]) => [...rest, Buffer.concat([leaf ?? Buffer.of(), Buffer.of(0)])]],
    ['one certificate less', (chain) => chain.slice(0, 1)],
    ['nothing', () => []],
  ])('what it installed is compared byte by byte: %s', async (_what, change) => {
    board.after = (command) => {
      if (command === 'install') board.readLie = change(board.memory.chain ?? [])
    }
    const { id } = await fails(
      { code: 'READ_BACK_DIFFERS', detail: 'its certificate is installed, not read back' },
      'installed',
    )
    truth()
    expect((await line.retry(id)).state).toBe('done')
    expect(writesTo(board)).toEqual(['keygen', 'install', 'lock'])
  })

  it('it gets again what it has lost, the same certificate', async () => {
    board.before = (command) => {
      if (command === 'readChain') throw new IotmcError('SERIAL_UNPLUGGED')
    }
    const { id } = await line.inject(SERIAL, board)
    const { fingerprint } = line.ledger.certificateOf(SERIAL) ?? {}
    board.before = () => undefined
    // Its supply failed before its flash was written.
    board.memory.chain = undefined
    expect((await line.retry(id)).state).toBe('done')
    expect(writesTo(board)).toEqual(['keygen', 'install', 'install', 'lock'])
    expect(readCertificate(board.memory.chain?.[0] ?? '').x509.fingerprint256).toBe(fingerprint)
  })

  it('it proves its key', async () => {
    board.before = (command) => {
      if (command === 'challenge') throw new IotmcError('SELF_TEST_FAILED')
    }
    await fails({ code: 'SELF_TEST_FAILED', detail: 'the key not proven' }, 'verified')
    expect(board.memory.locked).toBe(false)
  })

  it('it is seen to be locked', async () => {
    board.after = (command) => {
      if (command === 'lock') board.lie = { locked: false, phase: 'manufacturing' }
    }
    const { id } = await fails(
      { code: 'READ_BACK_DIFFERS', detail: 'not locked, phase manufacturing' },
      'locked',
    )
    truth()
    expect((await line.retry(id)).state).toBe('done')
  })

  it('its label names it', async () => {
    board.labelLie = { serialNumber: 'PX200-00002' }
    await fails({ code: 'READ_BACK_DIFFERS', detail: 'the label says PX200-00002' }, 'locked')
  })
})

describe('a number that was burned half-way', () => {
  it('gives its board free: it is made blank and takes another', async () => {
    board.before = (command) => {
      if (command === 'challenge') throw new IotmcError('SELF_TEST_FAILED')
    }
    const { id } = await line.inject(SERIAL, board)
    line.ledger.burn(SERIAL, 'the label was spoiled', 'Lee')
    board.before = () => undefined
    expect((await line.retry(id)).error?.code).toBe('SERIAL_NUMBER_USED')
    expect((await line.inject('PX200-00002', board)).state).toBe('done')
    expect(writesTo(board)).toEqual(['keygen', 'install', 'wipe', 'keygen', 'install', 'lock'])
    expect(line.ledger.unit('PX200-00002')).toMatchObject({ state: 'complete' })
    expect(line.ledger.verify()).toMatchObject({ ok: true })
  })

  it('is no reason to wipe the key of a number that this ledger does not know', async () => {
    await board.keygen({ serialNumber: 'OTHER-1', udn: 'uuid:00000000-0000-4000-8000-000000000000' })
    const job = await line.inject(SERIAL, board)
    expect(job.error).toMatchObject({ code: 'OTHER_DEVICE' })
    expect(job.error?.detail).toContain('OTHER-1')
    expect(writesTo(board)).toEqual(['keygen'])
  })
})

describe('a board whose key is gone', () => {
  it('is not given a second key once its certificate exists', async () => {
    board.before = (command) => {
      if (command === 'install') throw new IotmcError('SERIAL_UNPLUGGED')
    }
    await line.inject(SERIAL, board)
    board.before = () => undefined
    await board.wipe()
    const job = await line.inject(SERIAL, board)
    expect(job.error?.code).toBe('OTHER_DEVICE')
    expect(job.error?.detail).toContain('lost the key')
    expect(board.keysMade).toBe(1)
  })
})
