/** A second machine on a cable: a network namespace behind a veth pair, with a program of its own running in it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

const ip = (...args: string[]): void => {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

/**
 * The program there: sends what it is told from a plain socket and tells of each search it hears. One JSON line each
 * way. It shares no code with the product, so that it judges the bytes alone.
 */
const PROGRAM = `
const dgram = require('node:dgram')
const address = process.argv[1]
const listen = dgram.createSocket({ type: 'udp4', reuseAddr: true })
const send = dgram.createSocket('udp4')
const say = (line) => process.stdout.write(JSON.stringify(line) + '\\n')
listen.on('message', (bytes, from) => say({ heard: bytes.toString('latin1'), from }))
listen.bind(1900, () => {
  listen.addMembership('239.255.255.250', address)
  send.bind(0, address, () => {
    send.setMulticastInterface(address)
    say({ ready: true })
  })
})
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { bytes, to, port } = JSON.parse(line)
  send.send(Buffer.from(bytes, 'latin1'), port || 1900, to || '239.255.255.250')
})
`

/** Resolves once the system counts the interface as running: only then do programs see it. `inside`: a process there. */
export const running = async (name: string, inside?: string): Promise<void> => {
  const entering = inside === undefined ? [] : ['nsenter', '-t', inside, '-n']
  const [command = '', ...args] = [...entering, 'ip', '-o', 'link', 'show', 'dev', name]
  while (!execFileSync(command, args, { encoding: 'utf8' }).includes(' state UP ')) await delay(10)
}

export interface Heard {
  readonly heard: string
  readonly from: { readonly address: string; readonly port: number }
}

export class Neighbour {
  private readonly listeners = new Set<(heard: Heard) => void>()

  private constructor(
    private readonly holder: ChildProcess,
    private readonly program: ChildProcess,
  ) {
    let rest = ''
    program.stdout?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('utf8')).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const said = JSON.parse(line) as Heard | { ready: true }
        if ('heard' in said) for (const listener of this.listeners) listener(said)
      }
    })
  }

  /** Makes `name` here with `own`/24 and the neighbour with `theirs`/24 at the other end. */
  static async connect(name: string, own: string, theirs: string): Promise<Neighbour> {
    const holder = spawn('unshare', ['-n', 'sh', '-c', 'echo ready; exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await once(holder.stdout, 'data')
    const pid = String(holder.pid)
    const there = (...args: string[]) => execFileSync('nsenter', ['-t', pid, '-n', 'ip', ...args])
    ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', pid)
    ip('addr', 'add', `${own}/24`, 'dev', name)
    there('addr', 'add', `${theirs}/24`, 'dev', 'eth0')
    there('link', 'set', 'eth0', 'up')
    ip('link', 'set', name, 'up')
    await Promise.all([running(name), running('eth0', pid)])
    const program = spawn('nsenter', ['-t', pid, '-n', process.execPath, '-e', PROGRAM, theirs], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await once(program.stdout, 'data')
    return new Neighbour(holder, program)
  }

  /** Sends one datagram to the group, or to one address. */
  send(bytes: string, to?: { address: string; port: number }): void {
    this.program.stdin?.write(`${JSON.stringify({ bytes, to: to?.address, port: to?.port })}\n`)
  }

  /** Called for each datagram that the neighbour hears on port 1900; the answer takes the listener away. */
  onHeard(listener: (heard: Heard) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Ends the program and pulls the cable. */
  async disconnect(): Promise<void> {
    const ended = [this.program, this.holder].map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    })
    await Promise.all(ended)
  }
}

/** Runs `ip` on this side of the cable. */
export { ip }
