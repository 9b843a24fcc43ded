import { build } from 'vite'

export interface Bundle {
  /** File name to code, one module an entry and the chunks that they share. */
  readonly files: ReadonlyMap<string, string>
  /** Modules of Node that the bundle would need and a browser does not have, with the file that asks for them. */
  readonly missing: readonly string[]
}

/** Bundles the entries (name to file) for a browser, in memory; throws when Vite does. */
export async function bundle(entries: Readonly<Record<string, string>>, root: string): Promise<Bundle> {
  const missing: string[] = []
  const built = await build({
    root,
    configFile: false,
    logLevel: 'silent',
    customLogger: {
      hasWarned: false,
      info: () => {},
      warn: keepExternalized,
      warnOnce: keepExternalized,
      error: () => {},
      clearScreen: () => {},
      hasErrorLogged: () => false,
    },
    build: {
      write: false,
      target: 'esnext',
      minify: false,
      lib: { entry: { ...entries }, formats: ['es'] },
    },
  })
  const outputs = Array.isArray(built) ? built : [built]
  const files = new Map<string, string>()
  for (const result of outputs) {
    if (!('output' in result)) throw new Error('Vite watched instead of building')
    for (const file of result.output) if (file.type === 'chunk') files.set(file.fileName, file.code)
  }
  return { files, missing }

  function keepExternalized(message: string): void {
    const found = /Module "(.*?)" has been externalized.*imported by "(.*?)"/.exec(message)
    if (found) missing.push(`${found[1]} in ${found[2]}`)
  }
}
