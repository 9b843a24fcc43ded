import type { Command } from 'commander'

/** The second table of a command, which it needs unless it applies what it found before. @throws misuse when it is absent. */
export function requireSecond(path: string | undefined, program: Command, name: string): string {
  return path ?? program.error(`error: ${name} needs two tables, or --apply with what it wrote before`)
}
