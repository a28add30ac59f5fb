/** Device certificates a second, beside the bare signatures a second of `openssl speed` in the same run. */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { generateKeyPem } from '../../electron/identity/keys'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { checkRequest, createRequest } from '../../electron/identity/request'
import { makeTempDir } from '../helpers/temp-dir'
import type { Print } from './support/print'

const COUNT = 600
const SECONDS = 3

const opensslSignatures = async (): Promise<number> => {
  const child = spawn('openssl', ['speed', '-seconds', String(SECONDS), '-mr', 'ecdsap256'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const out = await text(child.stdout)
  // +F4:index:bits:signatures a second:verifications a second
  const perSecond = Number(/^\+F4:\d+:256:([\d.]+):/m.exec(out)?.[1])
  if (!(perSecond > 0)) throw new Error(`openssl speed said: ${out.slice(-300)}`)
  return perSecond
}

/** One processor each: ours is one thread, and so is openssl's. */
export const run = async (print: Print): Promise<void> => {
  const folder = makeTempDir('iotmc-bench-')
  try {
    const factory = await openPracticeFactory(folder.path)
    const names = { udn: 'uuid:00000000-0000-4000-8000-000000000001', serialNumber: 'BENCH-1', model: 'EM-3' }
    const csr = await checkRequest(await createRequest({ keyPem: generateKeyPem(), ...names }))
    const issue = () => factory.issueIdevid({ csr, ...names, now: new Date() })
    for (let n = 0; n < 50; n += 1) await issue()
    const begun = performance.now()
    for (let n = 0; n < COUNT; n += 1) await issue()
    const perSecond = COUNT / ((performance.now() - begun) / 1000)
    const signatures = await opensslSignatures()
    print('certificates', Math.round(perSecond), '/s')
    print('openssl-speed-ecdsap256-sign', Math.round(signatures), '/s')
    print('certificates-per-signature', Number((perSecond / signatures).toFixed(3)), 'times')
  } finally {
    folder.remove()
  }
}
