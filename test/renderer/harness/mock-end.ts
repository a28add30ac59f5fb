/** Plays the end of devices' lives and batches of jobs in the page. Handed to the page as text, so it uses nothing from outside itself. */
export const playEnd = (): void => {
  // biome-ignore lint/suspicious/noExplicitAny: this text is sent to the page as it is
  type Any = any
  const page = window as Any
  page.areas ??= []
  page.areas.push((state: Any, push: Any, fail: Any, handlers: Any) => {
    const STEPS = ['freeze', 'revoke', 'publish', 'find', 'wipe', 'prove', 'certify']
    const REACHED: Any = {
      freeze: 'frozen',
      revoke: 'revoked',
      publish: 'queued',
      wipe: 'wiped',
      prove: 'proven',
      certify: 'certified',
    }
    const LATE = ['wipe', 'prove', 'certify']
    const hex = (seed: number, length: number) =>
      Array.from({ length }, (_, at) => ((seed * 37 + at * 91 + 13) % 16).toString(16)).join('')
    const records = new Map<string, Any>((state.decommissions ?? []).map((one: Any) => [one.id, one]))
    const jobs = new Map<string, Any>()
    const batches = new Map<string, Any>((state.batches ?? []).map((one: Any) => [one.id, one]))
    const deviceOf = (udn: string) => state.devices.find((one: Any) => one.udn === udn)
    const seedOf = (udn: string) => Number.parseInt(udn.slice(-6), 16)
    const crl: Any = {
      number: 41,
      thisUpdate: new Date(state.nowMs - 3_600_000).toISOString(),
      nextUpdate: new Date(state.nowMs + 7 * 86_400_000).toISOString(),
      entries: 3,
      bytes: 612,
      sha256: hex(5, 64),
      blocked: [],
      spread: { has: 41, of: 42 },
      ...state.revocationList,
    }
    const issued: Any[] = state.issued ?? [
      ...state.devices
        .filter((one: Any) => one.ldevidNotAfter)
        .map((one: Any) => ({
          serialNumber: hex(seedOf(one.udn), 16),
          kind: 'LDevID',
          name: one.name,
          udn: one.udn,
          issuedAtMs: state.nowMs - 86_400_000,
          notAfter: one.ldevidNotAfter,
          own: false,
        })),
      {
        serialNumber: hex(801, 16),
        kind: 'Controller',
        name: 'Sample site',
        role: 'Admin',
        udn: 'uuid:c',
        issuedAtMs: state.nowMs,
        notAfter: new Date(state.nowMs + 3e10).toISOString(),
        own: true,
      },
      {
        serialNumber: hex(802, 16),
        kind: 'Controller',
        name: 'Reader 3',
        role: 'Basic',
        udn: 'uuid:d',
        issuedAtMs: state.nowMs,
        notAfter: new Date(state.nowMs + 2e10).toISOString(),
        own: false,
      },
    ]
    const tellList = () => {
      crl.entries = issued.filter((one) => one.revoked).length + 3
      push('revocation.changed', crl)
    }
    const publish = () => {
      crl.number += 1
      crl.thisUpdate = new Date().toISOString()
      tellList()
    }
    const rowOf = (udn: string) => {
      const device = deviceOf(udn)
      return {
        udn,
        name: device.name,
        serialNumber: device.serialNumber,
        online: device.online,
        ldevids: issued.filter((one) => one.udn === udn && !one.revoked).map((one) => one.serialNumber),
        idevid: hex(seedOf(udn) + 3, 64),
        jobs: seedOf(udn) % 4 === 1 ? 2 : 0,
        ...(seedOf(udn) % 3 === 0 ? {} : { standbyVersion: '2.3.1' }),
        ...(device.decommissioned ? { problem: 'FROZEN' } : {}),
      }
    }
    const phraseOf = (rows: Any[]) => `WIPE ${rows.length === 1 ? rows[0].serialNumber : rows.length}`
    const tell = (job: Any) => {
      job.updatedAtMs = Date.now()
      push('jobs.changed', [job])
      push('decommission.changed', [records.get(job.id)])
      const device = deviceOf(job.subject)
      device.decommissioned = records.get(job.id).state
      push('devices.delta', { reset: false, last: true, put: [device], drop: [] })
    }
    const proofOf = () => ({
      items: [
        { item: 'site-keys', bytes: 4096 },
        { item: 'network', bytes: 512 },
        { item: 'configuration', bytes: 8192 },
        { item: 'log', bytes: 262144 },
        { item: 'standby-bank', bytes: 1048576 },
      ],
      provenAtMs: Date.now(),
    })
    const advance = (job: Any) => {
      const step = job.steps.find((one: Any) => one.state !== 'done')
      const record = records.get(job.id)
      if (!step) {
        job.state = 'done'
        tell(job)
        return
      }
      if (step.name === 'find' && !deviceOf(job.subject).online) {
        job.state = 'waiting'
        step.state = 'running'
        record.state = 'queued'
        return tell(job)
      }
      job.state = 'running'
      step.state = 'running'
      step.startedAtMs ??= Date.now()
      tell(job)
      setTimeout(() => {
        if (step.name === 'prove' && state.failing.includes(job.subject) && job.attempt === 1) {
          step.state = 'failed'
          job.state = 'failed'
          job.error = { code: 'PROOF_INVALID', detail: 'the signature does not fit the statement' }
          record.error = job.error
          return tell(job)
        }
        step.state = 'done'
        step.endedAtMs = Date.now()
        if (REACHED[step.name]) record.state = REACHED[step.name]
        if (step.name === 'revoke') {
          for (const one of issued)
            if (one.udn === job.subject) one.revoked = { atMs: Date.now(), reason: 'cessation-of-operation' }
          step.note = 'certificate revoked'
        }
        if (step.name === 'publish') {
          publish()
          record.crlNumber = crl.number
          step.note = `list ${crl.number}`
        }
        if (step.name === 'prove') record.proof = proofOf()
        if (step.name === 'certify') {
          record.certificate = { sequence: 7, hash: hex(9, 64), madeAtMs: Date.now() }
          delete record.error
        }
        advance(job)
      }, state.stepMs)
    }
    let serial = 0
    return {
      'decommission.preview': ({ udns }: Any) => {
        const rows = udns.map(rowOf)
        return { rows, phrase: phraseOf(rows.filter((row: Any) => !row.problem)) }
      },
      'decommission.start': ({ udns, phrase, reason, note, revokeIdevid }: Any) => {
        const rows = udns.map(rowOf)
        if (phrase.trim().toUpperCase() !== phraseOf(rows).toUpperCase()) fail('PHRASE_WRONG')
        serial += 1
        return rows.map((row: Any, index: number) => {
          const job = {
            id: `leave-${serial}-${index}`,
            kind: 'decommission',
            subject: row.udn,
            batch: `leaving-${serial}`,
            params: {},
            state: 'queued',
            steps: STEPS.map((name) => ({ name, state: 'pending', cancellable: LATE.includes(name) })),
            attempt: 1,
            createdAtMs: Date.now(),
            updatedAtMs: Date.now(),
          }
          jobs.set(job.id, job)
          records.set(job.id, {
            id: job.id,
            udn: row.udn,
            name: row.name,
            model: deviceOf(row.udn).model,
            serialNumber: row.serialNumber,
            orderedAtMs: Date.now(),
            orderedBy: 'Supervisor 3',
            reason,
            note,
            state: 'ordered',
            nonce: hex(7, 64),
            revoked: [
              ...row.ldevids.map((serialNumber: string) => ({
                kind: 'LDevID',
                serialNumber,
                atMs: Date.now(),
              })),
              ...(revokeIdevid
                ? [{ kind: 'IDevID', serialNumber: row.idevid.slice(0, 16), atMs: Date.now() }]
                : []),
            ],
          })
          if (revokeIdevid)
            crl.blocked.push({ fingerprint: row.idevid, serialNumber: row.serialNumber, atMs: Date.now() })
          setTimeout(() => advance(job), 20)
          return job.id
        })
      },
      'decommission.list': () => [...records.values()],
      'decommission.close': ({ id, note, phrase }: Any) => {
        const record = records.get(id)
        if (phrase.trim().toUpperCase() !== `CLOSE ${record.serialNumber}`.toUpperCase()) fail('PHRASE_WRONG')
        const closed = { atMs: Date.now(), by: 'Supervisor 3', note }
        records.set(id, { ...record, state: 'closed', closed, error: undefined })
        return [...records.values()]
      },
      'decommission.save': ({ id, part }: Any) => ({
        saved: true,
        path: `/home/technician/decommissioning-${id}.${part}`,
      }),
      'revocation.list': () => crl,
      'revocation.certificates': ({ search }: Any) =>
        issued.filter((one) =>
          `${one.name} ${one.udn} ${one.serialNumber}`.toLowerCase().includes(search.toLowerCase()),
        ),
      'revocation.revoke': ({ serialNumber, reason, phrase }: Any) => {
        if (phrase.trim().toUpperCase() !== `REVOKE ${serialNumber.slice(-8)}`.toUpperCase())
          fail('PHRASE_WRONG')
        const found = issued.find((one) => one.serialNumber === serialNumber)
        found.revoked = { atMs: Date.now(), reason }
        publish()
        return crl
      },
      'revocation.save': ({ format }: Any) => ({ saved: true, path: `/home/technician/site.crl.${format}` }),
      'jobs.open': () => [...handlers['jobs.open'](), ...jobs.values()],
      'jobs.retry': ({ ids }: Any) => {
        for (const id of ids) {
          const job = jobs.get(id)
          if (!job) {
            handlers['jobs.retry']({ ids: [id] })
            continue
          }
          Object.assign(job, { state: 'queued', attempt: job.attempt + 1, error: undefined })
          for (const step of job.steps) if (step.state === 'failed') step.state = 'pending'
          advance(job)
        }
      },
      'jobs.batches': () => [...batches.values()],
      'jobs.pause': ({ batch }: Any) => {
        const found = { ...(batches.get(batch) ?? { id: batch }), paused: true }
        batches.set(batch, found)
        push('batches.changed', [found])
      },
      'jobs.resume': ({ batch }: Any) => {
        const found = { ...(batches.get(batch) ?? { id: batch }), paused: false }
        batches.set(batch, found)
        push('batches.changed', [found])
      },
    }
  })
}
