/** Enrolments a second, 8 in parallel, beside full mutual-TLS handshakes a second of openssl on the same machine. */
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text as textOf } from 'node:stream/consumers'
import { generateKeyPem } from '../../electron/identity/keys'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { checkRequest, createRequest } from '../../electron/identity/request'
import { makeTempDir } from '../helpers/temp-dir'
import { openBenchController } from './support/bench-controller'
import { controllerUrl } from './support/controller-url'
import type { Print } from './support/print'

const DEVICES = 160
const PARALLEL = 8
const S_TIME_SECONDS = 5

const udnOf = (n: number): string => `uuid:00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`

/** Devices with factory identities, as many as asked for. */
export const makeIdentities = async (
  factory: Awaited<ReturnType<typeof openPracticeFactory>>,
  count: number,
  model: string,
) => {
  const made = []
  for (let n = 1; n <= count; n++) {
    const keyPem = generateKeyPem()
    const names = { udn: udnOf(n), serialNumber: `BENCH-${n}`, model }
    const csr = await checkRequest(await createRequest({ keyPem, ...names }))
    const { chainPem } = await factory.issueIdevid({ csr, ...names, now: new Date() })
    made.push({ ...names, keyPem, chainPem })
  }
  return made
}

/** Handshakes a second of `openssl s_time -new` against `openssl s_server`, both with certificates. */
export const opensslHandshakes = async (
  folder: string,
  identity: { keyPem: string; chainPem: string },
  rootPem: string,
): Promise<number> => {
  const file = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const cert = file('cert.pem', identity.chainPem)
  const key = file('key.pem', identity.keyPem)
  const root = file('root.pem', rootPem)
  const server = spawn(
    'openssl',
    [
      ...['s_server', '-accept', '127.0.0.1:0', '-cert', cert, '-key', key],
      ...['-CAfile', root, '-Verify', '3', '-naccept', '1000000'],
    ],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  )
  try {
    const port = await new Promise<string>((resolve, reject) => {
      server.once('exit', () => reject(new Error('openssl s_server ended')))
      createInterface({ input: server.stdout }).on('line', (line) => {
        const found = /ACCEPT .*:(\d+)/.exec(line)
        if (found?.[1]) resolve(found[1])
      })
    })
    server.stdout.resume()
    const args = ['s_time', '-connect', `127.0.0.1:${port}`, '-new', '-time', String(S_TIME_SECONDS)]
    const client = spawn('openssl', [...args, '-cert', cert, '-key', key, '-CAfile', root], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const stdout = await textOf(client.stdout)
    const found = /(\d+) connections in (\d+) real seconds/.exec(stdout)
    if (!found) throw new Error(`openssl s_time said: ${stdout.slice(-300)}`)
    return Number(found[1]) / Number(found[2])
  } finally {
    server.kill()
  }
}

const runClients = (input: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [process.argv[1] ?? ''], {
      env: { ...process.env, IOTMC_BENCH_ROLE: 'enroll-clients', IOTMC_BENCH_INPUT: input },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let out = ''
    child.stdout.on('data', (chunk) => {
      out += String(chunk)
    })
    child.once('exit', (code) =>
      code === 0 ? resolve(Number(out)) : reject(new Error(`clients ended with ${code}`)),
    )
  })

export const run = async (print: Print): Promise<void> => {
  const temp = makeTempDir('iotmc-bench-')
  const dataDir = join(temp.path, 'site')
  const factory = await openPracticeFactory(join(temp.path, 'factory'))
  const identities = await makeIdentities(factory, DEVICES, 'EM-3')
  const controller = await openBenchController(dataDir, factory.certificatePem)
  try {
    const rules = [{ model: '*', serial: '*', group: 'Default' }]
    controller.setSettings({ policy: { mode: 'zero-touch', defaultGroup: 'Default', rules } })
    const url = await controllerUrl(controller.status().controllerUdn ?? '')
    const anchorPem = readFileSync(join(dataDir, 'public', 'site-ca.pem'), 'utf8')
    const input = join(temp.path, 'input.json')
    writeFileSync(input, JSON.stringify({ url, anchorPem, parallel: PARALLEL, identities }))
    const seconds = await runClients(input)
    const confirmed = controller.enrollments().filter((row) => row.state === 'confirmed').length
    if (confirmed !== DEVICES) throw new Error(`only ${confirmed} of ${DEVICES} devices are confirmed`)
    const perSecond = DEVICES / seconds
    const [first] = identities
    const handshakes = first ? await opensslHandshakes(temp.path, first, factory.certificatePem) : 0
    print('enrolments-8-parallel', Math.round(perSecond * 10) / 10, '1/s')
    print('openssl-s_time-mutual-handshakes', Math.round(handshakes), '1/s')
    print('enrolments-beside-handshakes', Math.round((perSecond / handshakes) * 1000) / 1000, 'ratio')
  } finally {
    await controller.close()
    temp.remove()
  }
}
