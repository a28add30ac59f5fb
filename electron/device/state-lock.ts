/** One process per state folder. A lock left by a killed process is recognised and taken over. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { IotmcError } from '../contract/errors'

/** Start time of a process in clock ticks (Linux), so that a reused process id is not taken for the old process. */
const startTicks = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const holderOf = (path: string): number | undefined => {
  try {
    const [pidText, ticks] = readFileSync(path, 'utf8').slice(0, 64).trim().split(' ')
    const pid = Number(pidText)
    if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid || !isAlive(pid)) return undefined
    return ticks && startTicks(pid) !== ticks ? undefined : pid
  } catch {
    return undefined
  }
}

/** Takes the folder or throws DATA_IN_USE with the holder's process id. Returns the release. */
export const lockState = (folder: string): (() => void) => {
  const path = join(folder, 'lock')
  for (let tries = 0; tries < 3; tries += 1) {
    try {
      writeFileSync(path, `${process.pid} ${startTicks(process.pid)}\n`, { flag: 'wx', mode: 0o600 })
      return () => rmSync(path, { force: true })
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new IotmcError('ACTION_FAILED', { subject: folder, detail: 'the state folder cannot be written', cause })
      }
    }
    const pid = holderOf(path)
    if (pid !== undefined) throw new IotmcError('DATA_IN_USE', { subject: folder, detail: `process ${pid}` })
    rmSync(path, { force: true })
  }
  throw new IotmcError('DATA_IN_USE', { subject: folder })
}
