/** What discovery asks of a logger; a pino logger fits. */
export interface DiscoveryLog {
  debug(facts: object, text: string): void
  info(facts: object, text: string): void
  warn(facts: object, text: string): void
}
