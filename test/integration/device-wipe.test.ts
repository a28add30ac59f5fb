/** A real device with a whole site on it is decommissioned: nothing of the site is left, and openssl believes its proof. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { WIPE_ITEMS, wipeStatementSchema } from '../../electron/contract/decommission'
import { asIotmcError } from '../../electron/contract/errors'
import { killDevices } from '../helpers/device-process'
import { makeFolder } from '../helpers/device-site'
import { PlantedSite, secretsIn } from '../helpers/planted-device'
import { requirePrivateNetwork } from '../helpers/private-network'

let planted: PlantedSite
let state = ''
beforeAll(async () => {
  requirePrivateNetwork()
  planted = await PlantedSite.make()
})
beforeEach(() => {
  state = makeFolder('device')
})
afterAll(async () => {
  await killDevices()
  await planted.controller.stop()
})

const NONCE = 'c0ffee'.repeat(8)

/** What openssl says of the signature under a statement, by the certificate that the factory gave. */
const opensslVerifies = (statement: string, proof: string): string => {
  const at = makeFolder('proof')
  const path = (name: string) => join(at, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' }).toString()
  writeFileSync(path('statement'), statement)
  writeFileSync(path('signature'), Buffer.from(proof, 'base64'))
  writeFileSync(path('key'), openssl('x509', '-in', join(state, 'idevid.pem'), '-pubkey', '-noout'))
  return openssl(
    'dgst',
    '-sha256',
    '-verify',
    path('key'),
    '-signature',
    path('signature'),
    path('statement'),
  )
}

it('leaves nothing of the site, proves it, and may come back as new', async () => {
  await planted.publish(5, ['0123456789'])
  const device = await planted.start(state)
  const secrets = await planted.plant(device, state)
  await device.log((line) => line.event === 'revocation-list')
  const { udn, setupCode } = await device.ready
  const logId = (text: string) => /"logId":"(\w+)"/.exec(text)?.[1]
  const before = readFileSync(join(state, 'log.jsonl'), 'utf8')
  // The search finds each of them while they are there.
  const there = secretsIn(state, secrets)
  for (const { name } of secrets) expect(there.map((each) => each.split(' ')[0])).toContain(name)
  const idevid = readFileSync(join(state, 'idevid.key'))

  const code = await planted.call(device, 'Lifecycle.GetDecommissionProof').catch(asIotmcError)
  expect(code).toMatchObject({ code: 'ACTION_FAILED' })
  const { Statement = '', Proof = '' } = await planted.call(device, 'Lifecycle.Decommission', {
    Nonce: NONCE,
  })
  expect(secretsIn(state, secrets)).toEqual([])
  const statement = wipeStatementSchema.parse(JSON.parse(Statement))
  expect(statement).toMatchObject({ udn, nonce: NONCE, wipes: 1 })
  expect(statement.items.map(({ item }) => item)).toEqual([...WIPE_ITEMS])
  const bytesOf = (wanted: string) => statement.items.find(({ item }) => item === wanted)?.bytes
  expect(bytesOf('standby-bank')).toBeGreaterThan(300_000)
  expect(bytesOf('log')).toBeGreaterThanOrEqual(before.length)
  expect(bytesOf('revocation-list')).toBeGreaterThan(200)
  expect(opensslVerifies(Statement, Proof)).toContain('Verified OK')
  expect(() => opensslVerifies(Statement.replace('wiped', 'kept'), Proof)).toThrow()

  // Up again as it left the factory; whoever asks is given the same proof.
  await device.log(() => device.logs.filter(({ event }) => event === 'up').length === 2)
  expect(await planted.call(device, 'Lifecycle.GetDecommissionProof')).toEqual({ Statement, Proof })
  const facts = await planted.call(device, 'Lifecycle.GetLifecycleState')
  expect(facts).toMatchObject({ LifecycleState: 'provisioning', LdevidSerial: '', ManagementGroup: '' })
  expect(secretsIn(state, secrets)).toEqual([])
  expect(logId(readFileSync(join(state, 'log.jsonl'), 'utf8'))).not.toBe(logId(before))
  expect(readFileSync(join(state, 'idevid.key'))).toEqual(idevid)

  await device.kill()
  const again = await planted.start(state)
  expect(await again.ready).toMatchObject({ udn, setupCode, phase: 'provisioning' })
  expect(await planted.call(again, 'Lifecycle.GetDecommissionProof')).toEqual({ Statement, Proof })
  await planted.plant(again, state)
  expect(await planted.call(again, 'Lifecycle.GetLifecycleState')).toMatchObject({
    LifecycleState: 'operation',
  })
})
