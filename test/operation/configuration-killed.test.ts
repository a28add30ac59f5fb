import { describe, it } from 'vitest'
import { endsAsIfNothingHadHappened } from './configuration-killed'

describe.each(['apply', 'rollback'] as const)('%s, killed at some points', (direction) => {
  it('ends as if nothing had happened', () => endsAsIfNothingHadHappened(direction, 17))
})
