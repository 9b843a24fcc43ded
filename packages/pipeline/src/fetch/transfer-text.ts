const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB']

/** A number of bytes as a person reads it: `3.1 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toPrecision(2)} ${UNITS[unit]}`
}

/** How much was transferred, and how fast: `31 MB, 4.2 MB/s`. */
export function transferText(bytes: number, seconds: number): string {
  return seconds > 0 && bytes > 0 ? `${formatBytes(bytes)}, ${formatBytes(bytes / seconds)}/s` : formatBytes(bytes)
}
