/** A device killed at each step of its wipe: started again it ends wiped, and proves it for the nonce that was ordered. */
import { createPublicKey, verify } from 'node:crypto'
import { cpSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wipeStatementSchema } from '../../electron/contract/decommission'
import { FAULT_NAMES } from '../../electron/device/faults'
import { type DeviceProcess, killDevices } from '../helpers/device-process'
import { makeFolder } from '../helpers/device-site'
import { PlantedSite, type Secret, secretsIn } from '../helpers/planted-device'
import { requirePrivateNetwork } from '../helpers/private-network'

const NONCE = '0badcafe'.repeat(8)
const STEPS = FAULT_NAMES.filter((name) => /^die-(before|in|after)-wipe/.test(name))
/** Kills from outside, after so many changes in the folder. */
const CHANGES = [2, 6, 12]

let planted: PlantedSite
let original = ''
let secrets: readonly Secret[] = []

beforeAll(async () => {
  requirePrivateNetwork()
  planted = await PlantedSite.make()
  original = makeFolder('original')
  const device = await planted.start(original)
  secrets = await planted.plant(device, original)
  await device.kill()
})
afterAll(async () => {
  await killDevices()
  await planted?.controller.stop()
})

const copied = (): string => {
  const state = makeFolder('device')
  cpSync(original, state, { recursive: true })
  return state
}
const order = (device: DeviceProcess) => planted.call(device, 'Lifecycle.Decommission', { Nonce: NONCE })

/** Started again: wiped, or, where the order was never stored, ordered once more. Gives what it proves. */
const endOf = async (state: string, ...extra: string[]): Promise<Record<string, string>> => {
  const device = await planted.start(state, ...extra)
  const { phase } = await device.ready
  if (phase !== 'provisioning') {
    await order(device)
    await device.log(() => device.logs.filter(({ event }) => event === 'up').length === 2)
  }
  const proof = await planted.call(device, 'Lifecycle.GetDecommissionProof')
  const { Statement = '', Proof = '' } = proof
  expect(wipeStatementSchema.parse(JSON.parse(Statement))).toMatchObject({ nonce: NONCE, wipes: 1 })
  const key = createPublicKey(readFileSync(join(state, 'idevid.pem')))
  expect(verify('sha256', Buffer.from(Statement), key, Buffer.from(Proof, 'base64'))).toBe(true)
  expect(secretsIn(state, secrets)).toEqual([])
  await device.kill()
  return proof
}

describe('a wipe', () => {
  it.each(STEPS)('killed by %s ends wiped', async (fault) => {
    const state = copied()
    const device = await planted.start(state, '--fault', fault)
    const answer = order(device).catch(() => undefined)
    expect(await device.ended).toBe('SIGKILL')
    expect(await answer).toBeUndefined()
    const proof = await endOf(state, '--fault', fault)
    // One more restart makes no difference.
    if (fault === 'die-in-wipe-list') expect(await endOf(state)).toEqual(proof)
  })

  it.each(CHANGES)('killed from outside at change %i of its folder ends wiped', async (changes) => {
    const state = copied()
    const device = await planted.start(state)
    await device.ready
    let left = changes
    const watcher = watch(state, () => {
      left -= 1
      if (left === 0) device.child.kill('SIGKILL')
    })
    const answer = await order(device).catch(() => undefined)
    watcher.close()
    await device.kill()
    const proof = await endOf(state)
    if (answer) expect(proof).toEqual(answer)
  })
})
