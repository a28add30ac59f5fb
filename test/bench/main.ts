/** Runs the benchmarks, all or those named on the command line, and prints one figure a line: `name value unit`. */
import { requirePrivateNetwork } from '../helpers/private-network'
import type { Print } from './support/print'

const found = import.meta.glob<{ run(print: Print): Promise<void> }>(['./*.ts', '!./main.ts'])
const benches = new Map(
  Object.entries(found).map(([path, load]) => [path.slice('./'.length, -'.ts'.length), load]),
)

const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !benches.has(name))
if (unknown !== undefined) {
  console.error(`Unknown benchmark "${unknown}". Known: ${[...benches.keys()].join(', ')}`)
  process.exit(2)
}
requirePrivateNetwork()

if (process.env.IOTMC_BENCH_ROLE === 'blank-devices') {
  await import('./support/blank-devices')
  process.exit(0)
}
if (process.env.IOTMC_BENCH_ROLE === 'enroll-clients') {
  await import('./support/enroll-clients')
  process.exit(0)
}
if (process.env.IOTMC_BENCH_ROLE === 'commissioned-devices') {
  await import('./support/commissioned-devices')
  process.exit(0)
}
if (process.env.IOTMC_BENCH_ROLE === 'health-devices') {
  await import('./support/health-devices')
  process.exit(0)
}
if (process.env.IOTMC_BENCH_ROLE === 'crowd') {
  await import('./support/crowd-process')
  process.exit(0)
}
if (process.env.IOTMC_BENCH_ROLE === 'firmware-server') {
  await import('./support/firmware-server')
  process.exit(0)
}

const print: Print = (name, value, unit) => {
  console.log(`${name} ${value} ${unit}`)
}
for (const [name, load] of benches) {
  if (wanted.length === 0 || wanted.includes(name)) await (await load()).run(print)
}
