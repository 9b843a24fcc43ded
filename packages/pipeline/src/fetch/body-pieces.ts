import type { IncomingMessage } from 'node:http'

/** Bytes held while the disk is slower than the network. */
const MOST_HELD = 1024 * 1024

/**
 * The pieces of an answer's body. They are taken from the connection as they come: Node drops what lies unread when a
 * connection dies, and what came before a cut is worth keeping.
 *
 * @throws while iterating, after the last piece, what ended the body early.
 */
export function bodyPieces(body: IncomingMessage): AsyncGenerator<Buffer> {
  const queue: Buffer[] = []
  let held = 0
  let over = false
  let failure: Error | undefined
  let wake = (): void => undefined
  const end = (error?: Error): void => {
    over = true
    failure ??= error
    wake()
  }
  body.on('data', (piece: Buffer) => {
    queue.push(piece)
    held += piece.length
    if (held > MOST_HELD) body.pause()
    wake()
  })
  body.on('end', () => end())
  body.on('error', (error) => end(error))
  body.on('close', () =>
    end(body.complete ? undefined : Object.assign(new Error('closed before the end'), { code: 'ECONNRESET' })),
  )
  return (async function* () {
    for (;;) {
      const piece = queue.shift()
      if (piece !== undefined) {
        held -= piece.length
        if (held <= MOST_HELD / 2 && body.isPaused()) body.resume()
        yield piece
      } else if (over) {
        if (failure !== undefined) throw failure
        return
      } else await new Promise<void>((resolve) => (wake = resolve))
    }
  })()
}
