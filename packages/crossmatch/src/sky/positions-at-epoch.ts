import { CrossmatchError } from '../crossmatch-error.js'
import { propagateCatalogue } from './propagate.js'
import { unitVectors, type SkyPositions, type UnitVectors } from './sky-positions.js'

/**
 * Positions of a catalogue at the epoch of the match; a catalogue without motions is taken to be there already.
 *
 * @param catalogue name for messages
 * @throws CrossmatchError as propagate does, and for a catalogue with motions when no epoch is given
 */
export function positionsAtEpoch(positions: SkyPositions, catalogue: string, epoch: number | undefined): SkyPositions {
  const { motion } = positions
  if (motion === undefined) return positions
  if (epoch === undefined) {
    throw new CrossmatchError('epoch-out-of-range', `Catalogue ${catalogue} has proper motions but no epoch to go to`, {
      remedy: "Give the match an `epoch`, that of the other catalogue's positions, or leave `motion` out.",
    })
  }
  return propagateCatalogue(positions, motion, epoch, catalogue)
}

/** Unit vectors of a catalogue at the epoch of the match, see {@link positionsAtEpoch} and unitVectors. */
export function vectorsAtEpoch(positions: SkyPositions, catalogue: string, epoch: number | undefined): UnitVectors {
  return unitVectors(positionsAtEpoch(positions, catalogue, epoch), catalogue)
}
