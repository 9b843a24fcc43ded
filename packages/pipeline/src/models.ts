import type { CannonOptions } from '@astrolabel/cannon'
import { cannon } from '@astrolabel/cannon'
import type { ClassicalOptions } from '@astrolabel/models-classical'
import { CLASSICAL_KINDS, classicalFactory } from '@astrolabel/models-classical'
import { forestGrower } from '@astrolabel/models-classical/node'
import type { CheckedErrors, Fittable, LabelModel, Labels, RunOptions } from '@astrolabel/spectra'
import { AstrolabelError, inFile, modelKind } from '@astrolabel/spectra'
import { readFile } from 'node:fs/promises'

/** How a training runs. */
export interface ModelRunOptions extends RunOptions {
  /** Threads that forests grow on; 1. The model is the same. */
  readonly threads?: number | undefined
}

/** What a kind of model can do: be trained, and be loaded. */
interface ModelKind {
  /** @param options The model's own, as recipes give them. */
  readonly train: (
    spectra: Fittable,
    labels: Labels,
    options: Readonly<Record<string, unknown>>,
    seed: number,
    run: ModelRunOptions,
  ) => LabelModel & CheckedErrors
  readonly fromArrow: (bytes: Uint8Array) => LabelModel
}

/** Kinds of model, by the name in a model file. */
const KINDS: Readonly<Record<string, ModelKind>> = {
  cannon: {
    train: (spectra, labels, options, _seed, { signal, onProgress }) =>
      cannon.train(spectra, labels, { ...(options as CannonOptions), signal, onProgress }),
    fromArrow: cannon.fromArrow,
  },
  ...Object.fromEntries(CLASSICAL_KINDS.map((kind) => [kind, classicalKind(kind)])),
}

function classicalKind(kind: string): ModelKind {
  const { train, fromArrow } = classicalFactory(kind)
  return {
    train: (spectra, labels, options, seed, { threads = 1, signal, onProgress }) =>
      train(spectra, labels, {
        ...(options as ClassicalOptions),
        signal,
        onProgress,
        seed,
        ...(threads > 1 ? { grow: forestGrower(threads) } : {}),
      }),
    fromArrow,
  }
}

/** Kinds of model that can be trained and loaded. */
export const MODEL_KINDS: readonly string[] = Object.keys(KINDS)

/** A kind of model by its name. @throws `model/unknown-kind`. */
export function kindOfModel(kind: string): ModelKind {
  const found = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
  if (found !== undefined) return found
  throw new AstrolabelError('model/unknown-kind', 'This version does not know models of this kind', {
    got: kind,
    expected: MODEL_KINDS,
  })
}

/**
 * A model of any kind from its file.
 *
 * @throws `model/unknown-kind`, and what the loader says of a file that is not whole.
 */
export async function loadModel(path: string): Promise<LabelModel> {
  const bytes = new Uint8Array(await readFile(path))
  try {
    return kindOfModel(modelKind(bytes)).fromArrow(bytes)
  } catch (cause) {
    throw inFile(path, cause)
  }
}
