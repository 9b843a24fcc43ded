// Damaged FITS files out of whole ones. What becomes of a file is a function of the seed and the number alone.
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { uniformInt } from 'pure-rand/distribution/uniformInt'

const CARD = 80
const BLOCK = 2880

// Numbers that a reader multiplies, adds to or allocates for.
const HOSTILE = [
  '0',
  '-1',
  '1',
  '7',
  '255',
  '999',
  '32767',
  '65536',
  '2147483647',
  '-2147483648',
  '4294967296',
  '1000000000000',
  '9007199254740993',
  '9223372036854775807',
  '1E308',
  '0.5',
  'T',
  "'RICE_1  '",
  "'GZIP_2  '",
  "'HCOMPRESS_1'",
  "'PLIO_1  '",
  "'1PJ(1000000000)'",
  "'999999999J'",
  "'0A      '",
  "'1QD(-4) '",
  "'40X     '",
  "'(1000000,1000000)'",
  "''",
]

// Keywords that say how much there is and where; a change elsewhere is likelier to change a comment.
const KEYS =
  /^(SIMPLE|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|GROUPS|TFIELDS|T(FORM|DIM|NULL|SCAL|ZERO|BCOL|TYPE)\d+|THEAP|B(SCALE|ZERO|LANK)|Z[A-Z]+\d*|EXTNAME|XTENSION|END)\s*$/

/** Random choices for one damaged file. */
function chooser(seed, index) {
  const random = xoroshiro128plus((seed * 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b))
  for (let i = 0; i < 4; i++) uniformInt(random, 0, 1)
  const upTo = (n) => uniformInt(random, 0, Math.max(0, n))
  return { upTo, pick: (list) => list[upTo(list.length - 1)] }
}

const ascii = (bytes, at, length) => String.fromCharCode(...bytes.subarray(at, at + length))

/** Byte offsets of the cards that matter, in the headers of a file that begins blocks with SIMPLE or XTENSION. */
function cardsOf(bytes) {
  const found = []
  for (let block = 0; block < bytes.length; block += BLOCK) {
    const start = ascii(bytes, block, 8)
    if (start !== 'SIMPLE  ' && start !== 'XTENSION') continue
    for (let at = block; at + CARD <= bytes.length; at += CARD) {
      const key = ascii(bytes, at, 8)
      if (KEYS.test(key)) found.push(at)
      if (key === 'END     ') break
    }
  }
  return found
}

function writeText(bytes, at, text) {
  for (let i = 0; i < text.length && at + i < bytes.length; i++) bytes[at + i] = text.charCodeAt(i)
}

const DAMAGES = [
  function flipBits(bytes, { upTo }) {
    for (let n = 1 + upTo(7); n > 0; n--) bytes[upTo(bytes.length - 1)] ^= 1 << upTo(7)
    return bytes
  },
  function setBytes(bytes, { upTo, pick }) {
    for (let n = 1 + upTo(5); n > 0; n--) bytes[upTo(bytes.length - 1)] = pick([0, 0x20, 0x7f, 0x80, 0xff])
    return bytes
  },
  function cutOff(bytes, { upTo }) {
    return bytes.slice(0, upTo(bytes.length))
  },
  function hostileCard(bytes, { upTo, pick }) {
    const cards = cardsOf(bytes)
    if (cards.length === 0) return bytes
    for (let n = 1 + upTo(2); n > 0; n--) {
      const value = pick(HOSTILE)
      writeText(bytes, pick(cards) + 8, `= ${value.startsWith("'") ? value.padEnd(70) : value.padStart(20).padEnd(70)}`)
    }
    return bytes
  },
  function loseCard(bytes, { pick }) {
    const cards = cardsOf(bytes)
    if (cards.length > 0) writeText(bytes, pick(cards), ' '.repeat(CARD))
    return bytes
  },
  function repeatCard(bytes, { pick }) {
    const cards = cardsOf(bytes)
    if (cards.length < 2) return bytes
    const from = pick(cards)
    bytes.copyWithin(pick(cards), from, from + CARD)
    return bytes
  },
  function continueForever(bytes, { upTo }) {
    const block = new Uint8Array(BLOCK * (1 + upTo(40))).fill(0x20)
    for (let at = 0; at < block.length; at += CARD) writeText(block, at, "CONTINUE  'more and more&'")
    return insert(bytes, Math.min(bytes.length, CARD * (1 + upTo(20))), block)
  },
  function insertBlock(bytes, { upTo }) {
    const blocks = Math.floor(bytes.length / BLOCK)
    const from = BLOCK * upTo(blocks)
    return insert(bytes, BLOCK * upTo(blocks), bytes.slice(from, from + BLOCK))
  },
  function loseBytes(bytes, { upTo }) {
    const at = upTo(bytes.length)
    return insert(bytes.slice(0, at), at, bytes.slice(Math.min(bytes.length, at + upTo(BLOCK))))
  },
]

function insert(bytes, at, part) {
  const out = new Uint8Array(bytes.length + part.length)
  out.set(bytes.subarray(0, at))
  out.set(part, at)
  out.set(bytes.subarray(at), at + part.length)
  return out
}

/**
 * A damaged copy of one of `files`, and in words what was done.
 *
 * @param files `{name, bytes}` each, whole. @param seed Of the series. @param index Of the copy in it.
 */
export function mutate(files, seed, index) {
  const choice = chooser(seed, index)
  const file = choice.pick(files)
  let bytes = file.bytes.slice()
  const done = []
  for (let n = 1 + choice.upTo(2); n > 0 && bytes.length > 0; n--) {
    const damage = choice.pick(DAMAGES)
    bytes = damage(bytes, choice)
    done.push(damage.name)
  }
  return { bytes, what: `${file.name}: ${done.join(', ')}` }
}
