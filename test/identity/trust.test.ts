import { expect, test, vi } from 'vitest'
import { TrustStore } from '../../electron/identity/trust'
import { crlOf, DAY, device, type Entity, NOW, newUdn, revoke, root } from './make'
import { type Situation, TRUST_CASES } from './trust-cases'

// Key derivation, fsync and hundreds of signatures, maybe on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const storeFor = (s: Situation): TrustStore =>
  new TrustStore({
    roots: () => (s.roots ?? []).map((one) => one.pem),
    siteCa: () => s.siteCa?.pem,
    crls: () => s.crls ?? [],
    now: () => s.nowMs ?? NOW,
  })
const ders = (chain: readonly Entity[]): Buffer[] => chain.map((one) => one.der)

test.each(TRUST_CASES)('$name: $verdict', async ({ make, verdict, detail }) => {
  const situation = await make()
  const judged = storeFor(situation).judge(ders(situation.chain), situation.expect)
  expect(judged.ok ? judged.kind : judged.code, judged.ok ? '' : judged.detail).toBe(verdict)
  if (!judged.ok) expect(judged.detail).toMatch(detail ?? /./)
  expect(judged.chain.at(-1)?.fingerprint).toBe(situation.chain[0]?.facts.summary.fingerprint)
})

test('a judged chain is given root first with UDN, and a second look gives the same', async () => {
  const site = await root('Site CA')
  const udn = newUdn()
  const leaf = await device(site, udn)
  const store = storeFor({ chain: [leaf], siteCa: site })
  const first = store.judge([leaf.der], { udn })
  expect(first).toMatchObject({ ok: true, role: 'Public', udn })
  expect(first.chain.map((one) => one.subject)).toEqual(['CN=Site CA', 'CN=TH-10 SN-1'])
  expect(store.judge([leaf.der], { udn })).toEqual(first)
})

test.each([
  ['Admin', ['urn:iotmc-org:role:Admin']],
  ['Basic', ['urn:iotmc-org:role:Basic']],
  ['Public', ['urn:iotmc-org:role:admin', 'urn:iotmc-org:role:Owner']],
] as const)('a site certificate gives the role %s', async (role, uris) => {
  const site = await root('Site CA')
  const leaf = await device(site, newUdn(), { uris })
  expect(storeFor({ chain: [leaf], siteCa: site }).judge([leaf.der])).toMatchObject({ ok: true, role })
})

test('a factory can not give a role', async () => {
  const factory = await root('Factory root')
  const leaf = await device(factory, newUdn(), { uris: ['urn:iotmc-org:role:Admin'] })
  expect(storeFor({ chain: [leaf], roots: [factory] }).judge([leaf.der])).toMatchObject({
    kind: 'IDevID',
    role: 'Public',
  })
})

test('a new revocation list, a removed root and the passing of time count at the next judgement', async () => {
  const factory = await root('Factory root')
  const leaf = await device(factory, newUdn(), { notAfter: NOW + DAY })
  const now = { crls: [] as string[], roots: [factory.pem], ms: NOW }
  const store = new TrustStore({
    roots: () => now.roots,
    siteCa: () => undefined,
    crls: () => now.crls,
    now: () => now.ms,
  })
  const code = (): string => {
    const verdict = store.judge([leaf.der])
    return verdict.ok ? verdict.kind : verdict.code
  }
  expect(code()).toBe('IDevID')
  now.ms = NOW + 2 * DAY
  expect(code()).toBe('IDENTITY_EXPIRED')
  now.ms = NOW
  now.crls = [await crlOf(factory, [revoke(leaf)])]
  expect(code()).toBe('IDENTITY_REVOKED')
  now.crls = []
  now.roots = []
  expect(code()).toBe('IDENTITY_NOT_TRUSTED')
})

test('what the site says that it has revoked counts at once, for its own certificates alone', async () => {
  const [factory, site] = [await root('Factory root'), await root('Site CA')]
  const [idevid, ldevid, other] = [
    await device(factory, newUdn()),
    await device(site, newUdn()),
    await device(site, newUdn()),
  ]
  const serials = new Set<string>()
  const store = new TrustStore({
    roots: () => [factory.pem],
    siteCa: () => site.pem,
    crls: () => [],
    revoked: () => serials,
    now: () => NOW,
  })
  const code = ({ der }: typeof ldevid): string => {
    const verdict = store.judge([der])
    return verdict.ok ? verdict.kind : verdict.code
  }
  expect([idevid, ldevid, other].map(code)).toEqual(['IDevID', 'LDevID', 'LDevID'])
  for (const { facts } of [idevid, ldevid]) serials.add(facts.summary.serialNumber)
  expect([idevid, ldevid, other].map(code)).toEqual(['IDevID', 'IDENTITY_REVOKED', 'LDevID'])
})

test('garbage instead of certificates is refused without a throw', async () => {
  const factory = await root('Factory root')
  const leaf = await device(factory, newUdn())
  const store = storeFor({ chain: [leaf], roots: [factory] })
  for (const bad of [
    [],
    [Buffer.alloc(0)],
    [Buffer.from('garbage')],
    [leaf.der.subarray(0, 100)],
    [Buffer.concat([leaf.der, Buffer.of(0)])],
  ])
    expect(store.judge(bad)).toMatchObject({ ok: false, code: 'IDENTITY_NOT_TRUSTED' })
  expect(store.judge([leaf.der, Buffer.from('garbage')])).toMatchObject({ ok: true })
})

test('no flip of one bit in a certificate is accepted', async () => {
  const factory = await root('Factory root')
  const leaf = await device(factory, newUdn())
  const store = storeFor({ chain: [leaf], roots: [factory] })
  for (let i = 0; i < leaf.der.length; i++) {
    const flipped = Buffer.from(leaf.der)
    flipped[i] = (flipped[i] ?? 0) ^ (1 << (i % 8))
    expect(store.judge([flipped]).ok, `octet ${i}`).toBe(false)
  }
})

test('many certificates with one name are judged in bounded time', async () => {
  const factory = await root('Factory root')
  const namesakes = await Promise.all(Array.from({ length: 8 }, () => root('Middle')))
  const leaf = await device(namesakes[0] as Entity, newUdn())
  const started = performance.now()
  const verdict = storeFor({ chain: [], roots: [factory] }).judge(
    ders([leaf, ...namesakes, ...namesakes, ...namesakes]),
  )
  expect(verdict.ok).toBe(false)
  expect(performance.now() - started).toBeLessThan(10_000)
})
