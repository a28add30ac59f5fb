/** "CN=Device Root,O=Maker" → "Device Root". Pure. */
export const commonName = (subject: string): string =>
  /(?:^|[,/+]\s*)CN\s*=\s*("?)([^,/+"]+)\1/i.exec(subject)?.[2]?.trim() ?? subject
