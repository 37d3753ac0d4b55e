/** What to do about damage in a partition's directory. Its bytes stay as they are until somebody decides. */
export function repairHint(directory: string): string {
  const end = Math.max(directory.lastIndexOf('/'), directory.lastIndexOf('\\'))
  const dataDirectory = end > 0 ? directory.slice(0, end) : '.'
  return `nothing was changed: stop the broker, then \`odradek storage check ${dataDirectory}\` shows the damage and \`odradek storage repair ${dataDirectory}\` ends it`
}
