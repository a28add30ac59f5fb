/** The management capability header: one exact text, tolerant of later additions, strict on nonsense. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CAPABILITIES } from '../../electron/contract/names'
import { PHASES } from '../../electron/contract/phases'
import { encodeManagementHeader, parseManagementHeader } from '../../electron/discovery/mgmt-header'

const TEXT = '1; phase=commissioning; caps=enroll,config,ota,diag,wipe; id=0123456789abcdef'
const CLAIM = {
  version: 1,
  phase: 'commissioning',
  capabilities: ['enroll', 'config', 'ota', 'diag', 'wipe'],
  identity: '0123456789abcdef',
} as const

test('the text of the profile is read and written', () => {
  expect(parseManagementHeader(TEXT)).toEqual({ ok: true, claim: CLAIM })
  expect(encodeManagementHeader({ ...CLAIM, capabilities: [...CLAIM.capabilities] })).toBe(TEXT)
})

test('what is not known is passed over, what is missing is left out', () => {
  expect(parseManagementHeader('1')).toEqual({ ok: true, claim: { version: 1, capabilities: [] } })
  expect(parseManagementHeader('1;PHASE = operation ; caps=teleport,config;x=y;')).toEqual({
    ok: true,
    claim: { version: 1, phase: 'operation', capabilities: ['config'] },
  })
  expect(parseManagementHeader('1; id=0123456789ABCDEF')).toMatchObject({
    claim: { identity: '0123456789abcdef' },
  })
})

test.each(['2; phase=operation', '0', '0999'])('%j is another version', (text) => {
  expect(parseManagementHeader(text)).toEqual({ ok: false, reason: 'other-version' })
})

test.each([
  '',
  'one',
  '1.0',
  '-1',
  '1; phase=flying',
  '1; id=xyz',
  '1; id=0123456789abcdef00',
  '1; phase=operation; phase=maintenance',
  '1; just a word',
  '1; =x',
  `1; note=${'x'.repeat(600)}`,
])('%j is bad', (text) => {
  expect(parseManagementHeader(text)).toEqual({ ok: false, reason: 'bad-header' })
})

test('every claim reads back as itself, and no text makes the reader throw', () => {
  const claim = fc.record({
    phase: fc.constantFrom(...PHASES),
    capabilities: fc.subarray([...CAPABILITIES]),
    identity: fc.stringMatching(/^[0-9a-f]{16}$/),
  })
  fc.assert(
    fc.property(claim, (each) => {
      expect(parseManagementHeader(encodeManagementHeader(each))).toEqual({
        ok: true,
        claim: { version: 1, ...each },
      })
    }),
  )
  fc.assert(
    fc.property(
      fc.string({ maxLength: 700 }),
      (text) => typeof parseManagementHeader(`1;${text}`).ok === 'boolean',
    ),
  )
})
