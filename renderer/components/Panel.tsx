import type { ReactNode } from 'react'
import css from './Panel.module.css'

/** The head of a screen: title, one line of facts, and its actions at the right. */
export const ScreenHead = ({
  title,
  facts,
  children,
}: {
  readonly title: string
  readonly facts?: ReactNode
  readonly children?: ReactNode
}) => (
  <header className={css.head}>
    <h1>{title}</h1>
    {facts && <span className={`mute ${css.facts}`}>{facts}</span>}
    <div className={css.headActions}>{children}</div>
  </header>
)

/** A white ground with a hairline, scrolling inside itself when `scroll`. */
export const Panel = ({
  children,
  scroll,
  className,
  label,
  testid,
}: {
  readonly children: ReactNode
  readonly scroll?: boolean
  readonly className?: string | undefined
  readonly label?: string
  readonly testid?: string
}) => (
  <section
    className={`${css.panel} ${scroll ? css.scroll : ''} ${className ?? ''}`}
    aria-label={label}
    data-testid={testid}
  >
    {children}
  </section>
)

/** A titled part of a panel, with a sentence under the title. */
export const Part = ({
  title,
  hint,
  children,
  aside,
  testid,
}: {
  readonly title: string
  readonly hint?: string
  readonly children: ReactNode
  readonly aside?: ReactNode
  readonly testid?: string
}) => (
  <section className={css.part} data-testid={testid}>
    <div className={css.partHead}>
      <h2>{title}</h2>
      {aside}
    </div>
    {hint && <p className={`mute ${css.hint}`}>{hint}</p>}
    {children}
  </section>
)

/** Name and value pairs with hairlines between. */
export const Facts = ({
  rows,
}: {
  readonly rows: readonly (readonly [name: string, value: ReactNode])[]
}) => (
  <dl className={css.factsList}>
    {rows.map(([name, value]) => (
      <div key={name} className={css.fact}>
        <dt className="mute">{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
)

/** What would be here, why it isn't, and the button that changes that. */
export const Teach = ({
  title,
  children,
  actions,
  testid,
}: {
  readonly title: string
  readonly children: ReactNode
  readonly actions?: ReactNode
  readonly testid?: string
}) => (
  <div className={css.teach} data-testid={testid}>
    <h2>{title}</h2>
    {children}
    {actions && <div className={css.teachActions}>{actions}</div>}
  </div>
)
