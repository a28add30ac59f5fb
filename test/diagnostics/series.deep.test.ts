import { describe, it } from 'vitest'
import { isAsTheModel, SPANS } from './series-model'

describe('the columns of a chart', () => {
  it.each(SPANS)('are those of a naive model over %s, many times', (_, spanMs) => isAsTheModel(spanMs, 50))
})
