/** Mishaps at random packets of an update over a cable, in virtual time: a right bank runs, and the job tells which. */
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { activeSlot } from '../../electron/contract/banks'
import { delay } from '../../electron/net/clock'
import { stopBenches } from '../helpers/bench-device'
import { SerialWorld } from './update-serial-world'

afterEach(stopBenches)

/** Of an update without any mishap, with some 10 parts of an image: about 50. */
const PACKETS = 60
const mishap = fc.record({
  atPacket: fc.integer({ min: 1, max: PACKETS }),
  kind: fc.constantFrom('cable', 'power', 'program', 'two power cuts'),
})

describe('an update over a cable that is cut', () => {
  it('leaves a right bank running, and says which', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(mishap, { minLength: 1, maxLength: 3 }), async (mishaps) => {
        const world = new SerialWorld()
        const due: string[] = []
        const id = await world.begin()
        for (const { atPacket, kind } of mishaps)
          world.atPacket(atPacket, () => {
            due.push(kind)
            // Whatever it is, the packet does not arrive.
            if (kind !== 'program') world.device.cable.unplug()
          })
        for (let rounds = 0; ; rounds += 1) {
          if (rounds > 40) throw new Error('it never comes to an end')
          const job = await world.end(id, () => due.length > 0)
          const kind = due.shift()
          if (kind === 'program') await world.restartProgram()
          else if (kind === 'power' || kind === 'two power cuts') {
            await world.powerCycle()
            if (kind !== 'power') await world.powerCycle()
          } else if (kind === 'cable') world.unplug()
          else if (job.state === 'done' || job.error?.code === 'ROLLED_BACK') break
          else {
            await world.drive(delay(world.clock, 1_000))
            world.runner.retry([id])
          }
        }
        const { table } = world.device.banks
        const job = world.runner.get(id)
        expect(table.trial).toBeUndefined()
        expect(table.banks[activeSlot(table)].version).toBe(job?.state === 'done' ? '2.0.0' : '1.4.0')
        expect(table.last?.outcome).toBe(job?.state === 'done' ? 'confirmed' : 'rolledBack')
        await world.drive(world.runner.stop())
        await world.device.stop()
      }),
      { numRuns: 100 },
    )
  }, 300_000)
})
