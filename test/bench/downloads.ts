/** Downloads of a firmware image, one alone and 200 at once, beside nginx with the same file, TLS settings and client. */
import { join } from 'node:path'
import { makeTempDir } from '../helpers/temp-dir'
import { cpuSeconds, fetchByCurl, makeImage, makeSides, startFirmwareServer } from './support/firmware-stage'
import { startNginx } from './support/nginx'
import type { Print } from './support/print'

const MIB = 1024 * 1024
/** The many fetch a smaller image: 200 of 64 MiB would only take longer, and one round is 3 GiB as it is. */
const CASES = [
  { name: 'one-download-64MiB', count: 1, size: 64 * MIB, rounds: 9 },
  { name: '200-downloads-16MiB', count: 200, size: 16 * MIB, rounds: 3 },
] as const

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))

const compare = async (print: Print, which: (typeof CASES)[number]): Promise<void> => {
  const temp = makeTempDir('iotmc-bench-')
  const { name, count, size, rounds } = which
  const sides = await makeSides(temp.path)
  const made = makeImage(join(temp.path, 'image.bin'), size)
  const ours = await startFirmwareServer(temp.path, { ...made, ...sides.input })
  const nginx = await startNginx(temp.path, { image: made.image, server: sides.server, root: sides.root })
  try {
    const mibPerS = async (url: string): Promise<number> =>
      (count * size) / MIB / (await fetchByCurl(url, { client: sides.client, count, size }))
    // Both warm: the file is in memory, the code is compiled.
    for (const url of [ours.url, nginx.url]) await mibPerS(url)
    const before = { ours: cpuSeconds(ours.pid), nginx: cpuSeconds(nginx.pid) }
    const seen = { ours: [] as number[], nginx: [] as number[] }
    for (let round = 0; round < rounds; round++) {
      // Taking turns, so that a slow spell of the machine meets both.
      const order = round % 2 === 0 ? (['ours', 'nginx'] as const) : (['nginx', 'ours'] as const)
      for (const side of order) seen[side].push(await mibPerS(side === 'ours' ? ours.url : nginx.url))
    }
    print(`${name}`, rounded(median(seen.ours), 0), 'MiB/s')
    print(`${name}-nginx`, rounded(median(seen.nginx), 0), 'MiB/s')
    print(`${name}-beside-nginx`, rounded(median(seen.ours) / median(seen.nginx), 2), 'ratio')
    // What the machine's other work can't blur: processor time that each server spent on the same bytes.
    const gib = (rounds * count * size) / MIB / 1024
    const spent = { ours: cpuSeconds(ours.pid) - before.ours, nginx: cpuSeconds(nginx.pid) - before.nginx }
    print(`${name}-processor`, rounded(spent.ours / gib, 2), 's/GiB')
    print(`${name}-nginx-processor`, rounded(spent.nginx / gib, 2), 's/GiB')
    print(`${name}-peak-memory`, await ours.peakMib(), 'MiB')
  } finally {
    await nginx.end()
    await ours.end()
    temp.remove()
  }
}

export const run = async (print: Print): Promise<void> => {
  for (const which of CASES) await compare(print, which)
}
