/** Reports made at this site, a new one, and whether a file is what was signed. */
export const ReportsTab = () => null
