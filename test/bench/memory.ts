/** Resident memory of the window's two processes with 5,000 devices listed. */
import { join, resolve } from 'node:path'
import { makeTempDir } from '../helpers/temp-dir'
import { startCrowd } from './support/crowd'
import { BENCH_PASSPHRASE, makeDataFolder } from './support/data-folder'
import { startElectron } from './support/electron-process'
import type { Print } from './support/print'

const DEVICES = 5000
const MARK = /^mark memory main (\d+) page (\d+) devices (\d+)$/

interface Memory {
  readonly main: number
  readonly page: number
}

const read = (line: string): Memory => {
  const [, main = '', page = ''] = MARK.exec(line) ?? []
  return { main: Number(main), page: Number(page) }
}

/** The devices are advertised by real datagrams and described by real documents. */
export const run = async (print: Print): Promise<void> => {
  const temp = makeTempDir('iotmc-bench-')
  const data = join(temp.path, 'data')
  makeDataFolder(data)
  const crowd = await startCrowd(DEVICES)
  const program = startElectron(resolve(import.meta.dirname, '../..'), ['--data', data], {
    IOTMC_PASSPHRASE: BENCH_PASSPHRASE,
  })
  try {
    await program.mark('mark interactive')
    const before = read((await program.mark(MARK)).line)
    const startMs = performance.now()
    await crowd.announce()
    await program.mark(new RegExp(`^mark memory .* devices ${DEVICES}$`), 240_000)
    print('list-5000-devices', Math.round(performance.now() - startMs), 'ms')
    // Descriptions go on being read after the rows are there; then the collector has its turn.
    await new Promise((done) => setTimeout(done, 30_000))
    const after = read((await program.mark(MARK)).line)
    print('memory-main-0-devices', before.main, 'MiB')
    print('memory-main-5000-devices', after.main, 'MiB')
    print('memory-page-0-devices', before.page, 'MiB')
    print('memory-page-5000-devices', after.page, 'MiB')
  } finally {
    await program.end()
    crowd.close()
    temp.remove()
  }
}
