import { spawnSync } from 'node:child_process'
import { transformWithOxc } from 'vite'

export interface ReadmeExample {
  readonly code: string
  /** What the block below the code says that it prints, without the final newline. */
  readonly output: string
}

/** The first ```ts block of a README with the ```text block after it; undefined without a ```ts block. */
export function readmeExample(markdown: string): ReadmeExample | undefined {
  const code = block('ts', markdown)
  if (!code) return undefined
  const output = block('text', markdown.slice(code.end))
  return { code: code.text, output: output?.text.trimEnd() ?? '' }
}

/**
 * Runs a TypeScript example by Node from inside `folder`, so that the package's own name and its dependencies resolve
 * as they do for a user. Returns what it printed without the final newline; throws with its error output when it fails.
 */
export async function runExample(code: string, folder: string): Promise<string> {
  const { code: script } = await transformWithOxc(code, 'example.ts', { sourcemap: false })
  const run = spawnSync(process.execPath, ['--input-type=module'], { cwd: folder, input: script, encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`the example in ${folder}/README.md failed: ${run.stderr}`)
  return run.stdout.trimEnd()
}

function block(language: string, markdown: string): { text: string; end: number } | undefined {
  const match = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(markdown)
  if (!match) return undefined
  return { text: match[1] ?? '', end: match.index + match[0].length }
}
