/** What boards write to their serial port beside answers: boot messages, log lines, noise. Only with faults that ask for it. */
import type { Clock, Random } from '../net/clock'
import type { ByteLink } from '../serial/link'

const EVERY_MS = 700
const BOOT = [
  '*** Booting bootloader v2.1.0 ***',
  'I: Primary image: magic=good, swap_type=0x1, copy_done=0x1, image_ok=0x1',
  'I: Jumping to the first image slot',
  '*** Booting application 3.7.0 ***',
]

export interface ChatterOptions {
  readonly clock: Clock
  readonly random: Random
  /** Also binary noise, some of it like the beginning of a packet. */
  readonly noisy: boolean
}

export class Chatter {
  private cancel: () => void = () => undefined
  private lines = 0

  constructor(
    private readonly link: ByteLink,
    private readonly options: ChatterOptions | undefined,
  ) {}

  /** Boot messages, then a log line now and then. */
  start(): void {
    this.say(Buffer.from(`\r\n${BOOT.join('\r\n')}\r\n`))
    this.again()
  }

  stop(): void {
    this.cancel()
  }

  /** What stands between two answers. */
  noise(): Buffer {
    const { options } = this
    if (!options) return Buffer.alloc(0)
    this.lines += 1
    const line = Buffer.from(`[${String(this.lines).padStart(8, '0')}] <inf> main: tick ${this.lines}\r\n`)
    if (!options.noisy) return line
    const like = Buffer.from([0x06, 0x09, 0x41, 0x41, 0xff])
    return Buffer.concat([options.random.bytes(12), like, options.random.bytes(5), Buffer.from('\r\n'), line])
  }

  private again(): void {
    const { options } = this
    if (!options) return
    this.cancel = options.clock.setTimer(() => {
      this.say(this.noise())
      this.again()
    }, EVERY_MS)
  }

  private say(bytes: Buffer): void {
    if (this.options) this.link.write(bytes).catch(() => undefined)
  }
}
