import { describe, expect, it } from 'vitest'
import { COLUMNS, fitColumns, SELECT_WIDTH } from '../../../renderer/model/columns'

const keys = (width: number) => fitColumns(width).map((column) => column.key)

describe('columns of the device table', () => {
  it('are all there in a wide window', () => expect(keys(1226)).toHaveLength(COLUMNS.length))

  it('give up the place alone in the whole width of a 1366 px window', () =>
    expect(keys(1126)).toEqual(COLUMNS.map(({ key }) => key).filter((key) => key !== 'place')))

  it('give way to the drawer by need: address stays, last seen and certificate go first', () => {
    expect(keys(780)).toContain('address')
    expect(keys(780)).not.toContain('seen')
    expect(keys(780)).not.toContain('certificate')
  })

  it.each([400, 500, 640, 780, 900, 1024, 1366, 1920])('never need more than %i px', (width) => {
    const needed = SELECT_WIDTH + fitColumns(width).reduce((sum, column) => sum + column.min, 0)
    expect(needed).toBeLessThanOrEqual(width)
  })

  it('always keep name and state', () => expect(keys(100)).toEqual(['name', 'state']))
})
