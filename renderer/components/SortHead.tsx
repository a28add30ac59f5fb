import type { ReactNode } from 'react'
import css from './VirtualTable.module.css'

/** The head of a column that rows can be sorted by. */
export const SortHead = ({
  way,
  title,
  onSort,
  testid,
  children,
}: {
  readonly way: 'ascending' | 'descending' | 'none'
  readonly title: string
  readonly onSort: () => void
  readonly testid: string
  readonly children: ReactNode
}) => (
  <button type="button" className={css.sort} title={title} onClick={onSort} data-testid={testid}>
    {children}
    <span aria-hidden="true" className={css.sortSign}>
      {way === 'none' ? '' : way === 'descending' ? '↓' : '↑'}
    </span>
  </button>
)
