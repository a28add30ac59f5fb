/** `mark interactive <ms>` for the benchmarks: when the window has really painted something that can be used. */
import { app, type WebContents } from 'electron'

/** Waits for the first control that can be pressed or typed in, and then for two frames: the second follows its paint. */
const PAINTED = `new Promise((resolve) => {
  const usable = () => document.querySelector('#root :is(button, input, a[href]):not(:disabled)') !== null
  const painted = () => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))
  if (usable()) return painted()
  const observer = new MutationObserver(() => { if (usable()) { observer.disconnect(); painted() } })
  observer.observe(document.documentElement, { childList: true, subtree: true, attributes: true })
})`

/** Prints once. Call it when the page has had its first status, so that a mere skeleton does not count. */
export const markInteractive = async (contents: WebContents): Promise<void> => {
  await contents.executeJavaScript(PAINTED)
  process.stdout.write(
    `mark interactive ${Math.round(Date.now() - (process.getCreationTime() ?? Date.now()))}\n`,
  )
}

/** Prints `mark memory main <MiB> page <MiB> devices <n>` every second: resident memory of the two processes. */
export const reportMemory = (devices: () => number): void => {
  const inMib = (type: string): number =>
    Math.round(
      app
        .getAppMetrics()
        .filter((process) => process.type === type)
        .reduce((sum, { memory }) => sum + memory.workingSetSize, 0) / 1024,
    )
  const print = (): void => {
    process.stdout.write(`mark memory main ${inMib('Browser')} page ${inMib('Tab')} devices ${devices()}\n`)
  }
  setInterval(print, 1000).unref()
}
