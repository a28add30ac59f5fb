/** What `screen-5000` does with the window: text that runs inside the played main process (played-app.ts). */

/** In the page: `painted()` ends when the frame that is being made has been handed to the screen. */
const PAINTED = `
  window.painted = () => new Promise((done) => requestAnimationFrame(() => {
    const after = new MessageChannel()
    after.port1.onmessage = () => done(performance.now())
    after.port2.postMessage(0)
  }))
  window.rowCount = () => Number(document.querySelector('[data-testid="device-table"]').getAttribute('aria-rowcount')) - 1
`

/**
 * Keys and clicks are real ones, sent to the window as the system sends them; a measurement begins at the time stamp
 * of the event and ends after the frame that shows its result. `work` is the part of it that is the page's own: from
 * the event to the end of style and layout, without the wait for the next frame.
 */
export const TABLE_SCENARIO = `
  const most = plan.devices.length
  const first = await inPage(\`${PAINTED}
    while (!document.querySelector('[data-testid="device-table"]') || rowCount() !== \` + most + \` || !document.querySelector('[data-testid^="device-row-"]'))
      await new Promise(requestAnimationFrame)
    const sinceNavigationMs = await painted()
    return { sinceNavigationMs, nowMs: Date.now() }\`)
  say('first-render', { sinceNavigationMs: first.sinceNavigationMs, sinceHandedMs: first.nowMs - handedMs })
  await pause(1500)
  const frames = await inPage(FRAMES + 'return frames(120)')
  say('frame', shape(frames))

  const listenOnce = (event) => inPage(\`
    window.measured = new Promise((done) => addEventListener('\` + event + \`', (now) => {
      const began = now.timeStamp
      queueMicrotask(() => queueMicrotask(() => { document.body.offsetHeight; window.workMs = performance.now() - began }))
      painted().then((at) => done(at - began))
    }, { once: true, capture: false }))\`)
  const measured = async () => ({ ms: await inPage('return measured'), work: await inPage('return workMs') })
  const tell = (name, all) => {
    const ms = all.map((one) => one.ms).sort((a, b) => a - b)
    const work = all.map((one) => one.work).sort((a, b) => a - b)
    say(name, { ...shape(ms), work: shape(work).p50 })
  }

  window.focus()
  await inPage("document.querySelector('[data-testid=\\"device-search\\"]').focus()")
  const keys = []
  const press = async (key) => {
    await listenOnce('input')
    window.webContents.sendInputEvent({ type: 'keyDown', keyCode: key })
    if (key.length === 1) window.webContents.sendInputEvent({ type: 'char', keyCode: key })
    window.webContents.sendInputEvent({ type: 'keyUp', keyCode: key })
    keys.push(await measured())
    await pause(60)
  }
  for (let round = 0; round < 3; round++) {
    for (const key of 'px200-04321') await press(key)
    const left = await inPage('return rowCount()')
    if (left !== 1) throw new Error('the search shows ' + left + ' rows')
    for (let n = 0; n < 'px200-04321'.length; n++) await press('Backspace')
    if ((await inPage('return rowCount()')) !== most) throw new Error('the search is not empty again')
  }
  tell('search', keys)

  await inPage('document.activeElement.blur()')
  const click = (at) => {
    window.webContents.sendInputEvent({ type: 'mouseMove', ...at })
    window.webContents.sendInputEvent({ type: 'mouseDown', button: 'left', clickCount: 1, ...at })
    window.webContents.sendInputEvent({ type: 'mouseUp', button: 'left', clickCount: 1, ...at })
  }
  const chosen = []
  for (let round = 0; round < 12; round++) {
    const at = await inPage("const at = document.querySelector('[data-testid=\\"select-all\\"]').getBoundingClientRect(); return { x: Math.round(at.x + at.width / 2), y: Math.round(at.y + at.height / 2) }")
    await listenOnce('click')
    click(at)
    chosen.push(await measured())
    if (!(await inPage("return document.querySelector('[data-testid=\\"select-all\\"]').checked"))) throw new Error('not all are selected')
    await pause(80)
    window.webContents.sendInputEvent({ type: 'keyDown', keyCode: 'Escape' })
    window.webContents.sendInputEvent({ type: 'keyUp', keyCode: 'Escape' })
    await pause(120)
    if (await inPage("return document.querySelector('[data-testid=\\"select-all\\"]').checked")) throw new Error('the selection was not cleared')
  }
  tell('select-all', chosen)

  const watched = plan.devices[3].udn
  const updates = []
  for (let round = 0; round < 25; round++) {
    const version = '2.' + round + '.7'
    const shown = inPage("const row = document.querySelector('[data-testid=\\"device-row-" + watched + "\\"]'); while (!row.textContent.includes('" + version + "')) await new Promise(requestAnimationFrame); await painted(); return Date.now()")
    await pause(40)
    const sentMs = Date.now()
    send('devices.delta', {
      reset: false, last: true, drop: [],
      put: plan.devices.slice(0, 1000).map((device) => ({ ...device, firmwareVersion: version, lastSeenMs: sentMs })),
    })
    updates.push((await shown) - sentMs)
    await pause(120)
  }
  say('updates-1000', shape(updates.sort((a, b) => a - b)))

  send('jobs.changed', plan.jobs)
  await pause(1000)
  const screens = []
  for (let round = 0; round < 5; round++) {
    screens.push(await inPage("const began = performance.now(); document.querySelector('[data-testid=\\"nav-jobs\\"]').click(); while (!document.querySelector('[data-testid=\\"batch-bench\\"]')) await new Promise(requestAnimationFrame); return (await painted()) - began"))
    await inPage("document.querySelector('[data-testid=\\"nav-devices\\"]').click(); await painted()")
    await pause(100)
  }
  say('jobs-5000-screen', shape(screens.sort((a, b) => a - b)))
  await inPage("document.querySelector('[data-testid=\\"nav-jobs\\"]').click(); await painted(); document.querySelector('[data-testid=\\"batch-all-bench\\"]').click(); await painted()")
  const changes = []
  for (let round = 0; round < 20; round++) {
    const done = most / 2 + (round + 1) * 100
    const shown = inPage("const head = document.querySelector('[data-testid=\\"batch-bench\\"]'); while (!head.textContent.includes('" + done.toLocaleString('en') + " done')) await new Promise(requestAnimationFrame); await painted(); return Date.now()")
    await pause(40)
    const sentMs = Date.now()
    send('jobs.changed', plan.jobs.slice(done - 100, done).map((job) => ({ ...job, state: 'done', updatedAtMs: sentMs, steps: job.steps.map((step) => ({ ...step, state: 'done' })) })))
    changes.push((await shown) - sentMs)
    await pause(100)
  }
  say('jobs-5000-changes-100', shape(changes.sort((a, b) => a - b)))
`
