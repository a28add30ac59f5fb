/** Rows that wait for a device which was never heard, by its serial number. */

export interface AwaitedRow {
  readonly workId: string
  readonly key: string
}

export class AwaitedRows {
  private readonly bySerial = new Map<string, readonly AwaitedRow[]>()

  get size(): number {
    return this.bySerial.size
  }

  add(serial: string, row: AwaitedRow): void {
    this.bySerial.set(serial, [...(this.bySerial.get(serial) ?? []), row])
  }

  of(serial: string): readonly AwaitedRow[] {
    return this.bySerial.get(serial) ?? []
  }

  remove(serial: string): void {
    this.bySerial.delete(serial)
  }

  /** These rows of a work are awaited no longer. */
  drop(workId: string, keys: ReadonlySet<string>): void {
    for (const [serial, rows] of [...this.bySerial]) {
      const left = rows.filter((row) => row.workId !== workId || !keys.has(row.key))
      if (left.length > 0) this.bySerial.set(serial, left)
      else this.bySerial.delete(serial)
    }
  }
}
