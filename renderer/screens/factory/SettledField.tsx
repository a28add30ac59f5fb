import { TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'

/** A text that is kept when the field is left or Enter is pressed, if it is right; says what is wrong with it otherwise. */
export const SettledField = ({
  label,
  description,
  value,
  maxLength,
  mono,
  problemOf,
  onSettle,
  testid,
}: {
  readonly label: string
  readonly description?: string
  readonly value: string
  readonly maxLength: number
  readonly mono?: boolean
  /** What is wrong with a text, in the window's language. */
  readonly problemOf: (text: string) => string | undefined
  readonly onSettle: (value: string) => void
  readonly testid: string
}) => {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  const problem = problemOf(text.trim())
  const settle = () => {
    if (!problem && text.trim() !== value) onSettle(text.trim())
  }
  return (
    <TextInput
      label={label}
      description={description}
      value={text}
      maxLength={maxLength}
      spellCheck={false}
      error={problem}
      {...(mono ? { classNames: { input: 'mono' } } : {})}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={settle}
      onKeyDown={(event) => event.key === 'Enter' && settle()}
      data-testid={testid}
    />
  )
}
