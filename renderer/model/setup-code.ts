/** The setup code as a person types it (docs/protocol.md §3). Pure. */

/** As in the contract's SETUP_CODE. */
export const CODE_LENGTH = 8
const GROUP = 4

/** What the device reads: capitals, without blanks and dashes, look-alikes as the digit that they stand for. */
export const readCode = (typed: string): string =>
  typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')

/** In two groups of four, as on the label. */
export const groupCode = (code: string): string =>
  code.length > GROUP ? `${code.slice(0, GROUP)}-${code.slice(GROUP)}` : code

/** A field's text and caret after a change: grouped, with the caret behind the same symbol as before. */
export const shapeCode = (
  typed: string,
  caret: number,
): { readonly text: string; readonly caret: number } => {
  const code = readCode(typed).slice(0, CODE_LENGTH)
  const before = Math.min(readCode(typed.slice(0, caret)).length, CODE_LENGTH)
  return { text: groupCode(code), caret: before > GROUP ? before + 1 : before }
}

export type CodeProblem = 'empty' | 'symbol' | 'short'

/** What keeps a code from being sent; `symbol` is one that no code has. */
export const codeProblem = (typed: string): CodeProblem | undefined => {
  const code = readCode(typed)
  if (code === '') return 'empty'
  if (/[^0-9A-HJKMNP-TV-Z]/.test(code)) return 'symbol'
  return code.length < CODE_LENGTH ? 'short' : undefined
}
