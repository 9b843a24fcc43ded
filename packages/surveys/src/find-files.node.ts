import { readFile, readdir, stat } from 'node:fs/promises'
import { basename, join, resolve, sep } from 'node:path'
import { text } from 'node:stream/consumers'
import { AstrolabelError } from '@astrolabel/spectra'

/** A file that a search of a folder takes; files named by the user are taken whatever they are called. */
export type FileFilter = (name: string) => boolean

/**
 * Files, folders, patterns and lists as files: folders are searched with all below them, `*`, `?`, `[0-9]` and `{a,b}`
 * stand for part of a name and `**` for any folders; `@list.txt` names a file with one path a line and `-` reads such a
 * list from the standard input (blank lines and lines that begin with `#` say nothing). Each path keeps its place; what
 * a folder or pattern gives is sorted by name. A file named twice, in whatever way, is given once.
 *
 * @param accepts Which files of a folder belong to the survey.
 * @param looksFor What that is, for the message.
 * @throws `surveys/no-files`, saying what was looked for, for a path that gives none.
 */
export async function findFiles(paths: readonly string[], accepts: FileFilter, looksFor: string): Promise<string[]> {
  const out = new Map<string, string>()
  for (const path of await withoutLists(paths)) {
    const found = await filesOf(path, accepts)
    if (found.length === 0)
      throw new AstrolabelError('surveys/no-files', `No files at ${path}`, {
        expected: `a file, a folder that holds ${looksFor}, or a pattern`,
        remedy: 'Check the path',
      })
    for (const file of found) if (!out.has(resolve(file))) out.set(resolve(file), file)
  }
  if (out.size === 0)
    throw new AstrolabelError('surveys/no-files', 'No paths were given', {
      expected: `files, folders that hold ${looksFor}, or patterns`,
    })
  return [...out.values()]
}

/** The paths with those that a list holds in the list's place. @throws `surveys/no-files` for a list that is not there. */
async function withoutLists(paths: readonly string[]): Promise<string[]> {
  const out: string[] = []
  for (const path of paths) {
    if (path === '-') out.push(...linesOf(await text(process.stdin)))
    // A file may well be called @something.
    else if (path.startsWith('@') && (await stat(path).catch(() => undefined)) === undefined)
      out.push(...linesOf(await readList(path.slice(1))))
    else out.push(path)
  }
  return out
}

async function readList(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new AstrolabelError('surveys/no-files', `Cannot read the list ${path}`, {
      got: cause instanceof Error ? cause.message : String(cause),
      expected: 'a text file with one path a line',
      remedy: 'Check the path',
      cause,
    })
  }
}

function linesOf(list: string): string[] {
  return list
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

const WILD = /[*?[{]/

async function filesOf(path: string, accepts: FileFilter): Promise<string[]> {
  const info = await stat(path).catch(() => undefined)
  if (info?.isDirectory() === true) return (await walk(path)).filter((file) => accepts(basename(file)))
  if (info !== undefined) return [path]
  if (!WILD.test(path)) return []
  const parts = path.split(/[\\/]/)
  const root = parts
    .slice(
      0,
      parts.findIndex((part) => WILD.test(part)),
    )
    .join('/')
  const pattern = patternOf(path)
  const base = root === '' ? (path.startsWith('/') ? '/' : '.') : root
  // Without ** a pattern reaches no deeper than it has parts.
  const depth = parts.some((part) => part.includes('**') || /\{[^}]*$/.test(part))
    ? Infinity
    : parts.length - root.split('/').length
  return (await walk(base, root === '' && base === '.' ? depth + 1 : depth))
    .map((file) => (base === '.' && !path.startsWith('.') ? file.replace(/^\.[\\/]/, '') : file))
    .filter((file) => pattern.test(file.split(sep).join('/')))
}

/** All files below a folder, `depth` folders down, sorted by name folder by folder. */
async function walk(folder: string, depth = Infinity): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const out: string[] = []
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    const directory =
      entry.isDirectory() ||
      (entry.isSymbolicLink() && (await stat(path).catch(() => undefined))?.isDirectory() === true)
    if (!directory) out.push(path)
    else if (depth > 1) for (const file of await walk(path, depth - 1)) out.push(file)
  }
  return out
}

const GLOB_PARTS = /(\*\*\/|\*\*|\*|\?|\[!?[^\]/]+\]|\{[^{}]*\})/

function patternOf(glob: string): RegExp {
  return new RegExp(`^${sourceOf(glob)}$`)
}

function sourceOf(glob: string): string {
  return glob
    .split(GLOB_PARTS)
    .map((part, i) => (i % 2 === 0 ? part.replace(/[.+^${}()|[\]\\*?]/g, '\\$&') : wildcard(part)))
    .join('')
}

function wildcard(part: string): string {
  switch (part) {
    case '**/':
      return '(?:.*/)?'
    case '**':
      return '.*'
    case '*':
      return '[^/]*'
    case '?':
      return '[^/]'
    default:
      if (part.startsWith('{')) return `(?:${part.slice(1, -1).split(',').map(sourceOf).join('|')})`
      return `[${part.slice(1, -1).replace(/\\/g, '\\\\').replace(/^!/, '^')}]`
  }
}
