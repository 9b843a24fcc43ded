import type { Reporter, StageReporter } from '@astrolabel/pipeline'
import { Presets, SingleBar } from 'cli-progress'

/** Warnings of a kind that repeats are cut after this many. */
const SHOWN_WARNINGS = 20

/**
 * Tells on stderr how a command goes: a bar a stage on a terminal, a line when a stage ends elsewhere, nothing when it
 * is to be quiet. Stdout is left to results.
 */
export class TerminalReporter implements Reporter {
  readonly #quiet: boolean
  readonly #stream: NodeJS.WriteStream
  #bar: SingleBar | undefined
  #warnings = 0

  constructor(quiet: boolean, stream: NodeJS.WriteStream = process.stderr) {
    this.#quiet = quiet
    this.#stream = stream
  }

  stage(name: string): StageReporter {
    if (this.#quiet) return { progress: () => undefined, finish: () => undefined }
    const label = name.padEnd(13)
    // Stages side by side share one line of the terminal: the one that began first has the bar.
    const bar = this.#stream.isTTY && this.#bar === undefined ? this.#startBar(label) : undefined
    return {
      progress: (done, total, detail = '') => {
        if (bar === undefined) return
        bar.setTotal(Math.max(total, 1))
        bar.update(total === 0 ? 0 : done, { detail })
      },
      finish: (result) => {
        this.#endBar(bar)
        this.#line(`${label} ${result}`)
      },
    }
  }

  info(message: string): void {
    if (!this.#quiet) this.#line(message)
  }

  warn(message: string): void {
    this.#warnings++
    if (this.#quiet || this.#warnings > SHOWN_WARNINGS) return
    this.#line(`warning: ${message}`)
    if (this.#warnings === SHOWN_WARNINGS) this.#line('warning: further warnings are not shown')
  }

  /** Leave the terminal as it was. */
  close(): void {
    this.#endBar(this.#bar)
  }

  #startBar(label: string): SingleBar {
    const bar = new SingleBar(
      {
        format: `${label} {bar} {percentage}% {eta_formatted} {detail}`,
        stream: this.#stream,
        clearOnComplete: true,
        hideCursor: null,
        etaBuffer: 20,
        barsize: 24,
      },
      Presets.shades_classic,
    )
    bar.start(1, 0, { detail: '' })
    this.#bar = bar
    return bar
  }

  #endBar(bar: SingleBar | undefined): void {
    if (bar === undefined || bar !== this.#bar) return
    bar.stop()
    this.#bar = undefined
  }

  #line(text: string): void {
    if (this.#bar !== undefined) this.#stream.write('\r\u001B[K')
    this.#stream.write(`${text}\n`)
  }
}
