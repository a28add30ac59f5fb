import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { clientOf, LARGE, served, sha256, until } from './repository-stage'

describe('a reader', () => {
  it('that is slow but moves gets everything, however long it takes', async () => {
    const { url } = await served({ idleMs: 300, requestMs: 300, headersMs: 300, checkMs: 50 })
    const beganMs = performance.now()
    let pauses = 0
    const hash = createHash('sha256')
    const answer = await clientOf().download({
      url,
      sink: async (chunk) => {
        hash.update(chunk)
        // Pauses add up to more than three times the idle time.
        if (pauses++ % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 50))
      },
    })
    expect(answer.bytes).toBe(LARGE.length)
    expect(hash.digest('hex')).toBe(sha256(LARGE))
    expect(performance.now() - beganMs).toBeGreaterThan(900)
  })

  it('is one of many: all get the same bytes and one buffer each', async () => {
    const { repository, url } = await served()
    let most = 0
    const one = async () => {
      const hash = createHash('sha256')
      const sink = (chunk: Buffer): void => {
        most = Math.max(most, repository.downloads)
        hash.update(chunk)
      }
      await clientOf().download({ url, headers: { range: 'bytes=0-4194303' }, sink })
      return hash.digest('hex')
    }
    const seen = await Promise.all(Array.from({ length: 20 }, one))
    expect(new Set(seen)).toEqual(new Set([sha256(LARGE.subarray(0, 4_194_304))]))
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(20)
    await until(() => repository.downloads === 0)
  })
})
