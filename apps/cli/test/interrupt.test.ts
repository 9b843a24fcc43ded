import { readFileSync, writeFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { STACK, astrolabel, json, listing, scratchFolder } from './cli.js'
import { writeStars } from './npz.js'

const scratch = scratchFolder()

beforeAll(async () => {
  writeStars(scratch('stars.npz'), { n: 60, nPix: 800 })
  writeFileSync(
    scratch('recipe.yaml'),
    'name: interrupted\ningest: { survey: npz, paths: [stars.npz] }\ntrain: { model: cannon, labels: [teff, fe_h], errorFolds: 4 }\nevaluate: { folds: 12, bootstrap: 20 }\n',
  )
  await json('run', ...recipe('whole'))
})

function recipe(out: string, threads = '1'): string[] {
  return [scratch('recipe.yaml'), '--set', `data=${scratch()}`, '-o', scratch(out), '--threads', threads]
}

test.each(['1', '2'])(
  'Ctrl-C half-way leaves nothing half-written, and the same command goes on to the same labels: %s threads',
  async (threads) => {
    const out = `interrupted-${threads}`
    let sent = false
    const { code, stdout, stderr } = await astrolabel(['run', ...recipe(out, threads)], (heard, kill) => {
      if (sent || !heard.includes('fold 2 of 12')) return
      sent = true
      kill('SIGINT')
    })
    expect(sent).toBe(true)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(
      'astrolabel: Interrupted: nothing is half-written, and a run goes on where it stopped when it is started again',
    )
    expect(stderr).not.toMatch(STACK)

    const { stages } = JSON.parse(readFileSync(scratch(out, 'manifest.json'), 'utf8')) as {
      stages: Record<string, unknown>
    }
    const done = Object.keys(stages)
    expect(done).toEqual(expect.arrayContaining(['ingest', 'preprocess', 'split', 'fold 2 of 12']))
    expect(done).not.toContain('collect')
    // Whatever is there is whole, told in the manifest: no other file, none aside.
    const folds = done.filter((name) => name.startsWith('fold')).length
    const files = listing(scratch(out)).filter((name) => /\.\w+$/.test(name))
    expect(files.filter((name) => name.endsWith('.part'))).toEqual([])
    expect(files.filter((name) => name.includes('/fold-'))).toHaveLength(2 * folds)
    expect(listing(scratch(out, '5-label'))).not.toContain('labels.arrow')

    const again = await astrolabel(['run', ...recipe(out, threads)])
    expect(again.code, again.stderr).toBe(0)
    expect(again.stderr).toMatch(/^split .*\(done before\)$/m)
    expect(again.stderr).toMatch(/^fold 2 of 12 .*\(done before\)$/m)
    for (const file of ['5-label/labels.arrow', '4-train/model.arrow', 'metrics.json'])
      expect(readFileSync(scratch(out, file)).equals(readFileSync(scratch('whole', file))), file).toBe(true)
  },
)

test('with --json an interrupted run tells so in JSON', async () => {
  let sent = false
  const { code, stdout } = await astrolabel(['run', ...recipe('json'), '--json'], (heard, kill) => {
    if (!sent && heard.includes('split')) kill('SIGTERM')
    sent ||= heard.includes('split')
  })
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ error: { message: expect.stringContaining('Interrupted') as string } })
})
