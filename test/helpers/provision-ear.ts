/** Listens on two networks, and keeps what a device says of itself on each. */
import { Discovery } from '../../electron/discovery/discovery'
import { systemClock } from '../../electron/net/clock'

export interface SeenDevice {
  readonly udn: string
  readonly kind: 'alive' | 'byebye'
  readonly interfaceName: string
  readonly bootId: number | undefined
  readonly phase: string | undefined
}

export class ProvisionEar {
  readonly seen: SeenDevice[] = []
  private readonly waiting = new Set<() => void>()

  private constructor(private readonly discovery: Discovery) {
    discovery.on('heard', ({ message, interfaceName }) => {
      if (message.kind !== 'alive' && message.kind !== 'byebye') return
      const phase = message.kind === 'alive' ? /phase=(\w+)/.exec(message.mgmt ?? '')?.[1] : undefined
      const { kind, udn, bootId } = message
      this.seen.push({ udn, kind, interfaceName, bootId, phase })
      for (const look of [...this.waiting]) look()
    })
  }

  static async open(interfaces: readonly string[]): Promise<ProvisionEar> {
    const discovery = new Discovery({
      clock: systemClock,
      interfaces,
      allowOffSubnet: false,
      mxS: 1,
      readDescription: () => Promise.reject(new Error('not needed')),
    })
    const ear = new ProvisionEar(discovery)
    await discovery.start()
    return ear
  }

  /** The first thing heard, past or to come, that fits. */
  heard(fits: (seen: SeenDevice) => boolean): Promise<SeenDevice> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.seen.find(fits)
        if (!found) return
        this.waiting.delete(look)
        resolve(found)
      }
      this.waiting.add(look)
      look()
    })
  }

  close(): Promise<void> {
    return this.discovery.stop()
  }
}
