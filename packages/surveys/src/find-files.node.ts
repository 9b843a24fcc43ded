import { readdir, stat } from 'node:fs/promises'
import { basename, join, sep } from 'node:path'
import { AstrolabelError } from '@astrolabel/spectra'

/** A file that a search of a folder takes; files named by the user are taken whatever they are called. */
export type FileFilter = (name: string) => boolean

/**
 * Files, folders and patterns as files: folders are searched with all below them, `*` and `?` stand for part of a name
 * and `**` for any folders. Each path keeps its place; what a folder or pattern gives is sorted by name.
 *
 * @param accepts Which files of a folder belong to the survey.
 * @param looksFor What that is, for the message.
 * @throws `surveys/no-files`, saying what was looked for, for a path that gives none.
 */
export async function findFiles(paths: readonly string[], accepts: FileFilter, looksFor: string): Promise<string[]> {
  const out: string[] = []
  for (const path of paths) {
    const found = await filesOf(path, accepts)
    if (found.length === 0)
      throw new AstrolabelError('surveys/no-files', `No files at ${path}`, {
        expected: `a file, a folder that holds ${looksFor}, or a pattern`,
        remedy: 'Check the path',
      })
    out.push(...found)
  }
  if (out.length === 0)
    throw new AstrolabelError('surveys/no-files', 'No paths were given', {
      expected: `files, folders that hold ${looksFor}, or patterns`,
    })
  return [...new Set(out)]
}

async function filesOf(path: string, accepts: FileFilter): Promise<string[]> {
  const info = await stat(path).catch(() => undefined)
  if (info?.isDirectory() === true) return (await walk(path)).filter((file) => accepts(basename(file)))
  if (info !== undefined) return [path]
  if (!/[*?]/.test(path)) return []
  const parts = path.split(/[\\/]/)
  const root = parts
    .slice(
      0,
      parts.findIndex((part) => /[*?]/.test(part)),
    )
    .join('/')
  const pattern = patternOf(path)
  const base = root === '' ? (path.startsWith('/') ? '/' : '.') : root
  return (await walk(base))
    .map((file) => (base === '.' && !path.startsWith('.') ? file.replace(/^\.[\\/]/, '') : file))
    .filter((file) => pattern.test(file.split(sep).join('/')))
}

async function walk(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const out: string[] = []
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    const directory =
      entry.isDirectory() ||
      (entry.isSymbolicLink() && (await stat(path).catch(() => undefined))?.isDirectory() === true)
    if (directory) out.push(...(await walk(path)))
    else out.push(path)
  }
  return out
}

function patternOf(glob: string): RegExp {
  const source = glob
    .split(/(\*\*\/|\*\*|\*|\?)/)
    .map((part) =>
      part === '**/'
        ? '(?:.*/)?'
        : part === '**'
          ? '.*'
          : part === '*'
            ? '[^/]*'
            : part === '?'
              ? '[^/]'
              : part.replace(/[.+^${}()|[\]\\]/g, '\\$&'),
    )
    .join('')
  return new RegExp(`^${source}$`)
}
