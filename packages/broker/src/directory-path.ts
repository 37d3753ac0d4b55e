/** As `log.dirs` names a directory, but for slashes at its end. */
export function withoutSlash(path: string): string {
  return path.replace(/(.)\/+$/, '$1')
}
