/** Peak resident memory of the serving process with a small and with a large image: it should not depend on the size. */
import { join } from 'node:path'
import { makeTempDir } from '../helpers/temp-dir'
import { fetchByCurl, makeImage, makeSides, startFirmwareServer } from './support/firmware-stage'
import type { Print } from './support/print'

const MIB = 1024 * 1024
/** Four devices at once; the large image once more by each would only take longer. */
const COUNT = 4
const SIZES = [64, 1024]

/** Each size has a process of its own, since a peak never goes down. */
export const run = async (print: Print): Promise<void> => {
  const peaks: number[] = []
  for (const mib of SIZES) {
    const temp = makeTempDir('iotmc-bench-')
    const sides = await makeSides(temp.path)
    const made = makeImage(join(temp.path, 'image.bin'), mib * MIB)
    const server = await startFirmwareServer(temp.path, { ...made, ...sides.input })
    try {
      await fetchByCurl(server.url, { client: sides.client, count: COUNT, size: made.size })
      const peak = await server.peakMib()
      peaks.push(peak)
      print(`serving-${mib}MiB-peak-memory`, peak, 'MiB')
    } finally {
      await server.end()
      temp.remove()
    }
  }
  const [small = 1, large = 0] = peaks
  print('serving-1GiB-beside-64MiB-peak-memory', Number((large / small).toFixed(2)), 'ratio')
}
