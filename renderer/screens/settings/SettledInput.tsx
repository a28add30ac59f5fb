import { TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'

/** A text that is kept when the field is left or Enter is pressed; an empty one goes back to what it was. */
export const SettledInput = ({
  label,
  description,
  value,
  maxLength,
  onSettle,
  testid,
}: {
  readonly label: string
  readonly description?: string
  readonly value: string
  readonly maxLength: number
  readonly onSettle: (value: string) => void
  readonly testid: string
}) => {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  const settle = () => {
    const next = text.trim()
    if (next === '') setText(value)
    else if (next !== value) onSettle(next)
  }
  return (
    <TextInput
      label={label}
      description={description}
      value={text}
      maxLength={maxLength}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={settle}
      onKeyDown={(event) => event.key === 'Enter' && settle()}
      data-testid={testid}
    />
  )
}
