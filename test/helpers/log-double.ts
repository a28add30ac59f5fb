/** A device's log by the words of docs/protocol.md §12, in memory, with a ring that counts records. */
import type { LogRecord } from '../../electron/contract/device-log'
import { IotmcError } from '../../electron/contract/errors'
import { recordOf } from '../diagnostics/make'

export class LogDouble {
  logId = '00000000000000a1'
  records: LogRecord[] = []
  newest = 0
  dropped = 0
  retrievedThrough = 0
  /** Actions it was asked, with their decisive argument. */
  readonly asked: string[] = []
  /** Called before each answer; what it throws is the answer. */
  before: (action: string) => void = () => undefined
  /** Called after each answer was made, which it may lose by throwing. */
  after: (action: string) => void = () => undefined
  answerMax = 1000

  constructor(
    readonly capacity = 100_000,
    readonly device = 0,
  ) {}

  get oldest(): number {
    return this.newest === 0 ? 0 : (this.records[0]?.sequence ?? this.newest + 1)
  }

  write(count: number): void {
    for (let n = 0; n < count; n += 1) {
      this.newest += 1
      this.records.push(recordOf(this.newest, this.device))
    }
    const over = Math.max(0, this.records.length - this.capacity)
    this.records.splice(0, over)
    this.dropped += over
  }

  wipe(logId: string): void {
    this.logId = logId
    this.records = []
    this.newest = 0
    this.dropped = 0
    this.retrievedThrough = 0
  }

  async call(action: string, args: Readonly<Record<string, string>>): Promise<Record<string, string>> {
    this.asked.push(`${action} ${args.AfterSequence ?? args.ThroughSequence ?? args.Target ?? ''}`)
    this.before(action)
    const answer = this.answer(action, args)
    this.after(action)
    return answer
  }

  private answer(action: string, args: Readonly<Record<string, string>>): Record<string, string> {
    if (action === 'GetDiagnosticsLog') return this.read(args)
    if (action === 'ClearDiagnosticsLog') return this.clear(args.LogId, Number(args.ThroughSequence))
    if (action === 'ExportDiagnosticsLog')
      return { File: args.Target ?? '', Written: String(this.records.length) }
    throw new IotmcError('INVALID_ACTION')
  }

  private read(args: Readonly<Record<string, string>>): Record<string, string> {
    const after = Number(args.AfterSequence)
    if (after > this.newest) throw new IotmcError('LOG_RANGE_GONE')
    const above = this.records.filter(
      ({ sequence, severity }) => sequence > after && severity <= Number(args.MinSeverity),
    )
    const page = above.slice(0, Math.min(Number(args.Limit), this.answerMax))
    const last = page.at(-1)?.sequence ?? after
    if (args.MinSeverity === '7' && args.From === '' && args.To === '' && after <= this.retrievedThrough)
      this.retrievedThrough = Math.max(this.retrievedThrough, last)
    // A gap that the device knows of is no gap in the reading.
    else if (after + 1 <= this.oldest && after === 0) this.retrievedThrough = last
    return {
      LogId: this.logId,
      Records: JSON.stringify(page),
      More: page.length < above.length ? '1' : '0',
      Dropped: String(this.dropped),
      OldestSequence: String(this.oldest),
      NewestSequence: String(this.newest),
      DeviceTime: new Date(0).toISOString(),
    }
  }

  private clear(logId: string | undefined, through: number): Record<string, string> {
    if (logId !== this.logId || through > this.newest) throw new IotmcError('LOG_RANGE_GONE')
    if (through > this.retrievedThrough) throw new IotmcError('NOT_RETRIEVED')
    this.records = this.records.filter(({ sequence }) => sequence > through)
    return {}
  }
}
