/** What each file of `entries/` exports: a core call of one package, and its answer. */
export interface Entry {
  /** Runs in the page. Its answer crosses to the test as JSON. */
  run(): unknown
  /** What `run` gives, to 9 digits. */
  readonly expected: unknown
}
