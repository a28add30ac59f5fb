/** Diagnostics:1 as a device serves it (docs/protocol.md §12), but for its tests. */
import { z } from 'zod'
import { IotmcError } from '../contract/errors'
import type { HealthReport } from '../contract/health'
import type { ActionHandler } from '../upnp/endpoint'
import { type DeviceClock, isoTime } from './device-clock'
import type { FaultSwitch } from './fault-switch'
import type { DeviceLog } from './log'
import { callerOf } from './log-actions'
import { exportLog } from './log-export'
import type { LogRing } from './log-ring'

export interface DiagnosticsTools {
  readonly ring: LogRing
  readonly clock: DeviceClock
  readonly log: DeviceLog
  readonly faults: Pick<FaultSwitch, 'has' | 'dieOnce'>
  /** Undefined = none can be given any more. */
  readonly health: () => HealthReport | undefined
  /** Folder of the storage that may be plugged in; undefined = no place for one. */
  readonly storage: string | undefined
}

const timeSchema = z.iso.datetime()

/** Empty = open end. */
const timeIn = (text: string, name: string): number | undefined => {
  if (text === '') return undefined
  if (!timeSchema.safeParse(text).success) throw new IotmcError('VALUE_INVALID', { detail: name })
  return Date.parse(text)
}

/** Action name → handler; phases, roles and argument types have been checked before. */
export const diagnosticsActions = (tools: DiagnosticsTools): Readonly<Record<string, ActionHandler>> => {
  const { ring, clock, log, faults, storage } = tools
  return {
    GetHealth: () => {
      const report = tools.health()
      if (!report) throw new IotmcError('ACTION_FAILED', { detail: 'no health' })
      return { Health: JSON.stringify(report) }
    },
    GetDiagnosticsLog: (args) => {
      const { From: from = '', To: to = '' } = args
      const answer = ring.read({
        maxSeverity: Number(args.MinSeverity),
        fromMs: timeIn(from, 'From'),
        toMs: timeIn(to, 'To'),
        after: Number(args.AfterSequence),
        limit: Number(args.Limit),
      })
      return {
        LogId: answer.logId,
        Records: answer.text,
        More: answer.more ? '1' : '0',
        Dropped: String(answer.dropped),
        OldestSequence: String(answer.oldest),
        NewestSequence: String(answer.newest),
        DeviceTime: isoTime(clock.now()),
      }
    },
    ClearDiagnosticsLog: (args, context) => {
      const through = Number(args.ThroughSequence)
      faults.dieOnce('die-before-clear')
      const removed = ring.clear(args.LogId ?? '', through)
      // Asked again for what is gone, there is nothing to tell.
      if (removed > 0) log('log-cleared', { through, removed, by: callerOf(context) })
      faults.dieOnce('die-after-clear')
      return {}
    },
    ExportDiagnosticsLog: (args) => {
      const records = ring.records()
      const file = exportLog({ folder: storage }, args.Target ?? '', records)
      log('log-exported', { records: records.length, file })
      return { File: file, Written: String(records.length) }
    },
  }
}
