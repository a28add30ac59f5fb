import type { ReactNode } from 'react'

/** A part that scrolls inside itself, with nothing in it that could take the focus: it takes it, so that keys reach it. */
export const ScrollPart = ({
  className,
  label,
  children,
  testid,
}: {
  readonly className: string | undefined
  readonly label: string | undefined
  readonly children: ReactNode
  readonly testid?: string
}) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling part has to be reachable by keyboard
  <section className={className} tabIndex={0} aria-label={label} data-testid={testid}>
    {children}
  </section>
)
