import type { Token } from './tokens.js'
import { syntaxError, tokenize } from './tokens.js'

/** What a selection is made of. Every node knows where it stands in the text, for messages. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | { readonly kind: 'text'; readonly value: string; readonly at: number }
  | { readonly kind: 'column'; readonly name: string; readonly at: number }
  | { readonly kind: 'flag'; readonly column: string; readonly flag: string; readonly at: number }
  | { readonly kind: 'missing'; readonly operand: Expression; readonly at: number }
  | { readonly kind: 'not' | 'negate' | 'abs'; readonly operand: Expression; readonly at: number }
  | {
      readonly kind: 'binary'
      readonly operator: BinaryOperator
      readonly left: Expression
      readonly right: Expression
      readonly at: number
    }

/** Operators of two operands; a single `=` is read as `==`. */
export type BinaryOperator = 'and' | 'or' | '<' | '<=' | '>' | '>=' | '==' | '!=' | '+' | '-' | '*' | '/'

/** One condition of those that `and` joins at the top: what a report counts by. */
export interface Clause {
  /** As it stands in the selection. */
  readonly text: string
  readonly expression: Expression
}

/** A selection, ready to be applied. */
export interface Selection {
  readonly text: string
  readonly clauses: readonly Clause[]
}

const COMPARISONS = new Set(['<', '<=', '>', '>=', '==', '!=', '='])
/** No sound selection nests deeper; hostile text must not exhaust the stack. */
const MAX_DEPTH = 100

/**
 * Read a selection such as `snr > 50 and 4000 < teff < 7000 and not starflag.BAD_PIXELS`.
 *
 * Names are columns, ignoring case; `column.FLAG` is a named bit; `column is missing` asks for gaps; comparisons chain;
 * `abs`, + - * /, `and`, `or`, `not` and parentheses work as everywhere. Nothing is executed: the text becomes a tree.
 *
 * @throws `selection/syntax`, pointing at the character.
 */
export function parseSelection(text: string): Selection {
  const parser = new Parser(text)
  const expression = parser.parse()
  return { text, clauses: splitClauses(expression).map((one) => ({ text: parser.textOf(one), expression: one })) }
}

function splitClauses(expression: Expression): Expression[] {
  if (expression.kind !== 'binary' || expression.operator !== 'and') return [expression]
  return [...splitClauses(expression.left), ...splitClauses(expression.right)]
}

class Parser {
  readonly #text: string
  readonly #tokens: readonly Token[]
  /** Where the text of each expression ends. */
  readonly #spans = new Map<Expression, readonly [start: number, end: number]>()
  #next = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
    this.#tokens = tokenize(text)
  }

  parse(): Expression {
    const expression = this.#or()
    const rest = this.#peek()
    if (rest.kind !== 'end') throw syntaxError(this.#text, rest.at, `'${rest.value}' does not follow`)
    return expression
  }

  textOf(expression: Expression): string {
    const [start, end] = this.#spans.get(expression) ?? [0, this.#text.length]
    return this.#text.slice(start, end).trim()
  }

  #or(): Expression {
    return this.#chain(() => this.#and(), new Set(['or']))
  }

  #and(): Expression {
    return this.#chain(() => this.#not(), new Set(['and']))
  }

  #not(): Expression {
    const token = this.#peek()
    if (!this.#take('not')) return this.#comparison()
    return this.#span(token.at, { kind: 'not', operand: this.#deeper(() => this.#not()), at: token.at })
  }

  /** `a < b < c` is `a < b and b < c`, as in mathematics. */
  #comparison(): Expression {
    const start = this.#peek().at
    let left = this.#sum()
    if (this.#take('is')) {
      const negated = this.#take('not')
      if (!this.#take('missing')) throw this.#unexpected('missing')
      const missing = this.#span(start, { kind: 'missing', operand: left, at: start })
      return negated ? this.#span(start, { kind: 'not', operand: missing, at: start }) : missing
    }
    let joined: Expression | undefined
    for (let token = this.#peek(); COMPARISONS.has(token.value) && token.kind === 'operator'; token = this.#peek()) {
      this.#next++
      const right = this.#sum()
      const operator = (token.value === '=' ? '==' : token.value) as BinaryOperator
      const one = this.#span(start, { kind: 'binary', operator, left, right, at: token.at })
      // Not split into clauses of their own: the whole chain is one condition to its reader.
      joined = joined === undefined ? one : this.#span(start, both(joined, one))
      left = right
    }
    return joined ?? left
  }

  #sum(): Expression {
    return this.#chain(() => this.#product(), new Set(['+', '-']))
  }

  #product(): Expression {
    return this.#chain(() => this.#atom(), new Set(['*', '/']))
  }

  #chain(operand: () => Expression, operators: ReadonlySet<string>): Expression {
    const start = this.#peek().at
    let left = operand()
    for (let token = this.#peek(); token.kind === 'operator' && operators.has(token.value); token = this.#peek()) {
      this.#next++
      const right = operand()
      left = this.#span(start, { kind: 'binary', operator: token.value as BinaryOperator, left, right, at: token.at })
    }
    return left
  }

  #atom(): Expression {
    const token = this.#peek()
    const { at } = token
    if (this.#take('-')) return this.#span(at, { kind: 'negate', operand: this.#deeper(() => this.#atom()), at })
    if (this.#take('abs')) {
      if (!this.#take('(')) throw this.#unexpected("'(' after abs")
      return this.#span(at, { kind: 'abs', operand: this.#parenthesised(), at })
    }
    if (this.#take('(')) return this.#parenthesised()
    this.#next++
    if (token.kind === 'number') return this.#span(at, { kind: 'number', value: Number(token.value), at })
    if (token.kind === 'text') return this.#span(at, { kind: 'text', value: token.value, at })
    if (token.kind !== 'name') {
      this.#next--
      throw this.#unexpected('a column, a number or a text')
    }
    if (!this.#take('.')) return this.#span(at, { kind: 'column', name: token.value, at })
    const flag = this.#peek()
    if (flag.kind !== 'name') throw this.#unexpected(`a flag of ${token.value}`)
    this.#next++
    return this.#span(at, { kind: 'flag', column: token.value, flag: flag.value, at })
  }

  #parenthesised(): Expression {
    const inner = this.#deeper(() => this.#or())
    if (!this.#take(')')) throw this.#unexpected("')'")
    return inner
  }

  #deeper(parse: () => Expression): Expression {
    if (++this.#depth > MAX_DEPTH) throw syntaxError(this.#text, this.#peek().at, 'The selection nests too deep')
    const expression = parse()
    this.#depth--
    return expression
  }

  #span<Node extends Expression>(start: number, expression: Node): Node {
    this.#spans.set(expression, [start, this.#peek().at])
    return expression
  }

  #peek(): Token {
    return this.#tokens[this.#next]!
  }

  #take(operator: string): boolean {
    const token = this.#peek()
    if (token.kind !== 'operator' || token.value !== operator) return false
    this.#next++
    return true
  }

  #unexpected(expected: string): Error {
    const token = this.#peek()
    const got = token.kind === 'end' ? 'the end' : `'${token.value}'`
    return syntaxError(this.#text, token.at, `Expected ${expected}, got ${got}`)
  }
}

/** Both comparisons of a chain: as arithmetic, so that {@link splitClauses} leaves the chain whole. */
function both(left: Expression, right: Expression): Expression {
  const not = (operand: Expression): Expression => ({ kind: 'not', operand, at: operand.at })
  return not({ kind: 'binary', operator: 'or', left: not(left), right: not(right), at: left.at })
}
