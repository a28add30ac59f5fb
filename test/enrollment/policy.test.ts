import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide, matchesPattern, type Standing } from '../../electron/enrollment/policy'

const applicant = {
  udn: 'uuid:00000000-0000-4000-8000-000000000001',
  model: 'PX-200',
  serialNumber: 'PX200-01180',
  identityFingerprint: Array.from({ length: 32 }, () => 'AB').join(':'),
}
const standing = (over: Partial<Standing> = {}): Standing => ({
  policy: { mode: 'zero-touch', defaultGroup: 'Default', rules: [] },
  expected: [],
  ...over,
})

describe('who is let in', () => {
  it('waits for a person when nothing speaks for the device', () => {
    expect(decide(applicant, standing())).toEqual({ status: 'Pending' })
  })

  it('lets in what is on the expected list, into the group of the plan', () => {
    const expected = [{ serialNumber: 'PX200-01180', group: 'North hall' }]
    expect(decide(applicant, standing({ expected }))).toMatchObject({
      status: 'Approved',
      group: 'North hall',
    })
  })

  it('needs every identifier that the plan gives to match', () => {
    const expected = [{ serialNumber: 'PX200-01180', udn: 'uuid:00000000-0000-4000-8000-000000000002' }]
    expect(decide(applicant, standing({ expected }))).toEqual({ status: 'Pending' })
  })

  it('never lets a plan entry without identifiers match', () => {
    expect(decide(applicant, standing({ expected: [{ group: 'Any' }] }))).toEqual({ status: 'Pending' })
  })

  it('lets in what has the factory certificate and the model of the plan', () => {
    const expected = [{ serialNumber: 'PX200-01180', identity: 'ab'.repeat(32), model: 'PX-200' }]
    expect(decide(applicant, standing({ expected }))).toMatchObject({ because: 'expected' })
  })

  it.each([
    ['identity', { identity: 'cd'.repeat(32) }],
    ['identity', { identity: 'cd'.repeat(32), model: 'PX-100' }],
    ['model', { identity: 'ab'.repeat(32), model: 'PX-100' }],
  ] as const)(
    'waits for a person where the plan names another %s, whatever a rule or another entry says',
    (conflict, said) => {
      const { udn, serialNumber } = applicant
      const rules = [{ model: '*', serial: '*', group: 'Pumps' }]
      const policy = { mode: 'zero-touch' as const, defaultGroup: 'Default', rules }
      const entry = { serialNumber, ...said }
      for (const expected of [[entry], [{ udn }, entry]])
        expect(decide(applicant, standing({ policy, expected }))).toEqual({ status: 'Pending', conflict })
      const verdict = { approved: true as const, group: 'Gates' }
      expect(decide(applicant, standing({ policy, expected: [entry], verdict }))).toMatchObject({
        because: 'technician',
      })
    },
  )

  it('follows a rule of model and serial number', () => {
    const rules = [{ model: 'PX-*', serial: 'PX200-*', group: 'Pumps' }]
    const policy = { mode: 'zero-touch' as const, defaultGroup: 'Default', rules }
    expect(decide(applicant, standing({ policy }))).toMatchObject({
      status: 'Approved',
      group: 'Pumps',
      because: 'rule',
    })
  })

  it('lets in whom the plan names by nothing but the factory certificate, and nobody else', () => {
    const identity = applicant.identityFingerprint.replaceAll(':', '').toLowerCase()
    const named = standing({ expected: [{ identity, group: 'North hall' }] })
    expect(decide(applicant, named)).toMatchObject({ because: 'expected', group: 'North hall' })
    const other = standing({ expected: [{ identity: 'cd'.repeat(32) }] })
    expect(decide(applicant, other)).toEqual({ status: 'Pending' })
  })

  it('holds everything for a person in manual mode, expected or not', () => {
    const policy = {
      mode: 'manual' as const,
      defaultGroup: 'Default',
      rules: [{ model: '*', serial: '*', group: '' }],
    }
    const expected = [{ serialNumber: 'PX200-01180' }]
    expect(decide(applicant, standing({ policy, expected }))).toEqual({ status: 'Pending' })
  })

  it('lets a person’s word win over every policy', () => {
    const expected = [{ serialNumber: 'PX200-01180' }]
    expect(decide(applicant, standing({ expected, verdict: { approved: false } }))).toEqual({
      status: 'Rejected',
    })
    const verdict = { approved: true as const, group: 'Gates' }
    expect(decide(applicant, standing({ verdict }))).toMatchObject({ status: 'Approved', group: 'Gates' })
  })
})

describe('serial number patterns', () => {
  it('agree with a regular expression on any pattern and text', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 8 })
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '-', '*'), maxLength: 8 })
    fc.assert(
      fc.property(pattern, letters, (p, text) => {
        const regular = new RegExp(`^${p.split('*').join('.*')}$`)
        expect(matchesPattern(p, text)).toBe(regular.test(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('take regular expression signs literally', () => {
    expect(matchesPattern('a.c', 'abc')).toBe(false)
    expect(matchesPattern('a.c*', 'a.c1')).toBe(true)
  })
})
