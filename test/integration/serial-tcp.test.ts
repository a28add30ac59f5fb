/** Serial ports over TCP between processes: a serial server in front of a real port, and hosts that do not answer. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { IotmcError } from '../../electron/contract/errors'
import { systemClock } from '../../electron/net/clock'
import { iotmcCommands } from '../../electron/serial/iotmc-group'
import { openLink } from '../../electron/serial/link'
import { SmpSession } from '../../electron/serial/smp-session'
import { killDevices, startDevice } from '../helpers/device-process'
import { requirePrivateNetwork } from '../helpers/private-network'
import { startPtyPair } from '../helpers/pty'
import { makeTempDir } from '../helpers/temp-dir'

const ends: (() => unknown)[] = []
beforeAll(requirePrivateNetwork)
afterEach(async () => {
  await killDevices()
  for (const end of ends.splice(0).reverse()) await end()
})

const makeDir = (): string => {
  const dir = makeTempDir()
  ends.push(() => dir.remove())
  return dir.path
}

const started = (command: string, args: readonly string[]): ChildProcess => {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const over = new Promise((resolve) => child.once('close', resolve))
  ends.push(() => {
    child.kill('SIGKILL')
    return over
  })
  return child
}

const saying = (child: ChildProcess, what: RegExp): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = ''
    const hear = (bytes: Buffer) => {
      said += bytes
      const [, found] = what.exec(said) ?? []
      if (found) resolve(found)
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('close', () => reject(new Error(`it ended: ${said}`)))
  })

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: IotmcError) => `${error.code}: ${error.detail}`,
  )

describe('a serial server', () => {
  it('joins a station to the board at its port; the board is unplugged when the server ends', async () => {
    const dir = makeDir()
    const cable = await startPtyPair(dir)
    ends.push(() => cable.stop())
    const board = await startDevice([
      ...['--state', join(dir, 'board'), '--phase', 'manufacturing', '--model', 'PX-200'],
      ...['--serial-port', cable.device],
    ])
    await board.ready
    const listen = 'TCP-LISTEN:0,bind=127.0.0.1'
    const server = started('socat', ['-d', '-d', listen, `${cable.station},raw,echo=0`])
    const port = await saying(server, /listening on AF=2 127\.0\.0\.1:(\d+)/)
    const path = `tcp:127.0.0.1:${port}`
    const session = await SmpSession.open(await openLink(path), { clock: systemClock })
    expect(await session.request(iotmcCommands.info, {})).toMatchObject({
      model: 'PX-200',
      phase: 'manufacturing',
    })
    server.kill('SIGKILL')
    expect((await session.closed).code).toBe('SERIAL_UNPLUGGED')
    expect(await codeOf(openLink(path))).toBe('SERIAL_PORT_MISSING: nothing listens there')
  })
})

describe('a host that can not be reached', () => {
  it('is missing after three seconds when it does not answer, sooner when nobody waits for it any more', async () => {
    // One that was stopped with a full queue: the system answers no further connection for it.
    const script = `require('node:net').createServer().listen(
      { port: 0, host: '127.0.0.1', backlog: 1 }, function () { console.log('port ' + this.address().port) })`
    const deaf = started(process.execPath, ['-e', script])
    const path = `tcp:127.0.0.1:${await saying(deaf, /port (\d+)\n/)}`
    deaf.kill('SIGSTOP')
    const begun = Date.now()
    const tries = await Promise.all([1, 2, 3, 4].map(() => codeOf(openLink(path))))
    expect(tries).toContain('SERIAL_PORT_MISSING: no answer within 3 s')
    expect(Date.now() - begun).toBeGreaterThanOrEqual(2_900)
    const given = new AbortController()
    const waiting = codeOf(openLink(path, { signal: given.signal }))
    given.abort()
    expect(await waiting).toMatch(/^CANCELLED/)
  })

  it('is missing when its name is unknown', async () => {
    expect(await codeOf(openLink('tcp:no-such-host.invalid:4001'))).toMatch(
      /^SERIAL_PORT_MISSING: .*(name|answer)/,
    )
  })
})
