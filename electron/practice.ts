/** The practice site's reference devices: real device processes on this laptop, started and stopped with the site. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { asIotmcError, IotmcError } from './contract/errors'
import { listInterfaces } from './net/interfaces'
import type { Log } from './site/events'
import { dataPaths } from './store/paths'

/** How to start a device process; the device's own arguments are added. */
export interface DeviceProgram {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface Practice {
  stop(): Promise<void>
}

const READY_WITHIN_MS = 30_000
const STOP_WITHIN_MS = 5_000

const DEVICES = [
  { name: 'Pump room 1', model: 'PX-200', serial: 'PX200-01180' },
  { name: 'Gate west', model: 'GC-10', serial: 'GC10-00436' },
  { name: 'Air unit 3', model: 'AU-7', serial: 'AU7-00093' },
] as const

export interface PracticeOptions {
  readonly dataDir: string
  readonly program: DeviceProgram
  readonly log: Log
}

/** Starts three devices in commissioning, each with its state kept between runs; does not wait for them. */
export const startPracticeDevices = (options: PracticeOptions): Practice => {
  const children: ChildProcess[] = []
  for (const device of DEVICES) {
    startDevice(options, device, children).catch((thrown: unknown) => {
      const { code } = asIotmcError(thrown)
      options.log.error({ device: device.name, code }, 'a practice device did not start')
    })
  }
  return {
    stop: async () => {
      await Promise.all(children.map(stopChild))
    },
  }
}

const startDevice = (
  { dataDir, program, log }: PracticeOptions,
  device: (typeof DEVICES)[number],
  children: ChildProcess[],
): Promise<void> => {
  const paths = dataPaths(dataDir)
  const loopback = listInterfaces().find((entry) => entry.loopback)?.name ?? 'lo'
  const args = [
    ...program.args,
    ...['--state', join(dataDir, 'devices', device.serial)],
    ...['--interface', loopback, '--phase', 'commissioning'],
    ...['--model', device.model, '--serial', device.serial, '--name', device.name],
    ...['--anchor', paths.siteCa, '--factory', paths.practiceFactory],
    ...['--parent', String(process.pid)],
  ]
  const child = spawn(program.command, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...program.env },
    windowsHide: true,
  })
  children.push(child)
  return new Promise((resolve, reject) => {
    const fail = (code: 'TIMED_OUT' | 'ACTION_FAILED', cause?: unknown): void => {
      clearTimeout(timer)
      reject(
        new IotmcError(code, { subject: device.name, detail: 'the practice device did not start', cause }),
      )
    }
    const timer = setTimeout(() => fail('TIMED_OUT'), READY_WITHIN_MS)
    child.once('error', (cause) => fail('ACTION_FAILED', cause))
    child.once('exit', (code) => {
      log.warn({ device: device.name, code }, 'a practice device ended')
      fail('ACTION_FAILED')
    })
    createInterface({ input: child.stdout }).once('line', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

const stopChild = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return resolve()
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill('SIGTERM')
  })
