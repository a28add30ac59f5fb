/** A crowd of devices in a process of its own, so that its memory and its time are not the controller's. Goes on until it is killed. */
import { startCrowd } from './crowd'

const crowd = await startCrowd(Number(process.env.IOTMC_BENCH_DEVICES))
await crowd.announce()
process.stdout.write('announced\n')
// What was dropped on the way is said again, as devices do.
for (;;) {
  await new Promise((next) => setTimeout(next, 15_000))
  await crowd.announce()
}
