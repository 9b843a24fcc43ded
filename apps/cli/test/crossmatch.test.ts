import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { STACK, astrolabel, json, scratchFolder } from './cli.js'

const scratch = scratchFolder()

/** Forty stars on the equator and their counterparts half an arcsec east; labels of every tenth are a stranger's. */
function writeCatalogues(): [string, string] {
  const a = ['star_id,ra,dec,teff,fe_h,pos_err,gid']
  const b = ['name,ra,dec,TEFF_ADOP,fe_h,gid']
  for (let i = 0; i < 40; i++) {
    const stranger = i % 10 === 4
    a.push(`s${i},${i},0,${4500 + 30 * i},${-i / 40},0.2,${1152921504606846976n + BigInt(i)}`)
    b.push(
      `b${i},${i + 0.5 / 3600},0,${4500 + 30 * i + (stranger ? 3000 : 20)},${-i / 40},${1152921504606847015n - BigInt(i)}`,
    )
  }
  const files: [string, string] = [scratch('a.csv'), scratch('b.csv')]
  writeFileSync(files[0], `${a.join('\n')}\n`)
  writeFileSync(files[1], `${b.join('\n')}\n`)
  return files
}

const [A, B] = writeCatalogues()
const lines = (path: string): string[] => readFileSync(path, 'utf8').trim().split('\n')

test('a plausibility cut is told in words and as JSON, and its pairs are written', async () => {
  const removed = scratch('removed.csv')
  const cut = ['--plausible', 'teff=TEFF_ADOP,fe_h', '--weights', 'fe_h=1', '--spread', 'mad', '--removed', removed]
  const summary = await json<{ n: number; plausible: { removed: number } }>('crossmatch', A, B, ...cut)
  expect(summary).toMatchObject({ removed, n: 36, plausible: { pairs: 40, removed: 4, max_distance: 4.5 } })
  expect(lines(removed).map((line) => line.split(',')[0])).toEqual(['star_id', 's4', 's14', 's24', 's34'])
  const { stdout } = await astrolabel(['crossmatch', A, B, ...cut, '--quiet'])
  expect(stdout).toContain('36 of 40 stars matched with 40 within 3″')
  expect(stdout).toMatch(/4 of 40 pairs are not plausible \(distance 4.5 or more\)\npart +weight/)
  expect(stdout).toMatch(/^teff +1 /m)
})

test('every mode has its table', async () => {
  const out = scratch('out.csv')
  expect(await json('crossmatch', A, B, '--mode', 'pairs', '-o', out)).toMatchObject({ out, mode: 'pairs', n: 40 })
  expect(await json('crossmatch', A, B, '--mode', 'k', '--k', '2', '--radius', '5000')).toMatchObject({
    mode: 'k',
    n: 80,
  })
  expect(await json('crossmatch', A, '--mode', 'duplicates', '--radius', '3601')).toMatchObject({ n: 1, largest: 40 })
  expect(await json('crossmatch', A, B, '--by-id', 'gid', '-o', out)).toMatchObject({ mode: 'id', n: 40 })
  // The identifiers of b run backwards: one digit lost to a float, and they would not.
  expect(lines(out)[1]).toMatch(/^s0,0,39,[^,]+,1,b39,/)
  expect(await json('crossmatch', A, B, A, '-o', out)).toMatchObject({ mode: 'chain', n: 40, found_in: [0, 0, 40] })
  expect(await json('crossmatch', A, B, '--radius-column', 'pos_err', '--sigmas', '3', '--join', 'left')).toMatchObject(
    {
      n: 40,
      radius_arcsec: null,
    },
  )
  await json('crossmatch', A, B, '--keep-a', 'teff,pos_err', '-o', out)
  expect(lines(out)[0]).toBe('star_id,index_a,index_b,separation,candidates,teff,pos_err,name,ra,dec,teff_b,fe_h,gid')
})

test.each([
  ['no catalogue', [A], /a catalogue to match with is missing/],
  ['one too many', [A, B, '--mode', 'duplicates'], /--mode duplicates takes one catalogue/],
  ['k without its mode', [A, B, '--k', '3'], /--k needs --mode k/],
  ['identifiers in a mode of positions', [A, B, '--by-id', 'gid', '--mode', 'pairs'], /--by-id finds one row/],
  ['a file for nothing', [A, B, '--removed', 'x.csv'], /--removed needs --plausible/],
  ['a weight for nothing', [A, B, '--max-distance', '3'], /--max-distance needs --plausible/],
  ['a weight of another label', [A, B, '--plausible', 'teff', '--weights', 'logg=1'], /logg is not compared/],
  ['both ways', [A, B, '--one-to-one', '--many-to-one'], /cannot be used with/],
  ['a motion of one column', [A, B, '--pm-a', 'pmra'], /Two columns are needed/],
])('%s is misuse, said without a stack', async (_, args, message) => {
  const { code, stderr } = await astrolabel(['crossmatch', ...args])
  expect(stderr).toMatch(message)
  expect(stderr).not.toMatch(STACK)
  expect(code).toBe(2)
})

test('a mistyped column is told with the nearest name', async () => {
  const { code, stderr } = await astrolabel(['crossmatch', A, B, '--plausible', 'tef', '--quiet'])
  expect(code).toBe(1)
  expect(stderr).toContain("There is no column 'tef' in catalogue A")
  expect(stderr).toContain("Did you mean 'teff'?")
})
