import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import { TEST_LIMITS } from '../../electron/contract/timings'
import { bandwidthTest } from '../../electron/device/test-bandwidth'
import { echo, knock, pingArguments, readPing } from '../../electron/device/test-echo'
import { isHost, targetOf } from '../../electron/device/test-host'
import { lookupTest } from '../../electron/device/test-lookup'
import { pathTest } from '../../electron/device/test-path'
import { pingTest } from '../../electron/device/test-ping'
import { systemClock } from '../../electron/net/clock'
import { makeTempDir } from '../helpers/temp-dir'
import { VirtualClock } from '../helpers/virtual-clock'
import { never } from '../jobs/bench'

const live = () => new AbortController().signal
const nobody = () => undefined

/** A program in the place of `ping`, that notes how it was called. */
const withProgram = async (script: string, work: (path: string, calls: () => string[]) => Promise<void>) => {
  const folder = makeTempDir()
  try {
    const path = join(folder.path, 'ping')
    const noted = join(folder.path, 'calls')
    writeFileSync(path, `#!/bin/sh\necho "$*" >> '${noted}'\n${script}\n`)
    chmodSync(path, 0o755)
    await work(path, () => (existsSync(noted) ? readFileSync(noted, 'utf8').trim().split('\n') : []))
  } finally {
    folder.remove()
  }
}
const optionsOf = (ping: string) => ({ clock: systemClock, ping, controllerHost: nobody })

describe('a host', () => {
  it.each(['127.0.0.1', 'fe80::1%eth0', '::1', 'gateway', 'a-b.example.org', 'example.org.', '_srv.example'])(
    'may be %s',
    (text) => expect(isHost(text)).toBe(true),
  )
  it.each(['-c100', '--help', '', 'a b', 'a;b', '$(id)', 'a..b', '-', 'a/b', `${'a'.repeat(64)}.b`, 'a\nb'])(
    'is not %j',
    (text) => expect(isHost(text)).toBe(false),
  )
  it('that is empty is the controller, where one is known', async () => {
    expect(await targetOf('', () => '192.0.2.1', live())).toEqual({ address: '192.0.2.1' })
    expect(await targetOf('', nobody, live())).toEqual({ reason: 'no-controller' })
  })
  it('that could be an option never reaches a program', async () => {
    await withProgram('exit 0', async (ping, calls) => {
      for (const test of [pingTest(optionsOf(ping)), pathTest(optionsOf(ping))]) {
        const args = { Host: '-f', NumberOfRepetitions: '1', Timeout: '100', MaxHopCount: '3' }
        expect(await test(args, live())).toMatchObject({ status: 'error', reason: 'bad-host' })
      }
      expect(calls()).toEqual([])
    })
  })
})

describe('the words of ping', () => {
  it.each([
    ['linux', '-n -c 1 -W 2 -t 4 10.0.0.1'],
    ['darwin', '-n -c 1 -W 1500 -m 4 10.0.0.1'],
    ['win32', '-n 1 -w 1500 -i 4 10.0.0.1'],
  ] as const)('are given as %s knows them', (platform, expected) => {
    const request = { address: '10.0.0.1', timeoutMs: 1500, ttl: 4 }
    expect(pingArguments(request, platform).join(' ')).toBe(expected)
  })

  it.each([
    ['iputils', '64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.293 ms', 0, { kind: 'reply', ms: 0.293 }],
    ['busybox', '64 bytes from 127.0.0.1: seq=0 ttl=64 time=0.081 ms', 0, { kind: 'reply', ms: 0.081 }],
    ['Windows', 'Reply from 10.0.0.1: bytes=32 time<1ms TTL=64', 0, { kind: 'reply', ms: 1 }],
    [
      'iputils at a router',
      'From 192.0.2.1 icmp_seq=1 Time to live exceeded',
      1,
      { kind: 'router', from: '192.0.2.1', ms: 5 },
    ],
    [
      'iputils at a router by IPv6',
      'From fe80::1%eth0 icmp_seq=1 Time exceeded: Hop limit',
      1,
      { kind: 'router', from: 'fe80::1%eth0', ms: 5 },
    ],
    [
      'Windows at a router',
      'Reply from 192.0.2.1: TTL expired in transit.',
      0,
      { kind: 'router', from: '192.0.2.1', ms: 5 },
    ],
    [
      'iputils without a way',
      'From 192.0.2.1 icmp_seq=1 Destination Host Unreachable',
      1,
      { kind: 'unreachable', from: '192.0.2.1' },
    ],
    ['iputils without a network', 'ping: connect: Network is unreachable', 2, { kind: 'unreachable' }],
    ['silence', '1 packets transmitted, 0 received, 100% packet loss', 1, { kind: 'silent' }],
    ['a system that forbids it', 'ping: socket: Operation not permitted', 2, { kind: 'no-program' }],
  ])('of %s are understood', (_, output, code, expected) => {
    expect(readPing(output, code, 5)).toEqual(expected)
  })
})

describe('a ping', () => {
  const reply = 'echo "64 bytes from 10.9.9.9: icmp_seq=1 ttl=64 time=3.5 ms"'

  it('that is answered gives loss and times, and says how', () =>
    withProgram(reply, async (ping, calls) => {
      const args = { Host: '10.9.9.9', NumberOfRepetitions: '2', Timeout: '1000' }
      const outcome = await pingTest(optionsOf(ping))(args, live())
      expect(outcome).toMatchObject({ status: 'ok', detail: '10.9.9.9, ICMP' })
      expect(outcome.measures.map(({ name, value }) => `${name} ${value}`)).toEqual([
        ...['ping.loss 0', 'ping.sent 2', 'ping.received 2'],
        ...['ping.mean 3.5', 'ping.least 3.5', 'ping.greatest 3.5'],
      ])
      expect(calls()).toHaveLength(2)
    }))

  it('that loses half fails', () =>
    withProgram(`test $(wc -l < "$(dirname "$0")/calls") = 1 && ${reply}`, async (ping) => {
      const args = { Host: '10.9.9.9', NumberOfRepetitions: '2', Timeout: '1000' }
      const outcome = await pingTest(optionsOf(ping))(args, live())
      expect(outcome).toMatchObject({ status: 'failed', reason: 'loss' })
    }))

  it.each([
    ['is silence', 'exit 1', 'no-answer'],
    ['is a refusal', 'echo "From 10.0.0.1 icmp_seq=1 Destination Net Unreachable"; exit 1', 'unreachable'],
  ])('whose answer %s measured nothing', async (_, script, reason) => {
    await withProgram(script, async (ping) => {
      const args = { Host: '10.9.9.9', NumberOfRepetitions: '1', Timeout: '100' }
      expect(await pingTest(optionsOf(ping))(args, live())).toMatchObject({ status: 'error', reason })
    })
  })

  it('that is called off has no program any more', () =>
    withProgram('echo $$ > "$(dirname "$0")/pid"; exec sleep 600', async (ping, calls) => {
      const breaker = new AbortController()
      const running = pingTest(optionsOf(ping))(
        { Host: '10.9.9.9', NumberOfRepetitions: '5', Timeout: '10000' },
        breaker.signal,
      )
      const pidFile = join(ping, '..', 'pid')
      await expect.poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('\n')).toBe(true)
      const pid = Number(readFileSync(pidFile, 'utf8'))
      breaker.abort()
      await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
      expect(() => process.kill(pid, 0)).toThrow(/ESRCH/)
      expect(calls()).toHaveLength(1)
    }))

  it('never waits longer for a program than it was told', () =>
    withProgram('exec sleep 600', async (ping) => {
      const request = { address: '10.9.9.9', timeoutMs: 100 }
      expect(await echo({ clock: systemClock, ping }, request, live())).toEqual({ kind: 'silent' })
    }))

  it('of a program that is not there says so', async () => {
    const request = { address: '10.9.9.9', timeoutMs: 100 }
    const options = { clock: systemClock, ping: '/nowhere/ping' }
    expect(await echo(options, request, live())).toEqual({ kind: 'no-program' })
  })
})

describe('without a ping program', () => {
  it('a host is there that takes or refuses a connection, and the result says that it was that', async () => {
    const args = { Host: '127.0.0.1', NumberOfRepetitions: '2', Timeout: '1000' }
    const outcome = await pingTest(optionsOf('/nowhere/ping'))(args, live())
    expect(outcome).toMatchObject({ status: 'ok', detail: '127.0.0.1, TCP port 443, no ping here' })
  })

  it('a knock is called off at once', async () => {
    const request = { address: '127.0.0.1', timeoutMs: 1000 }
    const options = { clock: systemClock }
    await expect(knock(options, request, AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' })
    const breaker = new AbortController()
    const running = knock(options, request, breaker.signal)
    breaker.abort()
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe('a path', () => {
  const args = { Host: '10.9.9.9', Timeout: '100', MaxHopCount: '5' }
  /** Two routers, the second silent, then the host: by the number behind `-t`. */
  const world = `case "$7" in
    1) echo "From 10.0.0.1 icmp_seq=1 Time to live exceeded"; exit 1;;
    2) exit 1;;
    *) echo "64 bytes from 10.9.9.9: icmp_seq=1 ttl=62 time=9.1 ms";; esac`

  it('is followed router by router, and a silent one is a star', () =>
    withProgram(world, async (ping, calls) => {
      const outcome = await pathTest(optionsOf(ping))(args, live())
      expect(outcome).toMatchObject({ status: 'ok', detail: '10.0.0.1 > * > 10.9.9.9' })
      expect(outcome.measures[0]).toMatchObject({ name: 'path.hops', value: 3, high: 5 })
      expect(outcome.measures.map(({ name }) => name)).toEqual(['path.hops', 'path.hop1', 'path.hop3'])
      // A silent router is asked twice.
      expect(calls()).toHaveLength(4)
    }))

  it('that does not end is given up', () =>
    withProgram('echo "From 10.0.0.1 icmp_seq=1 Time to live exceeded"; exit 1', async (ping, calls) => {
      const outcome = await pathTest(optionsOf(ping))(args, live())
      expect(outcome).toMatchObject({ status: 'error', reason: 'no-answer' })
      expect(outcome.measures).toHaveLength(5)
      expect(calls()).toHaveLength(5)
    }))

  it('without ping is not supported', async () => {
    const outcome = await pathTest(optionsOf('/nowhere/ping'))(args, live())
    expect(outcome).toMatchObject({ status: 'error', reason: 'not-supported' })
  })
})

describe('a lookup', () => {
  const args = { HostName: 'example.org', DNSServer: '', NumberOfRepetitions: '1', Timeout: '200' }
  it.each([
    ['a name that is none', { HostName: '-x' }, 'bad-host'],
    ['an address as the name', { HostName: '10.0.0.1' }, 'bad-host'],
    ['a server that is none', { DNSServer: 'a b' }, 'unknown-server'],
    ['a server with a port that is none', { DNSServer: '127.0.0.1:99999' }, 'unknown-server'],
  ])('of %s says so', async (_, change, reason) => {
    expect(await lookupTest()({ ...args, ...change }, live())).toMatchObject({ status: 'error', reason })
  })
})

describe('throughput', () => {
  const run = (throughput: () => Promise<{ bytes: number; ms: number }>, signal = live()) =>
    bandwidthTest({ clock: systemClock, throughput })({ Bytes: '1000000' }, signal)

  it('is bits a second over the time of the bytes', async () => {
    const outcome = await run(async () => ({ bytes: 1_000_000, ms: 800 }))
    expect(outcome).toMatchObject({ status: 'ok' })
    expect(outcome.measures[0]).toMatchObject({ name: 'throughput.rate', value: 10, unit: 'Mbit/s' })
  })
  it('that is low fails', async () => {
    expect(await run(async () => ({ bytes: 1_000_000, ms: 10_000 }))).toMatchObject({
      status: 'failed',
      reason: 'slow',
    })
  })
  it.each([
    ['DEVICE_UNKNOWN', 'no-controller'],
    ['INVALID_ACTION', 'not-supported'],
    ['BUSY', 'busy'],
    ['DEVICE_UNREACHABLE', 'unreachable'],
    ['TLS_REFUSED', 'tls-refused'],
  ] as const)('after %s could not be measured: %s', async (code, reason) => {
    const outcome = await run(() => Promise.reject(new IotmcError(code)))
    expect(outcome).toMatchObject({ status: 'error', reason })
  })
  it('that takes too long is given up', async () => {
    const clock = new VirtualClock()
    const throughput = (_: number, signal: AbortSignal) => never(signal)
    const running = bandwidthTest({ clock, throughput })({ Bytes: '1000000' }, live())
    clock.advance(TEST_LIMITS.giveUpMs)
    expect(await running).toMatchObject({ status: 'error', reason: 'timed-out' })
    expect(clock.pending).toBe(0)
  })
  it('that is called off has no result', async () => {
    const failing = run(() => Promise.reject(new IotmcError('CANCELLED')), AbortSignal.abort())
    await expect(failing).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})
