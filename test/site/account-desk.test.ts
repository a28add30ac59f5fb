import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountSecretSchema } from '../../electron/contract/access'
import { IotmcError } from '../../electron/contract/errors'
import { codeAfter, codeOf } from '../station/codes'
import { accountBench, SECRETS, SUE, staffedBench, TIM, VIC } from './account-bench'

describe('a site without accounts', () => {
  it('allows everything in the name of its owner', () => {
    const { desk } = accountBench()
    expect(desk.stage()).toBe('ready')
    expect(codeOf(() => desk.require('supervisor'))).toBeUndefined()
    expect(desk.actor('Ada')).toEqual({ name: 'Ada' })
    expect(desk.view()).toEqual({ accounts: [], waitS: 0, idleMinutes: 15 })
  })

  it.each(['viewer', 'technician'] as const)('can not begin with a %s', async (role) => {
    const { desk } = accountBench()
    expect(await codeAfter(desk.add({ name: 'Eve', role, secret: '123456' }))).toBe('REQUEST_REFUSED')
    expect(desk.stage()).toBe('ready')
  })

  it('asks for a sign-in from its first account on', async () => {
    const { desk, audit } = accountBench()
    await desk.add({ ...SUE, secret: SECRETS.Sue })
    expect(desk.stage()).toBe('sign-in')
    expect(codeOf(() => desk.require('viewer'))).toBe('SIGN_IN_NEEDED')
    expect(audit).toEqual([{ by: undefined, action: 'account-added', subject: 'Sue', detail: 'supervisor' }])
  })
})

describe('signing in', () => {
  it('takes name and secret, in any case of the name', async () => {
    const { desk, audit } = await staffedBench()
    expect(await desk.signIn('TIM', SECRETS.Tim)).toMatchObject({ signedIn: TIM, waitS: 0 })
    expect(desk.stage()).toBe('ready')
    expect(desk.actor('Ada')).toEqual(TIM)
    expect(audit).toEqual([{ by: TIM, action: 'sign-in', subject: 'Tim', detail: undefined }])
  })

  it('says the same for a wrong name and a wrong secret, and never writes down what was typed', async () => {
    const { desk, audit } = await staffedBench()
    expect(await codeAfter(desk.signIn('Nobody at all', SECRETS.Tim))).toBe('SIGN_IN_WRONG')
    expect(await codeAfter(desk.signIn('Tim', 'some other text'))).toBe('SIGN_IN_WRONG')
    expect(audit.map(({ by, action, subject }) => [by?.name, action, subject])).toEqual([
      ['nobody', 'sign-in-failed', 'unknown name'],
      ['nobody', 'sign-in-failed', 'Tim'],
    ])
    expect(JSON.stringify(audit)).not.toMatch(/Nobody|other text/)
  })

  it('with another’s secret is wrong', async () => {
    const { desk } = await staffedBench()
    expect(await codeAfter(desk.signIn('Sue', SECRETS.Tim))).toBe('SIGN_IN_WRONG')
  })

  it('computes a hash for a wrong name too', async () => {
    const { desk } = await staffedBench()
    const order: string[] = []
    const wrongName = codeAfter(desk.signIn('Nobody', 'x')).then(() => order.push('name'))
    const soon = new Promise((resolve) => setImmediate(resolve)).then(() => order.push('turn'))
    await Promise.all([wrongName, soon])
    // An answer without a hash would be there before the first turn of the loop.
    expect(order[0]).toBe('turn')
  })

  it('that can not be put on record is none', async () => {
    const { desk, audit } = await staffedBench()
    audit.push = () => {
      throw new Error('no space left')
    }
    await expect(desk.signIn('Tim', SECRETS.Tim)).rejects.toThrow()
    expect(desk.current()).toBeUndefined()
  })

  it('is nobody’s after a restart', async () => {
    const { desk, open } = await staffedBench()
    await desk.signIn('Tim', SECRETS.Tim)
    const again = open()
    expect(again.stage()).toBe('sign-in')
    expect(again.view().accounts).toEqual([SUE, TIM, VIC])
    expect(await again.signIn('Tim', SECRETS.Tim)).toMatchObject({ signedIn: TIM })
  })

  it('of another signs the first out', async () => {
    const { desk, audit } = await staffedBench()
    await desk.signIn('Tim', SECRETS.Tim)
    await desk.signIn('Sue', SECRETS.Sue)
    expect(desk.current()).toEqual(SUE)
    expect(audit.map(({ by, action }) => `${by?.name} ${action}`)).toEqual([
      'Tim sign-in',
      'Tim sign-out',
      'Sue sign-in',
    ])
  })
})

describe('wrong tries', () => {
  const wrong = async (bench: Awaited<ReturnType<typeof staffedBench>>, times: number) => {
    for (let n = 0; n < times; n++) await codeAfter(bench.desk.signIn('Sue', 'wrong'))
  }

  it('make everybody wait, twice as long each time, also over a restart and with the right secret', async () => {
    const bench = await staffedBench()
    await wrong(bench, 5)
    expect(bench.desk.view().waitS).toBe(30)
    const again = bench.open()
    expect(again.view().waitS).toBe(30)
    expect(await codeAfter(again.signIn('Tim', SECRETS.Tim))).toBe('LOCKED_OUT')
    bench.clock.advance(30_000)
    expect(await codeAfter(again.signIn('Sue', 'wrong'))).toBe('SIGN_IN_WRONG')
    expect(again.view().waitS).toBe(60)
  })

  it('count where the disk is full too', async () => {
    const bench = await staffedBench()
    const { put } = bench.vault
    bench.vault.put = () => {
      throw new IotmcError('NO_SPACE')
    }
    await wrong(bench, 5)
    expect(await codeAfter(bench.desk.signIn('Tim', SECRETS.Tim))).toBe('LOCKED_OUT')
    bench.vault.put = put
    bench.clock.advance(30_000)
    expect(await codeAfter(bench.desk.signIn('Tim', SECRETS.Tim))).toBeUndefined()
  })

  it('one after the other even when sent at once', async () => {
    const { desk } = await staffedBench()
    const codes = await Promise.all(Array.from({ length: 12 }, () => codeAfter(desk.signIn('Sue', 'wrong'))))
    expect(codes.filter((code) => code === 'SIGN_IN_WRONG')).toHaveLength(5)
    expect(codes.filter((code) => code === 'LOCKED_OUT')).toHaveLength(7)
  })

  it('at a supervisor’s are not forgiven by a viewer’s own secret', async () => {
    const bench = await staffedBench()
    await wrong(bench, 4)
    await bench.desk.signIn('Vic', SECRETS.Vic)
    await wrong(bench, 1)
    expect(bench.desk.view().waitS).toBe(30)
  })

  it('are forgiven by a supervisor', async () => {
    const bench = await staffedBench()
    await wrong(bench, 4)
    await bench.desk.signIn('Sue', SECRETS.Sue)
    await wrong(bench, 4)
    expect(bench.desk.view().waitS).toBe(0)
  })
})

describe('a role', () => {
  it.each([
    [VIC, ['viewer']],
    [TIM, ['viewer', 'technician']],
    [SUE, ['viewer', 'technician', 'supervisor']],
  ] as const)('of %o contains %j', async (account, contained) => {
    const { desk } = await staffedBench()
    await desk.signIn(account.name, SECRETS[account.name])
    for (const needed of ['viewer', 'technician', 'supervisor'] as const) {
      const expected = (contained as readonly string[]).includes(needed) ? undefined : 'ROLE_TOO_LOW'
      expect(
        codeOf(() => desk.require(needed)),
        needed,
      ).toBe(expected)
    }
  })

  it('that is missing is named', async () => {
    const { desk } = await staffedBench()
    await desk.signIn('Vic', SECRETS.Vic)
    expect(() => desk.require('technician')).toThrow(
      expect.objectContaining({ code: 'ROLE_TOO_LOW', subject: 'technician' }),
    )
  })
})

describe('people', () => {
  it('have names of their own', async () => {
    const { desk } = await staffedBench()
    expect(await codeAfter(desk.add({ name: 'sUE', role: 'viewer', secret: '999999' }))).toBe(
      'REQUEST_REFUSED',
    )
  })

  it('keep one supervisor, whoever asks', async () => {
    const { desk } = await staffedBench()
    await desk.signIn('Sue', SECRETS.Sue)
    expect(await codeAfter(desk.remove('Sue'))).toBe('REQUEST_REFUSED')
    for (const role of ['viewer', 'technician'] as const)
      expect(await codeAfter(desk.change({ name: 'Sue', role }))).toBe('REQUEST_REFUSED')
    await desk.change({ name: 'Tim', role: 'supervisor' })
    await desk.change({ name: 'Sue', role: 'viewer' })
    expect(desk.current()).toEqual({ name: 'Sue', role: 'viewer' })
    expect(await codeAfter(desk.remove('Tim'))).toBe('REQUEST_REFUSED')
  })

  it('change their secret, and the old one is wrong then', async () => {
    const { desk, audit } = await staffedBench()
    await desk.signIn('Sue', SECRETS.Sue)
    await desk.change({ name: 'Tim', secret: '777777' })
    expect(audit.at(-1)).toEqual({ by: SUE, action: 'account-changed', subject: 'Tim', detail: 'new secret' })
    expect(await codeAfter(desk.signIn('Tim', SECRETS.Tim))).toBe('SIGN_IN_WRONG')
    expect(await desk.signIn('Tim', '777777')).toMatchObject({ signedIn: TIM })
  })

  it('who are removed are signed out', async () => {
    const { desk, audit } = await staffedBench()
    await desk.signIn('Tim', SECRETS.Tim)
    await desk.remove('Tim')
    expect(desk.stage()).toBe('sign-in')
    expect(audit.map(({ action }) => action)).toEqual(['sign-in', 'account-removed', 'sign-out'])
    expect(await codeAfter(desk.signIn('Tim', SECRETS.Tim))).toBe('SIGN_IN_WRONG')
  })

  it('two removed at once leave a supervisor', async () => {
    const { desk } = await staffedBench()
    await desk.change({ name: 'Tim', role: 'supervisor' })
    const codes = await Promise.all([codeAfter(desk.remove('Sue')), codeAfter(desk.remove('Tim'))])
    expect(codes).toEqual([undefined, 'REQUEST_REFUSED'])
  })

  it('are kept as hashes with a salt each, nothing of a secret in the record', async () => {
    const { vault, desk } = await staffedBench()
    await desk.add({ name: 'Val', role: 'viewer', secret: SECRETS.Vic })
    const text = String(vault.sealed.get('accounts'))
    const { accounts } = JSON.parse(text) as { accounts: { salt: string; hash: string }[] }
    expect(new Set(accounts.map(({ salt }) => salt)).size).toBe(4)
    expect(new Set(accounts.map(({ hash }) => hash)).size).toBe(4)
    for (const secret of Object.values(SECRETS)) {
      expect(text).not.toContain(secret)
      expect(text).not.toContain(Buffer.from(secret).toString('hex'))
    }
  })

  it('whose record is gone or damaged let nobody in', async () => {
    const { vault, open } = await staffedBench()
    const kept = vault.sealed.get('accounts') ?? Buffer.alloc(0)
    vault.sealed.delete('accounts')
    expect(codeOf(open)).toBe('DATA_DAMAGED')
    vault.sealed.set('accounts', Buffer.from('{}'))
    expect(codeOf(open)).toBe('DATA_DAMAGED')
    vault.sealed.set('accounts', kept)
    expect(open().stage()).toBe('sign-in')
  })
})

describe('idleness', () => {
  it('signs out to the minute, and activity puts it off', async () => {
    const { desk, clock, audit } = await staffedBench()
    await desk.signIn('Tim', SECRETS.Tim)
    clock.advance(14 * 60_000)
    desk.touch()
    clock.advance(15 * 60_000 - 1)
    expect(desk.current()).toEqual(TIM)
    let told = 0
    desk.onChange(() => told++)
    clock.advance(1)
    expect(told).toBe(1)
    expect(desk.stage()).toBe('sign-in')
    expect(audit.at(-1)).toEqual({ by: TIM, action: 'sign-out', subject: 'Tim', detail: 'idle' })
  })

  it('is found after a sleep in which no timer ran, before anything is allowed', async () => {
    const { desk, clock } = await staffedBench()
    await desk.signIn('Tim', SECRETS.Tim)
    clock.jump(16 * 60_000)
    desk.touch()
    expect(codeOf(() => desk.require('viewer'))).toBe('SIGN_IN_NEEDED')
  })

  it('never ends a command of the terminal, nor anybody where it is off', async () => {
    const { desk, clock } = await staffedBench()
    await desk.signIn('Sue', SECRETS.Sue, true)
    clock.advance(24 * 3_600_000)
    expect(desk.current()).toEqual(SUE)
    await desk.signIn('Sue', SECRETS.Sue)
    desk.setIdle(0)
    clock.advance(24 * 3_600_000)
    expect(desk.current()).toEqual(SUE)
  })

  it('counts from the last activity when its time is changed, and is remembered', async () => {
    const { desk, clock, open } = await staffedBench()
    await desk.signIn('Sue', SECRETS.Sue)
    clock.advance(60_000)
    expect(desk.setIdle(1).idleMinutes).toBe(1)
    clock.advance(59_999)
    expect(desk.current()).toEqual(SUE)
    clock.advance(1)
    expect(desk.current()).toBeUndefined()
    expect(open().view().idleMinutes).toBe(1)
  })
})

it('any order of changes leaves a supervisor, and nobody signed in who has no account', async () => {
  const name = fc.constantFrom('Sue', 'Tim', 'Vic', 'Eve')
  const role = fc.constantFrom('viewer', 'technician', 'supervisor')
  const act = fc.oneof(
    fc.record({ do: fc.constant('add' as const), name, role }),
    fc.record({ do: fc.constant('change' as const), name, role }),
    fc.record({ do: fc.constant('remove' as const), name, role }),
    fc.record({ do: fc.constant('in' as const), name, role }),
    fc.record({ do: fc.constant('out' as const), name, role }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 25 }), async (acts) => {
      const { desk } = await staffedBench()
      for (const one of acts) {
        const { name: who, role: as } = one
        if (one.do === 'add') await codeAfter(desk.add({ name: who, role: as, secret: '555555' }))
        if (one.do === 'change') await codeAfter(desk.change({ name: who, role: as, secret: '555555' }))
        if (one.do === 'remove') await codeAfter(desk.remove(who))
        if (one.do === 'in') await codeAfter(desk.signIn(who, '555555'))
        if (one.do === 'out') desk.signOut()
        const { accounts, signedIn } = desk.view()
        expect(accounts.some((account) => account.role === 'supervisor')).toBe(true)
        expect(new Set(accounts.map((account) => account.name)).size).toBe(accounts.length)
        if (signedIn) expect(accounts).toContainEqual(signedIn)
      }
    }),
    { numRuns: 60 },
  )
})

it.each([
  ['123456', true],
  ['123456789012', true],
  ['12345', false],
  ['1234567890123', false],
  ['pass word', true],
  ['short', false],
  ['', false],
])('the secret %j is good enough: %j', (secret, good) => {
  expect(accountSecretSchema.safeParse(secret).success).toBe(good)
})
