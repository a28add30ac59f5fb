import { describe, it } from 'vitest'
import { endsAsIfNothingHadHappened } from './configuration-killed'

describe.each(['apply', 'rollback'] as const)('%s, killed at any point', (direction) => {
  it('ends as if nothing had happened', { timeout: 120_000 }, () => endsAsIfNothingHadHappened(direction, 1))
})
