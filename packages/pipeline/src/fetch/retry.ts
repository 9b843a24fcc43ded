import { setTimeout as wait } from 'node:timers/promises'
import type { FetchSettings } from './fetch-request.js'

/** No wait grows beyond this by doubling alone. */
const LONGEST_BACKOFF = 60_000

/** Answers after which the same request may work later. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504])

export function isPassing(status: number): boolean {
  return PASSING.has(status)
}

/**
 * How long to wait before trying again, ms: what the server asks for, or doubling from `backoff`, up to half of it less
 * by chance so that many clients do not come back at once.
 *
 * @param attempt Attempts made so far, from 1.
 * @param asked What Retry-After says, ms; undefined when it says nothing.
 */
export function retryDelay(attempt: number, asked: number | undefined, settings: FetchSettings): number {
  if (asked !== undefined) return Math.min(asked, settings.maxWait)
  const full = Math.min(settings.backoff * 2 ** (attempt - 1), LONGEST_BACKOFF)
  return full * (1 - Math.random() / 2)
}

/** A Retry-After header, seconds or a date, as ms from now; undefined when there is none or it is no such thing. */
export function parseRetryAfter(header: string | undefined, now: number = Date.now()): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const date = text === '' ? Number.NaN : Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** Wait, ms. @throws the signal's reason when it is aborted meanwhile. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (ms <= 0) return
  try {
    await wait(ms, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

/** When each host may be asked again: one that says it is busy is left alone by all downloads. */
export class HostPauses {
  readonly #until = new Map<string, number>()

  hold(host: string, ms: number): void {
    this.#until.set(host, Math.max(this.#until.get(host) ?? 0, Date.now() + ms))
  }

  /** ms left. */
  left(host: string): number {
    return Math.max(0, (this.#until.get(host) ?? 0) - Date.now())
  }
}
