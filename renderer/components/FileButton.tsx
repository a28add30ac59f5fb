import { type ReactNode, useRef } from 'react'
import { Button } from './Button'

/** A button that asks for one file and hands it on. */
export const FileButton = ({
  accept,
  onFile,
  children,
  testid,
  small,
}: {
  readonly accept: string
  readonly onFile: (file: File) => void | Promise<void>
  readonly children: ReactNode
  readonly testid: string
  readonly small?: boolean
}) => {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button {...(small ? { small } : {})} onClick={() => input.current?.click()}>
        {children}
      </Button>
      <input
        ref={input}
        type="file"
        accept={accept}
        hidden
        onChange={(event) => {
          const file = event.currentTarget.files?.[0]
          // Cleared, so that the same file can be chosen again after it was corrected.
          event.currentTarget.value = ''
          if (file) void onFile(file)
        }}
        data-testid={testid}
      />
    </>
  )
}
