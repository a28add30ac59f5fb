import type { ReactNode } from 'react'

export type SignName = 'check' | 'warning' | 'cross' | 'dot' | 'ring' | 'dash' | 'lock' | 'next'

const SHAPES: Readonly<Record<SignName, ReactNode>> = {
  check: (
    <path
      d="M2.2 6.6 4.9 9.2 9.8 3"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.9"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  ),
  warning: (
    <path
      d="M6 1.6 11 10.4H1Z"
      fill="currentColor"
      stroke="currentColor"
      strokeWidth="1"
      strokeLinejoin="round"
    />
  ),
  cross: (
    <path d="M3 3 9 9M9 3 3 9" fill="none" stroke="currentColor" strokeWidth="1.9" strokeLinecap="round" />
  ),
  dot: <circle cx="6" cy="6" r="3.6" fill="currentColor" />,
  ring: <circle cx="6" cy="6" r="3.4" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  dash: <path d="M3 6h6" fill="none" stroke="currentColor" strokeWidth="1.9" strokeLinecap="round" />,
  lock: (
    <>
      <path d="M3.9 5.4V3.9a2.1 2.1 0 0 1 4.2 0v1.5" fill="none" stroke="currentColor" strokeWidth="1.4" />
      <rect x="2.4" y="5.2" width="7.2" height="5.4" rx="1.1" fill="currentColor" />
    </>
  ),
  next: (
    <path
      d="M3.6 2.2 9.4 6 3.6 9.8Z"
      fill="currentColor"
      stroke="currentColor"
      strokeWidth="1"
      strokeLinejoin="round"
    />
  ),
}

/** The sign of a state, drawn: fonts of different laptops lack or misplace these. Stands beside its word. */
export const Sign = ({ name, size = 12 }: { readonly name: SignName; readonly size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 12 12" aria-hidden="true" className="sign">
    {SHAPES[name]}
  </svg>
)
