import { AstrolabelError } from '@astrolabel/spectra'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { bodyPieces } from './body-pieces.js'
import { TELLING_BYTES, checkStart, lengthDoubt } from './content-check.js'
import type { FetchedFile, FetchRequest } from './fetch-request.js'
import type { FetchSession } from './fetch-session.js'
import { hostOf, isRetryable, statusError } from './fetch-session.js'
import { fileDigest } from './file-digest.js'
import type { Answer } from './http-exchange.js'
import { asFetchError } from './http-exchange.js'
import type { PartOrigin } from './part-file.js'
import { PartFile } from './part-file.js'
import type { DigestList } from './remote-folder.js'
import { isPassing, parseRetryAfter } from './retry.js'

/** Where and with what a file is downloaded. */
export interface DownloadContext {
  readonly session: FetchSession
  /** Path of a target on this machine. @throws `fetch/unsafe-path`. */
  readonly pathOf: (target: string) => string
  /** Called with what is there of the file, bytes, of how many (0 when unknown), and how many just came. */
  readonly onBytes: (done: number, total: number, came: number) => void
  readonly onWarning: (message: string) => void
}

/** The digest that a file must have. */
type Digest = { readonly algorithm: DigestList['algorithm']; readonly value: string }

/** What the attempts at a file come to. */
interface Story {
  attempts: number
  bytes: number
}

/** Bytes by which an attempt must get further to be worth another one for nothing. */
const WORTH_ANOTHER = 65_536

/**
 * Download one file, or find that it is there already.
 *
 * Bytes go to `NAME.part` until their number, and the digest where the archive gives one, agree; then the file gets its
 * name. What an earlier attempt or run left is gone on from if the server says that the file has not changed.
 *
 * @returns What came of it; failures of this file are part of that.
 * @throws `fetch/disk-full`, what the file system says, the signal's reason: what concerns all files.
 */
export async function downloadFile(request: FetchRequest, context: DownloadContext): Promise<FetchedFile> {
  const path = context.pathOf(request.target)
  const story: Story = { attempts: 0, bytes: 0 }
  const outcome = (
    status: FetchedFile['status'],
    verified: FetchedFile['verified'],
    more: Partial<FetchedFile> = {},
  ): FetchedFile => ({ url: request.url, target: request.target, status, ...story, verified, ...more })
  try {
    const digest = await digestOf(request, context)
    const found = await presence(request, path, digest, context)
    if (found !== undefined) return outcome('present', found)
    const length = await attempts(request, path, digest, context, story)
    const warning = digest === undefined ? lengthDoubt(basename(path), length.size) : undefined
    return outcome(
      'downloaded',
      digest?.algorithm ?? (length.known ? 'length' : 'nothing'),
      warning === undefined ? {} : { warning },
    )
  } catch (error) {
    if (
      !(error instanceof AstrolabelError) ||
      error.code === 'fetch/disk-full' ||
      error === context.session.signal.reason
    )
      throw error
    if (error.code === 'fetch/not-found') {
      if (request.otherwise !== undefined) return downloadFile(request.otherwise, context)
      if (request.optional === true) return outcome('absent', 'nothing')
    }
    return outcome('failed', 'nothing', { error: { code: error.code, message: error.message } })
  }
}

/** The digest that the archive gives; that none can be had is told once a folder, and the file goes without. */
async function digestOf(request: FetchRequest, { session, onWarning }: DownloadContext): Promise<Digest | undefined> {
  if (!session.settings.checksums || request.checksums === undefined) return undefined
  try {
    const list = await session.folders.digests(request.checksums)
    const value = list?.digests.get(basename(request.target))
    return list === undefined || value === undefined ? undefined : { algorithm: list.algorithm, value }
  } catch (error) {
    session.signal.throwIfAborted()
    onWarning(`Digests could not be had, files are checked by their length: ${(error as Error).message}`)
    return undefined
  }
}

/** What the file that is there was compared with and found whole; undefined when it is to be downloaded. */
async function presence(
  request: FetchRequest,
  path: string,
  digest: Digest | undefined,
  { session }: DownloadContext,
): Promise<FetchedFile['verified'] | undefined> {
  const there = await stat(path).catch(() => undefined)
  if (there === undefined) return undefined
  if (!there.isFile())
    throw new AstrolabelError('fetch/not-a-file', `${path} is there and is no file`, {
      remedy: 'Move it away, or take another output folder',
    })
  if (digest !== undefined)
    return (await fileDigest(path, digest.algorithm, session.signal)) === digest.value ? digest.algorithm : undefined
  try {
    const { status, headers, body } = await session.ask('HEAD', request.url)
    body.resume()
    const length = contentLength(headers)
    if (status !== 200 || length === undefined) return 'nothing'
    return length === there.size ? 'length' : undefined
  } catch {
    session.signal.throwIfAborted()
    // Files get their name when they are whole, so without a network what is there is as good as it was.
    return 'nothing'
  }
}

async function attempts(
  request: FetchRequest,
  path: string,
  digest: Digest | undefined,
  context: DownloadContext,
  story: Story,
): Promise<{ size: number; known: boolean }> {
  const { session } = context
  const host = hostOf(request.url)
  let fruitless = 0
  let furthest = 0
  for (;;) {
    story.attempts++
    let asked: number | undefined
    try {
      return await attempt(request, path, digest, context, story, (after) => (asked = after))
    } catch (error) {
      const failure = asFetchErrorOf(error, host, session.signal)
      if (!isRetryable(failure)) throw failure
      // A long file over a bad line takes more attempts than a server that never gives anything deserves.
      const reached = (await new PartFile(path).resumable(request.url))?.size ?? 0
      fruitless = reached >= furthest + WORTH_ANOTHER ? 0 : fruitless + 1
      furthest = Math.max(furthest, reached)
      if (fruitless >= session.settings.attempts) throw failure
      await session.waitAfter(Math.max(1, fruitless), request.url, asked)
    }
  }
}

/** Errors of the file system stay what they are; those of connections get words. */
function asFetchErrorOf(error: unknown, host: string, signal: AbortSignal): unknown {
  const system = error instanceof Error && 'path' in error && typeof error.path === 'string'
  return system ? error : asFetchError(error, host, signal)
}

async function attempt(
  request: FetchRequest,
  path: string,
  digest: Digest | undefined,
  context: DownloadContext,
  story: Story,
  askedToWait: (ms: number | undefined) => void,
): Promise<{ size: number; known: boolean }> {
  const { session } = context
  const part = new PartFile(path)
  const begun = await part.resumable(request.url)
  const answer = await session.ask(
    'GET',
    request.url,
    begun === undefined ? {} : rangeHeaders(begun.size, begun.origin, digest),
  )
  const { status, headers, body } = answer
  const goesOn = status === 206 && begun !== undefined && sameFile(answer, begun.size, begun.origin)
  if (status === 206 && !goesOn) {
    body.destroy()
    await part.discard()
    throw changed(request.url)
  }
  if (status === 416 && begun !== undefined) {
    body.resume()
    // A part that is all there is of the file was cut off between its last byte and its name.
    if (rangeTotal(headers) !== begun.size) {
      await part.discard()
      throw changed(request.url)
    }
    return conclude(part, begun.size, begun.size, digest, request, session.signal)
  }
  if (status !== 200 && !goesOn) {
    body.resume()
    if (isPassing(status)) askedToWait(parseRetryAfter(headers['retry-after']))
    throw statusError(request.url, status)
  }
  const offset = goesOn ? begun.size : 0
  const rest = contentLength(headers)
  const total = goesOn ? rangeTotal(headers) : rest
  const size = await receive(answer, part, offset, total, request, context, story)
  return conclude(part, size, total, digest, request, session.signal)
}

/** Ask for the rest, on the condition that the file is still the one whose beginning is there. */
function rangeHeaders(size: number, origin: PartOrigin, digest: Digest | undefined): Record<string, string> {
  const condition = origin.etag ?? origin.modified
  // Without a condition only a digest would tell that the pieces do not belong together.
  if (condition === undefined && digest === undefined) return {}
  return { range: `bytes=${size}-`, ...(condition === undefined ? {} : { 'if-range': condition }) }
}

/** True when a piece follows on what is there and is of the same file. */
function sameFile({ headers }: Answer, size: number, origin: PartOrigin): boolean {
  const start = /^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1]
  const total = rangeTotal(headers)
  return (
    Number(start) === size &&
    (origin.total === undefined || total === undefined || total === origin.total) &&
    (origin.etag === undefined || headers.etag === undefined || strongTag(headers.etag) === origin.etag)
  )
}

async function receive(
  { headers, body }: Answer,
  part: PartFile,
  offset: number,
  total: number | undefined,
  request: FetchRequest,
  { onBytes }: DownloadContext,
  story: Story,
): Promise<number> {
  // Before anything is waited for: bytes may come, and the connection die, meanwhile.
  const pieces = bodyPieces(body)
  const origin: PartOrigin = {
    url: request.url,
    etag: headers.etag === undefined ? undefined : strongTag(headers.etag),
    modified: headers['last-modified'],
    total,
  }
  const writer = await part.open(offset, origin).catch((error: unknown) => {
    body.destroy()
    throw error
  })
  const name = basename(request.target)
  let head = new Uint8Array(0)
  let known = offset > 0
  try {
    for await (const piece of pieces) {
      if (!known) {
        head = Buffer.concat([head, piece.subarray(0, TELLING_BYTES)])
        known = head.length >= TELLING_BYTES
        if (known) checkStart(name, head.subarray(0, TELLING_BYTES))
      }
      await writer.write(piece)
      story.bytes += piece.length
      onBytes(writer.size, total ?? 0, piece.length)
    }
    if (!known && (total === undefined || total === writer.size)) checkStart(name, head)
  } catch (error) {
    body.destroy()
    if (error instanceof AstrolabelError && error.code === 'fetch/not-fits') await part.discard()
    throw error
  } finally {
    await writer.close()
  }
  return writer.size
}

/** All bytes came: compare them with what the server and the archive say, and give the file its name. */
async function conclude(
  part: PartFile,
  size: number,
  total: number | undefined,
  digest: Digest | undefined,
  request: FetchRequest,
  signal: AbortSignal,
): Promise<{ size: number; known: boolean }> {
  if (total !== undefined && size !== total) {
    // More than was announced cannot be the beginning of the file.
    if (size > total) await part.discard()
    throw new AstrolabelError('fetch/cut-short', `${request.url} did not come whole`, {
      got: `${size} bytes`,
      expected: `${total}`,
    })
  }
  if (digest !== undefined) {
    const got = await fileDigest(part.path, digest.algorithm, signal)
    if (got !== digest.value) {
      await part.discard()
      throw new AstrolabelError('fetch/digest', `${request.url} is not what its ${digest.algorithm} digest says`, {
        got,
        expected: digest.value,
        remedy: 'Try later; take it without checking only if you know why they differ',
      })
    }
  }
  await part.finish()
  return { size, known: total !== undefined }
}

function changed(url: string): AstrolabelError {
  return new AstrolabelError(
    'fetch/cut-short',
    `${url} changed on the server, so that its rest does not fit its beginning`,
  )
}

/** Weak tags say that contents mean the same, not that bytes are the same. */
function strongTag(etag: string): string | undefined {
  return etag.startsWith('W/') ? undefined : etag
}

function contentLength(headers: Answer['headers']): number | undefined {
  const text = headers['content-length']
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

function rangeTotal(headers: Answer['headers']): number | undefined {
  const total = /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1]
  return total === undefined ? undefined : Number(total)
}
