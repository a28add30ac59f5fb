/**
 * Keeps a spreadsheet from running a text as a formula: an apostrophe goes before what would begin one, also behind a
 * character that another setting of the spreadsheet takes for a separator. Reversible for every text.
 */

const NUMBER = /^-?\d+(\.\d+)?$/
const FIRST = /^('*)(?=[=+\-@\t\r\n＝＋－＠])/
const INNER = /([;,\t\r\n"|])('*)(?=[=+\-@＝＋－＠])/g
const FIRST_GUARDED = /^'('*)(?=[=+\-@\t\r\n＝＋－＠])/
const INNER_GUARDED = /([;,\t\r\n"|])'('*)(?=[=+\-@＝＋－＠])/g

/** The text as a cell. */
export const guardFormula = (text: string): string =>
  NUMBER.test(text) ? text : text.replace(INNER, "$1'$2").replace(FIRST, "'$1")

/** The text of a cell that was guarded; any other cell is what it is. */
export const unguardFormula = (cell: string): string =>
  cell.replace(FIRST_GUARDED, '$1').replace(INNER_GUARDED, '$1$2')
