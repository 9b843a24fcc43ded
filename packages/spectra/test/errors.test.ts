import { AstrolabelError, inFile, isTypedError, throwIfAborted } from '@astrolabel/spectra'
import { expect, test } from 'vitest'

test('the message says what, got, expected and remedy in one line', () => {
  const error = new AstrolabelError('labels/constant', 'Label teff is the same for all stars', {
    got: 5000,
    expected: 'at least two values',
    remedy: 'Leave the label out',
  })
  expect(error.message).toBe(
    'Label teff is the same for all stars: got 5000, expected at least two values. Leave the label out',
  )
  expect(error).toMatchObject({
    name: 'AstrolabelError',
    code: 'labels/constant',
    got: 5000,
    expected: 'at least two values',
    remedy: 'Leave the label out',
  })
})

test.each([
  [{}, 'What'],
  [{ got: 3 }, 'What: got 3'],
  [{ expected: ['a', 'b'] }, 'What: expected a, b'],
  [{ got: 0, expected: 1n }, 'What: got 0, expected 1'],
  [{ got: '' }, 'What: got (empty)'],
  [{ remedy: 'Do it' }, 'What. Do it'],
])('parts that are not given leave no trace: %o', (details, message) => {
  expect(new AstrolabelError('a/b', 'What', details).message).toBe(message)
})

test('the cause is kept, and absent when there is none', () => {
  const cause = new Error('below')
  expect(new AstrolabelError('a/b', 'What', { cause }).cause).toBe(cause)
  expect('cause' in new AstrolabelError('a/b', 'What')).toBe(false)
})

test('typed errors are known by their code, whatever class they are of', () => {
  expect(isTypedError(new AstrolabelError('a/b', 'What'))).toBe(true)
  expect(isTypedError(Object.assign(new Error('of another package'), { code: 'fits/truncated' }))).toBe(true)
  expect(isTypedError(Object.assign(new Error('of Node'), { code: 'ENOENT' }))).toBe(false)
  expect(isTypedError(Object.assign(new Error('numbered'), { code: 7 }))).toBe(false)
  expect(isTypedError(new Error('plain'))).toBe(false)
  expect(isTypedError({ code: 'a/b' })).toBe(false)
  expect(isTypedError(undefined)).toBe(false)
})

test('an error of bytes is told with the name of the file, once', () => {
  const cause = Object.assign(new Error('file is not FITS. Fetch it again.'), {
    code: 'fits/not-fits',
    remedy: 'Fetch it again.',
  })
  const named = inFile('/data/night 1/coadd.fits', cause)
  expect(named).toMatchObject({
    code: 'fits/not-fits',
    message: 'coadd.fits: file is not FITS. Fetch it again.',
    remedy: 'Fetch it again.',
    cause,
  })
  expect(inFile('coadd.fits', named)).toBe(named)
  const other = new TypeError('a bug')
  expect(inFile('coadd.fits', other)).toBe(other)
})

test('an aborted operation throws the reason of the signal', () => {
  const controller = new AbortController()
  throwIfAborted({ signal: controller.signal })
  throwIfAborted({})
  const reason = new Error('Ctrl-C')
  controller.abort(reason)
  expect(() => throwIfAborted({ signal: controller.signal })).toThrow(reason)
})
