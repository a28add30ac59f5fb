/** Writes into the log of `<folder>` as fast as it can, reads and clears it now and then, and says each step once it is done. */
import { writeSync } from 'node:fs'
import { LogRing } from '../../electron/device/log-ring'
import { systemClock, systemRandom } from '../../electron/net/clock'

const clock = { now: () => systemClock.now(), synchronised: true }
const ring = LogRing.open(process.argv[2] ?? '', { clock, random: systemRandom })
const say = (word: string): void => void writeSync(1, `${word}\n`)

for (let n = 0; ; n += 1) {
  const record = ring.append({
    severity: 5,
    component: 'test',
    code: 'test.n',
    message: `n ${'x'.repeat(n % 300)}`,
  })
  say(`wrote ${record?.sequence}`)
  if (n % 400 === 399) {
    const { records } = ring.read({ maxSeverity: 7, after: ring.oldest - 1, limit: 100 })
    say(`read ${records.at(-1)?.sequence}`)
    if (n % 800 === 799) {
      ring.clear(ring.logId, records.at(-1)?.sequence ?? 0)
      say(`cleared ${records.at(-1)?.sequence}`)
    }
  }
}
