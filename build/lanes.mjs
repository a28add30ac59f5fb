import { availableParallelism } from 'node:os'
import { say } from './proc.mjs'

/**
 * How many pieces of the tests run at once: one more than there are processors, since all of them together wait for devices
 * for half of their time; or `IOTMC_TEST_LANES`.
 */
export function laneCount(asked = process.env.IOTMC_TEST_LANES) {
  const count = Number(asked)
  return Number.isInteger(count) && count > 0 ? count : availableParallelism() + 1
}

/** One piece of each pile after the other: two windows side by side would take the processor from each other. */
export function dealt(piles) {
  const most = Math.max(0, ...piles.map((pile) => pile.length))
  return Array.from({ length: most }, (_, index) =>
    piles.flatMap((pile) => pile.slice(index, index + 1)),
  ).flat()
}

const printed = (text) => {
  process.stdout.write(text)
}

/** Aborted as soon as somebody wants the tests to end: what runs is told by its own runner, and nothing new begins. */
export function untilEnded() {
  const ending = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => ending.abort(signal))
  return ending.signal
}

/**
 * Runs pieces `{ name, run(into), waits }` in their order, `width` at a time, until `ending` is aborted. One
 * of several lanes takes those that wait for most of their time first, so that they run beside the busy ones. `into` gathers what a piece writes, which is
 * printed as a whole when it has ended. Resolves with what the pieces gave, in their order.
 */
export async function inLanes(
  pieces,
  width,
  { print = printed, ending = new AbortController().signal } = {},
) {
  const results = []
  const waiting = [...pieces.entries()].filter(([, { waits }]) => waits)
  const others = [...pieces.entries()].filter(([, { waits }]) => !waits)
  const lane = async (...queues) => {
    const take = () => queues.find((queue) => queue.length > 0)?.shift()
    for (let next = take(); next !== undefined && !ending.aborted; next = take()) {
      const [index, { name, run }] = next
      const started = Date.now()
      const into = []
      say(`${name} …`)
      results[index] = await run(into)
      const seconds = ((Date.now() - started) / 1000).toFixed(0)
      print(`\n── ${name} (${seconds} s)\n${Buffer.concat(into).toString('utf8')}\n`)
    }
  }
  const lanes = Array.from({ length: Math.max(1, width) }, (_, index) =>
    index === 1 ? lane(waiting, others) : lane(others, waiting),
  )
  await Promise.all(lanes)
  return results
}
