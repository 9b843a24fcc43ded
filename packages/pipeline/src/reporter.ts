/** Where long operations tell how they go: the command line draws bars, a program may keep quiet. */
export interface Reporter {
  /**
   * A stage begins; call the function with what is done of how much, with a few words more where there are any, and
   * `finish` when it ends.
   */
  stage(name: string): StageReporter
  /** Something worth knowing. */
  info(message: string): void
  /** Something doubtful in the data that does not stop the run. */
  warn(message: string): void
}

/** Progress of one stage. */
export interface StageReporter {
  readonly progress: (done: number, total: number, detail?: string) => void
  /** The stage ended, with a few words on its result. */
  readonly finish: (result: string) => void
}

/** A reporter that says nothing. */
export const silent: Reporter = {
  stage: () => ({ progress: () => undefined, finish: () => undefined }),
  info: () => undefined,
  warn: () => undefined,
}
