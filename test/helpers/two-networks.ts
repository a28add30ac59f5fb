/** A second machine on two cables at once: the setup network of a device, and the network of a plant. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { ip, running } from './neighbour'

/** Names of the interfaces at our end and at the other. */
export const SETUP = { here: 'iotmcS', there: 'setup0', address: '10.78.1.2' } as const
export const PLANT = { here: 'iotmcP', there: 'plant0', address: '10.78.2.2' } as const

export class TwoNetworks {
  private constructor(private readonly holder: ChildProcess) {}

  /** Whose network a program has to enter to be that machine. */
  get pid(): number {
    return this.holder.pid ?? 0
  }

  static async connect(): Promise<TwoNetworks> {
    const holder = spawn('unshare', ['-n', 'sh', '-c', 'echo ready; exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await once(holder.stdout, 'data')
    const pid = String(holder.pid)
    const there = (...args: string[]) => execFileSync('nsenter', ['-t', pid, '-n', 'ip', ...args])
    there('link', 'set', 'lo', 'up')
    for (const cable of [SETUP, PLANT]) {
      ip('link', 'add', cable.here, 'type', 'veth', 'peer', 'name', cable.there, 'netns', pid)
      ip('addr', 'add', `${cable.address.replace(/\d+$/, '1')}/24`, 'dev', cable.here)
      there('addr', 'add', `${cable.address}/24`, 'dev', cable.there)
      there('link', 'set', cable.there, 'up')
      ip('link', 'set', cable.here, 'up')
      await Promise.all([running(cable.here), running(cable.there, pid)])
    }
    return new TwoNetworks(holder)
  }

  /** Pulls both cables. */
  async disconnect(): Promise<void> {
    if (this.holder.exitCode === null && this.holder.signalCode === null) {
      this.holder.kill('SIGKILL')
      await once(this.holder, 'exit')
    }
    for (const { here } of [SETUP, PLANT]) {
      try {
        ip('link', 'del', here)
      } catch {
        // Gone with the namespace at its other end.
      }
    }
  }
}
