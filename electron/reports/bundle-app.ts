/** The program's own part of a bundle: versions, settings, network, sizes, jobs and its log. */
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs'
import { arch, cpus, freemem, platform, release, totalmem } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Job } from '../contract/job'
import type { BundlePart } from './bundle'

export interface AppSources {
  readonly program: string
  readonly settings: () => unknown
  readonly interfaces: () => unknown
  /** Where this program listens. */
  readonly listening: () => readonly string[]
  /** Files of the data folder whose size is told; their contents stay where they are. */
  readonly databases: readonly string[]
  readonly logsFolder: string
  /** What of a line of the log is told; undefined = nothing. Default: all of it. */
  readonly logLine?: (line: string) => string | undefined
  readonly jobs: () => readonly Job[]
}

export const appParts = (app: AppSources): BundlePart[] => [
  { name: 'app/about.json', json: () => about(app) },
  { name: 'app/settings.json', json: app.settings },
  {
    name: 'app/network.json',
    json: () => ({ interfaces: app.interfaces(), listening: app.listening() }),
  },
  { name: 'app/storage.json', json: () => app.databases.map(sizeOf) },
  { name: 'app/jobs.json', json: app.jobs },
  ...logFiles(app.logsFolder).map(
    (path): BundlePart => ({
      name: `app/log/${basename(path)}`,
      jsonLines: (signal) => {
        const text = createReadStream(path, { encoding: 'utf8', signal })
        return app.logLine ? told(text, app.logLine) : (text as AsyncIterable<string>)
      },
    }),
  ),
]

async function* told(input: Readable, logLine: NonNullable<AppSources['logLine']>): AsyncGenerator<string> {
  for await (const line of createInterface({ input })) {
    const kept = logLine(line)
    if (kept !== undefined) yield `${kept}\n`
  }
}

const about = ({ program }: AppSources) => ({
  program,
  versions: process.versions,
  system: { platform: platform(), release: release(), arch: arch(), processors: cpus().length },
  memory: { total: totalmem(), free: freemem(), ...process.memoryUsage() },
  uptimeS: Math.round(process.uptime()),
  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
})

const sizeOf = (path: string) => ({
  file: basename(path),
  bytes: bytesOf(path),
  ...(existsSync(`${path}-wal`) ? { walBytes: bytesOf(`${path}-wal`) } : {}),
})

const bytesOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.size

/** Oldest first: `name.3.log` … `name.log`. */
const logFiles = (folder: string): string[] => {
  const age = (name: string): number => Number(/\.(\d+)\.log$/.exec(name)?.[1] ?? 0)
  try {
    return readdirSync(folder)
      .filter((name) => /^[\w.-]+\.log$/.test(name))
      .sort((a, b) => age(b) - age(a) || (a < b ? -1 : 1))
      .map((name) => join(folder, name))
  } catch {
    // A program that has not logged yet.
    return []
  }
}
