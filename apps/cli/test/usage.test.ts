import { expect, test } from 'vitest'
import { STACK, astrolabel, astrolabelWarm } from './cli.js'

const COMMANDS = [
  'demo',
  'inspect',
  'convert',
  'fetch',
  'ingest',
  'crossmatch',
  'velocity',
  'preprocess',
  'train',
  'label',
  'evaluate',
  'audit',
  'embed',
  'ood',
  'compare',
  'calibrate',
  'homogenise',
  'run',
]

test('help lists every command', async () => {
  const { code, stdout, stderr } = await astrolabel(['--help'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
})

test.concurrent.each(COMMANDS)('%s --help tells its options, those of every command among them', async (command) => {
  const { code, stdout, stderr } = await astrolabelWarm([command, '--help'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain(`Usage: astrolabel ${command} [options]`)
  for (const option of ['--json', '--quiet', '--seed <n>', '--threads <n>']) expect(stdout).toContain(option)
})

test('the version is told', async () => {
  expect(await astrolabel(['--version'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
  })
})

test.concurrent.each([
  ['no command', [], /Usage: astrolabel/],
  ['an unknown command', ['stargaze'], /unknown command 'stargaze'/],
  ['a typo in a command', ['trian'], /unknown command 'trian'\n\(Did you mean train\?\)/],
  ['an unknown option', ['inspect', '--fast', 'x.fits'], /unknown option '--fast'/],
  ['a missing argument', ['inspect'], /missing required argument 'path'/],
  ['a missing option', ['ingest', 'miles', '.'], /required option '-o, --out <file>' not specified/],
  [
    'an unknown survey',
    ['ingest', 'hubble', '.', '-o', 'x.arrow'],
    /'hubble' is invalid.*Allowed choices are miles, desi, npz, table/,
  ],
  [
    'an unknown kind of model',
    ['train', 'oracle', 'x.arrow', '-o', 'm.arrow'],
    /'oracle' is invalid.*Allowed choices are cannon/,
  ],
  ['a number that is none', ['demo', '--stars', 'many'], /'many' is invalid.*A whole number is needed/],
  ['a number out of range', ['crossmatch', 'a', 'b', '--radius', '-1'], /'-1' is invalid.*A number above 0 is needed/],
  [
    'an unknown training option',
    ['train', 'cannon', 'x.arrow', '--set', 'ordr=3', '-o', 'm.arrow'],
    /A cannon has no option ordr, did you mean 'order'\?/,
  ],
  [
    'an unknown chain',
    ['preprocess', 'x.arrow', '--recipe', 'dessi', '-o', 'y.arrow'],
    /There is no chain of that name, and no such file: got dessi/,
  ],
  [
    'velocities that are no range',
    ['velocity', 'x.arrow', '--templates', 't.arrow', '--range', '300,-300', '-o', 'y.arrow'],
    /'300,-300' is invalid.*Expected two velocities in km\/s, the smaller first/,
  ],
  [
    'an unknown extension',
    ['convert', 'test-data/truth.csv', 'truth.xls'],
    /Cannot write truth\.xls: its extension is not known/,
  ],
] as [string, string[], RegExp][])('misuse ends with exit code 2: %s', async (_, args, message) => {
  const { code, stdout, stderr } = await astrolabelWarm(args)
  expect(stderr).toMatch(message)
  expect(stderr).not.toMatch(STACK)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
})

test.concurrent.each([
  ['misuse', ['inspect', '--fast'], 2, 'cli/usage', /unknown option '--fast'/],
  ['a file that is not there', ['inspect', 'nowhere.fits'], 1, 'formats/no-file', /There is no file nowhere\.fits/],
] as [string, string[], number, string, RegExp][])(
  'with --json an error is one JSON document too: %s',
  async (_, args, exitCode, name, message) => {
    const { code, stdout, stderr } = await astrolabel([...args, '--json'])
    expect(code).toBe(exitCode)
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } }
    expect(error.code).toBe(name)
    expect(error.message).toMatch(message)
    expect(stderr).toMatch(message)
  },
)
