import { type DragEvent, type ReactNode, useRef, useState } from 'react'
import css from './DropZone.module.css'

/** A place to drop one file on. What is in it says what to drop, and has a button that does the same. */
export const DropZone = ({
  onFile,
  children,
  label,
  testid,
}: {
  readonly onFile: (file: File) => void
  readonly children: ReactNode
  readonly label: string
  readonly testid: string
}) => {
  const [over, setOver] = useState(false)
  // Entering a child leaves its parent: only the balance tells whether the file is still above.
  const depth = useRef(0)
  const leave = (all: boolean) => {
    depth.current = all ? 0 : Math.max(0, depth.current - 1)
    if (depth.current === 0) setOver(false)
  }
  const hasFile = (event: DragEvent) => event.dataTransfer.types.includes('Files')
  return (
    <section
      aria-label={label}
      className={css.zone}
      data-over={over || undefined}
      onDragEnter={(event) => {
        if (!hasFile(event)) return
        event.preventDefault()
        depth.current += 1
        setOver(true)
      }}
      onDragOver={(event) => {
        if (!hasFile(event)) return
        event.preventDefault()
        event.dataTransfer.dropEffect = 'copy'
      }}
      onDragLeave={() => leave(false)}
      onDrop={(event) => {
        event.preventDefault()
        leave(true)
        const file = event.dataTransfer.files[0]
        if (file) onFile(file)
      }}
      data-testid={testid}
    >
      {children}
    </section>
  )
}
