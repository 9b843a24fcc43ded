import { readFileSync } from 'node:fs'

/** Version of the pipeline, as its package says; part of every stage's key, so that a new version computes anew. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version
