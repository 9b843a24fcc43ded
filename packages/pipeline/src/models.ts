import { cannon } from '@astrolabel/cannon'
import type { LabelModel } from '@astrolabel/spectra'
import { AstrolabelError, inFile, modelKind } from '@astrolabel/spectra'
import { readFile } from 'node:fs/promises'

/** Loaders of the model kinds, by the name in a model file. */
const LOADERS: Readonly<Record<string, (bytes: Uint8Array) => LabelModel>> = { cannon: cannon.fromArrow }

/** Kinds of model that can be trained and loaded. */
export const MODEL_KINDS: readonly string[] = Object.keys(LOADERS)

/**
 * A model of any kind from its file.
 *
 * @throws `model/unknown-kind`, and what the loader says of a file that is not whole.
 */
export async function loadModel(path: string): Promise<LabelModel> {
  const bytes = new Uint8Array(await readFile(path))
  try {
    const kind = modelKind(bytes)
    const load = LOADERS[kind]
    if (load === undefined)
      throw new AstrolabelError('model/unknown-kind', 'This version does not know models of this kind', {
        got: kind,
        expected: MODEL_KINDS,
      })
    return load(bytes)
  } catch (cause) {
    throw inFile(path, cause)
  }
}
