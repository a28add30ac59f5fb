/** The languages that people are spoken to in. */
export type Language = 'en' | 'de'
