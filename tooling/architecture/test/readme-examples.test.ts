import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readmeExample, runExample } from '../src/readme-example.js'
import { readWorkspace, workspaceRoot } from '../src/workspace.js'

const fence = '```'

for (const { folder, isPrivate } of readWorkspace()) {
  const file = join(workspaceRoot, folder, 'README.md')
  const example = existsSync(file) ? readmeExample(readFileSync(file, 'utf8')) : undefined
  const isLibrary = folder.startsWith('packages/') && !isPrivate

  if (isLibrary) {
    test(`${folder}/README.md has a short example`, () => {
      expect(example, 'a ```ts block').toBeDefined()
      expect(example?.code.trimEnd().split('\n').length).toBeLessThanOrEqual(15)
      expect(example?.output, 'the ```text block after it').not.toBe('')
    })
  }

  if (example) {
    test(`the example of ${folder}/README.md prints what it says`, async () => {
      expect(await runExample(example.code, join(workspaceRoot, folder))).toBe(example.output)
    })
  }
}

test('an example is the first ts block with the text block after it', () => {
  const markdown = `# a\n\n${fence}sh\nnpm i a\n${fence}\n\n${fence}ts\nconst a: number = 1\n${fence}\n\n${fence}text\n1\n${fence}\n`
  expect(readmeExample(markdown)).toEqual({ code: 'const a: number = 1\n', output: '1' })
  expect(readmeExample('no code')).toBeUndefined()
})

test('an example runs as TypeScript from its folder, and its failure is told', async () => {
  expect(await runExample(`const a: string = process.cwd()\nconsole.log(a)`, workspaceRoot)).toBe(
    workspaceRoot.replace(/\/$/, ''),
  )
  await expect(runExample(`import 'not-there'`, workspaceRoot)).rejects.toThrow(/README\.md failed: .*not-there/s)
})
