/** One reference device beside the window, with a fault, on the loopback of the private network. */
import { join } from 'node:path'
import type { FaultName } from '../../electron/device/faults'
import { type Program, startProgram } from '../helpers/program'
import { makeTempDir } from '../helpers/temp-dir'

export interface ForeignDevice {
  readonly udn: string
  readonly serial: string
  readonly name: string
  /** PEM file of the practice root that its factory uses (not that of a foreign CA). */
  readonly factoryRoot: string
  readonly program: Program
  stop(): Promise<void>
}

export interface ForeignDeviceOptions {
  /** Data folder of the site whose anchor it is given, and whose practice factory made it. */
  readonly dataDir: string
  readonly fault?: FaultName
  readonly factory?: string
  readonly serial?: string
  readonly name?: string
  readonly model?: string
}

/** Starts it and waits until it says that it is ready. */
export const foreignDevice = async (o: ForeignDeviceOptions): Promise<ForeignDevice> => {
  const temp = makeTempDir('iotmc-e2e-device-')
  const serial = o.serial ?? 'AU7-66666'
  const name = o.name ?? 'Stranger'
  const program = startProgram('device', [
    ...['--state', join(temp.path, 'state'), '--factory', o.factory ?? join(o.dataDir, 'practice-factory')],
    ...[
      '--interface',
      'lo',
      '--phase',
      'commissioning',
      '--model',
      o.model ?? 'AU-7',
      '--serial',
      serial,
      '--name',
      name,
    ],
    ...['--anchor', join(o.dataDir, 'public', 'site-ca.pem')],
    ...(o.fault ? ['--fault', o.fault] : []),
  ])
  const ready = await program.line((line) => line.event === 'ready')
  return {
    udn: String(ready.udn),
    serial,
    name,
    factoryRoot: String(ready.factoryRoot),
    program,
    stop: async () => {
      await program.kill('SIGTERM')
      temp.remove()
    },
  }
}
